"""Proving a phone by a one-time code. The answer is the same for every number: it tells nothing about who lets."""

import hmac
import secrets
import uuid
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit import services as audit
from portal.core import clock
from portal.core.errors import DomainError
from portal.policy.services import rule
from portal.vault.blind import blind_index
from rentals.models import ReporterVisit
from rentals.services.landlords import PHONE
from rentals.services.reports.senders import sender
from residents.services.names import check_phone, normalise_phone

CODE = "rentals.report_code"
HOUR = timedelta(hours=1)
KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """`shown` is the code itself in the demo, "" everywhere else. `visit_id` may belong to no row."""

    visit_id: uuid.UUID
    shown: str


@transaction.atomic
def ask_code(*, phone: str) -> Asked:
    """Send a code. A number that asked too often within the hour gets none, and nobody is told so."""
    number = normalise_phone(phone)
    if not number:
        raise DomainError(_("Please enter your phone number."), field="phone")
    check_phone(number, field="phone")
    plug_in = sender()
    if plug_in is None:
        raise DomainError(_("Codes are not sent here. Scan the plate at the door, or call the police station."))
    now, index = clock.now(), blind_index(PHONE, number)
    ReporterVisit.objects.filter(expires_at__lt=now - KEPT).delete()
    recent = ReporterVisit.objects.filter(phone_index=index, asked_at__gt=now - HOUR).count()
    visit = _new_visit(number, index)
    if recent >= int(rule("report.codes_per_hour").value):
        return Asked(visit_id=uuid.uuid4(), shown="")
    code = _digits(int(rule("report.code_digits").value))
    visit.hashed = _hash(visit.pk, code)
    visit.save(force_insert=True)
    audit.record(actor=None, action="report.code_sent", target=visit)
    return Asked(visit_id=visit.pk, shown=plug_in.send(phone=number, code=code))


def confirm(*, visit_id: uuid.UUID, code: str) -> bool:
    """Whether the code is right, in time and not tried too often. Every try counts, also the wrong ones: call it in a
    transaction that is kept. One answer for all that can be wrong."""
    visit = ReporterVisit.objects.select_for_update().filter(pk=visit_id).first()
    typed = "".join(code.split())[:12] or "-"
    expected = bytes(visit.hashed) if visit else b"\0" * 16
    right = hmac.compare_digest(_hash(visit_id, typed), expected)
    if visit is None:
        return False
    usable = (
        visit.confirmed_at is None
        and visit.attempts < int(rule("report.code_attempts").value)
        and clock.now() < visit.expires_at
    )
    visit.attempts = min(visit.attempts + 1, 1000)
    if right and usable:
        visit.confirmed_at = clock.now()
    visit.save(update_fields=["attempts", "confirmed_at"])
    audit.record(actor=None, action="report.code_tried", target=visit, right=right and usable)
    return right and usable


def confirmed_visit(visit_id: uuid.UUID) -> ReporterVisit | None:
    """The visit whose code was right, until `report.session_minutes` after that."""
    since = clock.now() - timedelta(minutes=int(rule("report.session_minutes").value))
    return ReporterVisit.objects.filter(pk=visit_id, confirmed_at__gt=since).first()


@transaction.atomic
def leave(visit_id: uuid.UUID) -> None:
    ReporterVisit.objects.filter(pk=visit_id).delete()


def _new_visit(number: str, index: bytes) -> ReporterVisit:
    minutes = int(rule("report.code_minutes").value)
    return ReporterVisit(phone=number, phone_index=index, expires_at=clock.now() + timedelta(minutes=minutes))


def _digits(count: int) -> str:
    return f"{secrets.randbelow(10**count):0{count}d}"


def _hash(visit_id: uuid.UUID, code: str) -> bytes:
    return blind_index(CODE, f"{visit_id}:{code}")
