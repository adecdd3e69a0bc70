"""kill -9 in the middle of the work: nothing of it is to be seen, and the next worker does all of it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from django.conf import settings as django_settings
from django.db import connection

from portal.administration.services.reorganisation import services as service
from portal.core import clock
from portal.jobs import worker
from portal.jobs.models import Job, JobState
from portal.org.models import Area, AreaChange, AreaGroupGrant
from portal.org.reorganisation import ChangeState
from residents.models import Dwelling, Person, Registration
from tests.administration.little_county import GRID, A, B, C, D, codes_of, county, merge, planner, releaser

__all__ = ["county", "planner", "releaser"]
pytestmark = [pytest.mark.stack, pytest.mark.django_db(transaction=True)]
ROOT = Path(django_settings.BASE_DIR)
RUN = "import sys, django; django.setup(); from portal.jobs import worker; worker.run(sys.argv[1])"
WAITS = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid <> pg_backend_pid()"
BEFORE, AFTER = [A, A, GRID, B, B, D], [C, C, C, C, f"{C}001", D]


@contextmanager
def locked_row() -> Iterator[None]:
    """Somebody else holds one stay: the worker, the dwellings behind it, has to wait there."""
    side = connection.copy()
    side.set_autocommit(False)
    try:
        with side.cursor() as cursor:
            cursor.execute("SELECT 1 FROM residents_registration WHERE area_code = %s FOR UPDATE", [B])
        yield
    finally:
        side.rollback()
        side.close()


def product_url() -> str:
    """The database of the tests, logged in as the product: each role has a password of its own."""
    one = connection.settings_dict
    options = one.get("OPTIONS", {})
    query = {
        "host": options.get("host") or one["HOST"] or "127.0.0.1",
        "port": options.get("port") or one["PORT"] or 5432,
    }
    password = urlsplit(os.environ.get("DATABASE_PRODUCT_URL", "")).password
    login = f"app_rw:{password}" if password else "app_rw"
    return f"postgresql://{login}@/{one['NAME']}?{urlencode(query)}"


def start_worker(job: Job, settings) -> subprocess.Popen[bytes]:
    """A process of its own, as the product's role."""
    environment = os.environ | {
        "DATABASE_URL": product_url(),
        "DJANGO_SETTINGS_MODULE": "portal.settings.dev",
        "VAULT_KEY_FILE": str(settings.VAULT_KEY_FILE),
    }
    return subprocess.Popen([sys.executable, "-c", RUN, str(job.pk)], cwd=ROOT, env=environment)


def waits_for_the_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(WAITS)
        return bool(cursor.fetchone()[0])


def test_a_killed_worker_leaves_the_old_county_and_the_next_one_makes_the_new(planner, releaser, county, settings):
    change: AreaChange = merge(planner)
    service.release(change_id=change.pk, version=change.version, actor=releaser)
    job = Job.objects.get(kind=service.KIND)
    with locked_row():
        process = start_worker(job, settings)
        end = time.monotonic() + 60
        while not waits_for_the_lock():
            assert process.poll() is None, Job.objects.values("state", "error", "error_detail").get(pk=job.pk)
            assert time.monotonic() < end, "the worker never came to the locked stay"
            time.sleep(0.1)
        process.send_signal(signal.SIGKILL)
        process.wait()
    job.refresh_from_db()
    assert (job.state, job.attempts) == (JobState.RUNNING, 1)
    for model in (Dwelling, Person, Registration):
        assert codes_of(model) == sorted(BEFORE), model
    assert not Area.objects.filter(code=C).exists()
    assert not AreaGroupGrant.objects.filter(content_object__code=C).exists()
    Job.objects.filter(pk=job.pk).update(lease_until=clock.now() - timedelta(seconds=1))
    worker.run(str(job.pk))
    change.refresh_from_db()
    assert change.state == ChangeState.DONE
    for model in (Dwelling, Person, Registration):
        assert codes_of(model) == AFTER, model
