"""The pages of the rental registrations, behind the wall."""

from typing import Any

import pytest
from django.urls import reverse

from portal.org.models import User
from rentals.models import RentalRegistration
from residents.extension import dwelling_panels_for
from residents.models import Dwelling, Registration
from tests.factories.rentals import LANDLORD, RentalFactory
from tests.factories.residents import DwellingFactory, NoticeFactory, RegistrationFactory
from tests.residents import arrivals

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk(staff) -> User:
    return staff(Dwelling, "view", user=staff(RentalRegistration, "view", "add", "review"))


@pytest.fixture(autouse=True)
def on_20_november(at) -> None:
    at("2026-11-20 09:00")


def filled(dwelling: Dwelling, **changes: Any) -> dict[str, Any]:
    return {
        "dwelling": dwelling.pk,
        "landlord_kind": "person",
        "landlord_name": "陈国强",
        "document_kind": "111",
        "document_number": LANDLORD,
        "landlord_phone": "139 5700 0001",
        "ownership": "2",
        "title_kind": "1",
        "title_number": "浙（2019）0001号",
        "structure": "2",
        "planned_use": "01",
        "floor_area": "90",
        "rooms_total": "3",
        "rooms_let": "3",
        "letting": "whole",
        "let_from": "2026-11-01",
        "gas": "piped",
    } | changes


@pytest.mark.parametrize("rows", [1, 40])
def test_the_list_costs_the_same_for_one_row_or_forty(client, clerk, rows, django_assert_num_queries):
    RentalFactory.create_batch(rows)
    client.force_login(clerk)
    client.get(reverse("rentals:rental_list"))
    with django_assert_num_queries(16):
        page = client.get(reverse("rentals:rental_list"))
    assert page.content.decode().count("陈国强") == rows


@pytest.mark.parametrize("rows", [1, 40])
def test_the_leads_cost_the_same_for_one_door_or_forty(client, clerk, rows, django_assert_num_queries):
    RegistrationFactory.create_batch(rows, lodging="05")
    client.force_login(clerk)
    client.get(reverse("rentals:unregistered"))
    with django_assert_num_queries(13):
        page = client.get(reverse("rentals:unregistered"))
    assert page.content.decode().count("?dwelling=") == rows


def test_who_sees_rentals_alone_sees_the_doors_and_how_many_live_there_but_nobody(client, staff):
    stay = RegistrationFactory.create(lodging="05")
    RegistrationFactory.create(lodging="05", dwelling=stay.dwelling)
    RegistrationFactory.create(lodging="05", dwelling=DwellingFactory.create(area_code="330822002001"))
    client.force_login(staff(RentalRegistration, "view", role="housing"))
    page = client.get(reverse("rentals:unregistered")).content.decode()
    assert page.count("/dwellings/") == 1
    assert stay.dwelling.code in page
    assert ">2</td>" in page
    assert stay.person.name not in page


def test_a_form_handed_in_leads_to_the_registration(client, clerk):
    client.force_login(clerk)
    answer = client.post(reverse("rentals:rental_new"), filled(DwellingFactory.create()))
    row = RentalRegistration.objects.get()
    assert answer.url == row.get_absolute_url()
    assert row.landlord_phone == "13957000001"


def test_wrong_input_keeps_everything_and_speaks_beside_the_field(client, clerk):
    client.force_login(clerk)
    door = DwellingFactory.create()
    answer = client.post(reverse("rentals:rental_new"), filled(door, letting="rooms", spaces=["01", "04"]))
    assert answer.status_code == 422
    page = answer.context["form"]
    assert "厨房" in page.errors["spaces"][0]
    assert page["title_number"].value() == "浙（2019）0001号"
    assert not RentalRegistration.objects.exists()


def test_a_door_from_the_list_of_leads_stands_in_the_form(client, clerk):
    client.force_login(clerk)
    door = DwellingFactory.create(landlord_name="王房东", area_square_metres=88)
    page = client.get(reverse("rentals:rental_new"), {"dwelling": door.pk})
    form = page.context["form"]
    assert (form["dwelling"].value(), form["landlord_name"].value()) == (door.pk, "王房东")


def test_numbers_of_the_landlord_are_masked_on_every_page(client, clerk):
    row = RentalFactory.create()
    client.force_login(clerk)
    for name in ("rental_detail", "rental_sheet", "rental_edit"):
        page = client.get(reverse(f"rentals:{name}", args=[row.pk])).content.decode()
        assert LANDLORD not in page
        assert "13957000001" not in page


def test_the_queue_accepts_and_tells_who_decides_twice(client, clerk):
    row = RentalFactory.create()
    client.force_login(clerk)
    address = reverse("rentals:rental_step", args=[row.pk, "accept"])
    client.post(address, {"version": 1}, follow=True)
    row.refresh_from_db()
    assert row.status == "registered"
    again = client.post(address, {"version": 1}, follow=True)
    assert [str(one) for one in again.context["messages"]] == [
        "打开表单后，其他人修改了这条记录。请比对两个版本后再保存。"
    ]
    row.refresh_from_db()
    assert (row.status, row.version) == ("registered", 2)


def test_returning_without_a_reason_comes_back_with_the_form_open(client, clerk):
    row = RentalFactory.create()
    client.force_login(clerk)
    answer = client.post(reverse("rentals:rental_step", args=[row.pk, "return"]), {"version": 1, "reason": ""})
    assert answer.status_code == 422
    assert answer.context["return_form"].errors["reason"]


def test_the_receipt_is_checked_without_an_account_and_names_nobody(client, clerk):
    row = RentalFactory.create(status="registered", registered_on="2026-11-03")
    page = client.get(reverse("rentals:rental_check", args=[row.voucher]))
    text = page.content.decode()
    assert row.number in text
    assert "陈国强" not in text
    assert client.get(reverse("rentals:rental_check", args=["00000000-0000-4000-8000-000000000000"])).status_code == 404


def test_HL3_the_dwelling_page_tells_the_registration_and_who_is_too_many(client, clerk):
    row = RentalFactory.create(rooms_let=1, rooms_total=1, status="registered", registered_on="2026-11-03")
    RegistrationFactory.create_batch(3, dwelling=row.dwelling)
    client.force_login(clerk)
    page = client.get(row.dwelling.get_absolute_url()).content.decode()
    assert row.number in page
    assert "3 / 2" in page


def test_HL3_the_arrival_form_tells_the_limit_and_registers_one_more(client, staff):
    NoticeFactory.create()
    full = RentalFactory.create(rooms_let=1, rooms_total=1, status="registered", registered_on="2026-11-03").dwelling
    roomy = RentalFactory.create(status="registered", registered_on="2026-11-03").dwelling
    RegistrationFactory.create_batch(2, dwelling=full)
    client.force_login(staff(RentalRegistration, "view", user=arrivals.coadmin()))
    options = reverse("residents:arrival_addresses")
    assert "出租核定 2 人，已满" in client.get(options, {"q": full.address}).content.decode()
    told = client.get(options, {"q": roomy.address}).content.decode()
    assert "出租核定 6 人" in told
    assert "已满" not in told
    client.post(reverse("residents:arrival_new"), arrivals.filled(full))
    assert Registration.objects.active().filter(dwelling=full).count() == 3


def test_panels_of_the_dwelling_page_are_for_those_with_the_right(staff, clerk):
    assert [panel.model for panel in dwelling_panels_for(clerk)] == [RentalRegistration]
    assert dwelling_panels_for(staff(Dwelling, "view")) == []


def test_search_by_number_landlord_and_door(client, clerk):
    row = RentalFactory.create(landlord_name="赵钱孙")
    RentalFactory.create(landlord_name="周吴郑")
    client.force_login(clerk)
    for asked in (row.number, "赵钱", row.dwelling.shorthand):
        page = client.get(reverse("rentals:rental_list"), {"t": "review", "q": asked}).content.decode()
        assert (row.number in page, "周吴郑" in page) == (True, False), asked
