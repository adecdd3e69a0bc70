"""Zhejiang (Z10–Z14, Z19) and the local detail after Hangzhou's example (H1–H6), rule by rule."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from portal.audit.models import AuditEntry
from portal.core.errors import DomainError
from portal.events import bus
from portal.events.models import StoredEvent
from residents.choices import (
    ApplicationStatus,
    DocumentKind,
    Ground,
    PermitStatus,
    PermitStepKind,
    ProofKind,
    RegistrationStatus,
)
from residents.events import AddressChanged, EndorsementDue, HalfYearReached, PermitIssued, PersonLeft, PersonRegistered
from residents.models import Permit, PermitApplication, PermitStep, Registration
from residents.services.permits import applications, cards, decisions, endorsements, reminders
from residents.services.permits.eligibility import eligibility
from tests.factories.permits import (
    COMMUNITY,
    ID_AND_PHOTO,
    LEASE_FILE,
    ApplicationFactory,
    PermitFactory,
    at,
    officer,
    resident,
)
from tests.factories.residents import DwellingFactory

pytestmark = pytest.mark.django_db


def take_in(person, **changes):
    values: dict[str, Any] = {"ground": Ground.DWELLING, "papers": LEASE_FILE, "actor": officer()} | changes
    return applications.apply(person_id=person.pk, **values)


def deliver_events():
    for pk in StoredEvent.objects.filter(settled_at=None).values_list("pk", flat=True):
        bus.deliver(pk)


def test_Z10_half_a_year_counts_from_registration_not_from_arrival():
    """Arrived 1 June, registered 10 September 2025: full on 10 March 2026."""
    person = resident("2025-06-01", registered_on=date(2025, 9, 10), counts_from=date(2025, 9, 10))

    found = eligibility(person, date(2026, 3, 9))
    assert not found.eligible
    assert "2026-03-10" in found.explanation
    assert eligibility(person, date(2026, 3, 10)).eligible


def test_Z10_the_clock_that_an_address_change_carried_over_is_the_one_that_counts():
    person = resident("2026-03-01", registered_on=date(2026, 3, 1), counts_from=date(2025, 9, 1))
    assert eligibility(person, date(2026, 3, 10)).half_year_on == date(2026, 3, 1)


def test_Z11_a_complete_file_is_accepted_with_a_receipt_number_and_a_due_day(time_machine):
    time_machine.move_to(at("2026-03-10"), tick=False)
    first, second = take_in(resident("2025-01-02")), take_in(resident("2025-01-02"))

    assert first.status == ApplicationStatus.ACCEPTED
    assert [first.number, second.number] == ["330822S2026000001", "330822S2026000002"]
    assert first.due_on == date(2026, 3, 25)


def test_Z11_numbers_begin_anew_each_year(time_machine):
    time_machine.move_to(at("2026-12-31"), tick=False)
    assert take_in(resident("2025-01-02")).number == "330822S2026000001"
    time_machine.move_to(at("2027-01-04"), tick=False)
    assert take_in(resident("2025-01-02")).number == "330822S2027000001"


def test_Z11_numbers_go_on_from_what_was_imported(time_machine):
    ApplicationFactory.create(number="330822S2026000411", status=ApplicationStatus.DELIVERED)
    time_machine.move_to(at("2026-03-10"), tick=False)
    assert take_in(resident("2025-01-02")).number == "330822S2026000412"


def test_Z11_who_is_not_eligible_is_told_why_and_no_file_is_opened(time_machine):
    time_machine.move_to(at("2026-03-10"), tick=False)
    with pytest.raises(DomainError, match="2026-06-01") as refused:
        take_in(resident("2025-12-01"))
    assert refused.value.code == "not_eligible"
    assert not PermitApplication.objects.exists()


def test_Z11_a_refusal_needs_a_reason_and_keeps_it():
    file = ApplicationFactory.create()
    chief = officer()
    with pytest.raises(DomainError) as empty:
        decisions.reject(application_id=file.pk, reason="  ", actor=chief)
    assert empty.value.field == "reason"
    decisions.reject(application_id=file.pk, reason="租赁合同系伪造", actor=chief)
    file.refresh_from_db()
    assert (file.status, file.decision_reason) == (ApplicationStatus.REJECTED, "租赁合同系伪造")


def test_Z12_the_anniversary_is_that_of_the_issue(time_machine):
    time_machine.move_to(at("2026-03-10"), tick=False)
    file, chief = take_in(resident("2025-01-02")), officer()
    decisions.review(application_id=file.pk, actor=chief)
    time_machine.move_to(at("2026-03-17"), tick=False)
    permit: Any = decisions.sign(application_id=file.pk, actor=chief).permit

    assert permit.issued_on == date(2026, 3, 17)
    assert (permit.endorse_from, permit.endorse_by) == (date(2027, 2, 17), date(2027, 3, 17))
    assert permit.counted_from == date(2025, 1, 2)
    assert StoredEvent.objects.filter(name=PermitIssued.name).count() == 1


def test_Z12_an_endorsement_in_the_window_does_not_shift_the_anniversary(time_machine):
    permit = PermitFactory.create()
    time_machine.move_to(at("2026-02-10"), tick=False)
    assert endorsements.endorse(permit_id=permit.pk, ground="job", actor=officer()).next_due == date(2027, 3, 10)


def test_Z12_nobody_who_left_is_endorsed(time_machine):
    permit = PermitFactory.create()
    Registration.objects.filter(person=permit.person).update(
        status=RegistrationStatus.LEFT, left_on=date(2026, 2, 1), closed_on=date(2026, 2, 1)
    )
    time_machine.move_to(at("2026-02-20"), tick=False)
    with pytest.raises(DomainError) as refused:
        endorsements.endorse(permit_id=permit.pk, ground="dwelling", actor=officer())
    assert refused.value.code == "not_eligible"


def test_Z12_an_endorsement_names_the_condition_that_still_holds(time_machine):
    permit = PermitFactory.create()
    time_machine.move_to(at("2026-02-20"), tick=False)
    with pytest.raises(DomainError):
        endorsements.endorse(permit_id=permit.pk, ground="", actor=officer())
    endorsements.endorse(permit_id=permit.pk, ground="schooling", actor=officer())
    permit.refresh_from_db()
    assert permit.ground == Ground.SCHOOLING


def test_Z12_eligibility_is_asked_again_at_the_review(time_machine):
    time_machine.move_to(at("2026-03-10"), tick=False)
    file = take_in(resident("2025-01-02"))
    Registration.objects.filter(pk=file.registration_id).update(
        status=RegistrationStatus.LEFT, left_on=date(2026, 3, 11), closed_on=date(2026, 3, 11)
    )
    with pytest.raises(DomainError) as refused:
        decisions.review(application_id=file.pk, actor=officer())
    assert refused.value.code == "not_eligible"


def test_Z13_first_permit_change_and_endorsement_are_free(time_machine):
    """No fee can come from anywhere: the file of a first permit has 0 and the other two have no such column."""
    time_machine.move_to(at("2026-03-10"), tick=False)
    assert take_in(resident("2025-01-02")).fee == 0
    assert "fee" not in {field.name for field in (*PermitStep._meta.fields, *Permit._meta.fields)}


def test_Z14_a_delivered_permit_says_when_it_was_handed_over(time_machine):
    time_machine.move_to(at("2026-03-10"), tick=False)
    file, chief = take_in(resident("2025-01-02")), officer()
    decisions.review(application_id=file.pk, actor=chief)
    decisions.sign(application_id=file.pk, actor=chief)
    time_machine.move_to(at("2026-03-12"), tick=False)
    applications.deliver(application_id=file.pk, actor=chief)

    assert Permit.objects.get().delivered_on == date(2026, 3, 12)
    kinds = PermitStep.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == [PermitStepKind.ISSUED, PermitStepKind.DELIVERED]


@pytest.mark.parametrize("kind", [DocumentKind.HK_MACAU_PERMIT, DocumentKind.PASSPORT, DocumentKind.FOREIGN_PERMANENT])
def test_Z19_other_documents_are_sent_to_the_permit_that_is_theirs(kind):
    person = resident("2025-01-02", person__document_kind=kind, person__document_number="H12345678")
    found = eligibility(person, date(2026, 3, 10))
    assert not found.eligible
    assert [check.code for check in found.checks if not check.passed] == ["document"]


def test_Z19_a_hukou_in_this_county_needs_no_permit():
    person = resident("2025-01-02", person__native_code="330822")
    assert not eligibility(person, date(2026, 3, 10)).eligible


def test_H1_the_acceptance_leaves_a_voucher_of_person_organ_and_time(time_machine):
    time_machine.move_to(at("2026-03-10", 9, 41), tick=False)
    clerk = officer()
    file = take_in(resident("2025-01-02"), actor=clerk)
    assert file.accepted_at == at("2026-03-10", 9, 41)
    assert (file.registrar, file.area_code) == (clerk, COMMUNITY)


def test_H2_the_register_speaks_for_a_job_only_with_an_employer():
    with_employer = resident("2025-01-02", reason="01", workplace="恒达电子", lodging="04")
    without = resident("2025-01-02", reason="01", workplace="", lodging="04")
    assert eligibility(with_employer, date(2026, 3, 10)).grounds == ("job",)
    found = eligibility(without, date(2026, 3, 10))
    assert found.eligible
    assert not found.all_passed


def test_H3_a_missing_paper_brought_at_once_is_taken_in_on_the_spot(time_machine):
    time_machine.move_to(at("2026-03-10"), tick=False)
    clerk = officer()
    file = take_in(resident("2025-01-02"), papers=ID_AND_PHOTO, actor=clerk)
    done = applications.complete(application_id=file.pk, papers=[ProofKind.LODGING], actor=clerk)
    assert done.due_on == date(2026, 3, 25)


def test_H4_suspended_days_are_not_counted_towards_the_half_year():
    """1 September 2025 + 6 months = 1 March 2026, and 20 suspended days more: 21 March."""
    person = resident("2025-09-01", suspended_days=20)
    assert not eligibility(person, date(2026, 3, 20)).eligible
    assert eligibility(person, date(2026, 3, 21)).eligible


def test_H4_a_late_endorsement_adds_the_suspended_days_to_the_stay(time_machine):
    """Suspended from 10 March to 20 May 2026: 22 days of March, 30 of April, 19 of May."""
    permit = PermitFactory.create()
    time_machine.move_to(at("2026-05-20"), tick=False)
    endorsements.endorse(permit_id=permit.pk, ground="dwelling", actor=officer())
    assert Registration.objects.get(person=permit.person).suspended_days == 71


def test_H5_the_permit_ends_for_the_reasons_of_the_rules(time_machine):
    time_machine.move_to(at("2026-03-01"), tick=False)
    permit = PermitFactory.create()
    cards.terminate(permit_id=permit.pk, reason="local_hukou", actor=officer())
    permit.refresh_from_db()
    assert (permit.status, permit.terminated_on) == (PermitStatus.TERMINATED, date(2026, 3, 1))
    assert permit.termination_reason == "取得本地常住户口"


def test_H5_a_missed_endorsement_suspends_and_does_not_end():
    permit = PermitFactory.create()
    with pytest.raises(DomainError) as refused:
        cards.terminate(permit_id=permit.pk, reason="not_endorsed", actor=officer())
    assert refused.value.field == "reason"


def test_H5_only_the_police_end_a_permit():
    permit = PermitFactory.create()
    with pytest.raises(PermissionDenied):
        cards.terminate(permit_id=permit.pk, reason="death", actor=officer(role="coadmin"))


def test_H5_a_departure_asks_the_police_and_ends_nothing_by_itself():
    permit = PermitFactory.create()
    left = PersonLeft(person_id=permit.person_id, registration_id=1, area_code=COMMUNITY, reason="02")
    bus.publish(left)
    deliver_events()
    permit.refresh_from_db()
    assert (permit.status, permit.end_proposed) == (PermitStatus.ACTIVE, "left")

    bus.publish(PersonRegistered(person_id=permit.person_id, registration_id=2, area_code=COMMUNITY, renewal=True))
    deliver_events()
    permit.refresh_from_db()
    assert permit.end_proposed == ""


def test_an_ended_permit_makes_room_for_a_new_application():
    permit = PermitFactory.create()
    assert not eligibility(permit.person, date(2026, 3, 1)).eligible
    cards.terminate(permit_id=permit.pk, reason="other", actor=officer())
    assert eligibility(permit.person, date(2026, 3, 1)).eligible


def test_Z8_the_permit_follows_its_holder_to_a_new_address_once():
    permit = PermitFactory.create()
    stay = Registration.objects.get(person=permit.person)
    stay.dwelling = DwellingFactory.create(area_code="330822002001")
    stay.area_code = "330822002001"
    stay.save()
    moved = AddressChanged(
        person_id=permit.person_id, old_registration_id=1, registration_id=stay.pk,
        from_area_code=COMMUNITY, area_code="330822002001",
    )  # fmt: skip
    bus.publish(moved)
    bus.publish(moved)
    deliver_events()

    permit.refresh_from_db()
    assert (permit.dwelling, permit.area_code) == (stay.dwelling, "330822002001")
    assert (permit.endorse_by, permit.counted_from) == (date(2026, 3, 10), date(2024, 6, 3))
    assert PermitStep.objects.filter(kind=PermitStepKind.ADDRESS).count() == 1


def test_Z8_the_desk_can_bring_the_permit_to_the_registered_address():
    permit = PermitFactory.create()
    with pytest.raises(DomainError):
        cards.change_permit_address(permit_id=permit.pk, actor=officer())
    new_home = DwellingFactory.create()
    Registration.objects.filter(person=permit.person).update(dwelling=new_home)
    assert cards.change_permit_address(permit_id=permit.pk, actor=officer()).dwelling == new_home


def test_H6_reminders_go_out_once_for_each_permit_in_the_month_before(time_machine):
    """Due 10 March 2026; reminders begin 30 days before, on 8 February."""
    permit = PermitFactory.create()
    time_machine.move_to(at("2026-02-07"), tick=False)
    assert reminders.announce_endorsements(date(2026, 2, 7)) == 0
    time_machine.move_to(at("2026-02-08"), tick=False)
    assert reminders.announce_endorsements(date(2026, 2, 8)) == 1
    assert reminders.announce_endorsements(date(2026, 2, 8)) == 0
    assert StoredEvent.objects.get(name=EndorsementDue.name).payload["permit_id"] == permit.pk


def test_H6_a_person_who_was_told_is_not_on_the_list_until_next_year(time_machine):
    permit = PermitFactory.create()
    clerk = officer()
    time_machine.move_to(at("2026-02-20"), tick=False)
    assert endorsements.mark_reminded(permit_ids=[permit.pk], actor=clerk) == 1
    assert endorsements.mark_reminded(permit_ids=[permit.pk], actor=clerk) == 0
    endorsements.endorse(permit_id=permit.pk, ground="dwelling", actor=clerk)
    time_machine.move_to(at("2027-02-20"), tick=False)
    assert endorsements.mark_reminded(permit_ids=[permit.pk], actor=clerk) == 1
    assert AuditEntry.objects.filter(action="permit.reminded").count() == 2


def test_the_half_year_is_announced_once_and_nothing_is_issued(time_machine):
    person = resident("2025-09-10")
    time_machine.move_to(at("2026-03-09"), tick=False)
    assert reminders.announce_half_years(date(2026, 3, 9)) == 0
    time_machine.move_to(at("2026-03-12"), tick=False)
    assert reminders.announce_half_years(date(2026, 3, 12)) == 1
    assert reminders.announce_half_years(date(2026, 3, 12)) == 0
    assert StoredEvent.objects.get(name=HalfYearReached.name).payload["person_id"] == person.pk
    assert not PermitApplication.objects.exists()


def test_the_half_year_of_a_permit_holder_is_not_announced(time_machine):
    person = resident("2025-09-10")
    PermitFactory.create(person=person)
    time_machine.move_to(at("2026-03-10"), tick=False)
    assert reminders.announce_half_years(date(2026, 3, 10)) == 0
