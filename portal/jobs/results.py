"""Result files: encrypted at rest, renamed when complete, deleted when their time is over.

While a file is being made its plain bytes are in a file without a name, which ends with the process that writes it.
"""

import contextlib
import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any

from django.conf import settings

from portal.core import clock
from portal.core.errors import DomainError
from portal.jobs.models import Job, JobState
from portal.policy.services import rule
from portal.vault import files

FOLDER = "jobs"
PRIVATE = 0o600
KEPT_HOURS = 24
UNSAFE = re.compile(r"[\x00-\x1f\x7f/\\:*?\"<>|]")


class ResultFile:
    """The file of one attempt. The name on disk is the job's id: nothing a person typed becomes a path."""

    def __init__(self, job: Job) -> None:
        self.folder = Path(settings.MEDIA_ROOT) / FOLDER
        self.temporary = self.folder / f"{job.pk}.{job.attempts}.part"
        self.final = self.folder / str(job.pk)
        self.binding = binding_of(job)
        self.size = 0
        self.sha256 = ""

    @contextlib.contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=self.folder) as out:
            yield out
            self.size = out.seek(0, os.SEEK_END)
            if self.size:
                out.seek(0)
                self.sha256 = hashlib.file_digest(out, "sha256").hexdigest()
                out.seek(0)
                self._seal(out)

    def _seal(self, out: IO[bytes]) -> None:
        descriptor = os.open(self.temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE)
        with os.fdopen(descriptor, "wb") as sealed:
            files.seal(out, sealed, aad=self.binding)
            sealed.flush()
            os.fsync(sealed.fileno())

    def keep(self, name: str) -> dict[str, Any]:
        """Give the file its final name; returns the fields of the job row. The hash is that of the plain file."""
        self.temporary.replace(self.final)
        for left_behind in self.folder.glob(f"{self.final.name}.*.part"):
            left_behind.unlink(missing_ok=True)
        return {"result": f"{FOLDER}/{self.final.name}", "result_name": safe_name(name), "sha256": self.sha256}

    def discard(self) -> None:
        self.temporary.unlink(missing_ok=True)


def safe_name(name: str) -> str:
    """A file name that every system accepts, at most 150 characters, without control characters."""
    return UNSAFE.sub("_", name).strip(" .")[:150] or "result"


def expiry_of_results() -> datetime:
    """By the rule `export.expiry_hours`; while no rule is entered, after one day."""
    try:
        hours = int(rule("export.expiry_hours").value)
    except DomainError:
        hours = KEPT_HOURS
    return clock.now() + timedelta(hours=hours)


def path_of(job: Job) -> Path:
    """Only for a job that has a file."""
    return Path(settings.MEDIA_ROOT) / str(job.result.name)


def binding_of(job: Job) -> str:
    return f"jobs_job.result:{job.pk}"


def size_of(job: Job) -> int:
    """Of the plain file, in bytes."""
    with path_of(job).open("rb") as sealed:
        return files.plain_size(sealed)


def content_of(job: Job) -> Iterator[bytes]:
    """The plain file in chunks of a megabyte, decrypted while they are sent."""
    with path_of(job).open("rb") as sealed:
        yield from files.unseal(sealed, aad=binding_of(job))


def expire() -> int:
    """Delete the files whose time is over; returns how many. The rows stay, they say what was given out."""
    past = Job.objects.filter(state=JobState.DONE, expires_at__lte=clock.now())
    count = 0
    for job in past.exclude(result="").iterator():
        path_of(job).unlink(missing_ok=True)
        Job.objects.filter(pk=job.pk).update(state=JobState.EXPIRED, result="", updated_at=clock.now())
        count += 1
    _sweep_abandoned()
    return count


def _sweep_abandoned() -> None:
    """Parts of files whose worker was killed and whose job never ended well."""
    a_day_ago = (clock.now() - timedelta(days=1)).timestamp()
    for part in (Path(settings.MEDIA_ROOT) / FOLDER).glob("*.part"):
        if part.stat().st_mtime < a_day_ago:
            part.unlink(missing_ok=True)
