import logging
from datetime import time
from typing import IO

from portal.administration.services.idle_accounts import disable_unused
from portal.administration.services.reorganisation import work
from portal.administration.services.reorganisation.services import KIND, may_release
from portal.audit import services as audit
from portal.jobs.models import Job
from portal.jobs.services import runs
from portal.org.verification import broken_seals

log = logging.getLogger(__name__)


@runs("administration.check_seals", daily_at=time(3, 10))
def check_seals(job: Job, _out: IO[bytes]) -> None:
    """A grant changed by SQL shows up in the auditor's records the next morning at the latest."""
    found = 0
    for row in broken_seals():
        found += 1
        log.error("grant %s %s has a broken seal", row._meta.label_lower, row.pk)
        audit.record(
            actor=job.requested_by,
            action="grant_seal_broken",
            target=row,
            right=row.permission.codename,
            area=row.content_object.code,
        )
    job.advance(found, found)


@runs("administration.disable_unused", daily_at=time(3, 20))
def close_unused_accounts(job: Job, _out: IO[bytes]) -> None:
    """Whoever comes back asks the system administrator, who opens the account again."""
    found = len(disable_unused(actor=job.requested_by))
    job.advance(found, found)


@runs(KIND, title="区划调整", permit=lambda user, _params: may_release(user))
def reorganise(job: Job, _out: IO[bytes]) -> None:
    """All of it commits with the job's end; a killed worker leaves nothing, and the next one begins anew."""
    work.carry_out(change_id=int(str(job.params["change"])), job=job, actor=job.requested_by)


@runs("administration.reorganise_due", daily_at=time(0, 5))
def reorganise_due(job: Job, _out: IO[bytes]) -> None:
    """What was released for today is put into the queue."""
    started = work.start_due()
    job.advance(started, started)
