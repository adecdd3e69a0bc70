import pytest
from django.urls import reverse

from portal.jobs.models import Job, JobState
from tests.factories.org import DepartmentFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_administrators_see_which_tasks_failed_and_why(client):
    office = DepartmentFactory.create(code="it", duties=["administration"])
    Job.objects.create(
        kind="tests.job",
        title="流动人口台账",
        requested_by=UserFactory.create(),
        state=JobState.FAILED,
        error="三次都没有完成",
        error_detail="RuntimeError in write, line 7",
    )
    client.force_login(UserFactory.create(department=office))
    page = client.get(reverse("jobs:failures")).content.decode()
    assert "流动人口台账" in page
    assert "RuntimeError in write, line 7" in page


def test_others_do_not(client):
    client.force_login(UserFactory.create())
    assert client.get(reverse("jobs:failures")).status_code == 403
