"""Lease contracts filed with the housing department: by the landlord, or by the tenant where he does not (HL4)."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from portal.audit import services as audit
from portal.core import clock
from portal.core.errors import DomainError
from portal.org.models import User
from portal.org.scoping import require
from rentals.choices import FiledBy, FilingStatus
from rentals.models import WHOLE, LeaseFiling, LeaseTenant, RentalRegistration
from rentals.services import numbers
from rentals.services.registrations import NOTE_LENGTH
from rentals.workflow import FILING_WORKFLOW
from residents.models import Dwelling, Registration
from residents.services.names import check_name, normalise_name
from residents.services.versions import require_version, violated

OVERLAP = "lease_room_once_at_a_time"


@dataclass(frozen=True, slots=True, kw_only=True)
class FilingInput:
    """`stays` are keys of active stays at the dwelling; `others` tenants by name who are not registered there yet.
    `starts_on` and `ends_on` are both days of the lease. An empty `room` is the whole dwelling."""

    filed_by: str
    room: str = WHOLE
    starts_on: date
    ends_on: date
    monthly_rent: Decimal | None = None
    stays: tuple[int, ...] = ()
    others: tuple[str, ...] = ()


@transaction.atomic
def file_lease(*, dwelling_id: int, given: FilingInput, actor: User) -> LeaseFiling:
    """Free of charge (HL4). Raises DomainError(code="leased") for a room that is leased on one of the days already."""
    dwelling = Dwelling.objects.standing().get(pk=dwelling_id)
    require(actor, LeaseFiling, "add", at=dwelling.area_code)
    if given.filed_by not in FiledBy.values:
        raise DomainError(_("Please choose who files the contract."), field="filed_by")
    if given.ends_on < given.starts_on:
        raise DomainError(_("The lease cannot end before it begins."), field="ends_on")
    if given.monthly_rent is not None and given.monthly_rent < 0:
        raise DomainError(_("The rent cannot be negative."), field="monthly_rent")
    tenants = _tenants(dwelling, given, actor)
    row = LeaseFiling(
        dwelling=dwelling,
        rental=RentalRegistration.objects.live().filter(dwelling=dwelling).first(),
        area_code=dwelling.area_code,
        number=numbers.next_number(numbers.FILING, area_code=dwelling.area_code),
        room=room_label(given.room),
        filed_by=given.filed_by,
        starts_on=given.starts_on,
        ends_on=given.ends_on,
        monthly_rent=given.monthly_rent,
        submitted_by=actor,
    )
    _save(row)
    for tenant in tenants:
        tenant.filing = row
        tenant.save(force_insert=True)
    audit.record(actor=actor, action="lease.submitted", target=row)
    return row


@transaction.atomic
def accept_filing(*, filing_id: int, version: int, actor: User) -> LeaseFiling:
    row = _locked(filing_id, "review", version, actor)
    row.status = _target(row, "accept")
    row.filed_on, row.decided_by = clock.today(), actor
    row.save(update_fields=["status", "filed_on", "decided_by", "version"])
    audit.record(actor=actor, action="lease.filed", target=row)
    return row


@transaction.atomic
def refuse_filing(*, filing_id: int, reason: str, version: int, actor: User) -> LeaseFiling:
    """The room is free again; the parties are told why and may file anew."""
    row = _locked(filing_id, "review", version, actor)
    row.status = _target(row, "refuse")
    if not reason.strip():
        raise DomainError(_("Please say why the contract is not filed: the parties are told."), field="reason")
    row.refusal_reason, row.decided_by = reason.strip()[:NOTE_LENGTH], actor
    row.save(update_fields=["status", "refusal_reason", "decided_by", "version"])
    audit.record(actor=actor, action="lease.refused", target=row)
    return row


@transaction.atomic
def renew_filing(*, filing_id: int, ends_on: date, version: int, actor: User) -> LeaseFiling:
    """The same parties go on until a later day, if nobody else has the room by then."""
    row = _locked(filing_id, "add", version, actor)
    row.status = _target(row, "renew")
    if ends_on <= row.ends_on:
        raise DomainError(_("The new end lies after the present one."), field="ends_on")
    row.ends_on = ends_on
    _save(row, field="ends_on")
    audit.record(actor=actor, action="lease.renewed", target=row, ends_on=ends_on.isoformat())
    return row


@transaction.atomic
def end_filing(*, filing_id: int, ended_on: date, reason: str, version: int, actor: User) -> LeaseFiling:
    """The lease ended, on time or before. `ended_on` is the last day; the room is free at once."""
    row = _locked(filing_id, "add", version, actor)
    row.status = _target(row, "end")
    if not reason.strip():
        raise DomainError(_("Please say why the lease ended."), field="reason")
    if ended_on > clock.today():
        raise DomainError(_("The day lies in the future."), field="ended_on")
    row.ended_on, row.end_reason = ended_on, reason.strip()[:NOTE_LENGTH]
    row.save(update_fields=["status", "ended_on", "end_reason", "version"])
    audit.record(actor=actor, action="lease.ended", target=row)
    return row


def room_label(text: str) -> str:
    """`Ａ 室`, `a` and `A室` are one room; empty is the whole dwelling."""
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).upper()
    return plain.removesuffix("室").removesuffix("间") or WHOLE


def _tenants(dwelling: Dwelling, given: FilingInput, actor: User) -> list[LeaseTenant]:
    """HL4: a contract has a tenant by name. Who is registered at the dwelling is linked."""
    here = Registration.objects.restrict(actor, "view").active().filter(dwelling=dwelling)
    stays = list(here.filter(pk__in=given.stays).select_related("person"))
    if len(stays) != len(set(given.stays)):
        raise DomainError(_("Somebody of these no longer lives here: choose again."), field="stays")
    others = [check_name(normalise_name(name), field="others") for name in given.others if name.strip()]
    if not stays and not others:
        raise DomainError(_("Please choose or enter at least one tenant."), field="others")
    linked = [LeaseTenant(registration=stay, name=stay.person.name) for stay in stays]
    return [*linked, *(LeaseTenant(name=name) for name in dict.fromkeys(others))]


def _save(row: LeaseFiling, *, field: str = "room") -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        if violated(error) != OVERLAP:
            raise
        raise DomainError(
            _("This room, or the whole dwelling, is leased to somebody on one of these days already."),
            field=field,
            code="leased",
        ) from error


def _locked(filing_id: int, action: str, version: int, actor: User) -> LeaseFiling:
    rows = LeaseFiling.objects.restrict(actor, action).select_for_update(of=("self",))
    row: LeaseFiling = require_version(rows.get(pk=filing_id), version)
    return row


def _target(row: LeaseFiling, move: str) -> str:
    status: str = FILING_WORKFLOW.target(move, status=row.status, status_label=str(row.get_status_display()))
    return FilingStatus(status)
