"""The permit itself: issue, replacement, address, end."""

from datetime import date, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit import services as audit
from portal.core import clock
from portal.core.errors import DomainError
from portal.events import bus
from portal.org.choices import Duty
from portal.org.models import User
from portal.org.scoping import require
from portal.org.services import system_user
from portal.policy import codes
from portal.policy.services import rule, shift
from residents.choices import ApplicationKind, PermitStatus, PermitStepKind
from residents.events import PermitTerminated
from residents.models import OPEN_APPLICATION, Permit, PermitApplication, Registration
from residents.permit_workflow import PERMIT_WORKFLOW
from residents.services.permits import numbers
from residents.services.permits.eligibility import active_registration
from residents.services.permits.records import locked_permit, log, one_at_a_time

NOT_ENDORSED, LEFT = "not_endorsed", "left"


def issue(application: PermitApplication, actor: User) -> Permit:
    """The first endorsement year ends on the anniversary of the issue (Zhejiang art. 19, Z12).

    The residence years run from the registration, without suspended days (Z10, H4).
    """
    today = clock.today()
    registration = active_registration(application.person) or application.registration
    _end_old_permits(application.person_id, actor)
    due = anniversary_after(today, today, registration.area_code)
    permit = Permit.objects.create(
        number=numbers.next_number(numbers.PERMIT, area_code=registration.area_code),
        person_id=application.person_id,
        dwelling_id=registration.dwelling_id,
        ground=application.ground,
        issued_on=today,
        counted_from=registration.counts_from + timedelta(days=registration.suspended_days),
        endorse_from=window_opens(due, registration.area_code),
        endorse_by=due,
        area_code=registration.area_code,
    )
    log(permit, PermitStepKind.ISSUED, on=today, actor=actor)
    return permit


def _end_old_permits(person_id: int, actor: User) -> None:
    """A permit of the old kind is exchanged for the new one (Zhejiang art. 39)."""
    old = Permit.objects.select_for_update(of=("self",)).filter(person=person_id, valid_until__isnull=False)
    for permit in old.exclude(status=PermitStatus.TERMINATED):
        _end(permit, words=_("exchanged for a new permit"), actor=actor)


def _end(permit: Permit, *, words: str, actor: User) -> None:
    permit.status = PERMIT_WORKFLOW.target(
        "terminate", status=permit.status, status_label=str(permit.get_status_display())
    )
    permit.terminated_on, permit.termination_reason, permit.end_proposed = clock.today(), words[:200], ""
    permit.save(update_fields=["status", "terminated_on", "termination_reason", "end_proposed"])
    log(permit, PermitStepKind.TERMINATED, on=clock.today(), actor=actor, reason=words)
    audit.record(actor=actor, action="permit.terminated", target=permit)
    bus.publish(PermitTerminated(person_id=permit.person_id, permit_id=permit.pk, area_code=permit.area_code))


def replace_card(application: PermitApplication, actor: User) -> Permit:
    """A new card for the same permit: number, dates and status stay (decree 663 art. 11, R10)."""
    permit = locked_permit(application)
    if permit.valid_until:
        raise DomainError(_("An old permit is not replaced; apply for a new one."), code="old_permit")
    if permit.status == PermitStatus.TERMINATED:
        raise DomainError(_("The permit has ended meanwhile; it cannot be replaced."), code="wrong_state")
    permit.card_serial += 1
    permit.delivered_on = None
    permit.save(update_fields=["card_serial", "delivered_on"])
    reason = str(ApplicationKind(application.kind).label)
    log(permit, PermitStepKind.REPLACED, on=clock.today(), actor=actor, reason=reason)
    return permit


def void_card(permit: Permit, *, first: bool, actor: User) -> None:
    """An undone signature. A first permit is ended, never deleted: its number was given (R16)."""
    if first:
        permit.status, permit.terminated_on = PermitStatus.TERMINATED, clock.today()
        permit.termination_reason = _("signature taken back")
        permit.save(update_fields=["status", "terminated_on", "termination_reason"])
    else:
        permit.card_serial -= 1
        permit.save(update_fields=["card_serial"])
    audit.record(actor=actor, action="permit.voided", target=permit)


def anniversary_after(anchor: date, previous: date, area_code: str) -> date:
    """The first full-year day of `anchor` after `previous`; 29 February falls on the 28th in other years."""
    cycle = rule("permit.endorsement_cycle_years", on=anchor, area_code=area_code)
    years = 0
    due = anchor
    while due <= previous:
        years += int(cycle.value)
        due = shift(anchor, years, cycle.unit)
    return due


def window_opens(due: date, area_code: str) -> date:
    """The window is [anniversary − 1 month, anniversary) (decree 663 art. 10, R8): it never moves for rest days."""
    window = rule("permit.endorsement_window_months", on=due, area_code=area_code)
    return shift(due, -int(window.value), window.unit)


@transaction.atomic
def change_permit_address(*, permit_id: int, actor: User) -> Permit:
    """Bring the permit to the address the register knows (Zhejiang art. 19, Z8). Years and window stay."""
    permit = Permit.objects.restrict(actor, "change").select_for_update(of=("self",)).get(pk=permit_id)
    registration = Registration.objects.active().filter(person=permit.person_id).first()
    if registration is None:
        raise DomainError(_("The holder has no current registration: register the address first."), field="dwelling")
    if registration.dwelling_id == permit.dwelling_id:
        raise DomainError(_("The permit already carries this address."), field="dwelling")
    _move(permit, registration, actor)
    return permit


@transaction.atomic
def follow_address(*, person_id: int, actor: User) -> int:
    """After an address change: the living permit and the open file move to the new dwelling and its area.

    Returns how many rows were moved; repeating changes nothing.
    """
    registration = Registration.objects.active().filter(person=person_id).first()
    if registration is None:
        return 0
    moved = 0
    living = Permit.objects.select_for_update(of=("self",)).filter(person=person_id)
    for permit in living.exclude(status=PermitStatus.TERMINATED).exclude(dwelling=registration.dwelling_id):
        _move(permit, registration, actor)
        moved += 1
    files = PermitApplication.objects.filter(person=person_id, status__in=OPEN_APPLICATION)
    return moved + files.exclude(registration=registration.pk).update(
        registration=registration, area_code=registration.area_code, updated_at=clock.now()
    )


def _move(permit: Permit, registration: Registration, actor: User) -> None:
    permit.dwelling_id, permit.area_code = registration.dwelling_id, registration.area_code
    permit.save(update_fields=["dwelling", "area_code"])
    log(permit, PermitStepKind.ADDRESS, on=clock.today(), actor=actor)
    audit.record(actor=actor, action="permit.address_changed", target=permit)


@transaction.atomic
def terminate(*, permit_id: int, reason: str, note: str = "", actor: User) -> Permit:
    """End a permit for a reason of the code table `permit_end_reason` (Hangzhou art. 21, H5).

    A missed endorsement does not end it: the decree suspends it (R9).
    """
    permit = Permit.objects.restrict(actor, "terminate").select_for_update(of=("self",)).get(pk=permit_id)
    if not actor.has_duty(Duty.POLICE):
        raise PermissionDenied
    if reason == NOT_ENDORSED:
        raise DomainError(_("A missed endorsement suspends the permit by itself; it does not end it."), field="reason")
    if reason not in codes.items("permit_end_reason"):
        raise DomainError(_("Please choose why the permit ends."), field="reason")
    _end(permit, words=codes.name("permit_end_reason", reason) + (f"：{note}" if note else ""), actor=actor)
    return permit


@transaction.atomic
def propose_end(*, person_id: int, reason: str) -> int:
    """The register says that the holder left: ask the police, end nothing (a mistaken departure must be cheap).

    Returns how many permits were marked.
    """
    living = Permit.objects.select_for_update(of=("self",)).filter(person=person_id, end_proposed="")
    marked = 0
    for permit in living.exclude(status=PermitStatus.TERMINATED):
        permit.end_proposed = reason
        permit.save(update_fields=["end_proposed"])
        audit.record(actor=system_user(), action="permit.end_proposed", target=permit, reason=reason)
        marked += 1
    return marked


@transaction.atomic
def drop_proposal(*, person_id: int) -> int:
    """The person is back, or never left."""
    rows = Permit.objects.filter(person=person_id, end_proposed=LEFT)
    return rows.update(end_proposed="", updated_at=clock.now())


@transaction.atomic
def keep_permit(*, permit_id: int, actor: User) -> Permit:
    """The police looked and leave the permit as it is."""
    permit = Permit.objects.restrict(actor, "terminate").select_for_update(of=("self",)).get(pk=permit_id)
    permit.end_proposed = ""
    permit.save(update_fields=["end_proposed"])
    audit.record(actor=actor, action="permit.kept", target=permit)
    return permit


@transaction.atomic
def take_in_old_permit(
    *, person_id: int, number: str, ground: str, issued_on: date, valid_until: date, actor: User
) -> Permit:
    """Enter a permit issued before the present rules: it stays valid until it expires (decree 663 art. 23, R18).

    It can be looked up and verified, but neither endorsed nor changed.
    """
    registration = Registration.objects.active().filter(person=person_id).first()
    if registration is None:
        raise DomainError(_("There is no current residence registration. Register first."), field="person")
    require(actor, Permit, "change", at=registration.area_code)
    if not issued_on < valid_until or valid_until < clock.today():
        raise DomainError(_("The old permit has expired; apply for a new one."), field="valid_until")
    with one_at_a_time():
        permit = Permit.objects.create(
            number=number,
            person_id=person_id,
            dwelling_id=registration.dwelling_id,
            ground=ground,
            issued_on=issued_on,
            counted_from=issued_on,
            endorse_from=valid_until,
            endorse_by=valid_until,
            valid_until=valid_until,
            area_code=registration.area_code,
        )
    audit.record(actor=actor, action="permit.old_taken_in", target=permit)
    return permit


def end_expired(on: date) -> int:
    """Old permits whose last day is over end by themselves (R18). Repeatable; returns how many."""
    done = 0
    expired = Permit.objects.exclude(status=PermitStatus.TERMINATED).filter(valid_until__lt=on)
    for pk in expired.values_list("pk", flat=True):
        with transaction.atomic():
            permit = expired.select_for_update(of=("self",), skip_locked=True).filter(pk=pk).first()
            if permit is not None:
                _end(permit, words=_("the old permit expired"), actor=system_user())
                done += 1
    return done
