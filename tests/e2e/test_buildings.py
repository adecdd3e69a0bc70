"""The unit grid under keys and under a thumb, and door plates on paper, looked at as the printed file."""

import re
import zlib
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from portal.core import clock
from portal.org.models import User
from residents.models import Building, Dwelling, Registration
from residents.services.rooms import RoomPlan, build_rooms
from tests.e2e.driver import PHONE
from tests.factories.residents import PersonFactory, RegistrationFactory

pytestmark = pytest.mark.browser
TOWN = "330822001001"
CROWD = 3


@pytest.fixture
def house(portal: object) -> Building:
    """Two units of four floors, two rooms each: 16 doors. 1-201 is crowded, 2-402 is lived in, the rest is empty."""
    coadmin = User.objects.get(username="coadmin")
    plan = RoomPlan(
        area_code=TOWN,
        estate="望海楼小区",
        building="9",
        units=2,
        floor_from=1,
        floor_to=4,
        rooms=2,
        kind="05",
        capacity=2,
    )
    building, _added = build_rooms(plan=plan, actor=coadmin)
    if Registration.objects.filter(dwelling__stands_in=building).exists():
        return building
    for number, (unit, room) in enumerate([("1", "201")] * CROWD + [("2", "402")]):
        door = Dwelling.objects.get(stands_in=building, unit=unit, room=room)
        person = PersonFactory.create(area_code=TOWN, name="司马晓宇", sequence=501 + 2 * number, division="520326")
        today = clock.today()
        RegistrationFactory.create(person=person, dwelling=door, arrived_on=today, registrar=coadmin)
    return building


def test_the_unit_grid_is_walked_with_the_arrow_keys(page_as: Callable[..., Page], house: Building):
    page = page_as("coadmin")
    page.goto(house.get_absolute_url())
    expect(page.locator(".ug td a")).to_have_count(16)
    expect(page.locator(".ug td.ug-over a")).to_contain_text("3/2")
    expect(page.locator(".ug td.ug-over .nm")).not_to_contain_text("晓宇")
    cell = page.locator(".ug td a[tabindex='0']")
    expect(cell).to_have_count(1)
    cell.focus()
    names = page.locator(".ug tbody tr").first.locator("td a")
    expect(names).to_have_count(4)
    walk = ["ArrowRight", "ArrowRight", "ArrowRight", "ArrowDown", "ArrowDown", "Home", "ArrowRight", "ArrowUp"]
    seen = []
    for key in walk:
        page.keyboard.press(key)
        seen.append(page.evaluate("document.activeElement.closest('td').cellIndex"))
    assert seen == [2, 3, 4, 4, 4, 1, 2, 2]
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/dwellings/\d+/$"))
    expect(page.locator("h1")).to_contain_text("望海楼小区9幢1单元301室")
    page.go_back()
    page.locator("main").get_by_role("link", name=re.compile("超员")).first.click()
    expect(page.locator(".ug td.ug-dim")).to_have_count(15)


def test_the_unit_grid_fits_a_phone(page_as: Callable[..., Page], house: Building):
    page = page_as("coadmin", phone=True)
    page.goto(house.get_absolute_url())
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["width"]
    box = page.locator(".ug td.ug-over a").bounding_box()
    assert box is not None
    assert box["height"] >= 44
    expect(page.locator(".ug td.ug-over .un")).to_be_visible()
    page.locator(".ug td.ug-over a").click()
    expect(page.locator("h1")).to_contain_text("望海楼小区9幢1单元201室")


def test_a_batch_of_door_plates_is_printed_to_paper(page_as: Callable[..., Page], house: Building):
    page = page_as("coadmin")
    page.goto(f"/dwellings/plates/?building={house.pk}")
    expect(page.locator(".label")).to_have_count(16)
    address = page.locator(".label h2").first
    expect(address).to_have_text("望海楼小区9幢1单元101室")
    paper = page.pdf(prefer_css_page_size=True, print_background=True)
    assert pages_of(paper) == 2
    assert drawn(paper) > 16 * 200, "every plate draws a code of its own"
    page.emulate_media(media="print")
    expect(page.locator(".noprint").first).to_be_hidden()
    boxes = [page.locator(".label").nth(at).bounding_box() for at in range(10)]
    bottom = max(box["y"] + box["height"] for box in boxes if box)
    assert bottom - min(box["y"] for box in boxes if box) < 267 * 96 / 25.4, "ten plates fit between the margins of A4"


def test_a_stranger_who_scans_a_plate_learns_how_to_report_and_nothing_else(
    page_as: Callable[..., Page], house: Building
):
    door = Registration.objects.filter(dwelling__stands_in=house).select_related("dwelling").earliest("pk").dwelling
    page = page_as("", phone=True)
    page.goto(f"/d/{door.plate}/")
    expect(page.locator("h1")).to_contain_text("申报")
    expect(page.locator("body")).not_to_contain_text("望海楼")
    expect(page.locator("body")).not_to_contain_text("司马")


def pages_of(paper: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page[^s]", paper))


def drawn(paper: bytes) -> int:
    """How many path segments the pages of the file draw."""
    total = 0
    for packed in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", paper, flags=re.DOTALL):
        try:
            plain = zlib.decompress(packed)
        except zlib.error:
            continue
        total += len(re.findall(rb"[\d.]+ [\d.]+ [ml]\b", plain)) + len(re.findall(rb"\bre\b", plain))
    return total
