"""Working days of the People's Republic: weekends, statutory holidays and make-up working days (调休).

Known from the State Council's notices up to the last year of `chinesecalendar`; an administrator's `CalendarDay` wins
over it. Later years are weekends only until their notice is entered: `is_provisional`.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import accumulate

import chinese_calendar
from chinese_calendar.constants import holidays as packaged_holidays

from portal.policy import cache
from portal.policy.choices import DayKind
from portal.policy.models import CalendarDay

ONE_DAY = timedelta(days=1)
FIRST_PACKAGED_YEAR = min(packaged_holidays).year
LAST_PACKAGED_YEAR = max(packaged_holidays).year
SATURDAY = 5
# Between these days working days are counted once and looked up afterwards: lists ask for years of overdue days.
ORIGIN, HORIZON = date(FIRST_PACKAGED_YEAR, 1, 1), date(LAST_PACKAGED_YEAR + 10, 12, 31)


@dataclass(frozen=True, slots=True)
class Overrides:
    """`counted[n]` is the number of working days from ORIGIN up to and including its n-th day after."""

    working: dict[date, bool]
    announced_years: frozenset[int]
    counted: tuple[int, ...]


def is_workday(day: date) -> bool:
    return _is_workday(day, _overrides())


def next_workday(day: date) -> date:
    """`day` itself when it is a working day, otherwise the first one after it."""
    overrides = _overrides()
    while not _is_workday(day, overrides):
        day += ONE_DAY
    return day


def add_workdays(day: date, count: int) -> date:
    """The `count`-th working day after `day` (before it when negative); `day` itself is never counted."""
    overrides = _overrides()
    step = ONE_DAY if count > 0 else -ONE_DAY
    left = abs(count)
    while left:
        day += step
        left -= _is_workday(day, overrides)
    return day


def workdays_between(start: date, end: date) -> int:
    """Working days after `start` up to and including `end`; negative when `end` is before `start`.

    On a due date it is the number of working days left: 0 on the due day itself, below 0 when overdue.
    """
    if end < start:
        return -workdays_between(end, start)
    overrides = _overrides()
    if start >= ORIGIN and end <= HORIZON:
        return overrides.counted[(end - ORIGIN).days] - overrides.counted[(start - ORIGIN).days]
    return sum(_is_workday(start + ONE_DAY * offset, overrides) for offset in range(1, (end - start).days + 1))


def is_provisional(day: date) -> bool:
    """Whether the notice for the day's year has not been entered: a due date on it may still move.

    A year counts as entered when its National Day, 1 October, is listed as a day off: no other reason would list it.
    """
    return day.year > LAST_PACKAGED_YEAR and day.year not in _overrides().announced_years


def _is_workday(day: date, overrides: Overrides) -> bool:
    override = overrides.working.get(day)
    if override is not None:
        return override
    if FIRST_PACKAGED_YEAR <= day.year <= LAST_PACKAGED_YEAR:
        return bool(chinese_calendar.is_workday(day))
    return day.weekday() < SATURDAY


def _overrides() -> Overrides:
    return cache.copy_of("calendar", _load)


def _load() -> Overrides:
    working = {day: kind == DayKind.WORK for day, kind in CalendarDay.objects.values_list("day", "kind")}
    announced = frozenset(day.year for day, works in working.items() if (day.month, day.day) == (10, 1) and not works)
    plain = Overrides(working=working, announced_years=announced, counted=())
    days = (_is_workday(ORIGIN + ONE_DAY * offset, plain) for offset in range((HORIZON - ORIGIN).days + 1))
    return replace(plain, counted=tuple(accumulate(days)))
