from datetime import time
from typing import IO

from portal.files import services
from portal.jobs.kinds import runs
from portal.jobs.models import Job


@runs("files.sweep", daily_at=time(2, 40))
def sweep(job: Job, _out: IO[bytes]) -> None:
    job.rows = services.sweep()
