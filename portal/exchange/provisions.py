"""The record of every file and sheet that hands personal data on (digest P8)."""

import hashlib
from collections.abc import Iterable
from datetime import date
from typing import IO

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from portal.core import clock
from portal.core.errors import DomainError
from portal.exchange.models import ProvisionRecord
from portal.org.models import User
from portal.policy.services import rule, shift

CHUNK = 1 << 20


def record_provision(
    *,
    form: str,
    title: str,
    recipient_kind: str,
    recipient: str = "",
    purpose: str,
    legal_basis: str,
    data_kinds: Iterable[str],
    row_count: int = 1,
    full_numbers: bool = False,
    sha256: str = "",
    reference: str = "",
    actor: User,
) -> ProvisionRecord:
    """Call it in the transaction that makes the file or sheet. Raises DomainError without recipient, purpose or basis;
    data handed to the person or kept in the own department names its recipient by itself."""
    unit = str(actor.department or "")
    named = recipient.strip() or _own_recipient(recipient_kind, unit, actor)
    if not named:
        raise DomainError(_("Please name who receives the file."), field="recipient")
    if not purpose.strip():
        raise DomainError(_("Please say what the file is needed for."), field="reason_text")
    if not legal_basis.strip():
        raise DomainError(_("Please name the law or document that allows handing the data on."), field="legal_basis")
    return ProvisionRecord.objects.create(
        form=form,
        title=title[:120],
        recipient_kind=recipient_kind,
        recipient=named[:120],
        purpose=purpose.strip()[:200],
        legal_basis=legal_basis.strip()[:300],
        data_kinds=[kind[:60] for kind in data_kinds],
        row_count=row_count,
        full_numbers=full_numbers,
        sha256=sha256,
        reference=reference[:60],
        actor=actor,
        unit=unit,
    )


def _own_recipient(kind: str, unit: str, actor: User) -> str:
    if kind == ProvisionRecord.Recipient.PERSON:
        return "本人"
    return (unit or str(actor)) if kind == ProvisionRecord.Recipient.INSIDE else ""


def digest_of(out: IO[bytes]) -> str:
    """SHA-256 of what was written so far; the position is at the end again afterwards."""
    out.flush()
    out.seek(0)
    digest = hashlib.sha256()
    while chunk := out.read(CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


def forget_old_provisions() -> int:
    """Delete records older than the rule allows; returns how many."""
    return old_provisions(clock.today()).delete()[0]


def old_provisions(day: date) -> QuerySet[ProvisionRecord]:
    """Those whose term had ended before `day`."""
    term = rule("retention.provision_records_years", on=day)
    oldest = shift(day, -int(term.value), term.unit)
    return ProvisionRecord.objects.filter(at__date__lt=oldest)
