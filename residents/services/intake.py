"""What the arrival page reads beside the form: my last registrations, the habits of an address, native places."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet

from portal.core import clock
from portal.org.models import User
from portal.org.services import initials_of
from portal.policy import cache
from portal.policy.choices import DivisionLevel
from portal.policy.models import Division
from portal.policy.services import rule
from residents.choices import ChangeKind, RegistrationStatus
from residents.models import Registration, RegistrationChange

SHOWN = 5
DIVISIONS_SHOWN = 8
ARRIVALS = (ChangeKind.ARRIVAL, ChangeKind.RENEWAL)


@dataclass(frozen=True, slots=True)
class RecentArrival:
    """One act of mine: the head of it, how many came along, and whether it can still be taken back."""

    change: RegistrationChange
    companions: int
    undoable: bool

    @property
    def people(self) -> int:
        return self.companions + 1


def undo_limit() -> datetime:
    """Registrations recorded after this moment may be undone."""
    return clock.now() - timedelta(hours=int(rule("undo.registration_hours").value))


def arrivals_today(actor: User) -> QuerySet[RegistrationChange]:
    """What `actor` registered today and did not take back, newest first; companions count as people too."""
    return RegistrationChange.objects.filter(
        actor=actor, kind__in=ARRIVALS, recorded_on=clock.today(), undone_by=None
    ).exclude(registration__status=RegistrationStatus.VOID)


def recent_arrivals(actor: User, *, limit: int = SHOWN) -> list[RecentArrival]:
    """The last acts of today, one line for a household."""
    standing = ~Q(registration__companions__status=RegistrationStatus.VOID)
    rows = (
        arrivals_today(actor)
        .filter(registration__head=None)
        .select_related("registration__person", "registration__dwelling")
        .annotate(followers=Count("registration__companions", filter=standing))
        .order_by("-created_at", "-pk")  # grouping drops the order of the model
    )
    oldest = undo_limit()
    return [
        RecentArrival(change=row, companions=row.followers, undoable=row.created_at >= oldest) for row in rows[:limit]
    ]


def habits_of(dwelling_ids: Iterable[int]) -> dict[int, tuple[str, str]]:
    """(kind of lodging, reason) of the newest stay at each dwelling: what the next person there most likely answers."""
    rows = (
        Registration.objects.standing()
        .filter(dwelling_id__in=list(dwelling_ids))
        .order_by("dwelling_id", "-created_at")
        .distinct("dwelling_id")
        .values_list("dwelling_id", "lodging", "reason")
    )
    return {dwelling: (lodging, reason) for dwelling, lodging, reason in rows}


def find_divisions(text: str) -> list[tuple[str, str]]:
    """(code, full name) of counties by code, name or pinyin initials; those still in force come first."""
    wanted = text.strip().lower().replace(" ", "")
    if not wanted:
        return []
    hits = [
        (code, name)
        for code, name, short in _counties()
        if code.startswith(wanted) or wanted in name or (wanted.isascii() and wanted in short)
    ]
    return hits[:DIVISIONS_SHOWN]


def _counties() -> tuple[tuple[str, str, str], ...]:
    return cache.copy_of("division_initials", _load_counties)


def _load_counties() -> tuple[tuple[str, str, str], ...]:
    rows = Division.objects.filter(level=DivisionLevel.COUNTY).order_by("valid_to", "code")
    seen: dict[str, str] = {}
    for code, name, ended in rows.values_list("code", "full_name", "valid_to"):
        if ended is None or code not in seen:
            seen[code] = name
    return tuple((code, name, initials_of(name)) for code, name in seen.items())
