"""The police start a campaign; an inspector finishes one of its doors and the campaign tells of it (issue 5, must show
2)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from portal.core import clock
from rentals.models import RentalCampaign
from tests.e2e.examples import COMMUNITY

pytestmark = pytest.mark.browser
expect.set_options(timeout=15_000)
NAME = "出租房屋治安专项清理整顿"


def test_row_73_a_campaign_is_started_and_one_of_its_inspections_done(page_as: Callable[..., Page]):
    desk = page_as("police")
    desk.goto("/rentals/campaigns/")
    desk.get_by_role("link", name="制定行动").first.click()
    desk.get_by_label("行动名称").fill(NAME)
    desk.locator("label", has_text="治安").click()
    desk.get_by_label("辖区").select_option(COMMUNITY)
    desk.get_by_role("button", name="保存行动").click()
    expect(desk.get_by_text("启动时确定房屋清单。")).to_be_visible()
    desk.get_by_role("button", name="启动行动").click()
    expect(desk.get_by_role("button", name="结束行动")).to_be_visible()
    campaign = RentalCampaign.objects.get(name=NAME)
    desk.goto(campaign.get_absolute_url())
    expect(desk.locator(".cfigs dd").first).to_have_text(str(campaign.doors.count()))
    assert campaign.ends_on == clock.today() + timedelta(days=30)

    waiting = campaign.doors.filter(inspection__status="open", inspection__hazards=None, inspection__grade="low")
    door = waiting.earliest("pk").inspection
    phone = page_as("coadmin", phone=True)
    phone.goto(door.get_absolute_url())
    phone.get_by_role("button", name="其余均符合").first.tap()
    expect(phone.get_by_text("15 / 15")).to_be_visible()
    phone.get_by_role("button", name="完成巡查").tap()
    expect(phone.locator("toast-stack")).to_contain_text("巡查已完成")

    desk.reload()
    expect(desk.locator(".cfigs dd").nth(1)).to_have_text("1")
