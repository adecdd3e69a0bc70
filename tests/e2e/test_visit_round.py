"""A co-administrator walks a round of ten dwellings with a phone and one thumb (issue 4, must show 5)."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from portal.core import clock
from portal.org.middleware import scoped_transaction
from portal.org.models import User
from residents.models import Dwelling, Registration, Visit, VisitTask
from residents.services.dwellings import add_dwelling
from residents.services.visits.planning import open_task
from tests.factories.residents import PersonFactory, RegistrationFactory, id_number

pytestmark = pytest.mark.browser
expect.set_options(timeout=15_000)
DOORS = 10
BIG = 44  # the least height of what a thumb has to hit, in CSS pixels


def home(number: int, walker: User) -> Registration:
    door = add_dwelling(
        area_code=walker.area_code,
        estate="走访新村",
        building="1",
        unit="1",
        room=f"{number}01",
        kind="05",
        actor=walker,
    )
    person = PersonFactory.create(
        area_code=door.area_code,
        name=f"走访{number}号",
        document_number=id_number(division="522325", sequence=2 * number + 1),
    )
    return RegistrationFactory.create(dwelling=door, person=person, registrar=walker)


@pytest.fixture
def round_of_ten(portal: Any) -> list[Registration]:
    walker = User.objects.get(username="coadmin")
    with scoped_transaction(walker):
        stays = [home(number, walker) for number in range(1, DOORS + 1)]
        VisitTask.objects.filter(assignee=walker, status="open").update(starts_on=clock.today().replace(year=2099))
        for stay in stays:
            open_task(dwelling_id=stay.dwelling_id, actor=walker)
    return stays


def press(page: Page, name: str) -> None:
    button = page.get_by_role("button", name=name, exact=True).first
    box = button.bounding_box()
    assert box is not None
    assert box["height"] >= BIG
    button.tap()


def test_a_round_of_ten_dwellings_on_a_phone(page_as: Callable[..., Page], round_of_ten: list[Registration]):
    page = page_as("coadmin", phone=True)
    page.goto("/visits/")
    expect(page.get_by_text("0 / 10")).to_be_visible()
    page.locator("a", has_text="走访新村1").first.tap()
    for number in range(1, DOORS + 1):
        expect(page.locator(".vcard")).to_contain_text(f"走访{number}号")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        if number == 4:
            press(page, "无人在家")
            expect(page.locator(".vcard .bdg").first).to_be_visible()
        elif number == 7:
            page.locator("summary", has_text="已离开").tap()
            press(page, "注销登记")
            expect(page.locator("toast-stack")).to_contain_text("登记已注销")
        elif number == 8:
            page.locator("summary", has_text="变更").tap()
            page.get_by_label("新地址").fill("zfxc1-1-101")
            page.locator("[role=option]", has_text="101").first.click()
            press(page, "保存变更")
            expect(page.locator("toast-stack")).to_contain_text("已变更到新地址")
        else:
            press(page, "仍在住")
            expect(page.locator(".vcard.told")).to_be_visible()
        if number == 2:  # a slip of the thumb is taken back and answered again
            page.get_by_role("button", name="撤销这次结果").tap()
            expect(page.locator(".vcard.told")).to_have_count(0)
            press(page, "仍在住")
            expect(page.locator(".vcard.told")).to_be_visible()
        if number < DOORS:
            page.get_by_role("link", name="下一户").tap()
    page.get_by_role("link", name="今日走访").last.tap()
    expect(page.get_by_text("10 / 10")).to_be_visible()
    found = Visit.objects.filter(registration__in=round_of_ten, undone_at=None)
    results = dict(found.values_list("registration__dwelling__room", "result"))
    assert results == {
        f"{number}01": {4: "absent", 7: "left", 8: "moved"}.get(number, "present") for number in range(1, DOORS + 1)
    }
    first = Dwelling.objects.get(estate="走访新村", room="101")
    assert Registration.objects.active().filter(dwelling=first).count() == 2
