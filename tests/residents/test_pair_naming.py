"""Two files that only a person can tell to be one."""

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from portal.core.errors import DomainError
from portal.org.models import User
from residents.choices import DocumentKind, PairStatus
from residents.models import DuplicatePair, DuplicateSide, Person
from residents.services.identity import document_index
from residents.services.merging import pairs
from residents.services.merging.naming import name_pair
from tests.factories.residents import PersonFactory, id_number

HERE, ELSEWHERE = "330822001001", "330822002001"
pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk(staff: Callable[..., User]) -> User:
    return staff(Person, "view", "merge", role="township", at="330822001")


@pytest.fixture
def passport() -> Person:
    """The same woman, registered years ago with her passport, and with nothing that the keys of duplicates know."""
    number = "E87654321"
    return PersonFactory.create(
        area_code=HERE,
        document_kind=DocumentKind.PASSPORT,
        document_number=number,
        document_index=document_index(number),
        name="LI MING",
        name_pinyin="li",
        birth_date=date(1971, 2, 3),
        native_code="",
        phone="",
        phone_index=None,
    )


def test_the_number_of_the_other_file_puts_both_side_by_side(clerk, passport):
    card = PersonFactory.create(area_code=HERE, name="李明")
    pair = name_pair(person_id=card.pk, number="E87654321", actor=clerk)
    assert pair.person_ids == (passport.pk, card.pk)
    assert (pair.status, pair.score, pair.reasons, pair.area_code) == (PairStatus.OPEN, 100, [["named", 100]], HERE)
    assert set(DuplicateSide.objects.filter(pair=pair).values_list("person", flat=True)) == {passport.pk, card.pk}


def test_what_was_named_stays_in_the_list_whatever_is_written_later(clerk, passport):
    card = PersonFactory.create(area_code=HERE, name="李明")
    pair = name_pair(person_id=card.pk, number="E87654321", actor=clerk)
    pairs.refresh_pairs(person_ids=[card.pk, passport.pk])
    pair.refresh_from_db()
    assert (pair.status, pair.reasons) == (PairStatus.OPEN, [["named", 100]])


def test_naming_twice_gives_one_pair_and_a_decision_stands(clerk, passport):
    card = PersonFactory.create(area_code=HERE, name="李明")
    first = name_pair(person_id=card.pk, number="E87654321", actor=clerk)
    again = name_pair(person_id=passport.pk, number=card.document_number, actor=clerk)
    assert (again.pk, again.reasons) == (first.pk, [["named", 100]])
    DuplicatePair.objects.filter(pk=first.pk).update(status=PairStatus.NOT_SAME, decided_by=clerk, reason="姐妹")
    assert name_pair(person_id=card.pk, number="E87654321", actor=clerk).status == PairStatus.NOT_SAME


def test_a_file_of_another_office_is_not_even_told_to_be_there(clerk):
    card = PersonFactory.create(area_code=HERE)
    number = id_number(sequence=731)
    PersonFactory.create(area_code=ELSEWHERE, document_number=number, document_index=document_index(number))
    told = []
    for asked in (number, id_number(sequence=733)):
        with pytest.raises(DomainError) as refused:
            name_pair(person_id=card.pk, number=asked, actor=clerk)
        told.append((refused.value.field, refused.value.message))
    assert told[0] == told[1] == ("number", "您可合并档案的辖区内没有该号码的档案。")
    assert not DuplicatePair.objects.exists()


def test_the_own_number_is_refused(clerk):
    number = id_number(sequence=735)
    card = PersonFactory.create(area_code=HERE, document_number=number, document_index=document_index(number))
    with pytest.raises(DomainError, match="这就是本档案的号码"):
        name_pair(person_id=card.pk, number=number, actor=clerk)


def test_the_page_leads_to_the_comparison_and_keeps_what_was_typed(clerk, passport):
    card = PersonFactory.create(area_code=HERE, name="李明")
    browser = Client()
    browser.force_login(clerk)
    address = reverse("residents:pair_name", args=[card.pk])
    wrong = browser.post(address, {"number": "E00000000"})
    assert wrong.status_code == 422
    assert 'value="E00000000"' in wrong.content.decode()
    done = browser.post(address, {"number": "e87654321"})
    assert (done.status_code, done["Location"]) == (302, DuplicatePair.objects.get().get_absolute_url())
