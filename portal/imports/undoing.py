"""Taking a whole batch back, or telling exactly what stands in the way."""

from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from portal.audit import services as audit
from portal.core import clock
from portal.core.errors import DomainError
from portal.imports.kinds import Effect, ImportKind, kind_of
from portal.imports.models import BatchState, ImportBatch, ImportEffect
from portal.jobs.models import Job

BLOCK = 1_000
SHOWN = 200


def undo(job: Job) -> None:
    """All or nothing, in the job's one transaction. With obstacles the batch stays DONE and keeps their list."""
    batch = ImportBatch.objects.select_for_update().get(pk=job.params["batch"])
    if batch.state != BatchState.UNDOING:
        return
    kind = kind_of(batch.kind)
    found = obstacles(batch, kind, job)
    batch.job = None
    if found:
        batch.state, batch.obstacles = BatchState.DONE, found[:SHOWN]
        batch.save()
        return
    try:
        total = _take_back(batch, kind, job)
    except IntegrityError:
        batch.state, batch.obstacles = BatchState.DONE, [{"row": 0, "text": _hanging(), "count": 1}]
        batch.save()
        return
    batch.state, batch.undone_at, batch.obstacles = BatchState.UNDONE, clock.now(), []
    batch.save()
    audit.record(
        actor=job.requested_by,
        action="import.undone",
        target=batch,
        kind=batch.kind,
        number=batch.number,
        effects=total,
        reason=job.reason,
    )


def _take_back(batch: ImportBatch, kind: ImportKind, job: Job) -> int:
    """Keys that are checked at the end of a transaction are checked here, where something can still be said."""
    total = ImportEffect.objects.filter(batch=batch).count()
    done = 0
    with transaction.atomic():
        for block in blocks(batch):
            kind.undo(batch, block, job.requested_by)
            done += len(block)
            job.advance(done, total)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    return total


def _hanging() -> str:
    return _("Records of another kind hang on what this import made. The administrator can see which.")


def obstacles(batch: ImportBatch, kind: ImportKind, job: Job) -> list[dict[str, Any]]:
    """In the order of the file."""
    found = kind.obstacles(batch, job.requested_by)
    return sorted(found, key=lambda one: int(one["row"]))


def blocks(batch: ImportBatch) -> Sequence[list[Effect]] | Any:
    """Newest first, so that a record made by one row and changed by a later one goes back step by step."""
    last: int | None = None
    while True:
        rows = ImportEffect.objects.filter(batch=batch).order_by("-pk")
        found = list(rows.filter(pk__lt=last)[:BLOCK] if last else rows[:BLOCK])
        if not found:
            return
        last = found[-1].pk
        yield [Effect(one.row_number, one.table, one.object_id, one.version, one.before) for one in found]


def undoable(batch: ImportBatch) -> bool:
    return batch.state == BatchState.DONE and bool(batch.created or batch.updated)


def require_undoable(batch: ImportBatch) -> None:
    if not undoable(batch):
        raise DomainError(_("This import wrote nothing that could be taken back."), code="wrong_state")
