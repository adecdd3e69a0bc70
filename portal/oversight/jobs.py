from datetime import time, timedelta
from typing import IO

from django.db import connection
from django.utils.translation import gettext_lazy as _

from portal.audit import heads, verification
from portal.audit.sealing import head
from portal.core import clock
from portal.jobs.kinds import runs
from portal.jobs.models import Job
from portal.oversight import break_glass, exports
from portal.oversight.rules import look_through

MONTHS_AHEAD = 100
"""Days: three months of partitions stand ready, so that a job that fails for weeks stops nothing."""


@runs("oversight.make_partitions", daily_at=time(1, 5))
def make_partitions(job: Job, _out: IO[bytes]) -> None:
    today = clock.today()
    with connection.cursor() as cursor:
        cursor.execute("SELECT audit_make_partitions(%s, %s)", [today, today + timedelta(days=MONTHS_AHEAD)])
        made = cursor.fetchone()[0]
    job.advance(made, made)


@runs("oversight.find", daily_at=time(2, 10))
def find(job: Job, _out: IO[bytes]) -> None:
    """Yesterday and the day before: a job that did not run last night is made up for."""
    today = clock.today()
    found = sum(look_through(today - timedelta(days=back)) for back in (1, 2))
    job.advance(found, found)


@runs("oversight.verify", title=str(_("Check of the audit log")), daily_at=time(3, 30))
def verify(job: Job, _out: IO[bytes]) -> None:
    """The whole chain, with the copies of its head that this machine keeps; the head is copied once more."""
    file = heads.default_file()
    report = verification.verify(known_heads=heads.read(file) if file.exists() else [])
    verification.keep(report)
    heads.append(head(), file)
    job.advance(report.rows, report.rows)


@runs("oversight.end_break_glass", daily_at=time(0, 1))
def end_break_glass(job: Job, _out: IO[bytes]) -> None:
    done = break_glass.close_ended()
    job.advance(done, done)


runs(exports.KIND, filename="audit.csv", permit=exports.may_export)(exports.write)
