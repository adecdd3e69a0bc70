"""One import in a process of its own, so that its memory can be read and it can be killed. Prints one line of JSON."""

import json
import select
import sys
import time
from pathlib import Path
from time import perf_counter
from typing import Any

import django

django.setup()

import pghistory  # noqa: E402
from django.db import connection  # noqa: E402

from bench.county import COUNTY  # noqa: E402
from bench.figures import peak_megabytes  # noqa: E402
from portal.celery import settle  # noqa: E402
from portal.core import wakeup  # noqa: E402
from portal.imports import applying, helping, services  # noqa: E402
from portal.imports.models import BatchState, ImportBatch  # noqa: E402
from portal.jobs import worker  # noqa: E402
from portal.jobs.models import Job  # noqa: E402
from portal.org.models import Area, User  # noqa: E402
from portal.org.scoping import forget_grants  # noqa: E402
from portal.org.services import grant_to_user  # noqa: E402
from portal.org.walls.context import scoped_transaction  # noqa: E402
from rentals.models import RentalRegistration  # noqa: E402
from residents.models import Dwelling, Person, Registration, RegistrationChange  # noqa: E402

PAUSE = 0.05
GRANTS: dict[Any, tuple[str, ...]] = {
    Registration: ("view", "add", "change", "import"),
    Person: ("view", "add", "change"),
    Dwelling: ("view", "add", "import"),
    RegistrationChange: ("view",),
    RentalRegistration: ("view", "add", "review"),
}


def importer() -> User:
    user, _made = User.objects.get_or_create(username="bench-importer", defaults={"display_name": "导入测试"})
    for model, actions in GRANTS.items():
        grant_to_user(user, model, actions, at=Area.objects.get(code=COUNTY))
    forget_grants(user)
    return user


def as_the_product() -> None:
    """Behind the walls, as every worker; makes sure of the importer before."""
    importer()
    settle()
    wakeup.send = lambda *_args: False  # the jobs are run here, there is no broker to wait for
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("SET ROLE app_rw")


def known() -> User:
    return User.objects.get(username="bench-importer")


def newest(user: User) -> ImportBatch:
    with scoped_transaction(user):
        return ImportBatch.objects.filter(owner=user).latest("created_at")


def jobs(user: User, kinds: str = "imports.") -> None:
    """Runs what waits, of the imports themselves or, with an empty `kinds`, whatever follows from them too."""
    waiting = Job.objects.filter(requested_by=user, state__in=("queued", "running"), kind__startswith=kinds)
    waiting = waiting.exclude(kind=helping.HELP) if kinds else waiting
    while job := waiting.order_by("created_at").first():
        # A killed worker's lease ends after fifteen seconds; the bench does not wait for it.
        Job.objects.filter(pk=job.pk, state="running").update(lease_until=job.created_at)
        worker.run(str(job.pk))
        job.refresh_from_db()
        if job.state != "done":
            raise SystemExit(f"{job.kind}: {job.state} {job.error} {job.error_detail}")


def prepare(path: Path) -> dict[str, Any]:
    """Uploaded, checked, and asked to be written. The file is named after the kind of import."""
    user = known()
    with scoped_transaction(user), path.open("rb") as source:
        batch = services.upload(kind=path.stem, source=source, size=path.stat().st_size, actor=user)
    jobs(user)
    batch = newest(user)
    with scoped_transaction(user):
        services.set_columns(
            batch_id=batch.pk, sheet=batch.sheet, header_row=batch.header_row, mapping=batch.mapping, actor=user
        )
    jobs(user)
    with scoped_transaction(user):
        services.apply(batch_id=batch.pk, actor=user)
    return {"batch": str(batch.pk)}


def work(_path: Path) -> dict[str, Any]:
    user = known()
    jobs(user)
    batch = newest(user)
    if batch.state != BatchState.DONE:
        raise SystemExit(f"the batch is {batch.state}")
    return {"counts": applying.counts_of(batch)}


def ours(path: Path) -> dict[str, Any]:
    began = perf_counter()
    prepare(path)
    checked = perf_counter()
    found = work(path)
    done = perf_counter()
    counts = found["counts"]
    peak = peak_megabytes()
    jobs(known(), "")
    return found | {
        "import_peak_mb": peak,
        "seconds": done - began,
        "checking": checked - began,
        "writing": done - checked,
        "looking": perf_counter() - done,
        "written": counts["created"] + counts["updated"],
    }


def helper(_path: Path) -> dict[str, Any]:
    """The second worker, as the product starts it: takes what it is asked to help with until its input is closed."""
    print("ready", flush=True)
    waiting = Job.objects.filter(kind=helping.HELP, state__in=("queued", "running"))
    waiting.update(lease_until=None)
    waiting.update(state="queued")
    while not select.select([sys.stdin], [], [], 0)[0]:
        for key in waiting.filter(state="queued").values_list("pk", flat=True):
            worker.run(str(key))
        time.sleep(PAUSE)
    return {}


def undo(_path: Path) -> dict[str, Any]:
    user = known()
    with scoped_transaction(user):
        services.undo(batch_id=newest(user).pk, reason="bench", actor=user)
    jobs(user, "")
    batch = newest(user)
    if batch.state != BatchState.UNDONE:
        raise SystemExit(f"not undone: {batch.obstacles[:3]}")
    return {"batch": str(batch.pk)}


def peer(path: Path) -> dict[str, Any]:
    from bench.imports_peer import run  # noqa: PLC0415 - a dependency of the bench alone

    began = perf_counter()
    with scoped_transaction(known()), pghistory.context(actor=known().pk, purpose="bench"):
        trial = run(path, known())
    return {"seconds": perf_counter() - began, "trial": trial}


def main(what: str, path: str) -> None:
    acts = {"ours": ours, "peer": peer, "prepare": prepare, "work": work, "undo": undo, "helper": helper}
    as_the_product()
    found = acts[what](Path(path))
    print(json.dumps(found | {"peak_mb": peak_megabytes()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
