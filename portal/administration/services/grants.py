"""What a group or a person may do at one area: a plan to look at first, then the change itself.

A plan names rights added, ended and given another term. Applying asks for the plan that was shown: when somebody else
changed a right meanwhile, the difference is shown again instead of being applied.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.administration.wording import may_be_given
from portal.audit import services as audit
from portal.audit.models import ThreeAdmin
from portal.core import clock
from portal.core.errors import DomainError
from portal.org.models import Area, AreaGroupGrant, AreaUserGrant, User
from portal.org.scoping import Scope, lendable, scope_of
from portal.policy.services import rule

ADDED, ENDED, TERM = "added", "ended", "term"
Holder = Group | User
Grant = AreaGroupGrant | AreaUserGrant


@dataclass(frozen=True, slots=True)
class Wish:
    """What the page asks for: rights that shall stand at `area`, until when, and (for a loan) from whom.

    `term_for_all` gives the term to the rights that stand already as well. `until` is the last day.
    """

    area: Area
    codenames: frozenset[str]
    until: date | None = None
    term_for_all: bool = False
    lender: User | None = None


@dataclass(frozen=True, slots=True)
class Change:
    kind: str
    codename: str
    before: datetime | None
    after: datetime | None


@dataclass(frozen=True, slots=True)
class Plan:
    changes: tuple[Change, ...]
    state: str
    """Of the grants the plan was made from; another state, another plan."""

    def of(self, kind: str) -> list[Change]:
        return [change for change in self.changes if change.kind == kind]


def standing(holder: Holder, area: Area, *, lender: User | None = None) -> dict[str, Grant]:
    """Grants in force at exactly this area, by codename; on loan from `lender`, or none on loan."""
    rows: Any
    if isinstance(holder, Group):
        rows = AreaGroupGrant.objects.in_force().filter(group=holder, content_object=area)
    else:
        rows = AreaUserGrant.objects.in_force().filter(user=holder, content_object=area, delegated_from=lender)
    return {row.permission.codename: row for row in rows.select_related("permission")}


def plan(*, holder: Holder, wish: Wish, actor: User) -> Plan:
    """Raises PermissionDenied for an area or a holder that is not the actor's, DomainError for a broken rule."""
    _may_grant(holder, wish, actor)
    kept = standing(holder, wish.area, lender=wish.lender)
    open_to_change = {codename for codename in kept if may_be_given(codename)}
    until = end_of(wish.until)
    fresh = wish.codenames - set(kept)
    changes = [Change(ADDED, codename, None, until) for codename in sorted(fresh)]
    for codename in sorted(open_to_change):
        before = kept[codename].valid_to
        if codename not in wish.codenames:
            changes.append(Change(ENDED, codename, before, None))
        elif wish.term_for_all and before != until:
            changes.append(Change(TERM, codename, before, until))
    if any(change.kind != ENDED for change in changes):
        _check_term(holder, wish)
    return Plan(tuple(changes), _state(kept.values()))


@transaction.atomic
def apply(*, holder: Holder, wish: Wish, reason: str, state: str, actor: User) -> Plan:
    """Do what the plan of this `state` said. An ended grant keeps its row, with the moment it ended."""
    type(holder)._default_manager.select_for_update().get(pk=holder.pk)
    agreed = plan(holder=holder, wish=wish, actor=actor)
    if agreed.state != state:
        raise DomainError(
            _("Somebody else changed these rights meanwhile. Please look at the difference again."), code="stale"
        )
    if not reason.strip():
        raise DomainError(_("Please say why the rights change."), field="reason")
    permissions = {
        one.codename: one
        for one in Permission.objects.filter(
            content_type__app_label="org", codename__in=[change.codename for change in agreed.changes]
        )
    }
    for change in agreed.changes:
        row = _row(holder, wish, permissions[change.codename])
        if change.kind == ENDED:
            row.valid_to = clock.now()
        else:
            _renew(row, change, wish)
            row.reason, row.granted_by = reason.strip()[:200], actor
        row.save()
    if agreed.changes:
        audit.record(
            actor=actor,
            action="grants_changed",
            target=holder,
            area=wish.area.code,
            reason=reason.strip(),
            lender=wish.lender.pk if wish.lender else None,
            added=[change.codename for change in agreed.of(ADDED)],
            ended=[change.codename for change in agreed.of(ENDED)],
            term=[change.codename for change in agreed.of(TERM)],
            until=wish.until,
        )
    return agreed


def end_of(day: date | None) -> datetime | None:
    """The last moment of the day, in the county's time."""
    return timezone.make_aware(datetime.combine(day, time(23, 59, 59))) if day else None


def longest_term(holder: Holder, wish: Wish) -> int | None:
    """Days a right may last at most; None: no limit."""
    if isinstance(holder, Group):
        return None
    return int(rule("grants.loan_days" if wish.lender else "grants.stand_in_days").value)


def _may_grant(holder: Holder, wish: Wish, actor: User) -> None:
    scope = scope_of(actor, AreaGroupGrant, "change")
    if wish.area.code not in scope or (wish.area.valid_to and wish.area.valid_to < clock.today()):
        raise PermissionDenied
    if isinstance(holder, User):
        if holder.pk == actor.pk or holder.area_code not in scope:
            raise PermissionDenied
        if not holder.is_active:
            raise DomainError(_("The account of %(name)s is disabled. It has to be enabled first.") % {"name": holder})
    elif holder.user_set.filter(pk=actor.pk).exists():
        raise PermissionDenied
    if not all(may_be_given(codename) for codename in wish.codenames):
        raise PermissionDenied
    refuse_administrators([holder.pk] if isinstance(holder, User) else holder.user_set.values_list("pk", flat=True))
    if wish.lender is not None:
        _may_lend(holder, wish, actor)


def refuse_administrators(people: Iterable[int]) -> None:
    """Raises DomainError when one of them is a system, security or audit administrator: they do no business work."""
    named = ThreeAdmin.objects.filter(user__in=list(people)).select_related("user").first()
    if named is not None:
        raise DomainError(
            _("%(name)s is one of the three administrators. They get no rights of the business departments.")
            % {"name": named.user}
        )


def _may_lend(holder: Holder, wish: Wish, actor: User) -> None:
    lender = wish.lender
    if isinstance(holder, Group) or lender is None or lender.pk in {holder.pk, actor.pk}:
        raise PermissionDenied
    can_lend = lendable(lender)
    for codename in wish.codenames - set(standing(holder, wish.area, lender=lender)):
        if can_lend.get(codename, Scope()).narrowed_to(wish.area.code).is_nowhere:
            raise DomainError(_("%(name)s does not have this right here and cannot lend it.") % {"name": lender})


def _check_term(holder: Holder, wish: Wish) -> None:
    today = clock.today()
    if wish.until is not None and wish.until < today:
        raise DomainError(_("The last day has passed already."), field="until")
    longest = longest_term(holder, wish)
    if longest is None:
        return
    if wish.until is None:
        raise DomainError(_("A right of one person needs a last day; a lasting one belongs to a group."), field="until")
    if wish.until > today + timedelta(days=longest):
        raise DomainError(
            _("At most %(days)s days, that is until %(day)s.")
            % {"days": longest, "day": (today + timedelta(days=longest)).isoformat()},
            field="until",
        )


def _renew(row: Grant, change: Change, wish: Wish) -> None:
    """Raises DomainError when the person has the right here on another footing (lent, or by somebody else)."""
    if isinstance(row, AreaUserGrant) and row.delegated_from_id != _pk(wish.lender):
        if row.valid_to is None or row.valid_to > clock.now():
            raise DomainError(
                _("“%(name)s” has this right here on another footing. End that one first.") % {"name": row.user}
            )
        row.delegated_from = wish.lender
    if change.kind == ADDED:
        row.valid_from = clock.now()
    row.valid_to = change.after


def _row(holder: Holder, wish: Wish, permission: Permission) -> Grant:
    """The row of this right here, in force or ended long ago; a new one when there never was any."""
    found: Grant | None
    if isinstance(holder, Group):
        key: dict[str, Any] = {"group": holder, "permission": permission, "content_object": wish.area}
        found = AreaGroupGrant.objects.select_for_update().filter(**key).first()
        return found or AreaGroupGrant(**key)
    key = {"user": holder, "permission": permission, "content_object": wish.area}
    found = AreaUserGrant.objects.select_for_update().filter(**key).first()
    return found or AreaUserGrant(**key, delegated_from=wish.lender)


def _pk(user: User | None) -> int | None:
    return user.pk if user else None


def _state(rows: Iterable[Grant]) -> str:
    told = sorted(f"{row.pk}:{row.permission_id}:{row.valid_to}" for row in rows)
    return sha256("|".join(told).encode()).hexdigest()[:16]
