"""Leases filed with the housing department."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from portal.core.errors import DomainError, StaleRecordError
from portal.org.models import User
from rentals.choices import FilingStatus
from rentals.models import LeaseFiling, LeaseTenant
from rentals.selectors import leases_of
from rentals.services import filings
from residents.models import Dwelling, Registration
from tests.factories.rentals import LeaseFactory, RentalFactory, lease_input
from tests.factories.residents import DwellingFactory, PersonFactory, RegistrationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk(staff) -> User:
    seeing = staff(Registration, "view", user=staff(Dwelling, "view"))
    return staff(LeaseFiling, "view", "add", user=seeing)


@pytest.fixture
def reviewer(staff) -> User:
    return staff(LeaseFiling, "view", "review", role="housing")


@pytest.fixture(autouse=True)
def on_20_november(at) -> None:
    at("2026-11-20 09:00")


@pytest.fixture
def door() -> Dwelling:
    return DwellingFactory.create()


def filed(door: Dwelling, actor: User, **changes) -> LeaseFiling:
    return filings.file_lease(dwelling_id=door.pk, given=lease_input(**changes), actor=actor)


@pytest.mark.parametrize("who", ["landlord", "tenant"])
def test_HL4_landlord_or_tenant_files_by_name_and_the_form_knows_no_fee(clerk, door, who):
    row = filed(door, clerk, filed_by=who)
    assert (row.number, row.filed_by, row.status) == ("330822H2026000001", who, FilingStatus.SUBMITTED)
    assert [tenant.name for tenant in row.tenants.all()] == ["吴租客"]
    assert "fee" not in {field.name for field in LeaseFiling._meta.get_fields()}


def test_HL4_a_contract_has_a_tenant_by_name(clerk, door):
    for others in ((), (" ",), ("吴1",)):
        with pytest.raises(DomainError) as refused:
            filed(door, clerk, others=others)
        assert refused.value.field == "others"


def test_tenants_registered_at_the_dwelling_are_linked_and_others_are_not(clerk, door):
    stay = RegistrationFactory.create(dwelling=door, person=PersonFactory.create(name="李秀英"))
    row = filed(door, clerk, stays=(stay.pk,), others=("吴租客", "吴租客"))
    assert list(row.tenants.values_list("name", "registration")) == [("李秀英", stay.pk), ("吴租客", None)]
    assert list(leases_of(stay.person, clerk)) == [row]


def test_somebody_of_another_dwelling_or_gone_is_no_tenant_by_key(clerk, door):
    elsewhere = RegistrationFactory.create()
    gone = RegistrationFactory.create(dwelling=door, status="left", left_on=date(2026, 11, 10))
    for stay in (elsewhere, gone):
        with pytest.raises(DomainError) as refused:
            filed(door, clerk, stays=(stay.pk,))
        assert refused.value.field == "stays"


def test_the_live_rental_registration_is_linked(clerk):
    rental = RentalFactory.create(status="registered", registered_on=date(2026, 11, 3))
    assert filed(rental.dwelling, clerk).rental == rental
    over = RentalFactory.create(status="ended", ended_on=date(2026, 11, 3))
    assert filed(over.dwelling, clerk).rental is None


OCTOBER, NOVEMBER = date(2027, 10, 31), date(2027, 11, 1)


@pytest.mark.parametrize(
    ("room", "starts", "free"),
    [
        ("A", date(2027, 1, 1), False),  # the same room within the year
        ("a 室", date(2027, 1, 1), False),  # written another way
        ("A", OCTOBER, False),  # the last day is a day of the lease
        ("A", NOVEMBER, True),  # the day after is free
        ("B", date(2027, 1, 1), True),  # another room
        ("", date(2027, 1, 1), False),  # the whole dwelling has room A in it
        ("", NOVEMBER, True),
    ],
)
def test_a_room_is_not_leased_twice_at_one_time(clerk, door, room, starts, free):
    filed(door, clerk, room="A")
    given = {"room": room, "starts_on": starts, "ends_on": date(2028, 12, 31)}
    if free:
        assert filed(door, clerk, **given).pk
        return
    with pytest.raises(DomainError) as refused:
        filed(door, clerk, **given)
    assert (refused.value.field, refused.value.code) == ("room", "leased")


def test_a_whole_dwelling_leaves_no_room_and_another_dwelling_is_another(clerk, door):
    filed(door, clerk)
    with pytest.raises(DomainError):
        filed(door, clerk, room="B")
    assert filed(DwellingFactory.create(), clerk).pk


def test_the_database_itself_holds_it(door):
    LeaseFactory.create(dwelling=door, room="A")
    with pytest.raises(IntegrityError, match="lease_room_once_at_a_time"), transaction.atomic():
        LeaseFactory.create(dwelling=door, room="")
    LeaseFactory.create(dwelling=door, room="A", status="refused", refusal_reason="合同未签字")
    LeaseFactory.create(dwelling=door, room="A", status="ended", ended_on=date(2026, 11, 10))


def test_the_housing_department_files_and_a_refused_one_frees_the_room(clerk, reviewer, door):
    row = filed(door, clerk, room="A")
    with pytest.raises(DomainError) as asked:
        filings.refuse_filing(filing_id=row.pk, reason=" ", version=1, actor=reviewer)
    assert asked.value.field == "reason"
    filings.refuse_filing(filing_id=row.pk, reason="合同未签字", version=1, actor=reviewer)
    again = filed(door, clerk, room="A")
    done = filings.accept_filing(filing_id=again.pk, version=1, actor=reviewer)
    assert (done.status, done.filed_on, done.decided_by) == (FilingStatus.FILED, date(2026, 11, 20), reviewer)
    with pytest.raises(StaleRecordError):
        filings.accept_filing(filing_id=again.pk, version=1, actor=reviewer)


def test_renewed_unless_the_room_is_promised(clerk, reviewer, door):
    row = filed(door, clerk, room="A")
    filings.accept_filing(filing_id=row.pk, version=1, actor=reviewer)
    with pytest.raises(DomainError) as early:
        filings.renew_filing(filing_id=row.pk, ends_on=OCTOBER, version=2, actor=clerk)
    assert early.value.field == "ends_on"
    following = filed(door, clerk, room="A", starts_on=date(2028, 1, 1), ends_on=date(2028, 12, 31))
    with pytest.raises(DomainError) as promised:
        filings.renew_filing(filing_id=row.pk, ends_on=date(2028, 1, 1), version=2, actor=clerk)
    assert (promised.value.field, promised.value.code) == ("ends_on", "leased")
    assert filings.renew_filing(filing_id=row.pk, ends_on=date(2027, 12, 31), version=2, actor=clerk).version == 3
    assert following.pk


def test_ended_before_its_time_the_room_is_free_and_the_history_is_kept(clerk, reviewer, door):
    row = filed(door, clerk, room="A")
    filings.accept_filing(filing_id=row.pk, version=1, actor=reviewer)
    for changes, field in (({"reason": ""}, "reason"), ({"ended_on": date(2026, 11, 21)}, "ended_on")):
        given = {"ended_on": date(2026, 11, 20), "reason": "提前退租"} | changes
        with pytest.raises(DomainError) as refused:
            filings.end_filing(filing_id=row.pk, version=2, actor=clerk, **given)
        assert refused.value.field == field
    filings.end_filing(filing_id=row.pk, ended_on=date(2026, 11, 20), reason="提前退租", version=2, actor=clerk)
    assert filed(door, clerk, room="A").pk
    history = LeaseFiling.pgh_event_model.objects.filter(pgh_obj=row).order_by("pgh_id")
    assert list(history.values_list("status", flat=True)) == ["submitted", "filed", "ended"]


def test_another_area_does_not_file(clerk):
    with pytest.raises(PermissionDenied):
        filed(DwellingFactory.create(area_code="330822002001"), clerk)


def test_P7_forgetting_a_person_empties_the_name_of_the_tenant():
    stay = RegistrationFactory.create()
    mine, others = LeaseFactory.create(tenant=stay), LeaseFactory.create()
    with connection.cursor() as cursor:
        cursor.execute("SELECT privacy_forgets_rentals(%s)", [stay.person_id])
    assert list(
        LeaseTenant.objects.filter(filing__in=[mine, others]).order_by("pk").values_list("name", flat=True)
    ) == [
        "",
        "吴租客",
    ]


@pytest.mark.parametrize("rows", [1, 40])
def test_the_list_costs_the_same_for_one_lease_or_forty(client, reviewer, rows, django_assert_num_queries):
    LeaseFactory.create_batch(rows)
    client.force_login(reviewer)
    client.get(reverse("rentals:filing_list"))
    with django_assert_num_queries(18):
        page = client.get(reverse("rentals:filing_list"))
    assert page.content.decode().count("吴租客") == rows


def test_filed_on_the_page_with_everything_kept_when_the_room_is_taken(client, clerk, door):
    stay = RegistrationFactory.create(dwelling=door)
    LeaseFactory.create(dwelling=door, room="A")
    client.force_login(clerk)
    given = {"filed_by": "tenant", "stays": [stay.pk], "room": "A", "starts_on": "2026-12-01", "ends_on": "2027-11-30"}
    answer = client.post(reverse("rentals:filing_new", args=[door.pk]), given)
    assert answer.status_code == 422
    form = answer.context["form"]
    assert form.errors["room"]
    assert (form["ends_on"].value(), form["stays"].value()) == ("2027-11-30", [str(stay.pk)])
    answer = client.post(reverse("rentals:filing_new", args=[door.pk]), given | {"room": "B"})
    row = LeaseFiling.objects.get(room="B")
    assert answer.url == row.get_absolute_url()
    assert row.tenants.get().registration == stay


def test_housing_reads_tenants_by_name_without_seeing_the_register(client, reviewer):
    stay = RegistrationFactory.create(person=PersonFactory.create(name="李秀英"))
    row = LeaseFactory.create(dwelling=stay.dwelling, tenant=stay)
    client.force_login(reviewer)
    page = client.get(row.get_absolute_url()).content.decode()
    assert "李秀英" in page
    assert stay.person.document_number not in page
    assert f"/people/{stay.person_id}/" not in page


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"status": "filed", "filed_on": date(2026, 11, 20)}, "合同备案有效"),
        ({}, "合同目前未备案或已终止"),
        ({"status": "ended", "ended_on": date(2026, 11, 20)}, "合同目前未备案或已终止"),
    ],
)
def test_the_receipt_is_checked_without_an_account_and_names_no_tenant(client, reviewer, changes, words):
    row = LeaseFactory.create(**changes)
    page = client.get(reverse("rentals:rental_check", args=[row.voucher])).content.decode()
    assert words in page
    assert row.number in page
    assert "吴租客" not in page
    client.force_login(reviewer)
    assert f"/r/{row.voucher}/" in client.get(reverse("rentals:filing_sheet", args=[row.pk])).context["check_url"]


def test_the_leases_of_a_dwelling_and_of_a_person_stand_on_their_pages(client, clerk, staff, door):
    stay = RegistrationFactory.create(dwelling=door)
    row = LeaseFactory.create(dwelling=door, tenant=stay)
    client.force_login(staff(type(stay.person), "view", user=clerk))
    for address in (door.get_absolute_url(), stay.person.get_absolute_url()):
        assert row.number in client.get(address).content.decode()
