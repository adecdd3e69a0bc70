"""`rule()` and `due_on()` are the only way to a number of the law. No deadline, ratio or target is written in code."""

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import pghistory
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from portal.core import clock
from portal.core.errors import DomainError
from portal.org.models import User
from portal.policy import cache
from portal.policy.choices import Unit
from portal.policy.models import PolicyRule
from portal.policy.working_days import add_workdays, next_workday

MONTHS_A_YEAR = 12


@dataclass(frozen=True, slots=True)
class Rule:
    """A whole number comes as int, anything else as Decimal. `verified` False: nobody has checked it yet."""

    code: str
    value: int | Decimal
    unit: str
    text: str
    basis: str
    verified: bool
    area_code: str
    effective_from: date
    effective_to: date | None

    def in_force(self, day: date) -> bool:
        return self.effective_from <= day and (self.effective_to is None or day <= self.effective_to)


def rule(code: str, *, on: date | None = None, area_code: str = "") -> Rule:
    """The rule in force on `on` (today when not given) for an area of any level; the most specific area wins.

    Without `area_code` the installation's own county decides. Raises DomainError naming the rule when there is none.
    """
    day = on or clock.today()
    by_area = _rules().get(code, {})
    area = area_code or settings.COUNTY_CODE
    for length in range(len(area), -1, -1):
        for candidate in by_area.get(area[:length], ()):
            if candidate.in_force(day):
                return candidate
    raise DomainError(
        _("The rule “%(code)s” has no value in force on %(day)s. Ask the administrator to enter it.")
        % {"code": code, "day": day.isoformat()},
        code="rule_missing",
        context={"rule": code},
    )


def due_on(start: date, code: str, *, area_code: str = "") -> date:
    """The last day to act when the event happened on `start`, by the rule in force on that day."""
    found = rule(code, on=start, area_code=area_code)
    return add_term(start, int(found.value), found.unit)


def add_term(start: date, value: int, unit: str) -> date:
    """The last day of a legal term; the day of the event is not counted (Civil Code art. 201).

    `day`, `month` and `year` terms that end on a rest day run to the next working day (art. 203); `workday` terms
    count statutory make-up days as working. For anniversaries and windows, which never move, use `shift`.
    """
    if unit == Unit.WORKDAY:
        return add_workdays(start, value)
    return next_workday(shift(start, value, unit))


def shift(start: date, value: int, unit: str) -> date:
    """Plain calendar arithmetic: same day of the month, or the month's last day (31 Jan + 1 month = 28/29 Feb)."""
    if unit == Unit.DAY:
        return start + timedelta(days=value)
    if unit not in (Unit.MONTH, Unit.YEAR):
        raise ValueError(f"{unit} is not a calendar unit")
    months = start.year * MONTHS_A_YEAR + start.month - 1 + value * (MONTHS_A_YEAR if unit == Unit.YEAR else 1)
    year, month = divmod(months, MONTHS_A_YEAR)
    return date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))


@transaction.atomic
def set_rule(
    *,
    code: str,
    value: int | Decimal,
    basis: str,
    effective_from: date,
    area_code: str = "",
    unit: str = "",
    note: str = "",
    verified: bool = False,
    actor: User,
) -> PolicyRule:
    """End the row in force the day before `effective_from` and start a new one; the history keeps both.

    The row counts as entered by hand: a later `load_policy` leaves this rule alone. Refused when a later change is
    already entered, or when the value is beyond the rule's own limits (`<code>_max`, `<code>_min`).
    """
    rows = list(PolicyRule.objects.select_for_update().filter(code=code, area_code=area_code))
    general = PolicyRule.objects.filter(code=code).first()
    if general is None:
        raise DomainError(_("There is no rule called “%(code)s”.") % {"code": code}, field="code", code="rule_missing")
    _refuse_later_rows(rows, effective_from)
    _refuse_beyond_limits(code, Decimal(value), effective_from, area_code)
    current = next((row for row in rows if row.effective_to is None or row.effective_to >= effective_from), None)
    if current is not None and current.effective_from < effective_from:
        with pghistory.context(actor=actor.pk, purpose="policy"):
            current.effective_to = effective_from - timedelta(days=1)
            current.save(update_fields=["effective_to"])
        current = None
    row = current or PolicyRule(code=code, area_code=area_code, effective_from=effective_from)
    row.value, row.unit, row.basis = Decimal(value), unit or general.unit, basis
    row.text, row.note, row.verified, row.pack = general.text, note, verified, ""
    with pghistory.context(actor=actor.pk, purpose="policy"):
        row.save()
    return row


def _refuse_later_rows(rows: list[PolicyRule], effective_from: date) -> None:
    later = [row.effective_from for row in rows if row.effective_from > effective_from]
    if later:
        raise DomainError(
            _("A change from %(day)s on is already entered. Choose that day or a later one.")
            % {"day": max(later).isoformat()},
            field="effective_from",
        )


def _refuse_beyond_limits(code: str, value: Decimal, day: date, area_code: str) -> None:
    limits = {suffix: _limit(f"{code}_{suffix}", day, area_code) for suffix in ("max", "min")}
    highest, lowest = limits["max"], limits["min"]
    if highest is not None and value > highest.value:
        raise DomainError(
            _("The value can be at most %(limit)s: %(basis)s.") % {"limit": highest.value, "basis": highest.basis},
            field="value",
            code="above_limit",
        )
    if lowest is not None and value < lowest.value:
        raise DomainError(
            _("The value must be at least %(limit)s: %(basis)s.") % {"limit": lowest.value, "basis": lowest.basis},
            field="value",
            code="below_limit",
        )


def _limit(code: str, day: date, area_code: str) -> Rule | None:
    return rule(code, on=day, area_code=area_code) if code in _rules() else None


def _rules() -> Mapping[str, Mapping[str, tuple[Rule, ...]]]:
    return cache.copy_of("rules", _load)


def _load() -> dict[str, dict[str, tuple[Rule, ...]]]:
    loaded: dict[str, dict[str, tuple[Rule, ...]]] = {}
    for row in PolicyRule.objects.all():
        by_area = loaded.setdefault(row.code, {})
        by_area[row.area_code] = (*by_area.get(row.area_code, ()), _frozen(row))
    return loaded


def _frozen(row: PolicyRule) -> Rule:
    whole = row.value == row.value.to_integral_value()
    return Rule(
        code=row.code,
        value=int(row.value) if whole else row.value.normalize(),
        unit=row.unit,
        text=row.text,
        basis=row.basis,
        verified=row.verified,
        area_code=row.area_code,
        effective_from=row.effective_from,
        effective_to=row.effective_to,
    )
