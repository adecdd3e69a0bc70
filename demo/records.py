"""What is told of a household before it becomes rows: stays, lines of the change ledger, visits."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings

from demo.people import Someone
from demo.places import Community, Place
from residents.choices import DiscoveredBy, RegistrationStatus


@dataclass(slots=True)
class Segment:
    start: date
    end: date | None
    ending: str
    begins: str
    community: Community
    place: Place


@dataclass(slots=True)
class Stay:
    pk: int
    person: Someone
    place: Place
    begins: str
    arrived: date
    registered: date
    counts_from: date
    reason: str
    workplace: str
    occupation: str
    channel: str
    registrar: int
    voucher: UUID
    planned_until: date | None = None
    head: "Stay | None" = None
    previous: "Stay | None" = None
    status: str = RegistrationStatus.ACTIVE.value
    left: date | None = None
    left_reason: str = ""
    left_for: str = ""
    closed: date | None = None
    verified_on: date | None = None
    verified_result: str = ""
    suspended_days: int = 0
    touched: date = date.min


@dataclass(slots=True)
class Change:
    stay: Stay
    kind: str
    recorded: date
    happened: date
    before: str = ""
    after: str = ""
    reason: str = ""
    destination: str = ""
    discovered_by: str = DiscoveredBy.PERSON.value
    actor: int = 0
    undone_by: "Change | None" = None
    pk: int = 0


@dataclass(slots=True)
class Look:
    stay: Stay
    day: date
    result: str
    visitor: int


@cache
def zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)


def office_hour(rng: Random, day: date, now: datetime) -> datetime:
    """Some minute of the working day, never later than `now`."""
    moment = datetime.combine(day, time(8, 30), zone()) + timedelta(seconds=rng.randrange(9 * 3600))
    return min(moment, now)
