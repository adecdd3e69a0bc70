"""Asking other workers to help with a large import. Nothing depends on their coming: the first does what is left."""

from django.conf import settings

from portal.imports.kinds import kind_of
from portal.imports.models import ImportBatch, Task
from portal.jobs.models import Job, JobState
from portal.jobs.services import enqueue
from portal.org.models import User

HELP = "imports.help"


def ask(batch: ImportBatch, task: Task, actor: User, *, parts: int) -> None:
    """One helper less than there are workers, and none for a file that one worker finishes at once."""
    if not kind_of(batch.kind).shared:
        return
    for _helper in range(min(settings.JOB_WORKERS, parts) - 1):
        enqueue(kind=HELP, actor=actor, batch=str(batch.pk), task=str(task), asked_by=str(batch.job))


def is_wanted(job: Job) -> bool:
    """Not once the task that asked has ended or was stopped."""
    asking = Job.objects.filter(pk=job.params["asked_by"], state=JobState.RUNNING, cancel_requested=False)
    return asking.exists()
