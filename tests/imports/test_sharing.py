"""Several workers at one file: what they do together is what one would have done."""

from datetime import timedelta

import pytest

from portal.core import clock
from portal.imports import helping, services, staging
from portal.imports.applying import counts_of
from portal.imports.models import BatchState, ImportPart, Task
from portal.jobs import worker
from portal.jobs.models import Job, JobState
from portal.org.walls.context import scoped_transaction
from residents.imports.registrations import Registrations
from residents.models import Registration
from tests.imports import books

pytestmark = pytest.mark.django_db
SEVEN = range(300, 314, 2)


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch, settings):
    monkeypatch.setattr(staging, "PART", 2)
    monkeypatch.setattr(Registrations, "rows_a_step", 2)
    settings.JOB_WORKERS = 2


def asked(batch, importer, task):
    """The main task as it stands while it runs, and the task of its helper."""
    main = Job.objects.get(pk=batch.job)
    Job.objects.filter(pk=main.pk).update(state=JobState.RUNNING)
    with scoped_transaction(importer):
        helping.ask(batch, task, importer, parts=4)
    return main, Job.objects.get(kind=helping.HELP, state=JobState.QUEUED)


def go_on(main):
    Job.objects.filter(pk=main.pk).update(state=JobState.QUEUED, lease_until=None)
    worker.run(str(main.pk))


def to_be_checked(rows, importer):
    batch = books.uploaded(books.arrivals(*rows), importer)
    with scoped_transaction(importer):
        services.set_columns(
            batch_id=batch.pk, sheet=batch.sheet, header_row=batch.header_row, mapping=batch.mapping, actor=importer
        )
    return books.fresh(batch)


def test_the_second_row_of_one_person_is_a_duplicate_though_another_part_holds_the_first(importer, person):
    rows = [person(at) for at in SEVEN]
    batch = books.checked(books.arrivals(*rows, person(300)), importer)
    last = books.rows_of(batch)[-1]
    assert (last.decision, last.note, last.cleaned) == ("duplicate", "与本文件第 2 行重复。", None)
    assert batch.found == {"read": 8, "create": 7, "duplicate": 1}


def test_parts_that_a_helper_has_checked_are_not_checked_again(importer, person):
    batch = to_be_checked([person(at) for at in SEVEN], importer)
    main, help_job = asked(batch, importer, Task.CHECK)
    worker.run(str(help_job.pk))
    checked = ImportPart.objects.filter(batch=batch, task=Task.CHECK, is_done=True)
    assert sorted(checked.values_list("first", "last")) == [(2, 2), (3, 4), (5, 6), (7, 8)]
    before = {row.number: row.pk for row in books.rows_of(batch)}

    go_on(main)

    batch = books.fresh(batch)
    assert batch.state == BatchState.CHECKED
    assert {row.number: row.pk for row in books.rows_of(batch)} == before
    assert batch.found == {"read": 7, "create": 7}


def test_rows_that_a_helper_has_written_are_not_written_again(importer, person):
    batch = books.checked(books.arrivals(*(person(at) for at in SEVEN)), importer)
    with scoped_transaction(importer):
        services.apply(batch_id=batch.pk, actor=importer)
    batch = books.fresh(batch)
    main = Job.objects.get(pk=batch.job)
    with scoped_transaction(importer):
        staging.parts.divide(batch, 2)
    main, help_job = asked(batch, importer, Task.APPLY)
    worker.run(str(help_job.pk))
    assert Registration.objects.count() == 7
    assert books.fresh(batch).state == BatchState.APPLYING

    go_on(main)

    batch = books.fresh(batch)
    assert batch.state == BatchState.DONE
    assert counts_of(batch) == {"read": 7, "created": 7, "updated": 0, "unchanged": 0, "skipped": 0, "rejected": 0}
    assert Registration.objects.count() == 7
    assert not ImportPart.objects.filter(batch=batch).exists()


def test_a_helper_leaves_at_once_when_the_task_that_asked_was_stopped(importer, person):
    batch = to_be_checked([person(at) for at in SEVEN], importer)
    main, help_job = asked(batch, importer, Task.CHECK)
    Job.objects.filter(pk=main.pk).update(cancel_requested=True)
    worker.run(str(help_job.pk))
    help_job.refresh_from_db()
    assert help_job.state == JobState.DONE
    assert not ImportPart.objects.filter(batch=batch).exists()


def test_a_check_goes_on_with_the_parts_that_a_killed_worker_did_not_finish(importer, person, monkeypatch):
    batch = to_be_checked([person(at) for at in SEVEN], importer)
    real, calls = staging.checked, []

    class Killed(BaseException):
        pass

    def dying(*args):
        calls.append(1)
        if len(calls) == 3:
            raise Killed
        real(*args)

    monkeypatch.setattr(staging, "checked", dying)
    job = Job.objects.get(pk=batch.job)
    with pytest.raises(Killed):
        worker.run(str(job.pk))
    assert [row.number for row in books.rows_of(batch)] == [2, 3, 4]
    Job.objects.filter(pk=job.pk).update(lease_until=clock.now() - timedelta(seconds=1))
    worker.run(str(job.pk))
    assert books.fresh(batch).found == {"read": 7, "create": 7}
    assert [row.number for row in books.rows_of(batch)] == list(range(2, 9))


def test_a_file_of_one_part_is_not_shared(importer, person):
    books.checked(books.arrivals(person(300)), importer)
    assert not Job.objects.filter(kind=helping.HELP).exists()


def test_nobody_sees_the_task_of_a_helper_among_their_own(client, importer, person):
    books.checked(books.arrivals(*(person(at) for at in SEVEN)), importer)
    assert Job.objects.filter(kind=helping.HELP, requested_by=importer).count() == 1
    client.force_login(importer)
    listed = client.get("/jobs/").context["jobs"]
    assert {job.kind for job in listed} == {"imports.read", "imports.check"}
