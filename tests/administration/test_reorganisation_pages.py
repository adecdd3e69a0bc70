"""The pages of a re-organisation: planned, looked at, released, done, and what waits decided."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.administration.services.reorganisation import held
from portal.core import clock
from portal.jobs import worker
from portal.org.models import AreaChange
from portal.org.reorganisation import GrantOutcome
from tests.administration.little_county import (
    EAST,
    A,
    B,
    C,
    carried_out,
    county,
    group_with,
    merge,
    planner,
    releaser,
    seen,
)

__all__ = ["county", "planner", "releaser"]
pytestmark = pytest.mark.django_db


def test_a_right_that_waits_is_issued_anew_by_the_security_administrator(planner, releaser, county, client):
    _group, clerk = group_with(A, "东明站")
    change = carried_out(merge(planner), releaser)
    waits = held.waiting(change).get()
    client.force_login(releaser)
    url = reverse("administration:reorganisation_right", args=[change.pk, waits.pk])
    page = client.post(url, {"decision": "reissue"}, follow=True)
    assert page.status_code == 200
    waits.refresh_from_db()
    assert (waits.outcome, waits.decided_by) == (GrantOutcome.REISSUED, releaser)
    assert len(seen(clerk)) == 5


def test_the_whole_way_through_the_pages_behind_the_wall(planner, releaser, county, client):
    """Planned, looked at, released, done: as the product's role, which sees no row of the register here."""
    group_with(A, "东明站")
    client.force_login(planner)
    new = reverse("administration:reorganisation_new", args=["merge"])
    assert client.post(new, {"at": EAST}).url == f"{new}?at={EAST}"
    values = {"areas": [county[A].pk, county[B].pk], "name": "明峰", "code": C, "basis": "批复"}
    assert client.post(f"{new}?at={EAST}", values).status_code == 422
    planned = client.post(f"{new}?at={EAST}", values | {"effective_on": clock.today().isoformat()})
    shown = client.get(planned.url)
    assert dict(shown.context["counts"]) == {
        "人员档案": 5,
        "居住处所": 5,
        "居住登记": 5,
        "登记变更记录": 5,
    }
    assert [line.outcome for line in shown.context["lines"]] == [GrantOutcome.HELD]
    client.force_login(releaser)
    change = AreaChange.objects.get()
    released = client.post(
        reverse("administration:reorganisation_release", args=[change.pk]), {"version": change.version}
    )
    assert released.url == planned.url
    change.refresh_from_db()
    worker.run(str(change.job))
    done = client.get(planned.url)
    assert done.context["waiting"] == 1
    assert "重新授予" in done.content.decode()
    assert "明峰" in client.get(reverse("administration:reorganisations")).content.decode()


def test_one_and_forty_changes_take_the_same_queries(planner, county, client):
    client.force_login(planner)
    url = reverse("administration:reorganisations")
    for number in range(40):
        change = AreaChange.objects.create(
            kind="rename", effective_on=clock.today(), basis=str(number), planned_by=planner, state="withdrawn"
        )
        change.parts.create(before=A, after=A, name="东明")
        if number == 0:
            client.get(url)
            with CaptureQueriesContext(connection) as few:
                client.get(url)
    with CaptureQueriesContext(connection) as many:
        client.get(url)
    assert len(many) == len(few)
