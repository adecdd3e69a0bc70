"""Each key of likely duplicates by hand-made pairs, and the points they get (ADR 0017)."""

from datetime import date, timedelta
from typing import Any

import pytest

from portal.core import clock
from portal.org.models import User
from residents.choices import DocumentKind, PairStatus, Sex
from residents.models import DuplicatePair, Person
from residents.services.identity import document_index, document_tail_index
from residents.services.merging.keys import neighbours
from residents.services.merging.pairs import area_of_both, follow_person, refresh_pairs
from tests.factories.residents import DwellingFactory, PersonFactory, RegistrationFactory, id_number

pytestmark = pytest.mark.django_db
BORN = date(1990, 5, 17)
OTHER: dict[str, Any] = {
    "name": "李秀英",
    "birth_date": date(1971, 2, 3),
    "phone": "13900000002",
    "native_code": "420106",
}


def someone(**changes) -> Person:
    """Agrees with another `someone` in nothing but what both are given."""
    number = changes.pop("document_number", None)
    values = OTHER | changes
    if number is None:
        number = id_number(born=values["birth_date"], division=changes.get("division", "420106"), sequence=137)
    values.pop("division", None)
    return PersonFactory.create(document_number=number, **values)


def found(person: Person) -> list[tuple[list[list], int]]:
    refresh_pairs(person_ids=[person.pk])
    return [(pair.reasons, pair.score) for pair in DuplicatePair.objects.filter(status=PairStatus.OPEN)]


@pytest.fixture(autouse=True)
def _clerk(staff) -> User:
    return staff(Person, "view", "merge", "change")


def test_number_of_15_digits_and_the_one_of_18_are_the_same_document():
    old = PersonFactory.create(
        **OTHER,
        document_number="520322900517123",
        document_index=document_index("520322900517123"),
        document_tail_index=document_tail_index("520322900517123"),
    )
    new = someone(name="王建国", phone="", birth_date=BORN, native_code="520322", document_number=id_number())
    assert id_number() == "52032219900517123X"[:17] + id_number()[-1]
    assert found(new) == [([["document", 100]], 100)]
    assert {old.pk, new.pk} == set(DuplicatePair.objects.get().person_ids)


def test_one_wrong_digit_alone_is_not_enough_but_with_the_name_it_is():
    """Two children born the same day in one county have neighbouring numbers: 35 points are below 40."""
    someone(name="赵一", document_number=id_number(sequence=121), birth_date=BORN, phone="")
    stranger = someone(name="钱二", document_number=id_number(sequence=123), birth_date=BORN, phone="")
    assert found(stranger) == []
    same_name = someone(name="赵一", document_number=id_number(sequence=125), birth_date=BORN, phone="")
    assert found(same_name) == [([["document_near", 35], ["name", 20]], 55)]


def test_two_digits_in_the_wrong_order_are_one_mistake():
    one, two = id_number(sequence=127), id_number(sequence=172)
    assert two in neighbours(one)
    assert id_number(sequence=124) in neighbours(one)
    assert id_number(sequence=138) not in neighbours(one)
    assert len(neighbours(one)) <= 169


def test_number_with_a_wrong_check_digit_leads_to_those_that_one_digit_puts_right():
    right = id_number(sequence=123)
    wrong = right[:3] + str((int(right[3]) + 1) % 10) + right[4:]
    assert right in neighbours(wrong)
    assert len(neighbours(wrong)) <= 18


def test_same_phone_and_birth_date_make_a_pair_and_the_phone_alone_does_not():
    someone(name="赵一", phone="13812345678", birth_date=BORN, division="420107")
    family = someone(name="钱二", phone="13812345678", birth_date=date(1965, 1, 9), native_code="510104")
    assert found(family) == []
    again = someone(name="孙三", phone="13812345678", birth_date=BORN, native_code="510104", division="510104")
    assert found(again) == [([["phone", 30], ["birth", 25], ["other_number", -10]], 45)]


def test_names_that_sound_the_same_with_the_birth_date_make_a_pair_when_one_document_is_no_id_card():
    someone(name="章伟", birth_date=BORN, phone="")
    passport = someone(
        name="张玮",
        birth_date=BORN,
        phone="",
        document_kind=DocumentKind.PASSPORT,
        document_number="E12345678",
    )
    assert found(passport) == [([["pinyin", 12], ["birth", 25], ["native", 5]], 42)]


def test_same_name_and_native_county_with_a_birth_date_that_is_nearly_the_same():
    someone(name="欧阳修", birth_date=date(1988, 3, 4), phone="")
    other = someone(
        name="欧阳修",
        birth_date=date(1988, 4, 3),
        phone="",
        document_kind=DocumentKind.PASSPORT,
        document_number="E87654321",
    )
    assert found(other) == [([["name", 20], ["birth_near", 15], ["native", 5]], 40)]


def test_same_name_at_the_same_dwelling_makes_a_pair_even_with_two_valid_numbers():
    home = DwellingFactory.create()
    one = someone(name="王建国", phone="", division="510104", native_code="510104")
    other = someone(name="王建国", phone="", birth_date=date(1980, 8, 8))
    for person in (one, other):
        RegistrationFactory.create(person=person, dwelling=home)
    assert found(other) == [([["name", 20], ["dwelling", 30], ["other_number", -10]], 40)]


def test_another_sex_speaks_against_it():
    someone(name="王建国", birth_date=BORN, phone="13812345678", division="420107", native_code="510104")
    woman = someone(
        name="王建国", birth_date=BORN, phone="13812345678", sex=Sex.FEMALE, document_number=id_number(sequence=900)
    )
    assert found(woman) == [
        ([["phone", 30], ["name", 20], ["birth", 25], ["other_number", -10], ["other_sex", -15]], 50)
    ]


def test_phone_of_many_people_brings_a_bounded_number_of_files():
    """`duplicates.block_limit` is 20 files a key, `duplicates.pairs_limit` ten pairs a file: a landlord's number."""
    for at in range(25):
        someone(name="赵一", phone="13812345678", birth_date=BORN, division=str(420110 + at))
    last = someone(name="钱二", phone="13812345678", birth_date=BORN, division="510104", native_code="510104")
    assert len(found(last)) == 10


def test_pair_goes_when_the_file_is_corrected_and_comes_back():
    someone(name="王建国", birth_date=BORN, phone="13812345678", division="510104", native_code="510104")
    person = someone(name="王建国", birth_date=BORN, phone="13812345678", division="420108")
    assert len(found(person)) == 1
    changed = {"birth_date": date(1950, 1, 1), "phone_index": None, "name": "李", "name_pinyin": "li"}
    Person.objects.filter(pk=person.pk).update(**changed)
    assert found(person) == []
    assert DuplicatePair.objects.get().status == PairStatus.GONE
    Person.objects.filter(pk=person.pk).update(birth_date=BORN, name="王建国")
    Person.objects.filter(pk=person.pk).update(phone_index=person.phone_index)
    assert len(found(person)) == 1


def test_pair_of_two_offices_stands_at_their_common_superior_and_follows_a_move():
    assert area_of_both("330822001001", "330822002001") == "330822"
    assert area_of_both("330822001001", "330822001002") == "330822001"
    assert area_of_both("330822001001", "330822001001") == "330822001001"
    someone(name="王建国", birth_date=BORN, phone="13812345678", division="420107", area_code="330822001001")
    person = someone(name="王建国", birth_date=BORN, phone="13812345678", division="420108", area_code="330822002001")
    refresh_pairs(person_ids=[person.pk])
    assert DuplicatePair.objects.get().area_code == "330822"
    person.area_code = "330822001001"
    person.save(update_fields=["area_code"])
    follow_person(person)
    pair = DuplicatePair.objects.get()
    assert pair.area_code == "330822001001"
    assert {side.area_code for side in pair.sides.all()} == {"330822001001"}


@pytest.mark.parametrize("files", [1, 40])
def test_keeping_the_list_takes_the_same_queries_for_one_file_and_for_forty(files, django_assert_max_num_queries):
    people = [someone(name="王建国", division=str(420110 + at), phone=f"138{at:08d}") for at in range(files)]
    refresh_pairs(person_ids=[people[0].pk])
    DuplicatePair.objects.all().delete()
    with django_assert_max_num_queries(16):
        refresh_pairs(person_ids=[person.pk for person in people])


def test_arrival_yesterday_counts_like_one_of_long_ago():
    home = DwellingFactory.create()
    early = clock.today() - timedelta(days=400)
    for at, arrived in enumerate((early, clock.today())):
        person = someone(name="王建国", phone="", division=str(420110 + at), birth_date=date(1970 + at * 9, 8, 8))
        RegistrationFactory.create(person=person, dwelling=home, arrived_on=arrived)
    assert [score for _reasons, score in found(person)] == [60]  # 20 + 30 + 15 + 5 - 10
