"""From checked rows to the register: one transaction for each part of at most a thousand rows (`portal.imports.parts`),
so that a killed worker loses nothing and repeats nothing."""

import time
from collections.abc import Sequence

from django.db import connection, models

from portal.audit import services as audit
from portal.core import clock
from portal.imports import bulk, helping, parts, store
from portal.imports.kinds import Applied, Effect, ImportKind, Staged, kind_of
from portal.imports.models import BatchState, Decision, ImportBatch, ImportEffect, ImportRow, Outcome, Task
from portal.jobs.models import Job
from portal.jobs.worker import long_transaction
from portal.org.models import User
from portal.org.walls.context import scoped_transaction

NATURAL = {
    Decision.CREATE: Outcome.CREATED,
    Decision.UPDATE: Outcome.UPDATED,
    Decision.UNCHANGED: Outcome.UNCHANGED,
    Decision.DUPLICATE: Outcome.SKIPPED,
    Decision.ERROR: Outcome.REJECTED,
}
COUNT = """SELECT coalesce(nullif(outcome, ''), decision), count(*) FROM imports_importrow
    WHERE batch_id = %s GROUP BY 1"""
OTHERS_SECONDS = 0.05
TO_DO = models.Q(decision__in=(Decision.CREATE, Decision.UPDATE)) | models.Q(decision=Decision.DUPLICATE, force=True)


def apply(job: Job) -> None:
    """Runs until nothing is left; may be stopped and started again at any moment."""
    with long_transaction(job.requested_by):
        batch = ImportBatch.objects.select_for_update().get(pk=job.params["batch"])
        if batch.state != BatchState.APPLYING:
            return
        kind = kind_of(batch.kind)
        helping.ask(batch, Task.APPLY, job.requested_by, parts=parts.divide(batch, kind.rows_a_step))
        total = ImportRow.objects.filter(TO_DO, batch=batch).count()
    while True:
        worked = one_part(batch, kind, job.requested_by)
        if not worked and not still_open(batch, job.requested_by):
            break
        job.advance(min(done_so_far(batch, job.requested_by), total), total)
        if not worked:
            time.sleep(OTHERS_SECONDS)
    with long_transaction(job.requested_by):
        finish(ImportBatch.objects.select_for_update().get(pk=batch.pk), job.requested_by)


def one_part(batch: ImportBatch, kind: ImportKind, actor: User) -> int:
    """Writes the next part that nobody is at; returns how many rows it had, 0 when there is none."""
    with long_transaction(actor):
        return step(batch, kind, actor)


def still_open(batch: ImportBatch, actor: User) -> bool:
    with scoped_transaction(actor):
        return parts.is_open(batch)


def done_so_far(batch: ImportBatch, actor: User) -> int:
    with scoped_transaction(actor):
        return parts.rows_done(batch, Task.APPLY)


def step(batch: ImportBatch, kind: ImportKind, actor: User) -> int:
    part = parts.claim_apply(batch)
    if part is None:
        return 0
    todo = ImportRow.objects.filter(TO_DO, batch=batch, number__range=(part.first, part.last)).order_by("number")
    found = todo.values_list("number", "decision", "cleaned")
    rows = [Staged(number, decision, cleaned or {}) for number, decision, cleaned in found]
    applied, effects = kind.apply(batch, rows, actor)
    keep_effects(batch, effects)
    keep_outcomes(batch, rows, list(applied))
    part.is_done = True
    part.save(update_fields=["is_done"])
    return len(rows)


def keep_effects(batch: ImportBatch, effects: Sequence[Effect]) -> None:
    aad = ImportEffect._meta.get_field("before").aad
    bulk.insert(
        ImportEffect,
        ("row_number", "table", "object_id", "version", "before"),
        [
            (
                one.row_number,
                one.table,
                one.object_id,
                one.version,
                None if one.before is None else bulk.seal_json(one.before, aad),
            )
            for one in effects
        ],
        same={"batch_id": batch.pk},
    )


def keep_outcomes(batch: ImportBatch, rows: Sequence[Staged], applied: Sequence[Applied]) -> None:
    """Only what differs from the decision: rewriting a hundred thousand rows to say what they say already is waste."""
    decisions = {row.number: row.decision for row in rows}
    for one in applied:
        if NATURAL[Decision(decisions[one.number])] != one.outcome:
            ImportRow.objects.filter(batch=batch, number=one.number).update(outcome=one.outcome, note=one.note[:300])


def finish(batch: ImportBatch, actor: User) -> None:
    for name, count in reconciliation(batch).items():
        setattr(batch, name, count)
    batch.state, batch.applied_at, batch.job = BatchState.DONE, clock.now(), None
    batch.save()
    audit.record(
        actor=actor, action="import.applied", target=batch, kind=batch.kind, number=batch.number, **counts_of(batch)
    )
    kind_of(batch.kind).finished(batch, actor)
    parts.forget(batch)
    store.delete(batch)


def reconciliation(batch: ImportBatch) -> dict[str, int]:
    """read, created, updated, unchanged, skipped, rejected; counted from the rows, not from what a job remembers."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [batch.pk])
        counted = cursor.fetchall()
    found = {str(outcome): 0 for outcome in Outcome}
    for told, count in counted:
        outcome = NATURAL[Decision(told)] if told in Decision.values else Outcome(told)
        found[str(outcome)] += count
    return found | {"read": sum(found.values())}


def counts_of(batch: ImportBatch) -> dict[str, int]:
    return {name: getattr(batch, name) for name in ("read", *(str(outcome) for outcome in Outcome))}
