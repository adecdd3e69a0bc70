import uuid
from collections.abc import Callable
from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.core import clock
from portal.core.classes import c2
from portal.core.models import Timestamped

Advance = Callable[[int, int, str], None]
TELLING_SECONDS = 5


class JobState(models.TextChoices):
    QUEUED = "queued", _("In the queue")
    RUNNING = "running", _("Being made")
    DONE = "done", _("Finished")
    FAILED = "failed", _("Not finished")
    CANCELLED = "cancelled", _("Stopped")
    EXPIRED = "expired", _("File deleted")


FINAL = frozenset({JobState.DONE, JobState.FAILED, JobState.CANCELLED, JobState.EXPIRED})


class Job(Timestamped):
    """A piece of work that runs in the background and whose progress staff can watch.

    The row is the queue: a worker owns it while `lease_until` lies ahead and its own `attempts` still stands there.
    `error` is a sentence for the person who asked; `error_detail` is for the administrator and holds no values.
    """

    State: ClassVar = JobState

    field_classes = (
        c2("what is to be done, for whom", "kind", "title", "params", "requested_by", "dedupe_key"),
        c2("why a file was made and who gets it", "reason", "recipient"),
        c2("the queue", "state", "attempts", "lease_until", "heartbeat_at", "sent_at", "cancel_requested", "cursor"),
        c2("progress", "done", "total", "message", "started_at", "finished_at"),
        c2("where the file lies and until when", "result", "result_name", "rows", "sha256", "expires_at"),
        c2("what went wrong; holds no values", "error", "error_detail"),
    )

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=80)
    title = models.CharField(max_length=120, blank=True)
    params = models.JSONField(default=dict)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=200, blank=True)
    recipient = models.CharField(max_length=120, blank=True)
    dedupe_key = models.CharField(max_length=160, null=True, blank=True)  # noqa: DJ001 - many rows have none

    state = models.CharField(max_length=10, choices=JobState, default=JobState.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    cancel_requested = models.BooleanField(default=False)
    cursor = models.JSONField(null=True, blank=True)

    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    message = models.CharField(max_length=120, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    result = models.FileField(max_length=200, blank=True)
    result_name = models.CharField(max_length=160, blank=True)
    rows = models.PositiveIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)
    error_detail = models.TextField(blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [models.UniqueConstraint(fields=["dedupe_key"], name="job_dedupe_once")]
        indexes = [
            models.Index(fields=["requested_by", "-created_at"], name="job_mine"),
            models.Index(fields=["created_at"], condition=Q(state__in=["queued", "running"]), name="job_open"),
            models.Index(fields=["expires_at"], condition=Q(state="done"), name="job_expiry"),
        ]

    on_advance: Advance | None = None

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"

    @property
    def is_final(self) -> bool:
        return self.state in FINAL

    @property
    def percent(self) -> int:
        return min(100, 100 * self.done // self.total) if self.total else 0

    @property
    def may_cancel(self) -> bool:
        return not self.is_final and not self.cancel_requested

    @property
    def is_downloadable(self) -> bool:
        return self.state == JobState.DONE and bool(self.result) and not self.is_past(clock.now())

    def is_past(self, moment: datetime) -> bool:
        return bool(self.expires_at and self.expires_at <= moment)

    @property
    def seconds_left(self) -> int | None:
        """A guess from the pace so far; None during the first five seconds and when the total is unknown."""
        if self.state != JobState.RUNNING or not (self.started_at and self.done and self.total):
            return None
        spent = (clock.now() - self.started_at).total_seconds()
        if spent < TELLING_SECONDS or self.done >= self.total:
            return None
        return round(spent * (self.total - self.done) / self.done)

    def advance(self, done: int, total: int, message: str = "") -> None:
        """Call between chunks (cheap: written at most once a second). Raises JobCancelledError when asked to stop."""
        self.done, self.total = done, total
        self.message = message or self.message
        if self.on_advance:
            self.on_advance(done, total, self.message)
