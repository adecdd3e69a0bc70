"""The life of a hazard after the door was closed: said to be mended, looked at again, referred, closed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import IO

from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit import services as audit
from portal.core import clock
from portal.core.errors import DomainError
from portal.events import bus
from portal.files import services as files
from portal.org.models import User
from portal.policy.services import due_on, rule
from rentals.choices import Disposal, HazardStatus, HazardStepKind, Recipient
from rentals.events import HazardsChanged
from rentals.models import Hazard, HazardReferral, HazardStep
from rentals.services import numbers
from rentals.workflow import HAZARD_WORKFLOW
from residents.services.versions import require_version

FOUND, MENDED = "hazard_found", "hazard_mended"
"""Kinds of photo: how it looked when it was found, and how it looks now."""
TEXT = 200


@dataclass(frozen=True, slots=True)
class Photo:
    """`size` is what was sent, in bytes."""

    source: IO[bytes]
    size: int


def longest(level: str, *, area_code: str) -> date:
    """The last day that may be given for mending."""
    return due_on(clock.today(), f"hazard.mend_{level}_days", area_code=area_code)


def mend_by(asked: date | None, level: str, *, area_code: str) -> date:
    """`asked`, or the longest term where no day was asked for. Raises DomainError beside "due_on"."""
    last = longest(level, area_code=area_code)
    if asked is None:
        return last
    if not clock.today() <= asked <= last:
        raise DomainError(
            _("The day lies between today and %(day)s: that is the longest term for this level.")
            % {"day": last.isoformat()},
            field="due_on",
            code="term",
        )
    return asked


def needs_photo(area_code: str) -> bool:
    return bool(rule("hazard.closing_photo", area_code=area_code).value)


@transaction.atomic
def report_mended(*, hazard_id: int, note: str, version: int, actor: User) -> Hazard:
    """The landlord says that it is mended: it has to be looked at again within `hazard.recheck_days` working days."""
    row = locked(hazard_id, version, actor)
    row.status = target(row, "mended")
    row.due_on = due_on(clock.today(), "hazard.recheck_days", area_code=row.area_code)
    row.save(update_fields=["status", "due_on", "version"])
    step(row, HazardStepKind.MENDED, actor, note)
    audit.record(actor=actor, action="hazard.mended", target=row)
    return row


@transaction.atomic
def close(*, hazard_id: int, note: str, photos: Sequence[Photo], version: int, actor: User) -> Hazard:
    """Looked at again and mended (销号). Needs a photo of how it looks now, unless the rule was switched off."""
    row = locked(hazard_id, version, actor)
    row.status = target(row, "close")
    if not photos and needs_photo(row.area_code):
        raise DomainError(_("Please add a photo that shows that it is mended."), field="file", code="no_photo")
    row.due_on, row.closed_on, row.closed_by = None, clock.today(), actor
    row.save(update_fields=["status", "due_on", "closed_on", "closed_by", "version"])
    attach(row, photos, MENDED, actor)
    step(row, HazardStepKind.CLOSED, actor, note)
    audit.record(actor=actor, action="hazard.closed", target=row)
    bus.publish(HazardsChanged(dwelling_id=row.dwelling_id, area_code=row.area_code))
    return row


@transaction.atomic
def not_mended(*, hazard_id: int, note: str, mend_until: date | None, version: int, actor: User) -> Hazard:
    """Looked at again and not mended: a new day, and it counts."""
    row = locked(hazard_id, version, actor)
    row.status = target(row, "fail")
    if not note.strip():
        raise DomainError(_("Please say what you see."), field="note")
    row.due_on = row.mend_by = mend_by(mend_until, row.level, area_code=row.area_code)
    row.failures += 1
    row.save(update_fields=["status", "due_on", "mend_by", "failures", "version"])
    step(row, HazardStepKind.FAILED, actor, note)
    audit.record(actor=actor, action="hazard.failed", target=row)
    return row


@transaction.atomic
def refer(*, hazard_id: int, recipient: str, request: str, version: int, actor: User) -> Hazard:
    """Hand it to a department after all (抄告)."""
    row = locked(hazard_id, version, actor)
    send(row, recipient=recipient, request=request, actor=actor)
    return row


def send(row: Hazard, *, recipient: str, request: str, actor: User) -> HazardReferral:
    """Write the work order for a hazard that is locked by the caller."""
    if recipient not in Recipient.values:
        raise DomainError(_("Please choose the department."), field="recipient")
    if not request.strip():
        raise DomainError(_("Please say what the department is asked to do."), field="request")
    today, area = clock.today(), row.area_code
    row.status = target(row, "refer")
    order = HazardReferral(
        hazard=row,
        area_code=area,
        number=numbers.next_number(numbers.REFERRAL, area_code=area),
        recipient=recipient,
        request=request.strip()[:TEXT],
        sent_on=today,
        sent_by=actor,
        take_by=due_on(today, "hazard.referral_take_days", area_code=area),
        due_on=due_on(today, "hazard.referral_days", area_code=area),
    )
    order.save(force_insert=True)
    row.due_on = row.mend_by = order.due_on
    row.disposal = Disposal.REFERRAL
    row.save(update_fields=["status", "disposal", "due_on", "mend_by", "version"])
    step(row, HazardStepKind.REFERRED, actor, f"{order.get_recipient_display()} {order.number}")
    audit.record(actor=actor, action="hazard.referred", target=row, recipient=recipient)
    return order


def attach(row: Hazard, photos: Sequence[Photo], kind: str, actor: User) -> None:
    for photo in photos:
        files.attach(target=row, area_code=row.area_code, kind=kind, source=photo.source, size=photo.size, actor=actor)


def step(row: Hazard, kind: str, actor: User, note: str = "") -> None:
    HazardStep.objects.create(hazard=row, kind=kind, note=note.strip()[:TEXT], actor=actor)


def locked(hazard_id: int, version: int, actor: User) -> Hazard:
    rows = Hazard.objects.restrict(actor, "work").select_for_update(of=("self",))
    row: Hazard = require_version(rows.get(pk=hazard_id), version)
    return row


def target(row: Hazard, move: str) -> str:
    return HazardStatus(HAZARD_WORKFLOW.target(move, status=row.status, status_label=str(row.get_status_display())))
