"""The whole life of a residence permit in the browser, with the clock standing still at each step.

Hand-made dates. Accepted on Friday 13 February 2026, fifteen days run to 28 February, a Saturday that is a working day
(调休 of the Spring Festival); in between 14 February is a working Saturday, 15–23 February are holidays, so six working
days are left: 14, 24, 25, 26, 27, 28. Issued on 26 February 2026, the window of 2027 is 26 January to 25 February.
"""

import re
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from portal.core import clock
from portal.jobs.services import enqueue
from portal.org.models import AreaGroupGrant, Delegation, User
from portal.org.services import system_user
from residents.models import Permit, PermitApplication, Person
from tests.factories.residents import DwellingFactory, PersonFactory, RegistrationFactory, id_number

pytestmark = pytest.mark.browser

SHANGHAI = ZoneInfo("Asia/Shanghai")
TOWN = "330822001001"
HOLDER = "欧阳可欣"
NUMBER = id_number(division="520325", sequence=728)


@pytest.fixture
def holder(portal: object, freeze: Callable[[datetime], None]) -> Person:
    """She rents a flat since 10 August 2025 and registered on that day: half a year is full on 10 February 2026.

    The grants of the demo county are made to hold for all the years of the test.
    """
    freeze(at(2025, 8, 10))
    AreaGroupGrant.objects.update(valid_from=clock.now(), valid_to=None)
    Delegation.objects.update(valid_from=clock.today(), valid_to=None)
    person = PersonFactory.create(area_code=TOWN, name=HOLDER, document_number=NUMBER, sex="2")
    dwelling = DwellingFactory.create(area_code=TOWN, code="330822001001990001", room="7707")
    day = clock.today()
    coadmin = User.objects.get(username="coadmin")
    RegistrationFactory.create(person=person, dwelling=dwelling, arrived_on=day, registrar=coadmin)
    return person


def at(year: int, month: int, day: int, hour: int = 9) -> datetime:
    return datetime(year, month, day, hour, tzinfo=SHANGHAI)


def press(page: Page, action: str) -> None:
    """The button of the form that posts to `…/action/`, outside the dialogs."""
    page.locator(f"main form[action$='/{action}/'] button[type=submit]").first.click()


def test_R1_to_R11_the_whole_life_of_a_permit(
    page_as: Callable[..., Page], freeze: Callable[[datetime], None], holder: Person
):
    freeze(at(2026, 2, 9))
    station = page_as("station")
    open_case(station)
    expect(station.locator("main")).to_contain_text("2026-02-10")
    expect(station.locator("input[name=papers]")).to_have_count(0)

    freeze(at(2026, 2, 13))
    file = take_in(station, holder)
    expect(station.locator("main")).to_contain_text("2026-02-28")
    expect(station.locator(".sla").first).to_contain_text("剩 6 天")
    on_paper(station, f"{file}receipt/", HOLDER, "2026-02-28")

    freeze(at(2026, 2, 24))
    reviewer = page_as("police")
    pass_in_the_queue(reviewer)

    freeze(at(2026, 2, 26))
    signer = page_as("police2")
    signer.goto(file)
    press(signer, "sign")
    permit = Permit.objects.get(person=holder)
    station.goto(file)
    expect(station.locator("main form[action$='/sign/']")).to_have_count(0)

    freeze(at(2026, 2, 27))
    station.reload()
    press(station, "deliver")
    station.goto(permit.get_absolute_url())
    expect(station.locator("main")).to_contain_text("2027-01-26 – 2027-02-25")
    on_paper(station, f"{permit.get_absolute_url()}card/", HOLDER, NUMBER, "2026-02-26")

    freeze(at(2027, 1, 25))
    station.reload()
    station.goto(permit.get_absolute_url())
    expect(station.locator("form[action$='/endorse/']")).to_have_count(0)

    freeze(at(2027, 2, 25))
    endorse(station, permit)
    expect(station.locator("main")).to_contain_text("2028-01-26 – 2028-02-25")
    expect(station.locator("main")).to_contain_text("2026-02-26")

    suspend_the_day_after(station, freeze, permit)
    endorse_late(station, freeze, permit)


def open_case(page: Page) -> None:
    page.goto("/permits/files/new/")
    page.locator("main input[name=q]").fill(NUMBER)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"\?person=\d+"))


def take_in(page: Page, person: Person) -> str:
    """Files the application with every paper; returns the address of the file."""
    open_case(page)
    expect(page.locator("main h2", has_text=HOLDER)).to_be_visible()
    for box in page.locator("input[name=papers]").all():
        box.check(force=True)
    page.locator("[data-primary]").click()
    page.wait_for_url(re.compile(r"/permits/files/\d+/$"))
    return str(PermitApplication.objects.get(person=person).get_absolute_url())


def pass_in_the_queue(page: Page) -> None:
    """Finds the file among those to review and passes it from the preview."""
    page.goto("/permits/queue/?q=" + HOLDER)
    page.locator("#list tbody tr", has_text=HOLDER).first.click()
    pane = page.locator("#pv")
    expect(pane.locator("h2.pname")).to_contain_text(HOLDER)
    expect(pane.locator(".sla").first).to_contain_text("剩 4 天")
    pane.locator("form[action$='/review/'] button").click()
    expect(page.locator("#list tbody tr", has_text=HOLDER)).to_have_count(0)
    assert PermitApplication.objects.get(person__name=HOLDER).status == "reviewed"


def on_paper(page: Page, path: str, *words: str) -> None:
    page.goto(path)
    for word in words:
        expect(page.locator("main.sheet")).to_contain_text(word)


def endorse(page: Page, permit: Permit) -> None:
    page.goto(permit.get_absolute_url())
    press(page, "endorse")
    page.goto(permit.get_absolute_url())


def suspend_the_day_after(page: Page, freeze: Callable[[datetime], None], permit: Permit) -> None:
    """25 February 2028 is the last day; the job of the following night suspends."""
    freeze(at(2028, 2, 25, 23))
    enqueue(kind="residents.suspend_overdue", actor=system_user())
    page.goto(permit.get_absolute_url())
    expect(page.locator(".pname .bdg")).to_have_text("有效")
    freeze(at(2028, 2, 26, 1))
    enqueue(kind="residents.suspend_overdue", actor=system_user())
    page.goto(permit.get_absolute_url())
    expect(page.locator(".pname .bdg")).to_contain_text("中止")


def endorse_late(page: Page, freeze: Callable[[datetime], None], permit: Permit) -> None:
    """R9: the permit works again, the residence years restart on the day of the late endorsement."""
    freeze(at(2028, 5, 10))
    endorse(page, permit)
    expect(page.locator(".pname .bdg")).to_have_text("有效")
    expect(page.locator("main")).to_contain_text("2029-04-10 – 2029-05-09")
    permit.refresh_from_db()
    assert str(permit.counted_from) == "2028-05-10"
    on_paper(page, f"{permit.get_absolute_url()}endorsements/", HOLDER, "2027-02-25", "2028-05-10")
    page.goto(f"/people/{permit.person_id}/")
    expect(page.locator("main")).to_contain_text(permit.number)
