"""What holds for every import: it balances, happens once, goes on after a kill, and can be taken back."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.utils import IntegrityError

from portal.core import clock
from portal.core.errors import DomainError
from portal.imports import applying, services
from portal.imports.applying import counts_of
from portal.imports.models import BatchState, ImportBatch
from portal.jobs import worker
from portal.jobs.models import Job
from portal.org.walls.context import scoped_transaction
from residents.choices import ChangeKind, RegistrationStatus
from residents.imports.registrations import Registrations
from residents.models import Dwelling, Person, Registration, RegistrationChange, Visit
from tests.factories.residents import PersonFactory, RegistrationFactory
from tests.imports import books

pytestmark = pytest.mark.django_db
TABLES = (Person, Registration, RegistrationChange, Dwelling)


class Killed(BaseException):
    """What a process feels of kill -9: nothing after it runs."""


def hashes() -> list[object]:
    found = []
    with connection.cursor() as cursor:
        for model in TABLES:
            cursor.execute(f"SELECT md5(string_agg(t::text, '|' ORDER BY id)) FROM {model._meta.db_table} t")
            found.append(cursor.fetchone()[0])
    return found


def test_the_reconciliation_balances_over_every_kind_of_row(importer, person, door):
    known = PersonFactory.create(document_number=person(300)["document_number"], name="李秀英", phone="13900001234")
    RegistrationFactory.create(person=known, dwelling=door)
    rows = [person(), person(), person(302, name=""), person(300), person(304, name="王芳")]
    batch = books.applied(books.arrivals(*rows), importer)
    assert counts_of(batch) == {
        "read": 5,
        "created": 2,
        "updated": 0,
        "unchanged": 1,
        "skipped": 1,
        "rejected": 1,
    }


def test_a_batch_that_does_not_balance_cannot_be_stored(importer):
    batch = ImportBatch(owner=importer, kind="registrations", sha256="x", size=1, read=3, created=2)
    batch.state = BatchState.DONE
    with pytest.raises(IntegrityError, match="import_balances"):
        batch.save()


def test_the_same_file_is_not_taken_twice_until_it_was_taken_back(importer, person):
    source = books.arrivals(person())
    content = source.getvalue()
    batch = books.applied(books.io.BytesIO(content), importer)
    with pytest.raises(DomainError) as refused, scoped_transaction(importer):
        services.upload(kind="registrations", source=books.io.BytesIO(content), size=len(content), actor=importer)
    assert refused.value.code == "same_file"
    books.undone(batch, importer)
    again = books.applied(books.io.BytesIO(content), importer)
    assert again.created == 1


def test_the_same_rows_in_another_file_change_nothing(importer, person):
    books.applied(books.arrivals(person()), importer)
    batch = books.checked(books.arrivals(person(), person(248, name="")), importer)
    assert [row.decision for row in books.rows_of(batch)] == ["unchanged", "error"]


def test_an_import_goes_on_where_a_kill_stopped_it_and_ends_the_same(importer, person, monkeypatch):
    monkeypatch.setattr(Registrations, "rows_a_step", 2)
    batch = books.checked(books.arrivals(*(person(300 + 2 * at) for at in range(7))), importer)
    with scoped_transaction(importer):
        services.apply(batch_id=batch.pk, actor=importer)
    job = Job.objects.get(kind=services.APPLY)
    real, steps = applying.step, []

    def dying(*args):
        steps.append(1)
        done = real(*args)
        if len(steps) in {1, 3, 5}:
            raise Killed  # before the commit: the rows of this step are lost
        return done

    monkeypatch.setattr(applying, "step", dying)
    for _kill in range(3):
        with pytest.raises(Killed):
            worker.run(str(job.pk))
        Job.objects.filter(pk=job.pk).update(lease_until=clock.now() - timedelta(seconds=1))
    worker.run(str(job.pk))

    batch = books.fresh(batch)
    assert counts_of(batch) == {"read": 7, "created": 7, "updated": 0, "unchanged": 0, "skipped": 0, "rejected": 0}
    assert Registration.objects.count() == 7
    assert batch.effects.count() == 14


def test_taking_an_import_back_gives_every_row_the_hash_it_had(importer, person, door):
    known = PersonFactory.create(document_number=person(300)["document_number"], name="李秀英", phone="13900001234")
    stay = RegistrationFactory.create(person=known, dwelling=door, workplace="旧厂")
    gone = PersonFactory.create(document_number=person(302)["document_number"], name="王芳", phone="", education="70")
    day = clock.today() - timedelta(days=90)
    RegistrationFactory.create(
        person=gone, dwelling=door, status=RegistrationStatus.LEFT, arrived_on=day, left_on=day + timedelta(days=9)
    )
    before = hashes()
    rows = [person(300, workplace="新厂", phone=""), person(302, name="王芳", phone=""), person(304)]
    batch = books.applied(books.arrivals(*rows), importer)
    stay.refresh_from_db()
    assert stay.workplace == "新厂"
    assert (batch.created, batch.updated) == (2, 1)
    assert hashes() != before

    assert books.undone(batch, importer).state == BatchState.UNDONE
    assert hashes() == before


def test_what_was_built_on_an_import_is_listed_and_nothing_is_taken_back(importer, person):
    batch = books.applied(books.arrivals(person(), person(248, name="王芳")), importer)
    second = Registration.objects.order_by("pk")[1]
    Visit.objects.create(
        registration=second, person=second.person, area_code=second.area_code, visited_on=clock.today(),
        result="present", visitor=importer,
    )  # fmt: skip
    before = hashes()

    batch = books.undone(batch, importer)

    assert batch.state == BatchState.DONE
    assert [one["row"] for one in batch.obstacles] == [3]
    assert hashes() == before


def test_a_person_who_was_registered_since_the_check_is_left_out(importer, person, door):
    batch = books.checked(books.arrivals(person()), importer)
    known = PersonFactory.create(document_number=person()["document_number"], name="李秀英")
    RegistrationFactory.create(person=known, dwelling=door)
    with scoped_transaction(importer):
        services.apply(batch_id=batch.pk, actor=importer)
    books.work(importer)
    batch = books.fresh(batch)
    assert (batch.created, batch.skipped) == (0, 1)
    assert books.only(batch).note


def test_somebody_who_comes_back_is_renewed_as_at_the_window(importer, person, door):
    gone = PersonFactory.create(document_number=person()["document_number"], name="李秀英", phone="13700000000")
    day = clock.today() - timedelta(days=90)
    RegistrationFactory.create(
        person=gone, dwelling=door, status=RegistrationStatus.LEFT, arrived_on=day, left_on=day + timedelta(days=9)
    )
    books.applied(books.arrivals(person()), importer)
    gone.refresh_from_db()
    assert gone.phone == "13900001234"
    assert RegistrationChange.objects.latest("pk").kind == ChangeKind.RENEWAL
    assert gone.registrations.filter(status=RegistrationStatus.ACTIVE).count() == 1


def test_history_tells_who_wrote_each_row_and_through_which_import(importer, person):
    books.applied(books.arrivals(person()), importer)
    event = Person._meta.apps.get_model("residents", "PersonEvent").objects.latest("pgh_id")
    assert event.pgh_context.metadata["actor"] == importer.pk
    assert event.pgh_context.metadata["purpose"] == "job imports.apply"
