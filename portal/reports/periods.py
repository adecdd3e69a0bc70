"""The time span a page of figures is about."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext_lazy as _

from portal.core import clock
from portal.policy.services import shift

CHOICES = {"week": _("Last 7 days"), "month": _("Last 30 days"), "year": _("Last 12 months")}
DAYS = {"week": 7, "month": 30}
MONTHS = 12


@dataclass(frozen=True, slots=True)
class Period:
    """`first` and `last` are both counted. The previous period is as long and ends the day before."""

    code: str
    first: date
    last: date
    previous_first: date

    def steps(self) -> list[tuple[date, date]]:
        """Days, or calendar months for a year."""
        if self.code != "year":
            count = (self.last - self.first).days + 1
            return [(self.first + timedelta(days=i),) * 2 for i in range(count)]
        found = []
        start = self.first
        while start <= self.last:
            following = shift(start.replace(day=1), 1, "month")
            found.append((start, min(following - timedelta(days=1), self.last)))
            start = following
        return found

    def label_of(self, day: date) -> str:
        return f"{day:%Y-%m}" if self.code == "year" else f"{day:%m-%d}"


def period_of(code: str) -> Period:
    """An unknown code gives the last 30 days."""
    today = clock.today()
    if code == "year":
        first = shift(today.replace(day=1), -(MONTHS - 1), "month")
        return Period("year", first, today, shift(first, -MONTHS, "month"))
    days = DAYS.get(code, DAYS["month"])
    first = today - timedelta(days=days - 1)
    return Period(code if code in DAYS else "month", first, today, first - timedelta(days=days))
