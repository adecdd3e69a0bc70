"""The product's Celery application with one slow kind of job; a worker is started on it and killed."""

import time
import uuid

import django

django.setup()

from portal.celery import app  # noqa: E402
from portal.jobs.kinds import runs  # noqa: E402
from portal.org.models import Department  # noqa: E402

__all__ = ["app"]
CHUNKS = 12


@runs("tests.slow", filename="slow.txt")
def slow(job, out):
    """Three seconds of work with one effect; a second effect would show that the job was done twice."""
    Department.objects.create(code=uuid.uuid4().hex, name="effect", area_code="330822")
    for chunk in range(1, CHUNKS + 1):
        out.write(f"chunk {chunk}\n".encode())
        time.sleep(0.25)
        job.advance(chunk, CHUNKS)
    job.rows = CHUNKS
