from datetime import time, timedelta
from typing import IO

from portal.core import clock
from portal.files.errors import UploadRefused
from portal.imports import applying, services, staging, undoing
from portal.imports.kinds import kind_of
from portal.imports.models import BatchState, ImportBatch
from portal.jobs.models import Job
from portal.jobs.services import runs
from portal.org.models import User
from portal.policy.services import rule


def _may(user: User, params: dict[str, object]) -> bool:
    batch = ImportBatch.objects.filter(pk=str(params["batch"])).first()
    return batch is None or kind_of(batch.kind).may(user)


@runs(services.READ, permit=_may)
def read(job: Job, _out: IO[bytes]) -> None:
    batch = ImportBatch.objects.select_for_update().get(pk=job.params["batch"])
    if batch.state == BatchState.READING:
        services.read_head(batch)


@runs(services.CHECK, permit=_may)
def check(job: Job, _out: IO[bytes]) -> None:
    """One transaction: a killed worker leaves no half of the rows, the next one reads the file again."""
    batch = ImportBatch.objects.select_for_update().get(pk=job.params["batch"])
    if batch.state != BatchState.CHECKING:
        return
    try:
        batch.found = staging.stage(batch, kind_of(batch.kind), job.requested_by, job.advance)
    except UploadRefused:
        batch.state = BatchState.MAPPING
        raise
    batch.state, batch.job, batch.read = BatchState.CHECKED, None, batch.found["read"]
    batch.save()


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
