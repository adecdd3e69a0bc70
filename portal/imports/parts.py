"""An import is worked on in parts, by as many workers as are free. A part commits with its mark, so that a killed
worker loses the part it was at and nothing is done twice (ADR 0022). Nobody waits until the disk has the commit of a
part: a power cut would take back the part together with its mark, and the commit that ends the task is waited for."""

from collections.abc import Iterable

from django.db import connection
from django.db.models import QuerySet, Sum

from portal.imports.models import ImportBatch, ImportPart, Task

LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"
TRY = "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))"
HURRIED = "SET LOCAL synchronous_commit TO off"
DIVIDE = """INSERT INTO imports_importpart (batch_id, task, ordinal, first, last, rows, is_done)
    SELECT %(batch)s, 'apply', part, min(number), max(number), count(*), false
    FROM (SELECT number, (row_number() OVER (ORDER BY number) - 1) / %(size)s AS part
          FROM imports_importrow WHERE batch_id = %(batch)s
          AND (decision IN ('create', 'update') OR decision = 'duplicate' AND force)) todo
    GROUP BY part"""


def claim_check(batch: ImportBatch, ordinal: int, *, wait: bool) -> bool:
    """Is this part of the file ours to check? Holds until the transaction ends. With `wait`, another worker that is at
    it is waited for, in case it dies."""
    with connection.cursor() as cursor:
        cursor.execute(HURRIED)
        cursor.execute(LOCK if wait else TRY, [f"import {batch.pk} {ordinal}"])
        got = wait or cursor.fetchone()[0]
    return bool(got) and not done(batch, Task.CHECK).filter(ordinal=ordinal).exists()


def close_check(batch: ImportBatch, ordinal: int, numbers: Iterable[int]) -> None:
    found = list(numbers)
    ImportPart.objects.create(
        batch=batch,
        task=Task.CHECK,
        ordinal=ordinal,
        first=found[0] if found else 0,
        last=found[-1] if found else 0,
        rows=len(found),
        is_done=True,
    )


def divide(batch: ImportBatch, size: int) -> int:
    """The rows to write, `size` to a part; harmless when it was done before. Returns how many parts there are."""
    parts = ImportPart.objects.filter(batch=batch, task=Task.APPLY)
    if not parts.exists():
        with connection.cursor() as cursor:
            cursor.execute(DIVIDE, {"batch": batch.pk, "size": size})
    return parts.count()


def claim_apply(batch: ImportBatch) -> ImportPart | None:
    """The next part that nobody is at, locked until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(HURRIED)
    waiting = ImportPart.objects.filter(batch=batch, task=Task.APPLY, is_done=False)
    return waiting.select_for_update(skip_locked=True, of=("self",)).order_by("ordinal").first()


def is_open(batch: ImportBatch) -> bool:
    """Is there still something to write? Perhaps another worker is at it."""
    return ImportPart.objects.filter(batch=batch, task=Task.APPLY, is_done=False).exists()


def done(batch: ImportBatch, task: Task) -> QuerySet[ImportPart]:
    return ImportPart.objects.filter(batch=batch, task=task, is_done=True)


def rows_done(batch: ImportBatch, task: Task) -> int:
    return done(batch, task).aggregate(rows=Sum("rows"))["rows"] or 0


def forget(batch: ImportBatch) -> None:
    ImportPart.objects.filter(batch=batch).delete()
