from datetime import time
from typing import IO

from portal.core import clock
from portal.jobs.models import Job
from portal.jobs.services import runs
from privacy.services import data_copy, retention


@runs("privacy.retention", daily_at=time(2, 20))
def keep_the_terms(job: Job, _out: IO[bytes]) -> None:
    """Every night: what has been kept long enough goes. `job.cursor` holds how many of each kind went, and the key of
    the last person. Started again after a crash it finds only what is left: whoever is anonymous is no longer due."""
    counts: dict[str, int] = {}
    for kind in retention.KINDS:
        if kind.remove is not None:
            counts[kind.code] = kind.remove()
    total = len(retention.due_people(clock.today()))
    counts["people"], beyond = 0, 0
    while gone := retention.forget_due(beyond=beyond, actor=job.requested_by):
        counts["people"] += len(gone)
        beyond = gone[-1]
        job.cursor = {"counts": counts, "beyond": beyond}
        job.advance(counts["people"], total)
    job.cursor = {"counts": counts, "beyond": beyond}
    job.advance(counts["people"], total)


@runs(data_copy.KIND, filename="copy.json", permit=data_copy.may_make_file)
def write_copy(job: Job, out: IO[bytes]) -> None:
    copy = data_copy.write_file(request_id=int(job.params["request_id"]), actor=job.requested_by, out=out)
    job.rows = copy.size
    job.result_name = f"{copy.request.number}.json"
    job.advance(copy.size, copy.size)
