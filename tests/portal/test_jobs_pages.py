import pytest
from django.urls import reverse

from portal.core import clock
from portal.events.models import Delivery, StoredEvent
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


def test_administrators_see_dead_letters_and_send_them_again(client):
    event = StoredEvent.objects.create(name="residents.person_left", payload={"person_id": 7}, settled_at=clock.now())
    letter = Delivery.objects.create(
        event=event, subscriber="rentals.subscribers.close", attempts=8, is_dead=True, last_error="KeyError close:3"
    )
    office = DepartmentFactory.create(code="it", duties=["administration"])
    client.force_login(UserFactory.create(department=office))
    page = client.get(reverse("events:dead_letters")).content.decode()
    assert "residents.person_left" in page
    assert "KeyError close:3" in page
    client.post(reverse("events:try_again", args=[letter.pk]))
    letter.refresh_from_db()
    assert (letter.is_dead, letter.attempts) == (False, 0)


@pytest.mark.parametrize("page", ["jobs:failures", "events:dead_letters"])
def test_others_do_not(client, page):
    client.force_login(UserFactory.create())
    assert client.get(reverse(page)).status_code == 403
