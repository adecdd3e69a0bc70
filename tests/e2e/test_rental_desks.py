"""The desks of the rented homes: the police's, the housing department's, and a full home at the arrival window (issue
5, must show 2)."""

import uuid
from collections.abc import Callable
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from portal.core import clock
from portal.org.middleware import scoped_transaction
from portal.org.models import User
from rentals.models import LeaseFiling, RentalRegistration
from rentals.services.filings import file_lease
from rentals.services.registrations import accept, submit
from residents.models import Dwelling, Registration
from residents.services.dwellings import add_dwelling
from residents.services.people import IdentityInput
from residents.services.registration import StayInput, register_arrival
from tests.factories.rentals import lease_input, rental_input
from tests.factories.residents import id_number

pytestmark = pytest.mark.browser
expect.set_options(timeout=15_000)
_room = count(601, 2)


def account(name: str) -> User:
    return User.objects.get(username=name)


def door() -> Dwelling:
    clerk, room = account("coadmin"), str(next(_room))
    with scoped_transaction(clerk):
        return add_dwelling(
            area_code=clerk.area_code, estate="橘海新苑", building="7", unit="2", room=room, kind="05", actor=clerk
        )


def handed_in(**changes: Any) -> RentalRegistration:
    home, clerk = door(), account("coadmin")
    with scoped_transaction(clerk):
        return submit(dwelling_id=home.pk, given=rental_input(**changes), actor=clerk)


def leased() -> LeaseFiling:
    home, clerk = door(), account("coadmin")
    with scoped_transaction(clerk):
        return file_lease(dwelling_id=home.pk, given=lease_input(), actor=clerk)


def test_row_69_the_police_accept_one_registration_and_return_another(page_as: Callable[..., Page], portal: Any):
    good, incomplete = handed_in(), handed_in()
    desk = page_as("police")
    desk.goto("/rentals/")
    expect(desk.get_by_role("link", name=good.dwelling.address).first).to_be_visible()
    desk.goto(good.get_absolute_url())
    desk.get_by_role("button", name="审核通过").click()
    expect(desk.locator("toast-stack")).to_contain_text("已通过审核")

    desk.goto(incomplete.get_absolute_url())
    desk.locator("summary", has_text="退回补正").click()
    desk.get_by_label("需要补正的内容").fill("请补交产权证明")
    desk.get_by_role("button", name="退回", exact=True).click()
    expect(desk.locator("toast-stack")).to_contain_text("已退回补正")
    states = dict(RentalRegistration.objects.values_list("pk", "status"))
    assert (states[good.pk], states[incomplete.pk]) == ("registered", "returned")

    window = page_as("coadmin")
    window.goto(incomplete.get_absolute_url())
    expect(window.get_by_text("请补交产权证明").first).to_be_visible()


def test_HL4_the_housing_department_files_one_lease_and_refuses_another(page_as: Callable[..., Page], portal: Any):
    good, unsigned = leased(), leased()
    desk = page_as("housing")
    desk.goto("/rentals/leases/")
    expect(desk.get_by_role("link", name=good.dwelling.address).first).to_be_visible()
    desk.goto(good.get_absolute_url())
    desk.get_by_role("button", name="准予备案").click()
    expect(desk.locator("toast-stack")).to_contain_text("已备案")

    desk.goto(unsigned.get_absolute_url())
    desk.locator("details.rq-refuse summary").first.click()
    desk.locator("details.rq-refuse textarea").first.fill("合同未签字")
    desk.locator("details.rq-refuse button[type=submit]").first.click()
    expect(desk.get_by_text("合同未签字").first).to_be_visible()
    states = dict(LeaseFiling.objects.values_list("pk", "status"))
    assert (states[good.pk], states[unsigned.pk]) == ("filed", "refused")


def test_HL3_row_77_a_full_home_is_told_at_the_arrival_and_blocks_nobody(page_as: Callable[..., Page], portal: Any):
    """One room of 8 m²: two may live there, two do; the third one is registered all the same."""
    rental = handed_in(rooms_let=1, rooms_total=1, floor_area=Decimal(8))
    officer, clerk = account("police"), account("coadmin")
    with scoped_transaction(officer):
        accept(rental_id=rental.pk, version=rental.version, actor=officer)
    for sequence, name in ((811, "蒙有福"), (813, "蒙有财")):
        with scoped_transaction(clerk):
            register_arrival(
                head=IdentityInput(document_kind="111", document_number=number(sequence), name=name, phone=""),
                stay=StayInput(
                    dwelling_id=rental.dwelling_id,
                    arrived_on=clock.today(),
                    lodging="05",
                    reason="01",
                    channel="window",
                ),
                submission_key=str(uuid.uuid4()),
                actor=clerk,
            )
    page = page_as("coadmin")
    page.goto("/arrivals/new/")
    page.locator("[name=document_number]").fill(number(815))
    page.locator("[name=name]").fill("蒙有余")
    page.locator("[name=phone]").fill("13900002222")
    page.locator("[name=dwelling_text]").click()
    page.keyboard.type(rental.dwelling.shorthand)
    expect(page.get_by_text("出租核定 2 人，已满").first).to_be_visible()
    page.keyboard.press("Enter")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/arrivals/new/?saved=*")
    assert Registration.objects.active().filter(dwelling=rental.dwelling_id).count() == 3


def number(sequence: int) -> str:
    return id_number(born=clock.today().replace(year=1990), division="522324", sequence=sequence)
