"""How much time a file has left, in words (pattern P14). Counted in working days; a returned file's clock rests."""

from dataclasses import dataclass
from datetime import date, datetime, time
from math import ceil

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.core import clock
from portal.policy.services import due_on, rule
from portal.policy.working_days import add_workdays, is_provisional, next_workday, workdays_between
from residents.choices import ApplicationKind, ApplicationStatus
from residents.models import PermitApplication

RULE_OF = {
    ApplicationKind.FIRST: "permit.issue_days",
    ApplicationKind.DAMAGED: "permit.replace_days",
    ApplicationKind.LOST: "permit.replace_days",
}
WAITING = {ApplicationStatus.ACCEPTED, ApplicationStatus.REVIEWED}
LAST_HOURS = 4
HOUR = 3600


@dataclass(frozen=True, slots=True)
class Sla:
    """`state` is ok, warn, bad, paused or done; `percent` is how much of the time is used up."""

    state: str
    words: str
    percent: int
    due: date | None


def start_clock(application: PermitApplication, accepted: datetime) -> None:
    """The day of acceptance is not counted; an end on a rest day runs to the next working day (R6, Civil Code 203)."""
    day = clock.local_date(accepted)
    found = rule(RULE_OF[ApplicationKind(application.kind)], on=day, area_code=application.area_code)
    application.accepted_at = accepted
    application.due_on = due_on(day, found.code, area_code=application.area_code)
    application.due_rule = {
        "code": found.code,
        "value": str(found.value),
        "unit": found.unit,
        "basis": found.basis,
        "area_code": found.area_code,
        "provisional": is_provisional(application.due_on),
    }


def pause_clock(application: PermitApplication) -> None:
    application.due_rule = {**application.due_rule, "paused_on": clock.today().isoformat()}


def resume_clock(application: PermitApplication) -> None:
    """The days spent waiting for the applicant are added; the new end is a working day again."""
    rule_kept = dict(application.due_rule)
    since = date.fromisoformat(str(rule_kept.pop("paused_on")))
    if application.due_on:
        application.due_on = next_workday(application.due_on + (clock.today() - since))
    application.due_rule = {**rule_kept, "paused_days": (clock.today() - since).days}


def sla(application: PermitApplication, now: datetime) -> Sla:
    """Free of queries in a list: rules and calendar are cached for the transaction."""
    due = application.due_on
    if application.status == ApplicationStatus.RETURNED:
        return Sla("paused", _("waiting for papers"), 0, due)
    if application.status not in WAITING or due is None or application.accepted_at is None:
        return Sla("done", application.get_status_display(), 100, due)
    today = clock.local_date(now)
    start = clock.local_date(application.accepted_at)
    whole = max(1, workdays_between(start, due))
    percent = min(100, max(0, 100 * workdays_between(start, today) // whole))
    if today > due:
        return Sla("bad", _overdue(max(1, workdays_between(due, today))), 100, due)
    left = workdays_between(today, due)
    if left >= 1:
        soon = left <= int(rule("permit.due_soon_days", on=today, area_code=application.area_code).value)
        words = ngettext("%(count)s day left", "%(count)s days left", left) % {"count": left}
        return Sla("warn" if soon else "ok", words, percent, due)
    return _last_day(application, now, due)


def _last_day(application: PermitApplication, now: datetime, due: date) -> Sla:
    closing = int(rule("office.closing_hour", on=due, area_code=application.area_code).value)
    end = timezone.make_aware(datetime.combine(due, time(closing)))
    seconds = (end - now).total_seconds()
    if seconds <= 0:
        return Sla("bad", _overdue(1), 100, due)
    hours = ceil(seconds / HOUR)
    words = ngettext("%(count)s hour left", "%(count)s hours left", hours) % {"count": hours}
    return Sla("bad" if hours <= LAST_HOURS else "warn", words, 99, due)


def _overdue(days: int) -> str:
    return ngettext("%(count)s day overdue", "%(count)s days overdue", days) % {"count": days}


def soon_until(today: date, area_code: str = "") -> date:
    """Files due up to this day are about to be late."""
    return add_workdays(today, int(rule("permit.due_soon_days", on=today, area_code=area_code).value))
