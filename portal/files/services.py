"""Taking in, giving out and taking out photos and scans."""

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from django.conf import settings
from django.db import models, transaction
from django.db.models import Count, Sum
from django.utils.translation import gettext as _

from portal.audit import services as audit
from portal.core import clock
from portal.core.errors import DomainError
from portal.files import limits, memory, scan, store
from portal.files.errors import refusal
from portal.files.models import Attachment
from portal.files.pictures import Evidence, read_evidence
from portal.org.models import User
from portal.org.scoping import require

DAY = timedelta(days=1)


@transaction.atomic
def attach(
    *, target: models.Model, area_code: str, kind: str, source: IO[bytes], size: int, person_id: int = 0, actor: User
) -> Attachment:
    """Take a photo or scan in. `size` is what was sent (the content of a file that is too large was dropped).

    Raises UploadRefused with the sentence for the field "file"; PermissionDenied without a grant at `area_code`.
    """
    require(actor, Attachment, "add", at=area_code)
    if size > limits.LIMITS.bytes:
        raise refusal("too_large")
    _within_quota(actor, size)
    evidence = _looked_through(source.read())
    row = Attachment(
        target_model=target._meta.label_lower,
        target_id=target.pk,
        person_id=person_id,
        area_code=area_code,
        kind=kind,
        content_type=evidence.content_type,
        size=len(evidence.content),
        sha256=hashlib.sha256(evidence.content).hexdigest(),
        width=evidence.width,
        height=evidence.height,
        uploader=actor,
    )
    row.save(force_insert=True)
    store.write(row, evidence.content)
    audit.record(actor=actor, action="files.attached", target=row, kind=kind, size=row.size)
    return row


@transaction.atomic
def remove(*, attachment_id: UUID, actor: User) -> Attachment:
    """The file goes for good once this is committed; the row stays and says what was there."""
    row: Attachment = Attachment.objects.restrict(actor, "remove").select_for_update(of=("self",)).get(pk=attachment_id)
    if row.removed_at:
        raise DomainError(_("This file has already been removed."), code="wrong_state")
    row.removed_at, row.removed_by = clock.now(), actor
    row.save(update_fields=["removed_at", "removed_by"])
    audit.record(actor=actor, action="files.removed", target=row, kind=row.kind)
    transaction.on_commit(partial(store.delete, row))
    return row


def content_of(attachment: Attachment, *, actor: User) -> Iterator[bytes]:
    """The plain bytes; the look is written down before the first of them leaves."""
    audit.access(
        actor=actor,
        action="open",
        person_ids=[attachment.person_id] if attachment.person_id else [],
        fields=["attachment"],
        purpose=f"attachment {attachment.kind}"[:80],
        row_count=1,
    )
    return store.read(attachment)


def attachments_of(target: models.Model, *, viewer: User) -> list[Attachment]:
    """What the viewer may see of what belongs to `target`, oldest first."""
    rows = Attachment.objects.restrict(viewer, "view").filter(removed_at=None)
    return list(rows.filter(target_model=target._meta.label_lower, target_id=target.pk).select_related("uploader"))


def sweep() -> int:
    """Delete files whose row was never committed or whose content was removed; returns how many.

    Does nothing when no row at all can be seen: then the reader is at fault, not the files.
    """
    folder, gone = Path(settings.MEDIA_ROOT) / store.FOLDER, 0
    kept = {str(pk) for pk in Attachment.objects.filter(removed_at=None).values_list("pk", flat=True)}
    a_day_ago = (clock.now() - DAY).timestamp()
    for path in folder.glob("??/*") if kept else ():
        if path.name not in kept and path.stat().st_mtime < a_day_ago:
            path.unlink(missing_ok=True)
            gone += 1
    return gone


def _looked_through(content: bytes) -> Evidence:
    with memory.nameless(content) as file:
        scan.scan(memory.path_of(file))
        return read_evidence(file)


def _within_quota(actor: User, size: int) -> None:
    since = clock.now() - DAY
    sent: dict[str, Any] = Attachment.objects.filter(uploader=actor, created_at__gt=since).aggregate(
        count=Count("pk"), size=Sum("size")
    )
    if sent["count"] >= limits.quota_files() or (sent["size"] or 0) + size > limits.quota_bytes():
        raise refusal("quota")
