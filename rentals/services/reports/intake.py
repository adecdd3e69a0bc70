"""Taking a report: in time or late, of one tenant or of several; nothing about the register comes back."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit import services as audit
from portal.core import clock
from portal.core.errors import DomainError
from portal.org.choices import AreaLevel
from portal.org.models import Area
from portal.policy.services import due_on, rule
from portal.policy.working_days import workdays_between
from portal.vault.blind import blind_index
from rentals.models import TenancyReport
from rentals.report_choices import ReporterKind, ReportKind
from rentals.services.filings import room_label
from rentals.services.landlords import PHONE
from rentals.services.reports.doors import door_of_plate, doors_of
from residents.choices import DocumentKind
from residents.models import Dwelling
from residents.services.identity import check_document, document_index, normalise_document
from residents.services.names import check_name, check_phone, normalise_name, normalise_phone

CLOCKS = {
    ReporterKind.LANDLORD: "report.lessor_days",
    ReporterKind.MANAGER: "report.property_days",
    ReporterKind.BROKER: "report.broker_days",
}
LONGEST_ADDRESS, LONGEST_NAME = 120, 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporter:
    """`confirmed`: the phone was proved by a code."""

    kind: str
    name: str
    phone: str
    confirmed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantInput:
    name: str
    document_kind: str = DocumentKind.RESIDENT_ID
    document_number: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportInput:
    """One of three says where: `plate` of the door, `dwelling_id` of a door let under the phone, or `area_code` of a
    community with an `address` in words. `told_on` starts the clock of managers and brokers (Z5, Z6)."""

    kind: str
    happened_on: date
    tenants: Sequence[TenantInput]
    told_on: date | None = None
    plate: uuid.UUID | None = None
    dwelling_id: int | None = None
    area_code: str = ""
    address: str = ""
    room: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the reporter is told. `late_days` are working days after `due_on`; 0 in time."""

    batch: uuid.UUID
    tenants: int
    due_on: date
    late_days: int


@transaction.atomic
def receive(*, reporter: Reporter, given: ReportInput, batch: uuid.UUID) -> Receipt:
    """Keep the report, one row for each tenant. The same `batch` again keeps nothing twice.

    A plate that nobody printed is answered like any other: what is said there is checked, and then dropped. Raises
    DomainError with the field of the form; those of tenant number i stand at "tenants.<i>.<field>".
    """
    who = _checked_reporter(reporter)
    today = clock.today()
    starts = _checked_days(given, who.kind, today)
    tenants = _checked_tenants(given)
    door, area_code = _place(given, who)
    due = due_on(starts, CLOCKS[ReporterKind(who.kind)], area_code=area_code)
    late = max(workdays_between(due, today), 0)
    receipt = Receipt(batch, len(tenants), due, late)
    if not area_code or TenancyReport.objects.filter(batch=batch).exists():
        return receipt
    common = {
        "batch": batch,
        "kind": given.kind,
        "reporter_kind": who.kind,
        "reporter_name": who.name,
        "reporter_phone": who.phone,
        "reporter_index": blind_index(PHONE, who.phone),
        "confirmed": who.confirmed,
        "dwelling": door,
        "area_code": area_code,
        "address": "" if door else _words(given.address, LONGEST_ADDRESS),
        "room": room_label(given.room)[:20],
        "happened_on": given.happened_on,
        "counted_from": starts,
        "reported_on": today,
        "due_on": due,
        "late_days": late,
    }
    rows = [
        TenancyReport.objects.create(
            **common,
            line=at,
            name=one.name,
            document_kind=one.document_kind if one.document_number else "",
            document_number=one.document_number,
            document_index=document_index(one.document_number) if one.document_number else None,
            phone=one.phone,
        )
        for at, one in enumerate(tenants, start=1)
    ]
    audit.record(
        actor=None, action="report.received", target=rows[0], tenants=len(rows), confirmed=who.confirmed, late_days=late
    )
    return receipt


def _checked_reporter(reporter: Reporter) -> Reporter:
    if reporter.kind not in ReporterKind.values:
        raise DomainError(_("Please choose who you are."), field="reporter_kind")
    name, phone = _words(reporter.name, LONGEST_NAME), normalise_phone(reporter.phone)
    if not name:
        raise DomainError(_("Please enter your name, or that of your company."), field="reporter_name")
    if not phone:
        raise DomainError(_("Please enter your phone number."), field="reporter_phone")
    check_phone(phone, field="reporter_phone")
    return Reporter(kind=reporter.kind, name=name, phone=phone, confirmed=reporter.confirmed)


def _checked_days(given: ReportInput, kind: str, today: date) -> date:
    """The day the clock starts."""
    if given.kind not in ReportKind.values:
        raise DomainError(_("Please choose whether they moved in or out."), field="kind")
    if given.happened_on > today:
        raise DomainError(_("The day lies in the future. Report it when it has happened."), field="happened_on")
    oldest = today - timedelta(days=int(rule("report.backdate_days").value))
    if given.happened_on < oldest:
        raise DomainError(_("That is too long ago for this page. Please call the police station."), field="happened_on")
    if kind == ReporterKind.LANDLORD or given.told_on is None:
        return given.happened_on
    if not oldest <= given.told_on <= today:
        raise DomainError(_("This day lies in the future, or too long ago."), field="told_on")
    return given.told_on


def _checked_tenants(given: ReportInput) -> list[TenantInput]:
    if not given.tenants:
        raise DomainError(_("Please enter at least one tenant."), field="tenants.0.name")
    if len(given.tenants) > int(rule("report.tenants_most").value):
        raise DomainError(_("That are too many tenants for one report. Send a second one."))
    found: list[TenantInput] = []
    for at, one in enumerate(given.tenants):
        try:
            found.append(_checked_tenant(one, moving_in=given.kind == ReportKind.MOVED_IN))
        except DomainError as error:
            raise DomainError(error.message, field=f"tenants.{at}.{error.field}", code=error.code) from error
    numbers = [one.document_number for one in found if one.document_number]
    if len(numbers) != len(set(numbers)):
        raise DomainError(_("The same document stands here twice."), field=f"tenants.{len(found) - 1}.document_number")
    return found


def _checked_tenant(one: TenantInput, *, moving_in: bool) -> TenantInput:
    """HL5: the landlord has seen the document of whoever moves in; for somebody who left the name is enough."""
    number = normalise_document(one.document_kind, one.document_number) if one.document_number.strip() else ""
    if number or moving_in:
        number = check_document(one.document_kind, number).number
    return TenantInput(
        name=check_name(normalise_name(one.name), field="name"),
        document_kind=one.document_kind,
        document_number=number,
        phone=check_phone(normalise_phone(one.phone), field="phone"),
    )


def _place(given: ReportInput, who: Reporter) -> tuple[Dwelling | None, str]:
    """The door and its area; ("", for a plate that is none) an empty area."""
    if given.plate is not None:
        door = door_of_plate(given.plate)
        if door is not None:
            _refuse_flood(door)
        return door, door.area_code if door else ""
    if not who.confirmed:
        raise DomainError(_("Please confirm your phone first."), code="unconfirmed")
    if given.dwelling_id is not None:
        own = {one.dwelling_id for one in doors_of(blind_index(PHONE, who.phone))}
        if given.dwelling_id not in own:
            raise DomainError(_("Please choose the address."), field="place")
        door = Dwelling.objects.get(pk=given.dwelling_id)
        return door, door.area_code
    if not Area.objects.filter(code=given.area_code, level=AreaLevel.COMMUNITY, valid_to=None).exists():
        raise DomainError(_("Please choose the community."), field="area_code")
    if not given.address.strip():
        raise DomainError(_("Please write down the address."), field="address")
    return None, given.area_code


def _refuse_flood(door: Dwelling) -> None:
    today = TenancyReport.objects.filter(dwelling=door, confirmed=False, reported_on=clock.today()).count()
    if today >= int(rule("report.plate_per_day").value):
        raise DomainError(_("Much was reported for this door today. Please call the police station."))


def _words(text: str, longest: int) -> str:
    return " ".join(text.split())[:longest]
