"""/metrics: what a watching machine needs, and nothing about anybody (ASVS D9)."""

from datetime import timedelta
from pathlib import Path

import pytest

from portal.core import clock, counters
from portal.events.models import Delivery, StoredEvent
from portal.jobs.models import Job
from tests.factories.org import StaffFactory

pytestmark = pytest.mark.django_db


def ask(client, **meta):
    return client.get("/metrics", REMOTE_ADDR="", **meta)


def value(client, name: str) -> float:
    lines = ask(client).content.decode().splitlines()
    return float(next(line for line in lines if line.startswith(f"{name} ")).rpartition(" ")[2])


def test_D9_nobody_outside_sees_that_there_are_metrics(client, settings):
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404
    client.force_login(StaffFactory.create())
    assert client.get("/metrics").status_code == 404


def test_the_token_opens_them_and_another_one_does_not(client, settings):
    settings.METRICS_TOKEN = "t" * 32
    assert client.get("/metrics", headers={"Authorization": "Bearer " + "t" * 32}).status_code == 200
    assert client.get("/metrics", headers={"Authorization": "Bearer " + "t" * 31}).status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer 密"}).status_code == 404


def test_the_local_socket_opens_them_but_not_for_what_a_proxy_passed_on(client):
    assert ask(client).status_code == 200
    location = Path("deploy/nginx/nginx.conf").read_text("utf-8").partition("location = /metrics {")[2]
    assert location.strip().startswith("return 404;")


def test_requests_refusals_and_server_errors_are_counted(client):
    before = counters.snapshot()
    client.get("/healthz")
    client.get("/no-such-page/")
    client.get("/csp-report")
    after = counters.snapshot()
    grown = {name: after[name] - before[name] for name in after if after[name] != before[name]}
    assert grown["request:2xx"] == 1
    assert grown["request:4xx"] == 2
    assert grown["event:refused"] == 1
    assert after["seconds:10.0"] - before["seconds:10.0"] == 3
    assert grown["seconds:sum_microseconds"] > 0


def test_work_that_waits_is_told_by_its_age(client):
    old = clock.now() - timedelta(seconds=90)
    job = Job.objects.create(kind="x", requested_by=StaffFactory.create())
    Job.objects.filter(pk=job.pk).update(created_at=old)
    event = StoredEvent.objects.create(name="x", payload={}, at=old)
    Delivery.objects.create(event=event, subscriber="s", is_dead=True)
    assert 90 <= value(client, "anju_job_oldest_seconds") < 120
    assert 90 <= value(client, "anju_outbox_lag_seconds") < 120
    assert value(client, "anju_outbox_dead_letters") == 1
    assert value(client, 'anju_jobs{state="queued"}') == 1


def test_labels_hold_only_words_of_the_product(client):
    body = ask(client).content.decode()
    labels = {line.partition("{")[2].partition("}")[0].partition("=")[0] for line in body.splitlines() if "{" in line}
    assert labels == {"status", "le", "event", "state"}
    assert body.isascii()
    assert all(line.startswith(("# TYPE anju_", "anju_")) for line in body.splitlines())
