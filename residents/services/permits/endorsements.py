"""The yearly endorsement, suspension when it is missed, and the reminders that keep people from missing it."""

from datetime import date, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from portal.audit import services as audit
from portal.core import clock
from portal.core.errors import DomainError
from portal.events import bus
from portal.org.delegation import require_police_matter
from portal.org.models import User
from portal.org.scoping import ScopedQuerySet
from portal.org.services import system_user
from portal.policy.services import rule
from residents.choices import Ground, PermitStatus, PermitStepKind
from residents.events import PermitEndorsed, PermitSuspended
from residents.models import Endorsement, Permit, Registration
from residents.permit_workflow import PERMIT_WORKFLOW
from residents.services.permits.cards import anniversary_after, window_opens
from residents.services.permits.records import log

ENDORSE = "permit.endorse"


def suspension_day(permit: Permit) -> date:
    """The day after the last day of the window, plus the local grace (national law: none)."""
    grace = rule("permit.endorsement_grace_days", on=permit.endorse_by, area_code=permit.area_code)
    return permit.endorse_by + timedelta(days=int(grace.value))


@transaction.atomic
def endorse(*, permit_id: int, ground: str, actor: User) -> Endorsement:
    """Endorse for another year, free of charge (decree 663 arts 10, 21; R8, R9, R11).

    In the window the next anniversary of the issue follows. Late: the permit works again, its residence years restart
    today, and so does the endorsement year; the suspended days are added to those that the register does not count.
    Raises DomainError when the window is not open yet or the holder is no longer eligible (Z12).
    """
    permit = Permit.objects.restrict(actor, "endorse").select_for_update(of=("self",)).get(pk=permit_id)
    require_police_matter(actor, matter=ENDORSE, at=permit.area_code)
    PERMIT_WORKFLOW.target("endorse", status=permit.status, status_label=str(permit.get_status_display()))
    if permit.valid_until:
        raise DomainError(
            _("An old permit is not endorsed. It is valid until %(day)s; apply for a new one.")
            % {"day": permit.valid_until},
            code="old_permit",
        )
    today = clock.today()
    if today < permit.endorse_from:
        raise DomainError(
            _("The endorsement window opens on %(day)s.") % {"day": permit.endorse_from}, code="too_early"
        )
    registration = _still_eligible(permit, ground)
    late = permit.status == PermitStatus.SUSPENDED or today >= suspension_day(permit)
    if late and permit.status == PermitStatus.ACTIVE:
        _suspend(permit, actor=system_user())
    endorsement = _write(permit, registration, ground=ground, late=late, actor=actor)
    bus.publish(PermitEndorsed(person_id=permit.person_id, permit_id=permit.pk, area_code=permit.area_code, late=late))
    return endorsement


def suspend_overdue(on: date) -> int:
    """Suspend every permit whose window has closed without endorsement (R9). Repeatable; returns how many.

    The suspension is dated on the day it began by law, also when this runs days later.
    """
    done = 0
    missed = Permit.objects.filter(status=PermitStatus.ACTIVE, valid_until=None, endorse_by__lte=on)
    for pk in missed.values_list("pk", flat=True):
        with transaction.atomic():
            rows = Permit.objects.select_for_update(of=("self",), skip_locked=True)
            permit = rows.filter(pk=pk, status=PermitStatus.ACTIVE).first()
            if permit is not None and suspension_day(permit) <= on:
                _suspend(permit, actor=system_user())
                done += 1
    return done


@transaction.atomic
def mark_reminded(*, permit_ids: list[int], actor: User) -> int:
    """The holders were told that their window is open (Hangzhou art. 25, H6). Returns how many were marked now."""
    today = clock.today()
    rows = due_for_reminder(Permit.objects.restrict(actor, "remind"), today).filter(pk__in=permit_ids)
    marked = list(rows.select_for_update(of=("self",)))
    for permit in marked:
        permit.reminded_on = today
        permit.save(update_fields=["reminded_on"])
        audit.record(actor=actor, action="permit.reminded", target=permit)
    return len(marked)


def due_for_reminder(permits: ScopedQuerySet, today: date) -> ScopedQuerySet:
    """Living permits that can be endorsed within the reminder period and whose holder has not been told this year."""
    days = int(rule("permit.reminder_days", on=today).value)
    near = permits.exclude(status=PermitStatus.TERMINATED).filter(
        valid_until=None, endorse_by__lte=today + timedelta(days=days)
    )
    return near.filter(not_told_condition(days))


def not_told_condition(days: int) -> Q:
    """A reminder counts for one year: one given before the present reminder period was for the last window."""
    return Q(reminded_on=None) | Q(reminded_on__lt=F("endorse_by") - timedelta(days=days))


def _still_eligible(permit: Permit, ground: str) -> Registration:
    if ground not in Ground.values:
        raise DomainError(_("Please choose the condition that still holds."), field="ground", code="not_eligible")
    registration = Registration.objects.active().select_for_update(of=("self",)).filter(person=permit.person_id).first()
    if registration is None:
        raise DomainError(
            _("The holder is no longer registered as living here, so the permit cannot be endorsed."),
            field="ground",
            code="not_eligible",
        )
    return registration


def _write(permit: Permit, registration: Registration, *, ground: str, late: bool, actor: User) -> Endorsement:
    today, previous = clock.today(), permit.endorse_by
    if late:
        registration.suspended_days += (today - (permit.suspended_on or today)).days
        registration.save(update_fields=["suspended_days"])
        permit.counted_from, permit.suspended_on = today, None
        next_due = anniversary_after(today, today, permit.area_code)
    else:
        next_due = anniversary_after(_anchor(permit), previous, permit.area_code)
    permit.status, permit.ground, permit.endorse_by = PermitStatus.ACTIVE, ground, next_due
    permit.endorse_from = window_opens(next_due, permit.area_code)
    permit.save(update_fields=["status", "ground", "endorse_by", "endorse_from", "counted_from", "suspended_on"])
    endorsement = Endorsement.objects.create(
        permit=permit,
        endorsed_on=today,
        late=late,
        previous_due=previous,
        next_due=next_due,
        ground=ground,
        actor=actor,
    )
    log(permit, PermitStepKind.LATE_ENDORSED if late else PermitStepKind.ENDORSED, on=today, actor=actor)
    if late:
        log(permit, PermitStepKind.RESUMED, on=today, actor=actor)
    audit.record(actor=actor, action="permit.endorsed", target=permit, late=late, next_due=next_due)
    return endorsement


def _anchor(permit: Permit) -> date:
    """The day the endorsement years run from: the issue, or the last late endorsement (R9)."""
    late = permit.endorsements.filter(late=True).order_by("-endorsed_on").values_list("endorsed_on", flat=True).first()
    return late or permit.issued_on


def _suspend(permit: Permit, *, actor: User) -> None:
    permit.status, permit.suspended_on = PermitStatus.SUSPENDED, suspension_day(permit)
    permit.save(update_fields=["status", "suspended_on"])
    log(permit, PermitStepKind.SUSPENDED, on=permit.suspended_on, actor=actor)
    audit.record(actor=actor, action="permit.suspended", target=permit, on=permit.suspended_on)
    bus.publish(PermitSuspended(person_id=permit.person_id, permit_id=permit.pk, area_code=permit.area_code))
