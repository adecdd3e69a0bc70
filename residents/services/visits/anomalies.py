"""Answers that a supervisor should look at, and the verification rate that bulk entries cannot lift.

A line accuses nobody: it says what was counted. The co-administrator's explanation belongs beside it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby, pairwise
from typing import NamedTuple

from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.core import clock
from portal.org.models import User
from portal.org.scoping import ScopedQuerySet
from portal.oversight.models import Inspection
from portal.policy.services import rule
from residents.choices import VisitResult
from residents.models import Registration, Visit
from residents.services.visits.planning import stale_on

AT_MOST = 20_000
"""Answers looked at on one page; beyond that the period has to be narrowed."""


class Seen(NamedTuple):
    """One answer, as the list of anomalies needs it."""

    visitor: int
    at: datetime
    day: date
    result: str
    community: str
    dwelling: int
    in_bulk: bool


@dataclass(frozen=True, slots=True)
class Anomaly:
    """`kind` is stable (icons, tests); `text` says what was counted."""

    kind: str
    visitor: int
    day: date
    count: int
    text: str


@dataclass(frozen=True, slots=True)
class Verified:
    """`counted` of `stays` are verified within their interval by somebody who stood there; `in_bulk` more only say
    so in entries made faster than one walks."""

    stays: int
    counted: int
    in_bulk: int

    @property
    def percent(self) -> int | None:
        return 100 * self.counted // self.stays if self.stays else None


def anomalies(viewer: User, *, area_code: str = "") -> list[Anomaly]:
    """Of the last `visit.anomaly_days`, the newest first."""
    since = clock.today() - timedelta(days=int(rule("visit.anomaly_days").value))
    rows = Visit.objects.restrict(viewer, "view").filter(visited_on__gte=since, undone_at=None)
    rows = rows.within(area_code) if area_code else rows
    columns = ("visitor", "created_at", "visited_on", "result", "community_code", "registration__dwelling", "in_bulk")
    seen = [Seen(*row) for row in rows.order_by("visitor", "created_at").values_list(*columns)[:AT_MOST]]
    inspected = _days_before_inspections()
    found = [
        anomaly
        for (visitor, day), answers in groupby(seen, key=lambda one: (one.visitor, one.day))
        for anomaly in of_one_day(visitor, day, list(answers), before_inspection=day in inspected)
    ]
    return sorted(found, key=lambda one: (one.day, one.count), reverse=True)


def of_one_day(visitor: int, day: date, answers: list[Seen], *, before_inspection: bool = False) -> Iterator[Anomaly]:
    """What one person's answers of one day give cause to ask; `answers` in the order in which they were entered."""
    checks = (_rapid, _at_night, _all_the_same, _two_places)
    for check in checks:
        told = check(answers)
        if told:
            kind, count, text = told
            yield Anomaly(kind, visitor, day, count, text)
    most = int(rule("visit.inspection_answers").value)
    if before_inspection and len(answers) >= most:
        text = _("%(count)s answers in one day shortly before an inspection") % {"count": len(answers)}
        yield Anomaly("inspection", visitor, day, len(answers), text)


def verified_within_interval(rows: ScopedQuerySet) -> Verified:
    """Of these registrations; the one figure that a supervisor is judged by."""
    today = clock.today()
    fresh = stale_on(rows.filter(suspected_on=None)).filter(stale_on__gte=today, verified_on__isnull=False)
    stood_there = Visit.objects.filter(
        registration=OuterRef("pk"),
        visited_on=OuterRef("verified_on"),
        result=VisitResult.PRESENT,
        undone_at=None,
    )
    all_fresh = fresh.filter(Exists(stood_there))
    counted = all_fresh.filter(Exists(stood_there.filter(in_bulk=False))).count()
    return Verified(rows.count(), counted, all_fresh.count() - counted)


def verified_in(viewer: User, area_code: str = "") -> Verified:
    rows = Registration.objects.restrict(viewer, "view").active()
    return verified_within_interval(rows.within(area_code) if area_code else rows)


def _rapid(answers: list[Seen]) -> tuple[str, int, str] | None:
    seconds, doors = (int(rule(f"visit.rapid_{name}").value) for name in ("seconds", "doors"))
    most = max((len(group) for group in _windows(answers, timedelta(seconds=seconds))), default=0)
    if most < doors:
        return None
    text = _("%(doors)s doors answered for within %(seconds)s seconds") % {"doors": most, "seconds": seconds}
    return "rapid", most, text


def _windows(answers: list[Seen], span: timedelta) -> Iterator[set[int]]:
    """The doors answered for from each answer on, within the span."""
    for start, first in enumerate(answers):
        yield {one.dwelling for one in answers[start:] if one.at - first.at < span}


def _at_night(answers: list[Seen]) -> tuple[str, int, str] | None:
    evening, morning = (int(rule(f"audit.night_{name}_hour").value) for name in ("from", "until"))
    hours = [timezone.localtime(one.at).hour for one in answers]
    count = sum(1 for hour in hours if hour >= evening or hour < morning)
    return ("night", count, _("%(count)s answers entered at night") % {"count": count}) if count else None


def _all_the_same(answers: list[Seen]) -> tuple[str, int, str] | None:
    most = int(rule("visit.same_answers").value)
    if len(answers) < most or {one.result for one in answers} != {VisitResult.PRESENT}:
        return None
    return "same", len(answers), _("All %(count)s answers of the day say “still here”") % {"count": len(answers)}


def _two_places(answers: list[Seen]) -> tuple[str, int, str] | None:
    minutes = int(rule("visit.two_places_minutes").value)
    jumps = sum(
        1
        for before, after in pairwise(answers)
        if before.community != after.community and after.at - before.at < timedelta(minutes=minutes)
    )
    if not jumps:
        return None
    text = _("In two communities within %(minutes)s minutes, %(count)s times") % {"minutes": minutes, "count": jumps}
    return "places", jumps, text


def _days_before_inspections() -> set[date]:
    span = int(rule("audit.inspection_days").value)
    days: set[date] = set()
    for day in Inspection.objects.values_list("day", flat=True):
        days |= {day - timedelta(days=back) for back in range(1, span + 1)}
    return days


def names_of(visitors: Iterable[int]) -> dict[int, str]:
    found: dict[int, str] = defaultdict(str)
    for user in User.objects.filter(pk__in=set(visitors)):
        found[user.pk] = str(user)
    return found
