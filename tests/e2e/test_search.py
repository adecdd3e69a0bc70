"""The search box by keyboard and on a phone: open, type, see why, go; and the page with all results."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from residents.choices import RegistrationStatus
from residents.models import Person, Registration

pytestmark = pytest.mark.browser
expect.set_options(timeout=15_000)
COMMUNITY = "330822001001"


def somebody() -> Person:
    """A grown-up of the co-administrator's community: children's files ask for a reason first."""
    here = Registration.objects.filter(area_code__startswith=COMMUNITY, status=RegistrationStatus.ACTIVE)
    return here.filter(person__birth_date__year__lt=2000, person__name__regex="^[一-鿿]{3}$").order_by("pk")[0].person


def test_ctrl_k_type_enter_opens_the_file(page_as: Callable[..., Page]):
    person = somebody()
    view = page_as("coadmin")
    view.goto("/prefs/")
    view.keyboard.press("Control+k")
    view.keyboard.type(person.name_pinyin.replace(" ", ""))
    first = view.locator("#palette li a").first
    expect(first).to_contain_text(person.name)
    expect(first.locator(".hit-why")).to_have_text("姓名拼音")
    view.keyboard.press("Enter")
    view.wait_for_url(re.compile(r"/people/\d+/"))
    assert "q=" not in view.url


def test_slash_and_arrows_choose_and_ctrl_enter_shows_all(page_as: Callable[..., Page]):
    person = somebody()
    view = page_as("coadmin")
    view.goto("/prefs/")
    view.keyboard.press("/")
    view.locator("#palette input").fill(person.name[0])
    expect(view.locator("#palette [data-all]")).to_be_visible()  # what stood there before was the empty box's
    lines = view.locator("#palette li a")
    expect(lines.first).to_have_attribute("aria-selected", "true")
    expect(lines.nth(1)).to_be_visible()
    view.keyboard.press("ArrowDown")
    expect(lines.nth(1)).to_have_attribute("aria-selected", "true")
    view.keyboard.press("ArrowUp")
    expect(lines.first).to_have_attribute("aria-selected", "true")
    view.keyboard.press("Control+Enter")
    view.wait_for_url(re.compile(r"/search/$"))
    expect(view.locator(".found").first).to_contain_text(person.name[0])
    expect(view.locator(".found .hit-why").first).to_have_text("姓名")


def test_a_whole_number_on_a_phone_shows_one_masked_line(page_as: Callable[..., Page]):
    person = somebody()
    view = page_as("coadmin", phone=True)
    view.goto("/search/")
    view.locator("#found-q").fill(person.document_number)
    view.locator(".found-box button").click()
    line = view.locator(".found li a").first
    expect(line).to_contain_text(person.name)
    expect(line.locator(".hit-why")).to_have_text("证件号码")
    expect(line).not_to_contain_text(person.document_number)
    assert view.url.endswith("/search/")
    assert view.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing stands out of the screen"
    line.click()
    view.wait_for_url(re.compile(r"/people/\d+/"))
    view.goto("/search/")
    expect(view.locator(".found").first).to_contain_text("最近查看")
    expect(view.locator(".found li a").first).to_contain_text(person.name)
