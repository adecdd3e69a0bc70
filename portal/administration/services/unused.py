"""Rights that nobody used for the days of the rule (GB/T 22239 G1, least privilege): a list to clean up by."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from portal.administration.reach import below
from portal.administration.wording import Text, action_label, model_of, record_label
from portal.audit.models import AccessEvent, AuditEntry
from portal.core import clock
from portal.org.delegable import action_of, is_reserved
from portal.org.models import AreaGroupGrant, AreaUserGrant, User
from portal.org.scoping import scope_of
from portal.policy.services import rule

LOOKED_AT = frozenset({"residents"})
"""Apps whose records leave a row of the access log when somebody looks at them."""


@dataclass(frozen=True, slots=True)
class Unused:
    kind: str
    """`group` or `person`, as in the URL of the matrix."""
    holder: Any
    area: Any
    record: Text
    actions: tuple[Text, ...]
    since: datetime


def unused_days() -> int:
    return int(rule("grants.unused_days").value)


def unused_grants(actor: User) -> list[Unused]:
    """A right counts as used when any member of the group did or looked at something of that kind of record."""
    since = clock.now() - timedelta(days=unused_days())
    inside = below(scope_of(actor, AreaGroupGrant, "view"), "content_object__code")
    old = Q(valid_from__lt=since) & inside
    groups = AreaGroupGrant.objects.in_force().filter(old).select_related("group", "permission", "content_object")
    own = AreaUserGrant.objects.in_force().filter(old).select_related("user", "permission", "content_object")
    members: dict[int, set[int]] = defaultdict(set)
    for group_id, user_id in User.groups.through.objects.values_list("group_id", "user_id"):
        members[group_id].add(user_id)
    used = _used_since(since)
    found = _idle("group", groups, lambda grant: members[grant.group_id], used)
    return [*found, *_idle("person", own, lambda grant: {grant.user_id}, used)]


def _used_since(since: datetime) -> set[tuple[int | None, str]]:
    """(who, kind of record) of all that was done or looked at."""
    acted = AuditEntry.objects.filter(at__gte=since).order_by().values_list("actor_id", "target_model").distinct()
    looked = AccessEvent.objects.filter(at__gte=since).order_by().values_list("actor_id", flat=True).distinct()
    return {*acted, *((who, app) for who in looked for app in LOOKED_AT)}


def _idle(kind: str, grants: Iterable[Any], people: Any, used: set[tuple[int | None, str]]) -> list[Unused]:
    lines: dict[tuple[Any, Any, Any], list[Any]] = defaultdict(list)
    for grant in grants:
        codename = grant.permission.codename
        model = model_of(codename)
        if model is None or is_reserved(codename):
            continue
        marks = {model._meta.label_lower}
        if action_of(codename) == "view" and model._meta.app_label in LOOKED_AT:
            marks.add(model._meta.app_label)
        if not any((who, mark) in used for who in people(grant) for mark in marks):
            holder = grant.group if kind == "group" else grant.user
            lines[holder, grant.content_object, model].append(grant)
    return [
        Unused(
            kind=kind,
            holder=holder,
            area=area,
            record=record_label(model),
            actions=tuple(action_label(action_of(grant.permission.codename)) for grant in rows),
            since=min(grant.valid_from for grant in rows),
        )
        for (holder, area, model), rows in lines.items()
    ]
