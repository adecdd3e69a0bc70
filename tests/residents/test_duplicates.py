from datetime import date

import pytest
from django.core.exceptions import ObjectDoesNotExist

from portal.audit.models import AccessEvent
from portal.core.errors import DomainError
from portal.org.models import User
from residents.models import Person
from residents.services.duplicates import find_duplicates, not_same_person
from tests.factories.residents import DwellingFactory, PersonFactory, RegistrationFactory, id_number

pytestmark = pytest.mark.django_db
NEW_NUMBER = id_number(born=date(1985, 1, 1), sequence=777)


@pytest.fixture
def coadmin(staff) -> User:
    return staff(Person, "view")


def test_P3_exact_document_is_told_with_last_address_and_status(coadmin):
    stay = RegistrationFactory.create()
    [hit] = find_duplicates(document_number=stay.person.document_number, actor=coadmin)
    assert (hit.is_exact, hit.reasons, hit.in_scope) == (True, ["document"], True)
    assert (hit.last_address, hit.registration_id) == (stay.dwelling.address, stay.pk)
    assert hit.person.name == "王建国"
    assert hit.person.document == "520***********" + stay.person.document_number[-4:]


def test_P3_phone_and_name_with_birth_date_and_name_at_the_address_are_reasons(coadmin):
    home = DwellingFactory.create()
    person = PersonFactory.create(phone="13900001111", birth_date=date(1985, 1, 1))
    RegistrationFactory.create(person=person, dwelling=home)
    [hit] = find_duplicates(
        document_number=NEW_NUMBER,
        name="王建国",
        birth_date=date(1985, 1, 1),
        phone="139 0000 1111",
        dwelling_id=home.pk,
        actor=coadmin,
    )
    assert hit.reasons == ["phone", "name", "birth", "native", "dwelling", "other_number"]


def test_P3_people_of_foreign_areas_are_told_for_the_exact_document_only(coadmin):
    stay = RegistrationFactory.create(dwelling=DwellingFactory.create(area_code="330822002001"))
    assert find_duplicates(name="王建国", birth_date=stay.person.birth_date, actor=coadmin) == []
    [hit] = find_duplicates(document_number=stay.person.document_number, actor=coadmin)
    assert (hit.in_scope, hit.person, hit.last_address) == (False, None, "")


def test_P3_not_the_same_person_is_remembered_for_that_document(coadmin):
    person = PersonFactory.create(birth_date=date(1985, 1, 1))
    search = {"name": "王建国", "birth_date": date(1985, 1, 1), "actor": coadmin}
    not_same_person(person_id=person.pk, document_number=NEW_NUMBER, reason="籍贯不同，本人到场", actor=coadmin)
    assert find_duplicates(document_number=NEW_NUMBER, **search) == []
    assert [hit.person_id for hit in find_duplicates(document_number=id_number(sequence=555), **search)] == [person.pk]
    again = not_same_person(person_id=person.pk, document_number=NEW_NUMBER, reason="又说一次", actor=coadmin)
    assert again.reason == "籍贯不同，本人到场"


def test_P3_not_the_same_person_needs_a_reason_and_another_number(coadmin):
    person = PersonFactory.create()
    with pytest.raises(DomainError) as refusal:
        not_same_person(person_id=person.pk, document_number=NEW_NUMBER, reason=" ", actor=coadmin)
    assert refusal.value.field == "reason"
    with pytest.raises(DomainError) as refusal:
        not_same_person(person_id=person.pk, document_number=person.document_number, reason="不是", actor=coadmin)
    assert refusal.value.code == "same_document"


def test_P3_foreign_rows_cannot_be_declared_different(coadmin):
    person = PersonFactory.create(area_code="330822002001")
    with pytest.raises(ObjectDoesNotExist):
        not_same_person(person_id=person.pk, document_number=NEW_NUMBER, reason="不是", actor=coadmin)


@pytest.mark.parametrize("rows", [1, 40])
def test_P3_at_most_five_candidates_with_the_same_queries(coadmin, rows, django_assert_max_num_queries):
    for _row in range(rows):
        RegistrationFactory.create()
    find_duplicates(name="nobody", actor=coadmin)
    with django_assert_max_num_queries(10):
        hits = find_duplicates(name="王建国", birth_date=date(1990, 5, 17), phone="13800005621", actor=coadmin)
    assert len(hits) == min(rows, 5)


def test_search_for_duplicates_leaves_an_access_row_without_the_words(coadmin):
    person = PersonFactory.create()
    find_duplicates(document_number=person.document_number, actor=coadmin)
    event = AccessEvent.objects.get()
    assert (event.action, event.person_ids, event.actor) == ("search", [person.pk], coadmin)
