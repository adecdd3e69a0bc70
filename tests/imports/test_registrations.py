"""The whole way of a list of registrations: upload, columns, check, import, undo."""

import pytest

from portal.imports.models import BatchState, ImportEffect
from residents.choices import RegistrationStatus
from residents.models import Person, Registration, RegistrationChange
from tests.imports import books

pytestmark = pytest.mark.django_db


def test_a_list_of_people_becomes_registrations_that_say_what_the_file_says(importer, person, door):
    batch = books.applied(books.arrivals(person(), person(248, name="王芳", phone="")), importer)

    assert batch.state == BatchState.DONE
    assert (batch.read, batch.created, batch.updated, batch.unchanged, batch.skipped, batch.rejected) == (
        2,
        2,
        0,
        0,
        0,
        0,
    )
    first, second = Registration.objects.order_by("pk")
    assert first.person.name == "李秀英"
    assert first.person.phone == "13900001234"
    assert first.dwelling == door
    assert first.status == RegistrationStatus.ACTIVE
    assert (first.lodging, first.reason, first.channel) == ("05", "01", "import")
    assert second.person.name == "王芳"
    assert [change.kind for change in RegistrationChange.objects.order_by("pk")] == ["arrival", "arrival"]


def test_undoing_an_import_leaves_the_tables_as_they_were(importer, person):
    before = (Person.objects.count(), Registration.objects.count(), RegistrationChange.objects.count())
    batch = books.applied(books.arrivals(person(), person(248)), importer)
    assert ImportEffect.objects.filter(batch=batch).count() == 4

    batch = books.undone(batch, importer)

    assert batch.state == BatchState.UNDONE
    assert (Person.objects.count(), Registration.objects.count(), RegistrationChange.objects.count()) == before
