"""What in a day's log a person should look at. Every threshold is a policy rule; nothing here accuses anybody."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from portal.audit.models import AccessEvent, AuditEntry
from portal.org.models import User
from portal.oversight.models import Finding, Inspection
from portal.oversight.people import directory
from portal.policy.services import rule

LOOKS = (AccessEvent.Action.OPEN, AccessEvent.Action.REVEAL, AccessEvent.Action.PRINT)
Kind = Finding.Kind


@dataclass(frozen=True, slots=True)
class Found:
    """`facts` are what the explanation counts; no names, no values."""

    kind: str
    actor_id: int
    person_ids: list[int] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)


def look_through(day: date) -> int:
    """Store what stands out in the county's calendar day `day`; returns how many were new. May run again."""
    found = [
        *many_reveals(day),
        *at_night(day),
        *own_surroundings(day),
        *many_communities(day),
        *before_inspections(day),
    ]
    before = Finding.objects.filter(day=day).count()
    Finding.objects.bulk_create(
        [
            Finding(kind=one.kind, actor_id=one.actor_id, day=day, person_ids=one.person_ids, facts=one.facts)
            for one in found
        ],
        ignore_conflicts=True,
    )
    return Finding.objects.filter(day=day).count() - before


def many_reveals(day: date) -> Iterator[Found]:
    """The busiest hour by the clock counts."""
    limit = _number("audit.reveals_per_hour", day)
    hours: dict[int, dict[int, list[AccessEvent]]] = defaultdict(lambda: defaultdict(list))
    for event in _looks(day, [AccessEvent.Action.REVEAL]):
        hours[_actor(event)][timezone.localtime(event.at).hour].append(event)
    for actor, by_hour in hours.items():
        hour, events = max(by_hour.items(), key=lambda item: len(item[1]))
        if len(events) >= limit:
            yield Found(Kind.REVEALS, actor, _people(events), {"count": len(events), "hour": hour, "limit": limit})


def at_night(day: date) -> Iterator[Found]:
    """Before the morning and after the evening hour of the same calendar day."""
    evening, morning = _number("audit.night_from_hour", day), _number("audit.night_until_hour", day)
    limit = _number("audit.night_looks", day)
    nights: dict[int, list[AccessEvent]] = defaultdict(list)
    for event in _looks(day, LOOKS):
        hour = timezone.localtime(event.at).hour
        if hour >= evening or hour < morning:
            nights[_actor(event)].append(event)
    for actor, events in nights.items():
        if len(events) >= limit:
            facts = {"count": len(events), "from": evening, "until": morning, "limit": limit}
            yield Found(Kind.OFF_HOURS, actor, _people(events), facts)


def own_surroundings(day: date) -> Iterator[Found]:
    seen = _by_actor(day)
    actors = User.objects.select_related("department").in_bulk(seen)
    for actor_id, people in seen.items():
        close = directory().near(actors[actor_id], people)
        if close:
            ways = sorted(set(close.values()))
            yield Found(Kind.NEAR, actor_id, sorted(close), {"count": len(close), "ways": ways})


def many_communities(day: date) -> Iterator[Found]:
    limit = _number("audit.communities_per_day", day)
    for actor, people in _by_actor(day).items():
        places = set(directory().places(people).values())
        if len(places) >= limit:
            yield Found(Kind.AREAS, actor, people, {"count": len(people), "areas": len(places), "limit": limit})


def before_inspections(day: date) -> Iterator[Found]:
    """Many changes by one account on one of the days before an inspection that the auditor has entered."""
    ahead = timedelta(days=_number("audit.inspection_days", day))
    inspection = Inspection.objects.filter(day__gt=day, day__lte=day + ahead).order_by("day").first()
    if inspection is None:
        return
    limit = _number("audit.bulk_changes", day)
    start, end = bounds(day)
    counted = (
        AuditEntry.objects.filter(at__gte=start, at__lt=end, actor__isnull=False, actor__is_system=False)
        .order_by()
        .values("actor")
        .annotate(count=Count("pk"))
        .filter(count__gte=limit)
    )
    for row in counted:
        facts = {"count": row["count"], "limit": limit, "inspection": inspection.day.isoformat()}
        yield Found(Kind.BULK, row["actor"], [], facts)


def bounds(day: date) -> tuple[datetime, datetime]:
    """Midnight to midnight in the county."""
    zone = timezone.get_current_timezone()
    start = datetime.combine(day, time.min, tzinfo=zone)
    return start, datetime.combine(day + timedelta(days=1), time.min, tzinfo=zone)


def _looks(day: date, actions: Iterable[str]) -> Iterator[AccessEvent]:
    start, end = bounds(day)
    of_staff = Q(actor__isnull=False, actor__is_system=False)
    rows = AccessEvent.objects.filter(of_staff, at__gte=start, at__lt=end, action__in=list(actions))
    return rows.order_by("at").iterator(chunk_size=2_000)


def _by_actor(day: date) -> dict[int, list[int]]:
    seen: dict[int, set[int]] = defaultdict(set)
    for event in _looks(day, LOOKS):
        seen[_actor(event)].update(event.person_ids)
    return {actor: sorted(people) for actor, people in seen.items() if people}


def _people(events: list[AccessEvent]) -> list[int]:
    return sorted({person for event in events for person in event.person_ids})


def _actor(event: AccessEvent) -> int:
    return int(event.actor_id or 0)


def _number(code: str, day: date) -> int:
    return int(rule(code, on=day).value)
