"""Running one job once: claim, heartbeat, the runner's transaction, and the end that commits with it."""

import traceback
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from typing import Any

import pghistory
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from portal.core import clock
from portal.core.context import RequestContext, enter
from portal.core.errors import DomainError
from portal.jobs.errors import JobCancelledError, LeaseLostError
from portal.jobs.kinds import JobKind, attempts_of, kind_of
from portal.jobs.models import Job, JobState
from portal.jobs.pulse import pulse_of
from portal.jobs.results import ResultFile, expiry_of_results
from portal.jobs.services import claim
from portal.org.middleware import scoped_transaction
from portal.org.models import User

# A job may take longer than a page: the soft time limit of the queue ends it, not the web's limits.
OWN_LIMITS = "SET LOCAL statement_timeout = '10min'; SET LOCAL idle_in_transaction_session_timeout = '10min'"


def run(job_id: str) -> None:
    """Run a job once, however often the broker delivers it. Never raises for what the runner does."""
    attempt = claim(job_id)
    if attempt is None:
        return
    job = Job.objects.select_related("requested_by").get(pk=job_id)
    with override(str(job.requested_by.prefs.get("language") or settings.LANGUAGE_CODE)):
        refusal = _refusal(job)
        if refusal:
            _end(job, attempt, state=JobState.FAILED, error=refusal)
            return
        try:
            _work(job, attempt)
        except LeaseLostError:
            return
        except JobCancelledError:
            _end(job, attempt, state=JobState.CANCELLED)
        except DomainError as error:
            _end(job, attempt, state=JobState.FAILED, error=error.message)
        except SoftTimeLimitExceeded:
            _end(job, attempt, state=JobState.FAILED, error=_("The task took too long. Please choose less at a time."))
        except Exception as error:  # noqa: BLE001 - whatever a runner does wrong, the job row has to tell of it
            _again_or_failed(job, attempt, error)


def _refusal(job: Job) -> str:
    """Rights are asked at run time: the account may have been closed or its grant taken since."""
    kind = kind_of(job.kind)
    if kind is None:
        return _("This version of the platform no longer knows this kind of task.")
    if not job.requested_by.is_active:
        return _("The account that asked for this task has been closed.")
    if kind.permit and not kind.permit(job.requested_by, job.params):
        return _("You may no longer do this. Please ask your administrator for the right.")
    return ""


def _work(job: Job, attempt: int) -> None:
    kind = kind_of(job.kind)
    assert kind is not None  # noqa: S101 - _refusal() has asked
    file = ResultFile(job)
    try:
        enter(RequestContext(request_id=job.pk.hex))
        history = pghistory.context(
            actor=job.requested_by_id, purpose=f"job {job.kind}", reason=job.reason, request=job.pk.hex
        )
        with pulse_of(job, attempt), history, nullcontext() if kind.stepwise else long_transaction(job.requested_by):
            with file.open() as out:
                kind.run(job, out)
            _finish(job, attempt, kind, file)
    except BaseException:
        file.discard()
        raise


@contextmanager
def long_transaction(user: User) -> Iterator[None]:
    """A transaction of `user` that may take as long as a job's; stepwise runners open one for each step."""
    with scoped_transaction(user):
        with connection.cursor() as cursor:
            cursor.execute(OWN_LIMITS)
        yield


def _finish(job: Job, attempt: int, kind: JobKind, file: ResultFile) -> None:
    values: dict[str, Any] = {"done": job.total or job.done, "total": job.total, "message": job.message}
    if file.size:
        name = job.result_name or kind.filename or "result"
        values |= file.keep(name) | {"expires_at": expiry_of_results(), "rows": job.rows}
    values |= {"cursor": job.cursor, "error": "", "error_detail": ""}
    if not _end(job, attempt, state=JobState.DONE, **values):
        raise LeaseLostError


def _end(job: Job, attempt: int, *, state: str, **values: Any) -> bool:
    """False when the job is no longer this worker's: `attempts` is the fencing number."""
    now = clock.now()
    mine = Job.objects.filter(pk=job.pk, attempts=attempt, state=JobState.RUNNING)
    return bool(mine.update(state=state, finished_at=now, updated_at=now, lease_until=None, **values))


def _again_or_failed(job: Job, attempt: int, error: Exception) -> None:
    """Messages of database errors quote values of rows, so only the type and the place are kept."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" in {frames[-1].name}, line {frames[-1].lineno}" if frames else ""
    detail = f"{type(error).__name__}{where}"
    if attempt >= attempts_of(job.kind):
        sentence = _("The task failed three times. The administrator can see the cause; your data is unchanged.")
        _end(job, attempt, state=JobState.FAILED, error=sentence, error_detail=detail)
        return
    with transaction.atomic():
        mine = Job.objects.filter(pk=job.pk, attempts=attempt, state=JobState.RUNNING)
        later = clock.now() + timedelta(seconds=3 * attempt)
        mine.update(state=JobState.QUEUED, lease_until=later, error_detail=detail, updated_at=clock.now())
