from datetime import time, timedelta
from typing import IO, Any

from portal.core import clock
from portal.jobs.models import Job
from portal.jobs.services import runs
from portal.org.models import User
from portal.org.scoping import can
from portal.org.services import system_user
from residents.models import PermitApplication, Person
from residents.services.drafts import purge_drafts
from residents.services.merging.pairs import CHUNK, refresh_pairs
from residents.services.permits import bulk, cards, endorsements, reminders
from residents.services.visits.planning import make_tasks

STEP = 10
DAYS_LOOKED_BACK = 2


@runs("residents.suspend_overdue", daily_at=time(0, 10))
def suspend_overdue(job: Job, _out: IO[bytes]) -> None:
    """Just after midnight: the window closed yesterday (R9). Old permits that expired end here as well (R18)."""
    today = clock.today()
    done = endorsements.suspend_overdue(today) + cards.end_expired(today)
    job.advance(done, done)


@runs("residents.announce_half_years", daily_at=time(0, 20))
def announce_half_years(job: Job, _out: IO[bytes]) -> None:
    done = reminders.announce_half_years(clock.today())
    job.advance(done, done)


@runs("residents.announce_endorsements", daily_at=time(0, 30))
def announce_endorsements(job: Job, _out: IO[bytes]) -> None:
    done = reminders.announce_endorsements(clock.today())
    job.advance(done, done)


@runs("residents.plan_visits", daily_at=time(0, 40))
def plan_visits(job: Job, _out: IO[bytes]) -> None:
    """The doors that are due soon get their task, so that the plan of the day stands when people come in."""
    done = make_tasks(day=clock.today(), actor=system_user())
    job.advance(done, done)


@runs("residents.purge_drafts", daily_at=time(2, 40))
def purge_old_drafts(job: Job, _out: IO[bytes]) -> None:
    done = purge_drafts()
    job.advance(done, done)


def _may_decide(user: User, params: dict[str, Any]) -> bool:
    return can(user, PermitApplication, "sign" if params.get("step") == bulk.SIGN else "review")


@runs("residents.decide_applications", permit=_may_decide)
def decide_applications(job: Job, _out: IO[bytes]) -> None:
    """Each file on its own: one refusal leaves the others done. `job.cursor` holds the result of every row."""
    ids = [int(pk) for pk in job.params["ids"]]
    results = []
    for done, pk in enumerate(ids, start=1):
        results.append(bulk.decide_one(application_id=pk, step=job.params["step"], actor=job.requested_by))
        if done % STEP == 0:
            job.advance(done, len(ids))
    job.advance(len(ids), len(ids))
    job.cursor = {"results": results}


@runs("residents.refresh_pairs", daily_at=time(3, 10))
def refresh_pairs_of_all(job: Job, _out: IO[bytes]) -> None:
    """The list of likely duplicates anew: of the files named in `ids` (an import asks for its own), or of every file
    changed since the night before; `all` looks at the whole register, which weights that were changed ask for."""
    wanted = [int(pk) for pk in job.params.get("ids", ())]
    if not wanted:
        rows = Person.objects.filter(merged_into=None, forgotten_on=None).order_by("pk")
        since = clock.now() - timedelta(days=DAYS_LOOKED_BACK)
        rows = rows if job.params.get("all") else rows.filter(updated_at__gte=since)
        wanted = list(rows.values_list("pk", flat=True))
    for done in range(0, len(wanted), CHUNK):
        refresh_pairs(person_ids=wanted[done : done + CHUNK])
        job.advance(done, len(wanted))
    job.advance(len(wanted), len(wanted))
