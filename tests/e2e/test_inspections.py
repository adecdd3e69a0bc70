"""An inspector with a phone finds a hazard, the housing department deals with it, it is looked at again and closed
(issue 5, must show 2)."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect

from portal.core import clock
from portal.org.middleware import scoped_transaction
from portal.org.models import User
from rentals.models import Hazard, Inspection, RentalRegistration
from rentals.services.inspections.planning import open_inspection

pytestmark = pytest.mark.browser
expect.set_options(timeout=15_000)
BIG = 44  # the least height of what a thumb has to hit, in CSS pixels


@pytest.fixture
def door(portal: Any) -> Inspection:
    walker = User.objects.get(username="coadmin")
    with scoped_transaction(walker):
        rows = RentalRegistration.objects.restrict(walker, "view").registered()
        let = rows.exclude(dwelling__inspections__status="open").exclude(dwelling__hazards__status="open").first()
        if let is None:
            return Inspection.objects.restrict(walker, "view").filter(status="open", hazards=None).latest("pk")
        return open_inspection(dwelling_id=let.dwelling_id, actor=walker)


def picture(colour: str) -> FilePayload:
    kept = BytesIO()
    Image.new("RGB", (320, 240), colour).save(kept, "JPEG")
    return {"name": "IMG_0001.jpg", "mimeType": "image/jpeg", "buffer": kept.getvalue()}


def tap(page: Page, role: Any, name: str) -> None:
    target = page.get_by_role(role, name=name).first
    box = target.bounding_box()
    assert box is not None
    assert box["height"] >= BIG
    target.tap()


def test_inspection_with_photos_referral_second_look_and_closing(page_as: Callable[..., Page], door: Inspection):
    phone = page_as("coadmin", phone=True)
    phone.goto(door.get_absolute_url())
    expect(phone.get_by_text("0 / 15")).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    tap(phone, "button", "符合 疏散通道畅通")
    expect(phone.get_by_text("1 / 15")).to_be_visible()
    tap(phone, "link", "有隐患 结构无裂缝变形")
    phone.get_by_label("现场情况").fill("阳台顶板有裂缝")
    phone.get_by_label("隐患照片").set_input_files([picture("gray"), picture("brown")])
    phone.locator("label", has_text="抄告部门").tap()
    phone.locator("label", has_text="住建部门").tap()
    phone.get_by_label("抄告要求").fill("请安排房屋安全鉴定")
    tap(phone, "button", "保存隐患")
    expect(phone.get_by_text("2 / 15")).to_be_visible()
    tap(phone, "button", "其余均符合")
    expect(phone.get_by_text("15 / 15")).to_be_visible()
    tap(phone, "button", "完成巡查")
    expect(phone.get_by_text("请选择另一名巡查人").first).to_be_visible()
    phone.get_by_label("另一名巡查人").select_option(index=1)
    tap(phone, "button", "完成巡查")
    expect(phone.locator("toast-stack")).to_contain_text("巡查已完成")
    hazard = Hazard.objects.get(inspection=door)
    order = hazard.referrals.get()

    desk = page_as("housing")
    desk.goto("/rentals/referrals/")
    desk.get_by_role("link", name=door.dwelling.address).first.click()
    desk.goto(order.get_absolute_url())
    expect(desk.locator(".iphotos img")).to_have_count(2)
    desk.get_by_role("button", name="签收", exact=True).click()
    desk.get_by_label("办理情况").fill("已加固并鉴定为 A 级")
    desk.get_by_role("button", name="确认办结").click()
    expect(desk.locator("toast-stack")).to_contain_text("已办结")

    phone.goto(hazard.get_absolute_url())
    expect(phone.get_by_text("已加固并鉴定为 A 级").first).to_be_visible()
    phone.get_by_label("整改后照片").set_input_files([picture("white")])
    tap(phone, "button", "销号")
    expect(phone.locator("toast-stack")).to_contain_text("已销号")
    hazard.refresh_from_db()
    assert (hazard.status, hazard.closed_on) == ("closed", clock.today())
    assert [step.kind for step in hazard.steps.all()] == ["found", "referred", "taken", "answered", "closed"]
