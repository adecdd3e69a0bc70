"""Scheduled work of the rented homes."""

from datetime import time
from typing import IO, Any

from portal.core import clock
from portal.jobs.models import Job
from portal.jobs.services import runs
from portal.org.models import User
from portal.org.scoping import can
from portal.org.services import system_user
from rentals.models import RentalCampaign, RentalRegistration
from rentals.services.campaigns import OPEN_DOORS, open_doors
from rentals.services.inspections.grading import houses_let, regrade
from rentals.services.inspections.planning import plan_inspections
from rentals.services.letters import ISSUE, issue_letters, renew_letters
from rentals.services.recount import recount_limits


@runs("rentals.plan_inspections", daily_at=time(1, 10))
def plan_at_night(job: Job, _out: IO[bytes]) -> None:
    """Limits of occupancy follow the rules of the day; every house is graded anew, because hazards grow old; then the
    inspections that are due soon are opened."""
    recount_limits(day=clock.today())
    regrade(houses_let())
    done = plan_inspections(day=clock.today(), actor=system_user())
    job.advance(done, done)


def _may_conduct(user: User, _params: dict[str, Any]) -> bool:
    return can(user, RentalCampaign, "conduct")


@runs(OPEN_DOORS, permit=_may_conduct)
def open_doors_of_a_campaign(job: Job, _out: IO[bytes]) -> None:
    open_doors(campaign_id=job.params["campaign"], actor=job.requested_by, progress=job.advance)


@runs("rentals.renew_letters", daily_at=time(1, 40))
def renew_letters_at_night(job: Job, _out: IO[bytes]) -> None:
    done = renew_letters(actor=system_user())
    job.advance(done, done)


def _may_issue(user: User, _params: dict[str, Any]) -> bool:
    return can(user, RentalRegistration, "review")


@runs(ISSUE, permit=_may_issue)
def issue_letters_of_an_area(job: Job, _out: IO[bytes]) -> None:
    issue_letters(area_code=job.params["area"], actor=job.requested_by, progress=job.advance)
