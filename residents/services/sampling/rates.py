"""The indicators Q1–Q8 and Q14 of the domain digest (§6.3): from field tests, and from the ledger of changes."""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.org.models import User
from portal.org.scoping import scope_of
from portal.policy.services import due_on, rule
from residents.choices import ChangeKind, DiscoveredBy, SampleOutcome, SamplingMethod
from residents.models import Registration, RegistrationChange, SampleItem

LABELS: dict[str, str | Promise] = {
    "Q1": _("Registration rate"),
    "Q2": _("Address match rate"),
    "Q3": _("Accuracy rate"),
    "Q4": _("Deregistration rate"),
    "Q5": _("Active deregistration rate"),
    "Q6": _("Timeliness rate"),
    "Q7": _("Rental registration rate"),
    "Q8": _("Signed undertaking rate"),
    "Q14": _("Reporting rate of landlords and employers"),
}
FIELD, LEDGER = ("Q1", "Q2", "Q3", "Q4", "Q7", "Q8"), ("Q5", "Q6", "Q14")
TENTH = Decimal("0.1")
RENTED = "05"  # the entry 租赁房屋 of the code table `dwelling_kind`
REPORTED_THROUGH = ("lessor", "employer", "property")  # codes of the table `channel`
TERMS = {
    ChangeKind.ARRIVAL: "registration.report_workdays",
    ChangeKind.RENEWAL: "registration.report_workdays",
    ChangeKind.ADDRESS: "registration.change_days",
    ChangeKind.WORKPLACE: "registration.change_days",
}


@dataclass(frozen=True, slots=True)
class Rate:
    """`hits` of `of`; `percent` with one decimal, half up; None when there was nothing to count."""

    code: str
    hits: int
    of: int

    @property
    def label(self) -> str | Promise:
        return LABELS[self.code]

    @property
    def percent(self) -> Decimal | None:
        if not self.of:
            return None
        return (Decimal(100 * self.hits) / self.of).quantize(TENTH, ROUND_HALF_UP)

    @property
    def target(self) -> int | None:
        """By policy; Q14 has none."""
        return None if self.code == "Q14" else int(rule(f"quality.{self.code.lower()}_target").value)

    @property
    def is_short(self) -> bool:
        return self.percent is not None and self.target is not None and self.percent < self.target


def field_rates(items: QuerySet[SampleItem]) -> dict[str, list[Rate]]:
    """By community code, and "" for all together: Q1–Q4, Q7 and Q8 of what was checked.

    Doors count for Q1, Q2, Q4, Q7 and Q8, records for Q2, Q3 and Q4. Whoever could not be reached counts nowhere.
    """
    checked = items.filter(outcome=SampleOutcome.CHECKED).order_by()
    rows: list[Any] = list(checked.values("area_code").annotate(**_SUMS))
    found: dict[str, dict[str, Any]] = {row["area_code"]: row for row in rows}
    found[""] = {name: sum(row[name] or 0 for row in found.values()) for name in _SUMS}
    return {code: [Rate(q, row[f"{q}_hits"] or 0, row[f"{q}_of"] or 0) for q in FIELD] for code, row in found.items()}


_DOOR, _RECORD = Q(campaign__method=SamplingMethod.DOORS), Q(campaign__method=SamplingMethod.RECORDS)
_SUMS = {
    "Q1_hits": Sum("people_registered", filter=_DOOR),
    "Q1_of": Sum("people_found", filter=_DOOR),
    "Q2_hits": Sum("people_here"),
    "Q2_of": Sum("people_registered"),
    "Q3_hits": Count("pk", filter=_RECORD & Q(people_here=1, wrong_items=[])),
    "Q3_of": Count("pk", filter=_RECORD),
    "Q4_hits": Sum("left_closed"),
    "Q4_of": Sum("left_found"),
    "Q7_hits": Count("pk", filter=_DOOR & Q(is_rented=True, rental_registered=True)),
    "Q7_of": Count("pk", filter=_DOOR & Q(is_rented=True)),
    "Q8_hits": Count("pk", filter=_DOOR & Q(rental_registered=True, undertaking_signed=True)),
    "Q8_of": Count("pk", filter=_DOOR & Q(rental_registered=True)),
}


def ledger_rates(user: User, *, area_code: str, first: date, last: date) -> list[Rate]:
    """Q5, Q6 and Q14 of what was recorded from `first` to `last` where `user` sees the ledger; undone lines count
    nowhere."""
    lines = RegistrationChange.objects.filter(scope_of(user, Registration, "view").q()).within(area_code)
    lines = lines.filter(recorded_on__range=(first, last), undone_by=None).order_by()
    return [_active_cancels(lines), _timeliness(lines), _reported(lines)]


def _active_cancels(lines: QuerySet[RegistrationChange]) -> Rate:
    """Q5: cancelled by staff or declarers before they would have expired by themselves."""
    cancels = lines.filter(kind=ChangeKind.DEPARTURE)
    return Rate("Q5", cancels.exclude(discovered_by=DiscoveredBy.SYSTEM).count(), cancels.count())


def _timeliness(lines: QuerySet[RegistrationChange]) -> Rate:
    """Q6: entered within the legal term (arrivals Z1, changes Z8)."""
    entered = lines.filter(kind__in=TERMS).values_list("kind", "happened_on", "recorded_on")
    hits = whole = 0
    for kind, happened, recorded, count in entered.annotate(count=Count("pk")):
        whole += count
        hits += count if recorded <= due_on(happened, TERMS[ChangeKind(kind)]) else 0
    return Rate("Q6", hits, whole)


def _reported(lines: QuerySet[RegistrationChange]) -> Rate:
    """Q14: of the arrivals and departures that a landlord or an employer had to report, those they did in time."""
    theirs = Q(registration__lodging=RENTED) | ~Q(registration__workplace="")
    events = lines.filter(theirs, kind__in=[ChangeKind.ARRIVAL, ChangeKind.RENEWAL, ChangeKind.DEPARTURE])
    by_them = Q(discovered_by__in=[DiscoveredBy.LANDLORD, DiscoveredBy.EMPLOYER]) | Q(
        ~Q(kind=ChangeKind.DEPARTURE), registration__channel__in=REPORTED_THROUGH
    )
    reported = events.filter(by_them).values_list("happened_on", "recorded_on")
    hits = sum(
        count
        for happened, recorded, count in reported.annotate(count=Count("pk"))
        if recorded <= due_on(happened, "report.lessor_days")
    )
    return Rate("Q14", hits, events.count())
