"""A landlord reports two tenants on a phone within a minute; the co-administrator verifies (issue 5, must show 2)."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from portal.org.middleware import scoped_transaction
from portal.org.models import User
from rentals.models import TenancyReport
from residents.models import Dwelling, Registration
from residents.services.dwellings import add_dwelling
from tests.factories.rentals import RentalFactory
from tests.factories.residents import id_number

pytestmark = pytest.mark.browser
expect.set_options(timeout=15_000)
PHONE = "13957008801"
MINUTE = 60
NEWCOMER, NEIGHBOUR = (id_number(division="522325", sequence=number) for number in (701, 703))


@pytest.fixture
def home(portal: Any) -> Dwelling:
    clerk = User.objects.get(username="coadmin")
    with scoped_transaction(clerk):
        door = add_dwelling(
            area_code=clerk.area_code, estate="报送小区", building="2", unit="1", room="301", kind="05", actor=clerk
        )
        RentalFactory.create(
            dwelling=door, landlord_phone=PHONE, status="registered", registered_on="2026-11-01", submitted_by=clerk
        )
    return door


def test_two_tenants_in_a_minute_and_verified(page_as: Callable[..., Page], home: Dwelling):
    page = page_as("", phone=True)
    begun = time.monotonic()
    page.goto("/landlord/")
    page.get_by_label("您的手机号码").fill(PHONE)
    page.get_by_role("button", name="获取验证码").tap()
    page.get_by_label("短信验证码").fill(page.locator("#shown-code").inner_text())
    page.get_by_role("button", name="验证", exact=True).tap()
    page.get_by_label("哪一处房屋").select_option(label=home.address)
    for row, (name, number) in enumerate((("吴报来", NEWCOMER), ("周邻居", NEIGHBOUR))):
        page.locator(f"[name=tenant{row}-name]").fill(name)
        page.locator(f"[name=tenant{row}-document_number]").fill(number)
    page.get_by_label("您的姓名或单位名称").fill("陈国强")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="提交报送").tap()
    expect(page.get_by_role("heading", name="报送已收到")).to_be_visible()
    assert time.monotonic() - begun < MINUTE
    assert [row.name for row in TenancyReport.objects.filter(dwelling=home).order_by("line")] == ["吴报来", "周邻居"]

    staff = page_as("coadmin")
    staff.goto("/rentals/reports/?t=in")
    report = TenancyReport.objects.get(dwelling=home, line=1)
    staff.locator(f"a[href='{report.get_absolute_url()}']").click()
    staff.get_by_role("button", name="办理居住登记").click()
    expect(staff.locator("[name=name]").first).to_have_value("吴报来")
    staff.locator("#arrival [name=phone]").first.fill("13800138001")
    staff.locator("#arrival button[type=submit]").first.click()
    expect(staff.get_by_role("rowheader", name="现居住地址")).to_be_visible()
    stay = Registration.objects.get(dwelling=home, status="active")
    report.refresh_from_db()
    assert (report.status, report.registration, report.name) == ("registered", stay, "")

    other = TenancyReport.objects.get(dwelling=home, line=2)
    staff.goto(other.get_absolute_url())
    staff.locator("summary", has_text="不属实").click()
    staff.get_by_label("上门核查结果").fill("上门核实，无此人")
    staff.get_by_role("button", name="按不属实办结").click()
    expect(staff.locator("toast-stack")).to_contain_text("不属实")
    other.refresh_from_db()
    assert (other.status, other.name) == ("untrue", "")
