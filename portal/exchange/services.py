"""Who may take which ledger out of the house, in what form, and why. Rendering itself is in `render`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.audit import services as audit
from portal.core import clock
from portal.core.errors import DomainError
from portal.exchange.ledgers import Ledger, LedgerParams, Query, all_ledgers, ledger_of
from portal.exchange.models import ExportRequest
from portal.exchange.periods import PeriodKind, period_of
from portal.exchange.sql import count
from portal.jobs.models import Job
from portal.jobs.services import enqueue
from portal.org.areas_then import is_whole
from portal.org.models import User
from portal.org.scoping import Scope, scope_of
from portal.org.services import area_path
from portal.policy.services import rule

KIND = "exchange.ledger"
FORMATS = ("xlsx", "csv")
COUNTY_DIGITS = 6
UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|\s]+')


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What was asked for, as it stands in the job's parameters. `full` asks for unmasked numbers, `known_at` for the
    rows as the register knew them at that moment, `areas_then` for the areas in use on the last day of the period,
    `subject` for the rows about one thing (`Ledger.subjects`)."""

    code: str
    area_code: str
    start: date
    end: date
    format: str = "xlsx"
    full: bool = False
    known_at: datetime | None = None
    areas_then: bool = False
    subject: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "area_code": self.area_code,
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "format": self.format,
            "full": self.full,
            "known_at": self.known_at.isoformat() if self.known_at else None,
            "areas_then": self.areas_then,
            "subject": self.subject,
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Order":
        start, end = (date.fromisoformat(values[key]) for key in ("start", "end"))
        return cls(
            code=values["code"],
            area_code=values["area_code"],
            start=start,
            end=end,
            format=values["format"],
            full=values["full"],
            known_at=datetime.fromisoformat(values["known_at"]) if values.get("known_at") else None,
            areas_then=bool(values.get("areas_then")),
            subject=str(values.get("subject", "")),
        )


def ledgers_for(user: User) -> list[Ledger]:
    return [ledger for ledger in all_ledgers() if not scope_of(user, ledger.model, ledger.action).is_nowhere]


def may_unmask(user: User, ledger: Ledger, area_code: str) -> bool:
    return area_code in scope_of(user, ledger.model, ledger.action_full)


def params_of(order: Order, *, actor: User) -> LedgerParams:
    """Raises PermissionDenied when nothing of the area lies within what `actor` may export now or the subject is not
    for him to see, DomainError for a moment that has not come or of which the ledger knows nothing."""
    ledger = ledger_of(order.code)
    _check_moment(order, ledger)
    reach = scope_of(actor, ledger.model, ledger.action)
    scope = reach.narrowed_to(order.area_code)
    if scope.is_nowhere or not _may_ask_about(order.subject, ledger, actor):
        raise PermissionDenied
    params = LedgerParams(
        actor=actor,
        scope=scope,
        area_code=order.area_code,
        area_name=name_of_scope(scope, order.area_code),
        period=period_of(ledger.period, order.start, order.end),
        today=clock.local_date(order.known_at) if order.known_at else clock.today(),
        known_at=order.known_at,
        areas_then=order.areas_then,
        subject=order.subject,
    )
    if order.areas_then and not is_whole(order.area_code, params.period.end, reach):
        raise DomainError(
            _("Part of this area lies elsewhere today. Only who sees both can count by the areas of that time."),
            field="areas_then",
        )
    return params


def _may_ask_about(subject: str, ledger: Ledger, actor: User) -> bool:
    return not subject or (ledger.subjects is not None and subject in dict(ledger.subjects(actor)))


def _check_moment(order: Order, ledger: Ledger) -> None:
    if order.known_at is None:
        return
    if not ledger.has_past:
        raise DomainError(_("This ledger can be made for today only. Leave the moment empty."), field="known_on")
    if order.known_at > clock.now():
        raise DomainError(
            _("This moment has not come yet. Choose an earlier one, or leave it empty."), field="known_on"
        )


def name_of_scope(scope: Scope, area_code: str) -> str:
    """The official name for the title: the area itself, or its first part and 等 when only parts are in reach."""
    if area_code in scope or not scope.codes:
        return area_path(area_code) or area_code
    first = area_path(scope.codes[0])
    return first if len(scope.codes) == 1 else f"{first}等"


def file_name(ledger: Ledger, params: LedgerParams, suffix: str) -> str:
    """常山县流动人口台账_2026-11-22.xlsx; what was known at a past moment says so."""
    known = timezone.localtime(params.known_at).strftime("_截至%Y%m%d-%H%M") if params.known_at else ""
    then = "_当时区划" if params.areas_then else ""
    return f"{UNSAFE.sub('', f'{params.area_name}{ledger.title}_{params.period.stamp}{known}{then}')}.{suffix}"


def request_ledger(
    *, order: Order, reason: str, recipient: str = "", is_outward: bool = False, actor: User
) -> Job | ExportRequest:
    """Ask for the file: the job that makes it, or the request that waits for a second person when it has more rows
    than the rule `export.large_rows` allows. Refused without a reason, and without a recipient when it leaves the
    department."""
    ledger = ledger_of(order.code)
    params = params_of(order, actor=actor)
    _check(order, ledger, reason=reason, recipient=recipient, is_outward=is_outward, actor=actor)
    told = {"reason": reason.strip(), "recipient": recipient.strip()}
    title = file_name(ledger, params, order.format).rsplit(".", 1)[0]
    wanted = order.as_json() | {"is_outward": is_outward}
    rows = large_rows(ledger, params)
    if rows is None:
        return enqueue(kind=KIND, actor=actor, title=title, **told, **wanted)
    request = ExportRequest.objects.create(
        area_code=order.area_code, order=wanted, title=title[:120], rows=rows, requested_by=actor, **told
    )
    audit.record(actor=actor, action="export.approval_asked", target=request, ledger=ledger.code, rows=rows)
    return request


def large_rows(ledger: Ledger, params: LedgerParams) -> int | None:
    """How many rows a file that names persons has, when that is more than one person may take out alone."""
    source = ledger.source(params)
    if not ledger.person or not isinstance(source, Query):
        return None
    rows = count(source)
    return rows if rows > int(rule("export.large_rows").value) else None


def _check(order: Order, ledger: Ledger, *, reason: str, recipient: str, is_outward: bool, actor: User) -> None:
    if not reason.strip():
        raise DomainError(_("Please say what the file is needed for."), field="reason_text")
    if is_outward and not recipient.strip():
        raise DomainError(_("Please name who receives the file."), field="recipient")
    if order.format not in FORMATS:
        raise DomainError(_("Please choose a workbook or CSV."), field="format")
    if order.full and not may_unmask(actor, ledger, order.area_code):
        raise DomainError(
            _("You may not export full numbers. Ask your security administrator for the right, or take them masked."),
            field="full",
        )


def may_still_export(actor: User, values: Mapping[str, Any]) -> bool:
    """Asked when the job runs and when the file is fetched: grants may have been taken since."""
    try:
        order = Order.from_json(values)
        ledger = ledger_of(order.code)
    except (DomainError, KeyError, ValueError):
        return False
    scope = scope_of(actor, ledger.model, ledger.action).narrowed_to(order.area_code)
    return not scope.is_nowhere and (not order.full or may_unmask(actor, ledger, order.area_code))


def default_order(ledger: Ledger, *, actor: User) -> Order:
    """What the form starts with: the widest area in reach; a monthly report speaks of the month that has ended."""
    today = clock.today()
    codes = scope_of(actor, ledger.model, ledger.action).codes
    start = today
    if ledger.period in {PeriodKind.MONTH, PeriodKind.RANGE}:
        start = today.replace(day=1)
    return Order(code=ledger.code, area_code=codes[0] if codes else "", start=start, end=today)
