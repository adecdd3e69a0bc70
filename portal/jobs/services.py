"""Asking for work, stopping it, and the sweep that makes sure nothing asked for is forgotten."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.core import clock, wakeup
from portal.core.errors import DomainError
from portal.jobs.kinds import ATTEMPTS, ATTEMPTS_STEPWISE, daily_kinds, kind_of, runs, stepwise_kinds
from portal.jobs.models import Job, JobState
from portal.org.models import User
from portal.org.services import system_user

__all__ = ["cancel", "claim", "dispatch", "enqueue", "enqueue_daily", "runs"]

RUN = "portal.jobs.tasks.run"
MAX_ATTEMPTS = ATTEMPTS
RESEND_AFTER = timedelta(seconds=10)
BATCH = 200

CLAIM = """UPDATE jobs_job
    SET state = 'running', attempts = attempts + 1, lease_until = %(until)s, heartbeat_at = %(now)s,
        started_at = %(now)s, updated_at = %(now)s, done = 0, total = 0, message = ''
    WHERE id = %(id)s AND NOT cancel_requested
      AND attempts < CASE WHEN kind = ANY(%(stepwise)s) THEN %(patient)s ELSE %(max)s END
      AND ((state = 'queued' AND (lease_until IS NULL OR lease_until <= %(now)s))
        OR (state = 'running' AND lease_until < %(now)s))
    RETURNING attempts"""


def enqueue(
    *,
    kind: str,
    actor: User,
    title: str = "",
    reason: str = "",
    recipient: str = "",
    dedupe_key: str | None = None,
    **params: Any,
) -> Job:
    """Ask for a job; `params` are JSON values. With a `dedupe_key` the first job of that key is given back."""
    known = kind_of(kind)
    row = Job(
        kind=kind,
        title=title or (known.title if known else ""),
        requested_by=actor,
        reason=reason,
        recipient=recipient,
        dedupe_key=dedupe_key,
        params=params,
    )
    if dedupe_key is None:
        row.save(force_insert=True)
    else:
        Job.objects.bulk_create([row], ignore_conflicts=True)
        row = Job.objects.get(dedupe_key=dedupe_key)
    transaction.on_commit(lambda: _wake(row.pk), robust=True)
    return row


def enqueue_daily() -> int:
    """Put today's scheduled jobs into the queue, each once, however many beats run; returns how many were due."""
    local = timezone.localtime(clock.now())
    due = [kind for kind, at in daily_kinds().items() if local.time() >= at]
    for kind in due:
        enqueue(kind=kind, actor=system_user(), dedupe_key=f"{kind}:{local.date().isoformat()}")
    return len(due)


@transaction.atomic
def cancel(*, job_id: str, actor: User) -> Job:
    """A waiting job stops at once, a running one between two chunks. Only for the person who asked."""
    job = Job.objects.select_for_update().get(pk=job_id, requested_by=actor)
    if job.is_final:
        raise DomainError(_("This task has already ended."), code="wrong_state")
    job.cancel_requested = True
    if job.state == JobState.QUEUED:
        job.state, job.finished_at = JobState.CANCELLED, clock.now()
    job.save(update_fields=["cancel_requested", "state", "finished_at"])
    return job


def claim(job_id: str) -> int | None:
    """The number of this attempt for the one worker whose UPDATE found the job free; None for every other."""
    now = clock.now()
    until = now + timedelta(seconds=settings.JOBS_LEASE_SECONDS)
    limits: dict[str, Any] = {"stepwise": stepwise_kinds(), "patient": ATTEMPTS_STEPWISE, "max": ATTEMPTS}
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, limits | {"id": job_id, "now": now, "until": until})
        row = cursor.fetchone()
    return row[0] if row else None


def dispatch() -> int:
    """Send what waits and what a dead worker left behind; end what was left behind too often or cancelled meanwhile.

    Returns how many jobs were sent.
    """
    now = clock.now()
    abandoned = Job.objects.filter(state=JobState.RUNNING, lease_until__lt=now)
    abandoned.filter(cancel_requested=True).update(state=JobState.CANCELLED, finished_at=now, updated_at=now)
    worn_out = Q(attempts__gte=ATTEMPTS) & ~Q(kind__in=stepwise_kinds()) | Q(attempts__gte=ATTEMPTS_STEPWISE)
    abandoned.filter(worn_out).update(
        state=JobState.FAILED,
        finished_at=now,
        updated_at=now,
        error=_("The task was interrupted three times. Please try again later or tell the administrator."),
        error_detail="lease expired on the last attempt",
    )
    waiting = Q(state=JobState.QUEUED) & (Q(lease_until=None) | Q(lease_until__lte=now))
    lost = Q(state=JobState.RUNNING, lease_until__lt=now)
    not_just_sent = Q(sent_at=None) | Q(sent_at__lt=now - RESEND_AFTER)
    jobs = Job.objects.filter(waiting | lost).filter(not_just_sent).order_by("created_at")
    return sum(_wake(pk) for pk in jobs.values_list("pk", flat=True)[:BATCH])


def _wake(job_id: Any) -> bool:
    sent = wakeup.send(RUN, str(job_id))
    if sent:
        Job.objects.filter(pk=job_id).update(sent_at=clock.now())
    return sent
