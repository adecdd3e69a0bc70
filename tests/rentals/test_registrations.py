"""The life of a rental registration at the service."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from portal.audit.models import AuditEntry
from portal.core.errors import DomainError, StaleRecordError
from portal.events.models import StoredEvent
from portal.org.models import User
from rentals.choices import RentalStatus
from rentals.events import RentalAccepted, RentalEnded
from rentals.models import RentalRegistration
from rentals.selectors import unregistered
from rentals.services import registrations
from rentals.subscribers import tell_address_master_of_the_end, tell_address_master_of_the_letting
from residents.models import Dwelling
from residents.services.dwellings_merge import merge_dwellings
from tests.factories.rentals import COMPANY, LANDLORD, RentalFactory, rental_input
from tests.factories.residents import DwellingFactory, RegistrationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk(staff) -> User:
    return staff(Dwelling, "view", user=staff(RentalRegistration, "view", "add"))


@pytest.fixture
def reviewer(staff) -> User:
    return staff(RentalRegistration, "view", "review", role="police")


@pytest.fixture(autouse=True)
def on_20_november(at) -> None:
    at("2026-11-20 09:00")


def handed_in(actor: User, **changes) -> RentalRegistration:
    return registrations.submit(dwelling_id=DwellingFactory.create().pk, given=rental_input(**changes), actor=actor)


def test_HL8_row_69_a_letting_is_handed_in_with_a_number_and_a_step(clerk):
    row = handed_in(clerk)
    assert row.status == RentalStatus.SUBMITTED
    assert row.number == "330822F2026000001"
    assert [step.kind for step in row.steps.all()] == ["submitted"]
    assert AuditEntry.objects.filter(action="rental.submitted", actor=clerk).count() == 1


def test_numbers_have_no_gaps_when_one_is_refused(clerk):
    handed_in(clerk)
    with pytest.raises(DomainError):
        handed_in(clerk, planned_use="04")
    assert handed_in(clerk).number == "330822F2026000002"


def test_HL2_what_must_not_be_let_is_not_handed_in(clerk):
    with pytest.raises(DomainError) as refused:
        handed_in(clerk, letting="rooms", spaces=("01", "04"))
    assert refused.value.field == "spaces"
    assert not RentalRegistration.objects.exists()


def test_row_75_the_agent_is_noted_with_a_phone(clerk):
    row = handed_in(clerk, agent_name="常山安居房产中介", agent_phone="0570-5021234")
    assert (row.agent_name, row.agent_phone) == ("常山安居房产中介", "05705021234")
    with pytest.raises(DomainError) as refused:
        handed_in(clerk, agent_phone="0570-5021234")
    assert refused.value.field == "agent_name"


def test_GB_32100_a_wrong_check_digit_of_a_credit_code_is_found(clerk):
    given = {"landlord_kind": "org", "landlord_name": "常山县公房管理所", "document_kind": ""}
    assert handed_in(clerk, document_number="9111 0000 6000 3734 1l", **given).document_number == COMPANY
    with pytest.raises(DomainError) as refused:
        handed_in(clerk, document_number="91110000600037342L", **given)
    assert (refused.value.field, refused.value.code) == ("document_number", "uscc")


def test_HL5_the_landlord_shows_document_and_title(clerk):
    for changes, field in (
        ({"document_number": LANDLORD[:-1] + ("1" if LANDLORD[-1] != "1" else "2")}, "document_number"),
        ({"document_number": ""}, "document_number"),
        ({"title_number": " "}, "title_number"),
        ({"landlord_phone": ""}, "landlord_phone"),
    ):
        with pytest.raises(DomainError) as refused:
            handed_in(clerk, **changes)
        assert refused.value.field == field


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"rooms_let": 4}, "rooms_let"),
        ({"rooms_let": 0}, "rooms_let"),
        ({"floor_area": 0}, "floor_area"),
        ({"let_to": date(2026, 10, 31)}, "let_to"),
        ({"monthly_rent": -1}, "monthly_rent"),
        ({"structure": "77"}, "structure"),
    ],
)
def test_figures_that_cannot_be_are_refused_beside_their_field(clerk, changes, field):
    with pytest.raises(DomainError) as refused:
        handed_in(clerk, **changes)
    assert refused.value.field == field


def test_a_dwelling_has_one_live_registration(clerk):
    row = handed_in(clerk)
    with pytest.raises(DomainError) as refused:
        registrations.submit(dwelling_id=row.dwelling_id, given=rental_input(), actor=clerk)
    assert refused.value.code == "live"
    with pytest.raises(IntegrityError, match="rental_one_live"), transaction.atomic():
        RentalFactory.create(dwelling=row.dwelling)


def test_a_dwelling_is_let_again_after_the_end(clerk):
    row = handed_in(clerk)
    registrations.end(
        rental_id=row.pk, ended_on=date(2026, 11, 20), reason="收回自住", version=row.version, actor=clerk
    )
    again = registrations.submit(dwelling_id=row.dwelling_id, given=rental_input(), actor=clerk)
    assert again.status == RentalStatus.SUBMITTED


def test_the_police_accept_and_the_address_master_learns_of_it(clerk, reviewer):
    row = handed_in(clerk)
    done = registrations.accept(rental_id=row.pk, version=1, actor=reviewer)
    assert (done.status, done.registered_on, done.version) == (RentalStatus.REGISTERED, date(2026, 11, 20), 2)
    event = StoredEvent.objects.get(name="rentals.rental_accepted")
    assert event.payload == {"rental_id": row.pk, "dwelling_id": row.dwelling_id, "area_code": row.area_code}
    tell_address_master_of_the_letting(RentalAccepted(**event.payload))
    assert Dwelling.objects.get(pk=row.dwelling_id).rental_registered
    registrations.end(rental_id=row.pk, ended_on=date(2026, 11, 20), reason="收回自住", version=2, actor=clerk)
    tell_address_master_of_the_letting(RentalAccepted(**event.payload))  # a late repetition changes nothing
    tell_address_master_of_the_end(RentalEnded(rental_id=row.pk, dwelling_id=row.dwelling_id, area_code=row.area_code))
    assert not Dwelling.objects.get(pk=row.dwelling_id).rental_registered


def test_returned_with_the_reason_and_completed_by_the_clerk(clerk, reviewer):
    row = handed_in(clerk)
    with pytest.raises(DomainError) as refused:
        registrations.give_back(rental_id=row.pk, reason=" ", version=1, actor=reviewer)
    assert refused.value.field == "reason"
    registrations.give_back(rental_id=row.pk, reason="缺少产权证明", version=1, actor=reviewer)
    amended = registrations.amend(
        rental_id=row.pk,
        given=rental_input(title_number="浙（2020）0002号", document_number="", landlord_phone=""),
        version=2,
        actor=clerk,
    )
    assert (amended.status, amended.return_reason, amended.title_number) == ("submitted", "", "浙（2020）0002号")
    assert (amended.document_number, amended.landlord_phone) == (LANDLORD, "13957000001")
    assert [step.kind for step in row.steps.all()] == ["submitted", "returned", "changed"]


def test_HL2_a_change_of_what_is_in_force_is_checked_anew_and_stays_in_force(clerk, reviewer):
    row = handed_in(clerk)
    registrations.accept(rental_id=row.pk, version=1, actor=reviewer)
    with pytest.raises(DomainError) as refused:
        registrations.amend(rental_id=row.pk, given=rental_input(danger_grade="D"), version=2, actor=clerk)
    assert refused.value.code == "dangerous"
    changed = registrations.amend(rental_id=row.pk, given=rental_input(rooms_let=2), version=2, actor=clerk)
    assert (changed.status, changed.rooms_let) == (RentalStatus.REGISTERED, 2)


def test_renewed_to_a_later_day_only(clerk, reviewer):
    row = handed_in(clerk, let_to=date(2026, 12, 31))
    registrations.accept(rental_id=row.pk, version=1, actor=reviewer)
    with pytest.raises(DomainError) as refused:
        registrations.renew(rental_id=row.pk, let_to=date(2026, 12, 31), version=2, actor=clerk)
    assert refused.value.field == "let_to"
    assert registrations.renew(rental_id=row.pk, let_to=date(2027, 12, 31), version=2, actor=clerk).let_to.year == 2027


@pytest.mark.parametrize("day", [date(2026, 10, 31), date(2026, 11, 21)])
def test_a_letting_ends_neither_before_it_began_nor_in_the_future(clerk, reviewer, day):
    row = handed_in(clerk)
    registrations.accept(rental_id=row.pk, version=1, actor=reviewer)
    with pytest.raises(DomainError) as refused:
        registrations.end(rental_id=row.pk, ended_on=day, reason="收回自住", version=2, actor=clerk)
    assert refused.value.field == "ended_on"


def test_two_reviewers_do_not_decide_twice(clerk, reviewer):
    row = handed_in(clerk)
    registrations.accept(rental_id=row.pk, version=1, actor=reviewer)
    with pytest.raises(StaleRecordError):
        registrations.accept(rental_id=row.pk, version=1, actor=reviewer)
    with pytest.raises(DomainError) as refused:
        registrations.accept(rental_id=row.pk, version=2, actor=reviewer)
    assert refused.value.code == "wrong_state"


def test_who_hands_in_does_not_review_without_the_right_and_the_other_way_round(clerk, reviewer):
    row = handed_in(clerk)
    with pytest.raises(RentalRegistration.DoesNotExist):
        registrations.accept(rental_id=row.pk, version=1, actor=clerk)
    with pytest.raises(RentalRegistration.DoesNotExist):
        registrations.renew(rental_id=row.pk, let_to=date(2027, 1, 1), version=1, actor=reviewer)


def test_another_area_may_not_hand_in(staff, clerk):
    other = DwellingFactory.create(area_code="330822002001")
    seeing = staff(Dwelling, "view", at="330822002001", user=clerk)
    with pytest.raises(PermissionDenied):
        registrations.submit(dwelling_id=other.pk, given=rental_input(), actor=seeing)


def test_each_version_of_a_registration_is_kept(clerk, reviewer):
    row = handed_in(clerk)
    registrations.accept(rental_id=row.pk, version=1, actor=reviewer)
    registrations.amend(rental_id=row.pk, given=rental_input(landlord_name="陈国富"), version=2, actor=clerk)
    history = RentalRegistration.pgh_event_model.objects.filter(pgh_obj=row).order_by("pgh_id")
    assert list(history.values_list("landlord_name", "status")) == [
        ("陈国强", "submitted"),
        ("陈国强", "registered"),
        ("陈国富", "registered"),
    ]


def test_lived_in_as_rented_and_not_registered_is_a_lead_until_it_is():
    rented = RegistrationFactory.create(lodging="05").dwelling
    RegistrationFactory.create(lodging="05", dwelling=rented)
    RegistrationFactory.create(lodging="02")
    RegistrationFactory.create(lodging="05", status="left", left_on=date(2026, 11, 10))
    spoken_for = RentalFactory.create(status="registered", registered_on=date(2026, 11, 2)).dwelling
    RegistrationFactory.create(lodging="05", dwelling=spoken_for)
    over = RentalFactory.create(status="ended", ended_on=date(2026, 11, 10)).dwelling
    RegistrationFactory.create(lodging="05", dwelling=over)
    assert set(unregistered(Dwelling.objects.all())) == {rented, over}


def test_registrations_go_along_when_two_addresses_are_one_door(staff):
    survivor, double = DwellingFactory.create(), DwellingFactory.create()
    stays, moves = RentalFactory.create(dwelling=survivor), RentalFactory.create(dwelling=double)
    old = RentalFactory.create(dwelling=double, status="ended", ended_on=date(2026, 11, 10))
    keeper = staff(Dwelling, "view", "change", "merge", user=staff(RentalRegistration, "view", "add"))
    merge_dwellings(
        survivor_id=survivor.pk,
        double_id=double.pk,
        reason="同一户",
        survivor_version=survivor.version,
        double_version=double.version,
        actor=keeper,
    )
    for row in (stays, moves, old):
        row.refresh_from_db()
    assert (stays.status, moves.status, moves.end_reason) == ("submitted", "ended", "地址合并")
    assert (stays.dwelling, old.dwelling) == (survivor, survivor)
