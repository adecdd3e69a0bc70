"""What runs every night, through the worker and not by calling the functions."""

import pytest

from portal.jobs import worker
from portal.jobs.kinds import daily_kinds
from portal.jobs.models import Job, JobState
from portal.org.services import system_user
from portal.reports.counts import read, total
from portal.reports.models import AreaCount
from residents.models import Draft
from tests.factories.org import StaffFactory
from tests.factories.residents import RegistrationFactory

pytestmark = pytest.mark.django_db


def test_every_nightly_task_is_registered():
    assert set(daily_kinds()) >= {
        "reports.rebuild",
        "residents.announce_endorsements",
        "residents.announce_half_years",
        "residents.purge_drafts",
        "residents.suspend_overdue",
    }


def run(kind: str) -> Job:
    job = Job.objects.create(kind=kind, requested_by=system_user())
    worker.run(str(job.pk))
    job.refresh_from_db()
    return job


def test_the_nightly_count_repairs_a_figure_that_drifted():
    RegistrationFactory.create()
    AreaCount.objects.create(area_code="330822", fact="residence", day="0001-01-01", number=7)
    assert total(read(["330822"], ["residence"])) == 8
    assert run("reports.rebuild").state == JobState.DONE
    assert total(read(["330822"], ["residence"])) == 1


def test_old_drafts_go_and_new_ones_stay(at):
    at("2026-09-01 09:00")
    author = StaffFactory.create()
    Draft.objects.create(author=author, form="old", data={"name": "王"})
    at("2026-11-20 09:00")
    Draft.objects.create(author=author, form="new", data={"name": "李"})
    assert run("residents.purge_drafts").state == JobState.DONE
    assert list(Draft.objects.values_list("form", flat=True)) == ["new"]
