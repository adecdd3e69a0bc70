"""Imported companions stand in the household book of the person they live with, as after the arrival form."""

from datetime import date, timedelta

import pytest
from openpyxl import load_workbook

from portal.core import clock
from portal.imports.models import BatchState
from portal.org.walls.context import scoped_transaction
from residents.models import Household, HouseholdAct, HouseholdMember, Person, Registration
from residents.services.households import following
from tests.factories.residents import PersonFactory, RegistrationFactory, id_number
from tests.imports import books

pytestmark = pytest.mark.django_db
TITLES = ("户主身份证号", "与户主关系", "姓名", "身份证号", "备注")


@pytest.fixture
def head(door) -> Registration:
    """李秀英, a woman of 33, lives at the door alone."""
    number = id_number(born=date(1993, 3, 8), sequence=246)
    known = PersonFactory.create(document_number=number, name="李秀英", sex="2", birth_date=date(1993, 3, 8))
    return RegistrationFactory.create(person=known, dwelling=door, arrived_on=clock.today() - timedelta(days=90))


def child(years: int, sequence: int) -> str:
    return id_number(born=clock.today() - timedelta(days=years * 366), sequence=sequence)


def family(head: Registration):
    """A son of 8 and a husband, both of the head."""
    number = head.person.document_number
    husband = id_number(born=date(1990, 5, 6), sequence=135)
    return books.book([TITLES, [number, "子", "王小宝", child(8, 351), ""], [number, "夫", "王强", husband, ""]])


def told() -> dict[str, str]:
    lines = HouseholdMember.objects.active().select_related("person")
    return {line.person.name: line.relation for line in lines}


def everything() -> list[list[tuple]]:
    models = (Household, HouseholdAct, HouseholdMember, Registration, Person)
    return [list(model.objects.order_by("pk").values_list()) for model in models]


def test_companions_open_a_book_with_the_person_they_live_with(importer, head):
    before = everything()
    batch = books.applied(family(head), importer, "companions")
    assert (batch.read, batch.created) == (2, 2)
    assert told() == {"李秀英": "02", "王小宝": "20", "王强": "11"}
    book = Household.objects.get()
    assert (book.head, book.dwelling_id, book.area_code) == (head.person, head.dwelling_id, head.area_code)
    son = HouseholdMember.objects.get(person__name="王小宝")
    assert (son.guardian, son.joined_on) == (head.person, head.arrived_on)
    assert books.undone(batch, importer).state == BatchState.UNDONE
    assert everything() == before


def test_a_book_that_stood_before_takes_them_in_and_is_as_it_was_after_taking_back(importer, head, door):
    mother = RegistrationFactory.create(
        person=PersonFactory.create(name="李老太", sex="2", birth_date=date(1960, 1, 1)), dwelling=door
    )
    mother.head, mother.relation = head, "52"
    mother.save()
    with scoped_transaction(importer):
        following.joined(head, [mother], importer)
    before = everything()
    batch = books.applied(family(head), importer, "companions")
    assert told() == {"李秀英": "02", "李老太": "52", "王小宝": "20", "王强": "11"}
    assert Household.objects.count() == 1
    books.undone(batch, importer)
    assert everything() == before


def test_in_a_book_of_somebody_else_the_relation_is_concluded(importer, head, door):
    """The book is her father's: her son is his daughter's son 外孙, her husband his son-in-law 女婿."""
    father = RegistrationFactory.create(
        person=PersonFactory.create(name="李大山", sex="1", birth_date=date(1965, 1, 1)), dwelling=door
    )
    head.head, head.relation = father, "30"
    head.save()
    with scoped_transaction(importer):
        following.joined(father, [head], importer)
    books.applied(family(head), importer, "companions")
    assert told() == {"李大山": "02", "李秀英": "30", "王小宝": "43", "王强": "28"}


def test_a_book_that_was_changed_since_stands_in_the_way(importer, head, door):
    batch = books.applied(family(head), importer, "companions")
    later = RegistrationFactory.create(dwelling=door, relation="99")
    later.head = head
    later.save()
    with scoped_transaction(importer):
        following.joined(head, [later], importer)
    batch = books.undone(batch, importer)
    assert batch.state == BatchState.DONE
    assert "户内登记在导入后有变动。" in {one["text"] for one in batch.obstacles}
    assert len(told()) == 4


def test_the_same_file_again_changes_nothing_in_the_book(importer, head):
    books.applied(family(head), importer, "companions")
    before = everything()
    again = family(head)
    batch = books.checked(books.book([[*TITLES, "忽略"], *rows_of(again)]), importer, "companions")
    assert batch.found.get("create", 0) == 0
    assert batch.found["unchanged"] == 2
    assert everything()[:3] == before[:3]


def rows_of(source) -> list[list[str]]:
    sheet = load_workbook(source).active
    return [[str(cell.value or "") for cell in row] for row in sheet.iter_rows(min_row=2)]
