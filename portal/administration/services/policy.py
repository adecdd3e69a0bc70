"""What the security administrator may set: days of the calendar and rules of policy, both with their basis."""

from datetime import date, timedelta
from decimal import Decimal

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from portal.administration.events import CalendarChanged
from portal.audit import services as audit
from portal.core.errors import DomainError
from portal.events import bus
from portal.org.models import User
from portal.org.scoping import can
from portal.policy.choices import DayKind
from portal.policy.models import CalendarDay, PolicyRule
from portal.policy.services import set_rule
from portal.policy.working_days import is_workday

LONGEST_SPAN_DAYS = 31


def may_set(user: User, model: type[CalendarDay] | type[PolicyRule]) -> bool:
    return can(user, model, "change", at=settings.COUNTY_CODE)


@transaction.atomic
def set_days(*, first: date, last: date, kind: str, name: str, basis: str, actor: User) -> list[CalendarDay]:
    """Enter a stretch of days off or make-up working days, both ends included. A day entered before is replaced.

    Days that are so already (a Saturday marked as a day off) are entered as well: the notice names them.
    """
    if not may_set(actor, CalendarDay):
        raise PermissionDenied
    if last < first:
        raise DomainError(_("The last day lies before the first."), field="last")
    span = (last - first).days + 1
    if span > LONGEST_SPAN_DAYS:
        raise DomainError(_("At most %(days)s days at once.") % {"days": LONGEST_SPAN_DAYS}, field="last")
    changed = []
    for offset in range(span):
        day, _created = CalendarDay.objects.update_or_create(
            day=first + timedelta(days=offset), defaults={"kind": kind, "name": name, "basis": basis}
        )
        changed.append(day)
        audit.record(actor=actor, action="calendar_set", target=day, day=day.day, kind=kind)
    for year in sorted({first.year, last.year}):
        bus.publish(CalendarChanged(year=year))
    return changed


@transaction.atomic
def forget_day(*, day_id: int, actor: User) -> date:
    """The built-in calendar speaks for this day again."""
    if not may_set(actor, CalendarDay):
        raise PermissionDenied
    row = CalendarDay.objects.select_for_update().get(pk=day_id)
    day = row.day
    audit.record(actor=actor, action="calendar_removed", target=row, day=day, kind=row.kind)
    row.delete()
    bus.publish(CalendarChanged(year=day.year))
    return day


@transaction.atomic
def change_rule(
    *, rule_id: int, value: Decimal, basis: str, effective_from: date, verified: bool, note: str, actor: User
) -> PolicyRule:
    """The county's own value from `effective_from` on; the one before ends the day before and is kept."""
    if not may_set(actor, PolicyRule):
        raise PermissionDenied
    before = PolicyRule.objects.get(pk=rule_id)
    row = set_rule(
        code=before.code,
        value=value,
        basis=basis,
        effective_from=effective_from,
        area_code=settings.COUNTY_CODE,
        unit=before.unit,
        note=note,
        verified=verified,
        actor=actor,
    )
    audit.record(actor=actor, action="rule_set", target=row, code=row.code, before=before.value, after=row.value)
    return row


def days_of(year: int) -> list[tuple[date, str]]:
    """Every day of the year with what it is: `work`, `rest`, or a deviation from the plain week."""
    first = date(year, 1, 1)
    found = []
    for offset in range((date(year + 1, 1, 1) - first).days):
        day = first + timedelta(days=offset)
        works, weekday = is_workday(day), day.weekday() < 5  # noqa: PLR2004 - Monday to Friday
        if works:
            found.append((day, "work" if weekday else DayKind.WORK.value + "-extra"))
        else:
            found.append((day, DayKind.HOLIDAY.value if weekday else "rest"))
    return found
