"""The past in the browser: a past day at a door, the source of a value, and the bar that stays in sight."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from portal.core import clock
from residents.choices import RegistrationStatus
from residents.models import Registration

pytestmark = pytest.mark.browser


def lived_in() -> Registration:
    """A stay of the clerk's community that was recorded before today."""
    rows = Registration.objects.filter(status=RegistrationStatus.ACTIVE, area_code__startswith="330822001001")
    return rows.filter(registered_on__lt=clock.today()).select_related("person").order_by("pk")[0]


def test_who_lived_here_that_day_and_where_a_value_comes_from(page_as: Callable[..., Page]):
    stay = lived_in()
    view = page_as("coadmin")
    view.goto(f"/dwellings/{stay.dwelling_id}/")
    view.get_by_role("link", name="那天谁住在这里").click()
    view.locator("[name=on]").fill(clock.today().isoformat())
    view.get_by_role("button", name="查询").click()
    expect(view.locator(".people")).to_contain_text(stay.person.name)
    view.goto(f"/dwellings/{stay.dwelling_id}/then/?on={clock.today()}&known=2001-01-01")
    expect(view.locator("main")).to_contain_text("按当时的登记，那天没有人住在这里。")
    expect(view.locator("main")).to_contain_text("事后才知道的")

    view.goto(f"/people/{stay.person_id}/")
    note = view.locator(".kv .from").first
    note.locator("summary").click()
    expect(note.locator(".frompop")).to_contain_text("初始导入")
    view.evaluate("window.scrollTo(0, 600)")
    expect(view.locator(".idbar")).to_be_in_viewport()
