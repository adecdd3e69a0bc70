"""Rights hold for each row, and nobody reads another's batch."""

import pytest

from portal.imports import services
from portal.imports.models import ImportBatch
from portal.org.models import AreaUserGrant
from portal.org.scoping import forget_grants
from portal.org.services import grant_to_user
from portal.org.walls.context import scoped_transaction
from residents.models import Person, Registration
from tests.factories.org import AreaFactory
from tests.factories.residents import COMMUNITY, DwellingFactory, PersonFactory, RegistrationFactory
from tests.imports import books

pytestmark = pytest.mark.django_db
FOREIGN = "330822002001"


def test_a_row_for_another_community_is_rejected_with_its_office(importer, person):
    AreaFactory.create(code=FOREIGN, name="城南社区")
    there = DwellingFactory.create(area_code=FOREIGN, address="文峰路8号", shorthand="wfl8")
    row = books.only(books.checked(books.arrivals(person(address=there.address)), importer))
    assert row.decision == "error"
    assert books.codes_of(row) == ["foreign_area"]
    assert "城南社区" in row.problems[0]["text"]


def test_somebody_registered_elsewhere_is_a_duplicate_told_without_a_name(importer, person):
    AreaFactory.create(code=FOREIGN, name="城南社区")
    there = DwellingFactory.create(area_code=FOREIGN, address="文峰路8号", shorthand="wfl8")
    known = PersonFactory.create(area_code=FOREIGN, document_number=person()["document_number"], name="李秀英")
    RegistrationFactory.create(person=known, dwelling=there)
    row = books.only(books.checked(books.arrivals(person()), importer))
    assert (row.decision, row.cleaned) == ("duplicate", None)
    assert "城南社区" in row.note
    assert "李秀英" not in row.note


def test_the_right_to_import_alone_creates_nothing(staff, person):
    user = staff(Registration, "import")
    grant_to_user(user, Person, ("view",), at=AreaFactory.create(code=COMMUNITY))
    forget_grants(user)
    row = books.only(books.checked(books.arrivals(person()), user))
    assert (row.decision, books.codes_of(row)) == ("error", ["foreign_area"])


def test_a_right_taken_after_the_check_counts_when_the_rows_are_written(importer, person):
    batch = books.checked(books.arrivals(person()), importer)
    with scoped_transaction(importer):
        services.apply(batch_id=batch.pk, actor=importer)
    AreaUserGrant.objects.filter(user=importer, permission__codename__contains="add_registration").delete()
    forget_grants(importer)
    books.work(importer)
    batch = books.fresh(batch)
    assert (batch.created, batch.skipped) == (0, 1)
    assert Registration.objects.count() == 0


def test_nobody_acts_on_the_batch_of_somebody_else(importer, staff, person):
    batch = books.checked(books.arrivals(person()), importer)
    other = staff(Registration, "view", "add", "import")
    with scoped_transaction(other), pytest.raises(ImportBatch.DoesNotExist):
        services.apply(batch_id=batch.pk, actor=other)


def test_what_identifies_a_person_is_corrected_in_the_file_and_not_by_a_list(importer, person, door):
    known = PersonFactory.create(document_number=person()["document_number"], name="李秀英")
    RegistrationFactory.create(person=known, dwelling=door)
    row = books.only(books.checked(books.arrivals(person(name="李秀芝")), importer))
    assert books.codes_of(row) == ["identity_differs"]
