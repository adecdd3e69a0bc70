"""The time a ledger speaks of. Both ends belong to it."""

import calendar
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.utils.translation import gettext as _

from portal.core.errors import DomainError

MONTHS_A_QUARTER = 3


class PeriodKind(StrEnum):
    NONE = "none"
    DAY = "day"
    MONTH = "month"
    QUARTER = "quarter"
    RANGE = "range"


@dataclass(frozen=True, slots=True)
class Period:
    """`start` and `end` are both included; for a register as it stands (`NONE`) both are the day it is made."""

    kind: PeriodKind
    start: date
    end: date

    @property
    def label(self) -> str:
        """The official wording, in Chinese because it stands on an official form."""
        if self.kind == PeriodKind.MONTH:
            return f"{self.start.year}年{self.start.month}月"
        if self.kind == PeriodKind.QUARTER:
            return f"{self.start.year}年第{(self.start.month - 1) // MONTHS_A_QUARTER + 1}季度"
        if self.kind == PeriodKind.RANGE:
            return f"{self.start.isoformat()} 至 {self.end.isoformat()}"
        return self.end.isoformat()

    @property
    def stamp(self) -> str:
        """What stands in the file name."""
        return self.label.replace(" ", "")


def month_of(day: date) -> Period:
    last = calendar.monthrange(day.year, day.month)[1]
    return Period(PeriodKind.MONTH, day.replace(day=1), day.replace(day=last))


def quarter_of(day: date) -> Period:
    first = day.replace(month=(day.month - 1) // MONTHS_A_QUARTER * MONTHS_A_QUARTER + 1, day=1)
    return Period(PeriodKind.QUARTER, first, month_of(date(first.year, first.month + 2, 1)).end)


def period_of(kind: PeriodKind, start: date, end: date) -> Period:
    """The period of `kind` that holds `start`; only a range reads `end`. Raises DomainError when turned round."""
    if kind == PeriodKind.MONTH:
        return month_of(start)
    if kind == PeriodKind.QUARTER:
        return quarter_of(start)
    if kind == PeriodKind.RANGE:
        if end < start:
            raise DomainError(_("The last day lies before the first. Please correct the period."), field="end")
        return Period(kind, start, end)
    return Period(kind, start, start)
