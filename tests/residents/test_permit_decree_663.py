"""Decree 663, rule by rule (R1–R11, R16–R18). Every date is worked out by hand."""

from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Any

import pghistory.models
import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from portal.audit.models import AuditEntry
from portal.core.errors import DomainError
from portal.policy.models import PolicyRule
from portal.policy.services import set_rule
from residents.choices import ApplicationKind, ApplicationStatus, Ground, PermitStatus, PermitStepKind, ProofKind
from residents.models import Endorsement, Permit, PermitApplication, PermitStep
from residents.services.permits import applications, cards, decisions, endorsements
from residents.services.permits.applications import Agent
from residents.services.permits.eligibility import eligibility, residence_years
from residents.services.permits.face import Face
from tests.factories.org import PoliceDelegationFactory
from tests.factories.permits import (
    COMMUNITY,
    ID_AND_PHOTO,
    LEASE_FILE,
    TOWNSHIP,
    ApplicationFactory,
    PermitFactory,
    at,
    officer,
    resident,
)

pytestmark = pytest.mark.django_db


def failed(person, day):
    return [check.code for check in eligibility(person, day).checks if check.blocking and not check.passed]


def take_in(person, *, actor=None, **changes):
    values: dict[str, Any] = {"ground": Ground.DWELLING, "papers": LEASE_FILE} | changes
    return applications.apply(person_id=person.pk, **values, actor=actor or officer())


def issued(person, *, clerk=None, chief=None) -> Any:
    """A file taken in, reviewed and signed today."""
    chief = chief or officer()
    file = take_in(person, actor=clerk or officer())
    decisions.review(application_id=file.pk, actor=chief)
    return decisions.sign(application_id=file.pk, actor=chief)


def test_R1_half_a_year_and_one_condition_make_a_person_eligible():
    person = resident("2025-09-10", reason="09", workplace="", lodging="05")

    assert failed(person, date(2026, 3, 9)) == ["half_year"]
    found = eligibility(person, date(2026, 3, 10))
    assert found.eligible
    assert found.half_year_on == date(2026, 3, 10)
    assert found.grounds == ("dwelling",)


@pytest.mark.parametrize(
    ("changes", "grounds"),
    [
        ({"reason": "01", "workplace": "恒达电子", "lodging": "04"}, ("job",)),
        ({"reason": "06", "workplace": "常山一中", "lodging": "99"}, ("schooling",)),
        ({"reason": "01", "workplace": "恒达电子", "lodging": "05"}, ("job", "dwelling")),
    ],
)
def test_R1_each_of_the_three_conditions_counts_alone(changes, grounds):
    assert eligibility(resident("2025-01-02", **changes), date(2026, 3, 10)).grounds == grounds


def test_R1_half_a_year_from_31_august_is_full_on_the_last_day_of_february():
    assert eligibility(resident("2025-08-31"), date(2026, 3, 10)).half_year_on == date(2026, 2, 28)


def test_R2_the_card_carries_the_ten_fields_of_article_4_and_nothing_else():
    assert [field.name for field in fields(Face)] == [
        "name", "sex", "ethnicity", "birth_date", "document_number", "photo",
        "native_address", "address", "issued_by", "issued_on",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("ground", "proofs"),
    [
        (Ground.DWELLING, ["lease", "title", "purchase", "lodging"]),
        (Ground.JOB, ["labour_contract", "business_licence", "employer_certificate"]),
        (Ground.SCHOOLING, ["student_card", "school_certificate"]),
    ],
)
def test_R3_identity_photograph_and_one_proof_of_the_condition_are_enough(ground, proofs):
    for proof in proofs:
        file = take_in(resident("2025-01-02"), ground=ground, papers=[*ID_AND_PHOTO, proof])
        assert file.status == ApplicationStatus.ACCEPTED
    without = take_in(resident("2025-01-02"), ground=ground, papers=ID_AND_PHOTO)
    assert without.status == ApplicationStatus.RETURNED
    assert without.notice_items == proofs


def test_R4_a_child_under_16_needs_a_guardian_and_both_identity_cards(time_machine):
    time_machine.move_to(at("2026-03-10"), tick=False)
    child = resident("2025-01-02", person__birth_date=date(2010, 3, 11))
    with pytest.raises(DomainError) as refused:
        take_in(child)
    assert refused.value.field == "applicant"

    mother = Agent(name="李秀英", relation="52")
    file = take_in(child, agent=mother)
    assert file.status == ApplicationStatus.RETURNED
    assert file.notice_items == ["guardian_id"]
    applications.complete(application_id=file.pk, papers=[ProofKind.GUARDIAN_ID], actor=officer())
    assert PermitApplication.objects.get().status == ApplicationStatus.ACCEPTED


def test_R4_on_the_sixteenth_birthday_the_holder_applies_alone(time_machine):
    time_machine.move_to(at("2026-03-11"), tick=False)
    assert take_in(resident("2025-01-02", person__birth_date=date(2010, 3, 11))).status == ApplicationStatus.ACCEPTED


def test_R4_an_adult_may_send_a_close_relative_only_when_of_reduced_mobility():
    old = resident("2025-01-02", person__birth_date=date(1941, 5, 17))
    papers = [*LEASE_FILE, ProofKind.GUARDIAN_ID]
    with pytest.raises(DomainError) as refused:
        take_in(old, papers=papers, agent=Agent(name="王强", relation="20"))
    assert refused.value.field == "reduced_mobility"
    with pytest.raises(DomainError) as stranger:
        take_in(old, papers=papers, agent=Agent(name="某人", relation="99", reduced_mobility=True))
    assert stranger.value.field == "applicant_relation"
    file = take_in(old, papers=papers, agent=Agent(name="王强", relation="20", reduced_mobility=True))
    assert file.status == ApplicationStatus.ACCEPTED


def test_R5_the_notice_lists_everything_missing_at_once():
    file = take_in(resident("2025-01-02"), papers=[])

    assert file.status == ApplicationStatus.RETURNED
    assert file.due_on is None
    assert file.notice_items == ["id_card", "photo", "lease", "title", "purchase", "lodging"]


def test_R5_a_second_notice_for_the_same_file_is_refused(time_machine):
    time_machine.move_to(at("2026-03-10"), tick=False)
    clerk, chief = officer(), officer()
    file = take_in(resident("2025-01-02"), papers=ID_AND_PHOTO, actor=clerk)
    with pytest.raises(DomainError, match="2026-03-10") as still:
        applications.complete(application_id=file.pk, papers=[ProofKind.LABOUR_CONTRACT], actor=clerk)
    assert still.value.code == "second_notice"

    applications.complete(application_id=file.pk, papers=[ProofKind.TITLE], actor=clerk)
    with pytest.raises(DomainError) as again:
        decisions.return_once(application_id=file.pk, missing=[ProofKind.TITLE], actor=chief)
    assert again.value.code == "second_notice"


def test_R5_a_returned_file_waits_and_gets_the_waiting_days_added(time_machine):
    """Accepted 10 March, due 25 March; returned on the 12th, completed on the 17th: five days more, due 30 March."""
    time_machine.move_to(at("2026-03-10"), tick=False)
    clerk, chief = officer(), officer()
    file = take_in(resident("2025-01-02"), actor=clerk)
    assert file.due_on == date(2026, 3, 25)
    time_machine.move_to(at("2026-03-12"), tick=False)
    decisions.return_once(application_id=file.pk, missing=[ProofKind.LEASE], actor=chief)
    time_machine.move_to(at("2026-03-17"), tick=False)
    applications.complete(application_id=file.pk, papers=[ProofKind.LEASE], actor=clerk)

    file.refresh_from_db()
    assert file.status == ApplicationStatus.ACCEPTED
    assert file.due_on == date(2026, 3, 30)
    assert file.due_rule["paused_days"] == 5


def test_R6_fifteen_calendar_days_not_working_days_and_the_first_is_not_counted(time_machine):
    time_machine.move_to(at("2026-03-10", 16), tick=False)
    file = take_in(resident("2025-01-02"))

    assert file.due_on == date(2026, 3, 25)
    assert file.due_rule["value"] == "15"
    assert file.due_rule["unit"] == "day"
    assert "居住证暂行条例" in file.due_rule["basis"] or "居住登记条例" in file.due_rule["basis"]


def test_R6_a_term_ending_in_a_holiday_runs_to_the_next_working_day(time_machine):
    """18 September + 15 = 3 October 2026, in the National Day holiday (1–7 October)."""
    time_machine.move_to(at("2026-09-18"), tick=False)
    assert take_in(resident("2025-01-02")).due_on == date(2026, 10, 8)


def test_R6_a_make_up_working_saturday_is_a_working_day(time_machine):
    """25 September + 15 = Saturday 10 October 2026, a make-up working day."""
    time_machine.move_to(at("2026-09-25"), tick=False)
    assert take_in(resident("2025-01-02")).due_on == date(2026, 10, 10)


def test_R6_the_county_may_extend_to_thirty_days_and_no_further(time_machine):
    time_machine.move_to(at("2026-03-10"), tick=False)
    local: dict[str, Any] = {
        "code": "permit.issue_days",
        "basis": "省人民政府规定",
        "area_code": "330822",
        "actor": officer(),
    }
    with pytest.raises(DomainError):
        set_rule(value=31, effective_from=date(2026, 1, 1), **local)
    set_rule(value=30, effective_from=date(2026, 1, 1), **local)

    file = take_in(resident("2025-01-02"))
    assert file.due_on == date(2026, 4, 9)
    assert PolicyRule.objects.filter(code="permit.issue_days", area_code="330822").count() == 1


def test_R7_the_county_police_sign():
    file = issued(resident("2025-01-02"))

    assert file.status == ApplicationStatus.ISSUED
    assert file.permit.status == PermitStatus.ACTIVE


def test_R7_a_grant_on_a_township_does_not_let_anybody_sign():
    township = officer(where=TOWNSHIP)
    file = take_in(resident("2025-01-02"))
    decisions.review(application_id=file.pk, actor=township)
    with pytest.raises(PermissionDenied):
        decisions.sign(application_id=file.pk, actor=township)
    assert not Permit.objects.exists()


def test_R7_a_delegation_lets_a_station_accept_and_deliver_but_never_review_or_sign():
    station = officer(role="coadmin")
    person = resident("2025-01-02")
    with pytest.raises(PermissionDenied):
        take_in(person, actor=station)
    PoliceDelegationFactory.create(matters=["permit.accept", "permit.deliver", "permit.review", "permit.sign"])
    file = take_in(person, actor=station)
    other_station = officer(role="coadmin")
    with pytest.raises(PermissionDenied):
        decisions.review(application_id=file.pk, actor=other_station)

    chief = officer()
    decisions.review(application_id=file.pk, actor=chief)
    with pytest.raises(PermissionDenied):
        decisions.sign(application_id=file.pk, actor=other_station)
    decisions.sign(application_id=file.pk, actor=chief)
    assert applications.deliver(application_id=file.pk, actor=station).status == ApplicationStatus.DELIVERED


def test_R7_who_took_the_file_in_neither_reviews_nor_signs_it():
    clerk, chief = officer(), officer()
    file = take_in(resident("2025-01-02"), actor=clerk)
    with pytest.raises(DomainError) as own_review:
        decisions.review(application_id=file.pk, actor=clerk)
    assert own_review.value.code == "same_person"
    decisions.review(application_id=file.pk, actor=chief)
    with pytest.raises(DomainError) as own_signature:
        decisions.sign(application_id=file.pk, actor=clerk)
    assert own_signature.value.code == "same_person"


def test_R7_the_database_refuses_a_reviewer_who_is_the_registrar():
    file = ApplicationFactory.create()
    with pytest.raises(IntegrityError, match="application_reviewer_not_registrar"), transaction.atomic():
        PermitApplication.objects.filter(pk=file.pk).update(reviewer=file.registrar)


def test_R8_endorsement_window_is_the_month_before_the_anniversary(time_machine):
    permit = PermitFactory.create()
    police = officer()
    time_machine.move_to(at("2026-02-09"), tick=False)
    with pytest.raises(DomainError) as early:
        endorsements.endorse(permit_id=permit.pk, ground="dwelling", actor=police)
    assert early.value.code == "too_early"

    time_machine.move_to(at("2026-02-10"), tick=False)
    endorsement = endorsements.endorse(permit_id=permit.pk, ground="dwelling", actor=police)
    assert not endorsement.late
    permit.refresh_from_db()
    assert (permit.endorse_from, permit.endorse_by) == (date(2027, 2, 10), date(2027, 3, 10))
    assert permit.counted_from == date(2024, 6, 3)


def test_R8_the_anniversary_itself_is_outside_the_window(time_machine):
    police = officer()
    on_last_day, too_late = PermitFactory.create(), PermitFactory.create()
    time_machine.move_to(at("2026-03-09", 23, 59), tick=False)
    assert not endorsements.endorse(permit_id=on_last_day.pk, ground="job", actor=police).late
    time_machine.move_to(at("2026-03-10", 0, 0), tick=False)
    assert endorsements.endorse(permit_id=too_late.pk, ground="job", actor=police).late


@pytest.mark.parametrize(
    ("issue", "window", "due"),
    [
        ("2026-03-31", "2027-02-28", "2027-03-31"),
        ("2024-02-29", "2025-01-28", "2025-02-28"),
        ("2027-02-28", "2028-01-28", "2028-02-28"),
        ("2025-12-31", "2026-11-30", "2026-12-31"),
    ],
)
def test_R8_month_ends_and_leap_days(issue, window, due):
    day = cards.anniversary_after(date.fromisoformat(issue), date.fromisoformat(issue), COMMUNITY)
    assert day == date.fromisoformat(due)
    assert cards.window_opens(day, COMMUNITY) == date.fromisoformat(window)


def test_R8_a_leap_day_anniversary_returns_to_the_29th_in_leap_years():
    anchor = date(2024, 2, 29)
    assert cards.anniversary_after(anchor, date(2027, 2, 28), COMMUNITY) == date(2028, 2, 29)


def test_R9_a_missed_window_suspends_the_permit_the_day_after(time_machine):
    permit = PermitFactory.create()
    assert endorsements.suspend_overdue(date(2026, 3, 9)) == 0
    time_machine.move_to(at("2026-03-10", 0, 10), tick=False)
    assert endorsements.suspend_overdue(date(2026, 3, 10)) == 1
    assert endorsements.suspend_overdue(date(2026, 3, 10)) == 0

    permit.refresh_from_db()
    assert permit.status == PermitStatus.SUSPENDED
    assert permit.suspended_on == date(2026, 3, 10)
    assert PermitStep.objects.get(permit=permit).kind == PermitStepKind.SUSPENDED


def test_R9_a_run_that_comes_late_dates_the_suspension_as_the_law_does(time_machine):
    permit = PermitFactory.create()
    time_machine.move_to(at("2026-03-14"), tick=False)
    endorsements.suspend_overdue(date(2026, 3, 14))
    permit.refresh_from_db()
    assert permit.suspended_on == date(2026, 3, 10)


def test_R9_a_late_endorsement_restores_the_permit_and_restarts_the_years(time_machine):
    """Suspended on 10 March, endorsed on 20 May 2026: the next window is 20 April – 19 May 2027."""
    permit = PermitFactory.create()
    time_machine.move_to(at("2026-03-10"), tick=False)
    endorsements.suspend_overdue(date(2026, 3, 10))
    permit.refresh_from_db()
    assert residence_years(permit, date(2026, 5, 19)) == 1

    time_machine.move_to(at("2026-05-20"), tick=False)
    endorsement = endorsements.endorse(permit_id=permit.pk, ground="dwelling", actor=officer())
    permit.refresh_from_db()
    assert endorsement.late
    assert permit.status == PermitStatus.ACTIVE
    assert permit.counted_from == date(2026, 5, 20)
    assert residence_years(permit, date(2027, 5, 19)) == 0
    assert (permit.endorse_from, permit.endorse_by) == (date(2027, 4, 20), date(2027, 5, 20))
    kinds = PermitStep.objects.filter(permit=permit).order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["suspended", "late_endorsed", "resumed"]


def test_R9_after_a_late_endorsement_the_years_follow_its_day(time_machine):
    permit = PermitFactory.create()
    police = officer()
    time_machine.move_to(at("2026-05-20"), tick=False)
    endorsements.endorse(permit_id=permit.pk, ground="dwelling", actor=police)
    time_machine.move_to(at("2027-05-01"), tick=False)
    endorsement = endorsements.endorse(permit_id=permit.pk, ground="dwelling", actor=police)
    assert not endorsement.late
    assert endorsement.next_due == date(2028, 5, 20)


def test_R9_a_local_grace_of_thirty_days_puts_the_suspension_off(time_machine):
    permit = PermitFactory.create()
    set_rule(
        code="permit.endorsement_grace_days", value=30, basis="地方规定", area_code="330822", actor=officer(),
        effective_from=date(2026, 1, 1),
    )  # fmt: skip
    assert endorsements.suspend_overdue(date(2026, 4, 8)) == 0
    time_machine.move_to(at("2026-04-08"), tick=False)
    endorsement = endorsements.endorse(permit_id=permit.pk, ground="dwelling", actor=officer())
    assert not endorsement.late
    assert endorsement.next_due == date(2027, 3, 10)


def test_R10_a_damaged_card_is_replaced_against_the_old_one():
    permit = PermitFactory.create()
    clerk, chief = officer(), officer()
    file = take_in(permit.person, kind=ApplicationKind.DAMAGED, papers=ID_AND_PHOTO, actor=clerk)
    assert file.notice_items == ["old_card"]
    applications.complete(application_id=file.pk, papers=[ProofKind.OLD_CARD], actor=clerk)
    decisions.review(application_id=file.pk, actor=chief)
    decisions.sign(application_id=file.pk, actor=chief)

    again = Permit.objects.get()
    assert again.pk == permit.pk
    assert again.card_serial == 2
    assert (again.number, again.endorse_by) == (permit.number, date(2026, 3, 10))


def test_R10_a_lost_card_needs_no_old_one_and_no_new_proof():
    permit = PermitFactory.create()
    file = take_in(permit.person, kind=ApplicationKind.LOST, papers=ID_AND_PHOTO)
    assert file.status == ApplicationStatus.ACCEPTED
    assert file.permit == permit


def test_R11_no_fee_can_be_entered_for_the_first_permit():
    person = resident("2025-01-02")
    with pytest.raises(DomainError) as refused:
        take_in(person, fee=Decimal(10))
    assert refused.value.code == "free"
    file = take_in(person)
    with pytest.raises(IntegrityError, match="application_first_issue_free"), transaction.atomic():
        PermitApplication.objects.filter(pk=file.pk).update(fee=10)


def test_R11_a_replacement_may_carry_a_fee_up_to_the_limit():
    permit = PermitFactory.create()
    with pytest.raises(DomainError) as refused:
        take_in(permit.person, kind=ApplicationKind.LOST, papers=ID_AND_PHOTO, fee=Decimal(21))
    assert refused.value.field == "fee"
    assert take_in(permit.person, kind=ApplicationKind.LOST, papers=ID_AND_PHOTO, fee=Decimal(20)).fee == 20


def test_R11_an_endorsement_has_no_fee_at_all():
    assert "fee" not in [field.name for field in Endorsement._meta.get_fields()]


def test_R16_every_change_of_a_permit_leaves_a_row_of_history_that_cannot_be_changed():
    file = issued(resident("2025-01-02"))
    Permit.objects.filter(pk=file.permit_id).update(ground="job")

    events = pghistory.models.Events.objects.tracks(Permit.objects.get())
    assert [event.pgh_label for event in events.order_by("pgh_created_at")] == ["insert", "update"]
    actions = AuditEntry.objects.filter(target_model="residents.permitapplication").values_list("action", flat=True)
    assert {"application.accepted", "application.reviewed", "application.signed"} <= set(actions)


def test_R16_an_undone_signature_ends_the_permit_and_keeps_its_number(time_machine):
    time_machine.move_to(at("2026-03-10"), tick=False)
    chief = officer()
    first = issued(resident("2025-01-02"), chief=chief)
    decisions.undo_decision(application_id=first.pk, actor=chief)
    voided = Permit.objects.get()
    assert voided.status == PermitStatus.TERMINATED
    again: Any = decisions.sign(application_id=first.pk, actor=chief)
    assert [voided.number, again.permit.number] == ["3308222026000001", "3308222026000002"]


def test_R17_the_system_keeps_no_fines():
    names = {field.name for model in (Permit, PermitApplication) for field in model._meta.get_fields()}
    assert not {name for name in names if "fine" in name or "penalt" in name}


def test_R18_an_old_permit_stays_valid_until_it_expires(time_machine):
    time_machine.move_to(at("2026-03-10"), tick=False)
    police = officer()
    person = resident("2025-01-02")
    old = cards.take_in_old_permit(
        person_id=person.pk, number="浙临0330822015", ground="job", issued_on=date(2023, 5, 1),
        valid_until=date(2026, 4, 30), actor=police,
    )  # fmt: skip
    assert endorsements.suspend_overdue(date(2026, 4, 30)) == 0
    assert cards.end_expired(date(2026, 4, 30)) == 0
    with pytest.raises(DomainError) as refused:
        endorsements.endorse(permit_id=old.pk, ground="job", actor=police)
    assert refused.value.code == "old_permit"
    assert cards.end_expired(date(2026, 5, 1)) == 1


def test_R18_the_new_permit_takes_the_place_of_an_old_one(time_machine):
    time_machine.move_to(at("2026-03-10"), tick=False)
    person = resident("2025-01-02")
    old = cards.take_in_old_permit(
        person_id=person.pk, number="浙临0330822015", ground="job", issued_on=date(2023, 5, 1),
        valid_until=date(2026, 4, 30), actor=officer(),
    )  # fmt: skip
    new = issued(person).permit
    old.refresh_from_db()
    assert old.status == PermitStatus.TERMINATED
    assert new.status == PermitStatus.ACTIVE
