"""Decree 663 on the card: endorsement, replacement, fees, history (R8–R11, R16–R18). Dates worked out by hand."""

from datetime import date
from decimal import Decimal
from typing import Any

import pghistory.models
import pytest
from django.db import IntegrityError, transaction

from portal.audit.models import AuditEntry
from portal.core.errors import DomainError
from portal.policy.services import set_rule
from residents.choices import ApplicationKind, ApplicationStatus, PermitStatus, PermitStepKind, ProofKind
from residents.models import Endorsement, Permit, PermitApplication, PermitStep
from residents.services.permits import applications, cards, decisions, endorsements
from residents.services.permits.eligibility import residence_years
from tests.factories.permits import (
    COMMUNITY,
    ID_AND_PHOTO,
    PermitFactory,
    at,
    officer,
    resident,
)
from tests.residents.permit_acts import issued, take_in

pytestmark = pytest.mark.django_db


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
