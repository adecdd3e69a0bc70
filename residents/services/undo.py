"""Taking a step back while nothing was built upon it (pattern P10)."""

from collections.abc import Callable
from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit import services as audit
from portal.core import clock
from portal.core.errors import DomainError
from portal.events import bus
from portal.org.models import User
from portal.org.walls.context import admit
from portal.policy.services import rule
from residents.choices import ChangeKind, RegistrationStatus
from residents.events import AddressChanged, RegistrationRestored, RegistrationUndone, WorkplaceChanged
from residents.models import PermitApplication, Registration, RegistrationChange, Visit
from residents.services import corrections
from residents.services.households import following
from residents.services.trail import follow_area, reopen, write_change
from residents.workflow import REGISTRATION_WORKFLOW

BEGINNINGS = (ChangeKind.ARRIVAL, ChangeKind.RENEWAL, ChangeKind.ADDRESS)
ACTION_BY_KIND = {ChangeKind.DEPARTURE: "restore"}


@transaction.atomic
def undo(*, change_id: int, actor: User) -> RegistrationChange:
    """Undo one line of the change ledger; companions of the same act go back with the first person. Returns the line
    that says so.

    Raises DomainError when the policy window (`undo.registration_hours`) is over, when a later step was recorded
    (another change, a visit, a permit file), or for a line that cannot be undone.
    """
    change = RegistrationChange.objects.get(pk=change_id)
    steps = [change, *_steps_of_companions(change)]
    undone = [_undo_one(step, actor) for step in steps]
    following.taken_back(steps, actor)
    return undone[0]


def may_be_undone(change: RegistrationChange) -> bool:
    """Within the window and of a kind that can be undone; whether a later step exists is only told by `undo`."""
    return change.undone_by_id is None and change.kind in _UNDO and _in_window(change)


def _undo_one(change: RegistrationChange, actor: User) -> RegistrationChange:
    action = ACTION_BY_KIND.get(ChangeKind(change.kind), "change")
    rows = Registration.objects.restrict(actor, action).select_for_update(of=("self",))
    registration = rows.select_related("person", "dwelling").get(pk=change.registration_id)
    admit(person=registration.person_id)  # going back may lead to another office's stay
    change = RegistrationChange.objects.select_for_update(of=("self",)).get(pk=change.pk)
    if change.kind not in _UNDO:
        raise DomainError(_("This step cannot be undone. Record the present state as a new change."), code="final")
    if change.undone_by_id:
        raise DomainError(_("This step has already been undone."), code="already_undone")
    if not _in_window(change):
        raise DomainError(_("The time for undoing is over. Record a correction instead."), code="too_late")
    _require_no_later_step(change, registration)
    registration.version += 1
    _UNDO[change.kind](registration, change)
    done = write_change(
        registration,
        ChangeKind.UNDO,
        clock.today(),
        actor,
        before=change.after,
        after=change.before,
        reason=change.kind,
    )
    change.undone_by = done
    change.save(update_fields=["undone_by"])
    audit.record(actor=actor, action="registration.undone", target=registration, step=change.kind, change_id=change.pk)
    return done


def _in_window(change: RegistrationChange) -> bool:
    hours = int(rule("undo.registration_hours", area_code=change.area_code).value)
    return clock.now() <= change.created_at + timedelta(hours=hours)


def _require_no_later_step(change: RegistrationChange, registration: Registration) -> None:
    later = (
        RegistrationChange.objects.filter(person_id=change.person_id, pk__gt=change.pk, undone_by=None)
        .exclude(kind=ChangeKind.UNDO)
        .exists()
    )
    visits = Visit.objects.filter(registration=registration, created_at__gt=change.created_at, undone_at=None)
    applied = PermitApplication.objects.filter(person_id=change.person_id, created_at__gt=change.created_at).exists()
    if later or visits.exists() or applied:
        message = _("Something was recorded after this step, so it cannot be undone any more.")
        raise DomainError(message, code="later_step")


def _steps_of_companions(change: RegistrationChange) -> list[RegistrationChange]:
    if change.kind not in BEGINNINGS:
        return []
    same_act = RegistrationChange.objects.filter(
        registration__head_id=change.registration_id,
        registration__status=RegistrationStatus.ACTIVE,
        kind__in=BEGINNINGS,
        undone_by=None,
        actor_id=change.actor_id,
    )
    return list(same_act.order_by("pk"))


def _undo_beginning(registration: Registration, _change: RegistrationChange) -> None:
    _make_void(registration)
    stays = Registration.objects.standing().filter(person_id=registration.person_id)
    last = stays.order_by("-arrived_on", "-pk").first()
    if last is not None:
        follow_area(registration.person, last.area_code)
    bus.publish(
        RegistrationUndone(
            person_id=registration.person_id, registration_id=registration.pk, area_code=registration.area_code
        )
    )


def _undo_move(registration: Registration, _change: RegistrationChange) -> None:
    _make_void(registration)
    rows = Registration.objects.select_for_update(of=("self",)).select_related("person")
    old = rows.get(pk=registration.previous_id or 0)
    old.version += 1
    reopen(old, RegistrationStatus.ACTIVE)
    follow_area(old.person, old.area_code)
    bus.publish(
        AddressChanged(
            person_id=old.person_id,
            old_registration_id=registration.pk,
            registration_id=old.pk,
            from_area_code=registration.area_code,
            area_code=old.area_code,
        )
    )


def _undo_workplace(registration: Registration, change: RegistrationChange) -> None:
    registration.workplace = change.before
    registration.save(update_fields=["workplace", "version"])
    bus.publish(
        WorkplaceChanged(
            person_id=registration.person_id, registration_id=registration.pk, area_code=registration.area_code
        )
    )


def _undo_departure(registration: Registration, _change: RegistrationChange) -> None:
    reopen(registration, REGISTRATION_WORKFLOW.target("restore", status=registration.status))
    bus.publish(
        RegistrationRestored(
            person_id=registration.person_id, registration_id=registration.pk, area_code=registration.area_code
        )
    )


def _make_void(registration: Registration) -> None:
    registration.status = REGISTRATION_WORKFLOW.target("void", status=registration.status)
    registration.save(update_fields=["status", "version"])


_UNDO: dict[str, Callable[[Registration, RegistrationChange], None]] = {
    ChangeKind.ARRIVAL: _undo_beginning,
    ChangeKind.RENEWAL: _undo_beginning,
    ChangeKind.ADDRESS: _undo_move,
    ChangeKind.WORKPLACE: _undo_workplace,
    ChangeKind.DEPARTURE: _undo_departure,
    ChangeKind.CORRECTION: corrections.take_back,
}
