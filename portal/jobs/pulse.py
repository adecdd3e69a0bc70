"""The heartbeat: progress and lease are written beside the runner's transaction, so that others can see them.

A thread beats on its own connection: a query that takes a minute before its first row must not lose the lease.
Inside a caller's transaction (tests) the row is visible on that connection only, so the beat goes there.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import Error, connection

from portal.core import clock
from portal.jobs.errors import JobCancelledError, LeaseLostError
from portal.jobs.models import Job

EVERY = 1.0
BEAT = """UPDATE jobs_job
    SET lease_until = %s, heartbeat_at = %s, done = %s, total = %s, message = %s
    WHERE id = %s AND attempts = %s AND state = 'running' RETURNING cancel_requested"""


class Pulse:
    def __init__(self, job: Job, attempt: int) -> None:
        self.job_id, self.attempt = str(job.pk), attempt
        self.progress: tuple[int, int, str] = (0, 0, "")
        self.cancelled = self.lost = False

    def advance(self, done: int, total: int, message: str) -> None:
        self.progress = (done, total, message)
        self.check()

    def check(self) -> None:
        if self.lost:
            raise LeaseLostError
        if self.cancelled:
            raise JobCancelledError

    def beat(self, on: Any) -> None:
        now = clock.now()
        until = now + timedelta(seconds=settings.JOBS_LEASE_SECONDS)
        done, total, message = self.progress
        with on.cursor() as cursor:
            cursor.execute(BEAT, [until, now, done, total, message[:120], self.job_id, self.attempt])
            row = cursor.fetchone()
        self.lost = row is None
        self.cancelled = bool(row and row[0])


class OwnConnectionPulse(Pulse):
    """Beats once a second from a thread until the work ends; a lost database connection is tried again."""

    def __init__(self, job: Job, attempt: int) -> None:
        super().__init__(job, attempt)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._loop, daemon=True, name="job-heartbeat")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(timeout=5)

    def _loop(self) -> None:
        side = connection.copy()
        try:
            while not self._stop.wait(EVERY) and not self.lost:
                self._try_beat(side)
        finally:
            side.close()

    def _try_beat(self, side: Any) -> None:
        try:
            self.beat(side)
        except (side.Database.Error, Error):
            side.close()


class SameConnectionPulse(Pulse):
    """Beats when the runner advances, at most once a second."""

    def __init__(self, job: Job, attempt: int) -> None:
        super().__init__(job, attempt)
        self._last = clock.now() - timedelta(seconds=EVERY)

    def advance(self, done: int, total: int, message: str) -> None:
        self.progress = (done, total, message)
        if (clock.now() - self._last).total_seconds() >= EVERY:
            self._last = clock.now()
            self.beat(connection)
        self.check()


@contextmanager
def pulse_of(job: Job, attempt: int) -> Iterator[Pulse]:
    if connection.in_atomic_block:
        same = SameConnectionPulse(job, attempt)
        job.on_advance = same.advance
        yield same
        return
    own = OwnConnectionPulse(job, attempt)
    job.on_advance = own.advance
    own.start()
    try:
        yield own
    finally:
        own.stop()
