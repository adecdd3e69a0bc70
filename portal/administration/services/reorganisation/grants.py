"""What becomes of the rights: they follow where that widens nothing, and wait for the security administrator else."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from portal.administration.services.reorganisation.tree import Plan
from portal.core import clock
from portal.org.codes import covers
from portal.org.models import Area, AreaChange, AreaChangeGrant, AreaGroupGrant, AreaUserGrant
from portal.org.reorganisation import GrantOutcome
from portal.org.scoping import Scope

Grant = AreaUserGrant | AreaGroupGrant
Key = tuple[str, int, int, int | None]
"""Kind of holder, holder, permission, lender: what one right of one holder is."""
Term = tuple[datetime, datetime | None]


@dataclass(frozen=True, slots=True)
class Verdict:
    """`onward` are the areas where the right goes on; `withheld` those for which somebody has to decide.

    Where it takes several rights of the holder together, what goes on holds only while all of them do.
    """

    grant: Grant
    term: Term
    onward: tuple[str, ...]
    withheld: tuple[str, ...]
    together: Term
    alone: frozenset[str]

    @property
    def code(self) -> str:
        return str(self.grant.content_object.code)

    @property
    def outcome(self) -> GrantOutcome:
        if not self.withheld:
            return GrantOutcome.FOLLOWS
        return GrantOutcome.NARROWED if self.withheld == (self.code,) else GrantOutcome.HELD

    def term_at(self, code: str) -> Term:
        return self.term if code in self.alone else self.together


def verdicts(plan: Plan) -> list[Verdict]:
    """For every right that the change touches, in force now or later. Rights it does not touch are not named."""
    held: dict[Key, list[Grant]] = defaultdict(list)
    grants = _standing()
    for grant in grants:
        held[_key(grant)].append(grant)
    found = []
    for grant in grants:
        beside = held[_key(grant)]
        scope = Scope.over(one.content_object.code for one in beside)
        code = grant.content_object.code
        if not plan.is_safe(code, Scope((code,))) or code in plan.ended or _reaches_on(plan, code, scope):
            found.append(_verdict(plan, grant, scope, _together(beside)))
    return found


def _reaches_on(plan: Plan, code: str, scope: Scope) -> bool:
    """Has a part of the area gone elsewhere, so that its right has to follow?"""
    return any(not covers(code, onward) for onward in plan.onward(code, scope).codes)


def _verdict(plan: Plan, grant: Grant, scope: Scope, together: Term) -> Verdict:
    code = grant.content_object.code
    onward = plan.onward(code, scope)
    narrowed = code not in plan.ended and code not in onward
    return Verdict(
        grant=grant,
        term=(grant.valid_from, grant.valid_to),
        onward=onward.codes,
        withheld=(code,) if narrowed else tuple(plan.withheld(code, onward)),
        together=together,
        alone=frozenset(one for one in onward.codes if plan.is_safe(one, Scope((code,)))),
    )


def _together(grants: Iterable[Grant]) -> Term:
    """From the latest beginning to the earliest end."""
    rows = list(grants)
    ends = [row.valid_to for row in rows if row.valid_to is not None]
    return max(row.valid_from for row in rows), min(ends, default=None)


def carry_out(change: AreaChange, plan: Plan) -> tuple[int, int]:
    """End the rights that the change touches and begin those that go on; returns how many follow and how many wait.

    The caller acts for the security administrator who released the change: the database asks for that right.
    """
    areas = {area.code: area for area in Area.objects.filter(code__in=plan.live_after)}
    told: list[AreaChangeGrant] = []
    found = verdicts(plan)
    for verdict in found:
        if verdict.code not in verdict.onward:
            _end(verdict.grant)
    for verdict in found:
        for code in verdict.onward:
            _begin(verdict, areas[code], change)
        told += _told(change, verdict)
    AreaChangeGrant.objects.bulk_create(told)
    waiting = sum(one.outcome != GrantOutcome.FOLLOWS for one in told)
    return len(told) - waiting, waiting


def _standing() -> list[Grant]:
    """Not ended yet, those of the future included."""
    current = Q(valid_to=None) | Q(valid_to__gt=clock.now())
    users = AreaUserGrant.objects.filter(current).select_related("content_object", "permission", "user")
    groups = AreaGroupGrant.objects.filter(current).select_related("content_object", "permission", "group")
    return [*users.order_by("pk"), *groups.order_by("pk")]


def _key(grant: Grant) -> Key:
    if isinstance(grant, AreaGroupGrant):
        return ("group", grant.group_id, grant.permission_id, None)
    return ("user", grant.user_id, grant.permission_id, grant.delegated_from_id)


def _end(grant: Grant) -> None:
    grant.valid_to = clock.now()
    grant.save(update_fields=["valid_to"])


def _begin(verdict: Verdict, area: Area, change: AreaChange) -> None:
    old = verdict.grant
    key: dict[str, Any] = {"permission_id": old.permission_id, "content_object": area}
    rows: Any
    if isinstance(old, AreaGroupGrant):
        key["group_id"], rows = old.group_id, AreaGroupGrant.objects
    else:
        key["user_id"], rows = old.user_id, AreaUserGrant.objects
    row = rows.filter(**key).first()
    if row is not None and (row.valid_to is None or row.valid_to > clock.now()):
        return
    row = row or rows.model(**key)
    row.valid_from, row.valid_to = verdict.term_at(area.code)
    row.granted_by_id, row.reason = old.granted_by_id, f"区划调整 {change.pk} · {old.reason}"[:200]
    if isinstance(row, AreaUserGrant) and isinstance(old, AreaUserGrant):
        row.delegated_from_id = old.delegated_from_id
    row.save()


def _told(change: AreaChange, verdict: Verdict) -> list[AreaChangeGrant]:
    """A narrowed right is told once, not for each of the areas it goes on in."""
    old = verdict.grant
    holder: dict[str, Any] = {"codename": old.permission.codename, "before": verdict.code, "valid_to": verdict.term[1]}
    if isinstance(old, AreaGroupGrant):
        holder["group_id"] = old.group_id
    else:
        holder |= {"user_id": old.user_id, "lender_id": old.delegated_from_id}
    outcome = verdict.outcome
    followed = () if outcome == GrantOutcome.NARROWED else verdict.onward
    rows = [AreaChangeGrant(change=change, after=code, outcome=GrantOutcome.FOLLOWS, **holder) for code in followed]
    return [*rows, *(AreaChangeGrant(change=change, after=c, outcome=outcome, **holder) for c in verdict.withheld)]
