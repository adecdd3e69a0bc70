"""What happens to a stay after the arrival: another address or workplace, the end of the stay, its restoration."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit import services as audit
from portal.core import clock
from portal.core.errors import DomainError
from portal.events import bus
from portal.org.models import User
from portal.org.scoping import scope_of
from portal.org.walls.context import admit
from portal.policy.services import rule
from residents.choices import ChangeKind, DiscoveredBy
from residents.events import AddressChanged, PersonLeft, RegistrationRestored, WorkplaceChanged
from residents.extension import assert_may_depart
from residents.models import Dwelling, Registration
from residents.services.code_fields import require_code
from residents.services.departure_limit import require_few
from residents.services.doors import hold_door
from residents.services.duties import days_late_for_change
from residents.services.households import following
from residents.services.trail import follow_area, reopen, write_change
from residents.services.undo import undo
from residents.services.verification import verify
from residents.services.versions import require_version
from residents.workflow import REGISTRATION_WORKFLOW

__all__ = ["change_address", "change_workplace", "deregister", "restore", "undo", "verify"]

ADDRESS_CHANGED = "02"  # the entry 地址变更 of the code table `dereg_reason`: not a departure
CARRIED = (
    "reason",
    "workplace",
    "occupation",
    "employment",
    "social_insurance",
    "channel",
    "counts_from",
    "suspended_days",
    "notice_id",
    "remark",
)


@transaction.atomic
def change_address(
    *,
    registration_id: int,
    dwelling_id: int,
    moved_on: date,
    lodging: str,
    with_companions: bool = True,
    discovered_by: str = DiscoveredBy.PERSON,
    why: str = "",
    version: int,
    actor: User,
) -> Registration:
    """End this stay and begin the next on the day of the move; returns the new one. The half-year goes on counting.

    Companions at the same address move along unless told otherwise. May be done by whoever may change the old stay,
    or may register at the new address: the person reports at either window. A report after the legal term (Z8, ten
    days) is recorded as late, not refused. `why` is needed when the present address is itself a change of the last
    `address.reason_days`: addresses changed to and fro are how figures are made to look better.
    """
    old = (
        Registration.objects.select_for_update(of=("self",))
        .select_related("dwelling", "person")
        .get(pk=registration_id)
    )
    dwelling = _destination(old, dwelling_id, actor)
    require_version(old, version)
    REGISTRATION_WORKFLOW.target("move", status=old.status, status_label=old.get_status_display())
    _check_day(moved_on, old, field="moved_on")
    require_code("dwelling_kind", lodging, field="lodging")
    _require_why(old, why)
    came_along = list(_companions_at_the_same_address(old)) if with_companions else []
    new = _move_one(old, dwelling, moved_on, lodging=lodging, discovered_by=discovered_by, why=why, actor=actor)
    moved = [new]
    for companion in came_along:
        companion.version += 1
        moved.append(
            _move_one(
                companion, dwelling, moved_on, lodging=lodging, discovered_by=discovered_by, actor=actor, head=new
            )
        )
    following.moved(moved, actor)
    return new


@transaction.atomic
def change_workplace(
    *, registration_id: int, workplace: str, changed_on: date, occupation: str = "", version: int, actor: User
) -> Registration:
    """Empty `workplace` means no longer employed. An empty `occupation` leaves the old one."""
    registration = _locked(registration_id, "change", actor)
    require_version(registration, version)
    REGISTRATION_WORKFLOW.target("change", status=registration.status, status_label=registration.get_status_display())
    _check_day(changed_on, registration, field="changed_on")
    before, after = registration.workplace, workplace.strip()
    if before == after and occupation in {"", registration.occupation}:
        raise DomainError(_("The workplace is the same as before. Nothing was changed."), field="workplace")
    registration.workplace = after
    registration.occupation = occupation or registration.occupation
    registration.save(update_fields=["workplace", "occupation", "version"])
    late = days_late_for_change(changed_on, clock.today(), registration.area_code)
    write_change(registration, ChangeKind.WORKPLACE, changed_on, actor, before=before, after=after)
    audit.record(actor=actor, action="registration.workplace_changed", target=registration, late_days=late)
    bus.publish(
        WorkplaceChanged(
            person_id=registration.person_id, registration_id=registration.pk, area_code=registration.area_code
        )
    )
    return registration


@transaction.atomic
def deregister(
    *,
    registration_id: int,
    left_on: date,
    reason: str,
    destination: str = "",
    discovered_by: str = DiscoveredBy.PERSON,
    with_companions: bool = False,
    approved: bool = False,
    version: int,
    actor: User,
) -> Registration:
    """End the stay: `left_on` is the first day the person no longer lives there. `reason` is a code of `dereg_reason`.
    `approved`: two people have looked at it already (`residents.services.visits.mass`), so the limit does not count.

    Raises DomainError with every department's objection (`residents.extension.guards_departure`). For a move within
    the county use `change_address`, otherwise the half-year is lost.
    """
    registration = _locked(registration_id, "deregister", actor)
    require_version(registration, version)
    check_departure(registration, left_on, reason)
    came_along = list(_companions_at_the_same_address(registration)) if with_companions else []
    if not approved:
        require_few(actor, people=1 + len(came_along), area_code=registration.area_code)
    _end_one(registration, left_on, reason, destination=destination, discovered_by=discovered_by, actor=actor)
    for companion in came_along:
        companion.version += 1
        _end_one(companion, left_on, reason, destination=destination, discovered_by=discovered_by, actor=actor)
    for stay in (*came_along, registration):  # the head last: the book closes instead of passing to a companion
        following.departed(stay, actor)
    return registration


def check_departure(registration: Registration, left_on: date, reason: str) -> None:
    """The rules of an end that need no other record; an import asks them for each of its rows."""
    require_code("dereg_reason", reason, field="reason")
    if reason == ADDRESS_CHANGED:
        message = _("The person stays in the county: record a change of address, so that the residence time goes on.")
        raise DomainError(message, field="reason", code="is_a_move")
    _check_day(left_on, registration, field="left_on")


@transaction.atomic
def restore(*, registration_id: int, reason: str, was_away: bool = False, version: int, actor: User) -> Registration:
    """Take a wrong deregistration back: the same stay goes on and the half-year still counts from its first day (Z10).

    With `was_away` the person had really left and came back within the term: the days between do not count (Hangzhou
    art. 20, H4). Possible within the policy term `undo.deregistration_days` after the deregistration.
    """
    registration = _locked(registration_id, "restore", actor)
    admit(person=registration.person_id)  # a later stay elsewhere forbids it
    require_version(registration, version)
    if not reason.strip():
        raise DomainError(_("Please say why the registration is restored."), field="reason")
    target = REGISTRATION_WORKFLOW.target(
        "restore", status=registration.status, status_label=registration.get_status_display()
    )
    _require_restorable(registration)
    today, left_on = clock.today(), registration.left_on
    away = max((today - left_on).days, 0) if was_away and left_on else 0
    registration.suspended_days += away
    reopen(registration, target)
    following.came_back(registration, actor)
    change = write_change(registration, ChangeKind.RESTORE, today, actor, reason=reason.strip(), before=f"{left_on}")
    audit.record(actor=actor, action="registration.restored", target=change, days_not_counted=away)
    bus.publish(
        RegistrationRestored(
            person_id=registration.person_id, registration_id=registration.pk, area_code=registration.area_code
        )
    )
    return registration


def _locked(registration_id: int, action: str, actor: User) -> Registration:
    found = Registration.objects.restrict(actor, action).select_for_update(of=("self",))
    return found.select_related("dwelling", "person").get(pk=registration_id)


def _destination(old: Registration, dwelling_id: int, actor: User) -> Dwelling:
    sends, door = old.area_code in scope_of(actor, Registration, "change"), hold_door(dwelling_id)
    if sends and door:
        # The person moves to an office that may not be one's own: the wall lets this file and this door through.
        admit(person=old.person_id, dwelling=door)
    dwelling = Dwelling.objects.filter(pk=door).first()
    if dwelling is None:
        raise DomainError(_("Please choose an address from the list, or add the dwelling."), field="dwelling")
    receives = dwelling.area_code in scope_of(actor, Registration, "add")
    if not sends and not receives:
        raise PermissionDenied
    if dwelling.pk == old.dwelling_id:
        raise DomainError(_("The person is registered at this very address."), field="dwelling", code="same_address")
    if dwelling.county_code != old.area_code[: len(dwelling.county_code)]:
        message = _("The address lies in another county. Deregister the person here; the other county registers anew.")
        raise DomainError(message, field="dwelling", code="other_county")
    return dwelling


def _require_why(old: Registration, why: str) -> None:
    came_by_change = old.previous is not None and old.previous.left_reason == ADDRESS_CHANGED
    days = int(rule("address.reason_days", area_code=old.area_code).value)
    if came_by_change and not why.strip() and old.registered_on > clock.today() - timedelta(days=days):
        message = _("The address was changed on %(day)s already. Please say why it changes again within %(days)s days.")
        raise DomainError(message % {"day": old.registered_on.isoformat(), "days": days}, field="why", code="why")


def _check_day(day: date, registration: Registration, *, field: str) -> None:
    if day > clock.today():
        raise DomainError(_("The date lies in the future. Record it when it has happened."), field=field)
    if day < registration.arrived_on:
        message = _("The date lies before the arrival on %(day)s.") % {"day": registration.arrived_on.isoformat()}
        raise DomainError(message, field=field)


def _companions_at_the_same_address(head: Registration) -> Iterator[Registration]:
    """They move or leave by the same act, so the wall lets their files through as it did the first person's."""
    household = following.companions_of(head.person_id)
    rows = Registration.objects.active().select_for_update(of=("self",)).select_related("dwelling", "person")
    for companion in rows.filter(person__in=household, dwelling_id=head.dwelling_id).order_by("pk"):
        admit(person=companion.person_id)
        yield companion


def _move_one(
    old: Registration,
    dwelling: Dwelling,
    moved_on: date,
    *,
    lodging: str,
    discovered_by: str,
    actor: User,
    why: str = "",
    head: Registration | None = None,
) -> Registration:
    today = clock.today()
    moved_on = max(moved_on, old.arrived_on)
    old.status = REGISTRATION_WORKFLOW.target("move", status=old.status)
    old.left_on, old.closed_on, old.left_reason, old.left_for = moved_on, today, ADDRESS_CHANGED, dwelling.address[:80]
    old.save(update_fields=["status", "left_on", "closed_on", "left_reason", "left_for", "version"])
    new = Registration(
        person_id=old.person_id,
        dwelling=dwelling,
        area_code=dwelling.area_code,
        arrived_on=moved_on,
        registered_on=today,
        lodging=lodging,
        planned_until=old.planned_until if old.planned_until and old.planned_until >= moved_on else None,
        previous=old,
        head=head,
        relation=old.relation if head else "",
        registrar=actor,
    )
    for name in CARRIED:
        setattr(new, name, getattr(old, name))
    new.save()
    follow_area(old.person, dwelling.area_code)
    late = days_late_for_change(moved_on, today, dwelling.area_code)
    write_change(
        new,
        ChangeKind.ADDRESS,
        moved_on,
        actor,
        before=old.dwelling.address,
        after=dwelling.address,
        reason=why.strip(),
        discovered_by=discovered_by,
    )
    audit.record(actor=actor, action="registration.moved", target=new, from_id=old.pk, late_days=late)
    bus.publish(
        AddressChanged(
            person_id=old.person_id,
            old_registration_id=old.pk,
            registration_id=new.pk,
            from_area_code=old.area_code,
            area_code=new.area_code,
        )
    )
    return new


def _end_one(
    registration: Registration, left_on: date, reason: str, *, destination: str, discovered_by: str, actor: User
) -> None:
    status = registration.status
    target = REGISTRATION_WORKFLOW.target("leave", status=status, status_label=registration.get_status_display())
    _check_day(left_on, registration, field="left_on")
    assert_may_depart(registration)
    registration.status = target
    registration.left_on, registration.closed_on = left_on, clock.today()
    registration.left_reason, registration.left_for = reason, destination.strip()[:80]
    registration.save(update_fields=["status", "left_on", "closed_on", "left_reason", "left_for", "version"])
    write_change(
        registration,
        ChangeKind.DEPARTURE,
        left_on,
        actor,
        before=registration.dwelling.address,
        reason=reason,
        destination=destination.strip(),
        discovered_by=discovered_by,
    )
    audit.record(actor=actor, action="registration.left", target=registration, reason=reason, left_on=left_on)
    bus.publish(
        PersonLeft(
            person_id=registration.person_id,
            registration_id=registration.pk,
            area_code=registration.area_code,
            reason=reason,
        )
    )


def _require_restorable(registration: Registration) -> None:
    if registration.left_reason == ADDRESS_CHANGED:
        message = _("This stay went on at another address. Change the address of the present registration instead.")
        raise DomainError(message, code="moved_on")
    later = Registration.objects.standing().filter(person_id=registration.person_id).exclude(pk=registration.pk)
    if later.filter(arrived_on__gte=registration.arrived_on).exists():
        raise DomainError(_("The person has a later registration; this one cannot be restored."), code="later_stay")
    term = int(rule("undo.deregistration_days", area_code=registration.area_code).value)
    closed = registration.closed_on
    if closed and clock.today() > closed + timedelta(days=term):
        message = _("The %(days)s days in which a deregistration can be taken back are over. Register the person anew.")
        raise DomainError(message % {"days": term}, code="too_late")
