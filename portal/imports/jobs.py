from datetime import time, timedelta
from typing import IO

from portal.core import clock
from portal.imports import applying, helping, services, staging, undoing
from portal.imports.kinds import kind_of
from portal.imports.models import BatchState, ImportBatch, Task
from portal.jobs.errors import JobCancelledError
from portal.jobs.models import Job
from portal.jobs.services import runs
from portal.jobs.worker import long_transaction
from portal.org.models import User
from portal.org.walls.context import scoped_transaction
from portal.policy.services import rule


def _may(user: User, params: dict[str, object]) -> bool:
    batch = ImportBatch.objects.filter(pk=str(params["batch"])).first()
    return batch is None or kind_of(batch.kind).may(user)


@runs(services.READ, permit=_may)
def read(job: Job, _out: IO[bytes]) -> None:
    batch = ImportBatch.objects.select_for_update().get(pk=job.params["batch"])
    if batch.state == BatchState.READING:
        services.read_head(batch)


@runs(services.CHECK, permit=_may, stepwise=True)
def check(job: Job, _out: IO[bytes]) -> None:
    """A killed worker leaves whole parts behind; the next one reads the file again and judges the others."""
    actor = job.requested_by
    with scoped_transaction(actor):
        batch = ImportBatch.objects.get(pk=job.params["batch"])
        if batch.state != BatchState.CHECKING:
            return
        helping.ask(batch, Task.CHECK, actor, parts=staging.parts_of(batch))
    staging.stage(batch, kind_of(batch.kind), actor, job.advance)
    with long_transaction(actor):
        batch = ImportBatch.objects.select_for_update().get(pk=batch.pk)
        staging.mark_twins(batch)
        batch.found = staging.count(batch)
        batch.state, batch.job, batch.read = BatchState.CHECKED, None, batch.found["read"]
        batch.save()


@runs(helping.HELP, permit=_may, stepwise=True, quiet=True)
def lend_a_hand(job: Job, _out: IO[bytes]) -> None:
    """The second pair of hands at a large import: takes parts until there is none, then leaves without a word."""
    actor = job.requested_by
    with scoped_transaction(actor):
        batch = ImportBatch.objects.filter(pk=job.params["batch"]).first()
    if batch is None or not helping.is_wanted(job):
        return
    kind = kind_of(batch.kind)
    if job.params["task"] == Task.CHECK:
        staging.run(batch, kind, actor, lambda done, total: _advance(job, done, total))
        return
    while helping.is_wanted(job) and (rows := applying.one_part(batch, kind, actor)):
        job.advance(job.done + rows, 0)


def _advance(job: Job, done: int, total: int) -> None:
    if not helping.is_wanted(job):
        raise JobCancelledError
    job.advance(done, total)


@runs(services.APPLY, permit=_may, stepwise=True)
def apply(job: Job, _out: IO[bytes]) -> None:
    applying.apply(job)


@runs(services.UNDO, permit=_may)
def undo(job: Job, _out: IO[bytes]) -> None:
    undoing.undo(job)


@runs("imports.forget", daily_at=time(3, 10))
def forget(job: Job, _out: IO[bytes]) -> None:
    """Copies of personal data are not kept longer than undoing needs them (rule `import.keep_days`)."""
    before = clock.now() - timedelta(days=int(rule("import.keep_days").value))
    old = ImportBatch.objects.filter(updated_at__lt=before).exclude(rows=None, effects=None)
    for batch in old.distinct()[:200]:
        services.forget(batch)
        if batch.state not in {BatchState.DONE, BatchState.UNDONE}:
            batch.state = BatchState.DISCARDED
        batch.save()
        job.rows += 1
