"""PIPL art. 47, digest P11: what may only be stored is in no list, search, page or ledger."""

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.urls import reverse

from portal.core.errors import DomainError
from portal.exchange.ledgers import ledger_of
from portal.exchange.render import preview
from portal.exchange.services import Order, params_of
from residents.models import Person, Registration, RegistrationChange
from residents.palette import find_people
from residents.services.duplicates import find_duplicates
from residents.services.people import IdentityInput
from residents.services.registration import StayInput, register_arrival
from residents.services.restriction import lift_restriction, restrict_use
from residents.services.search import people_matching
from tests.factories.residents import DwellingFactory, PersonFactory, RegistrationFactory, identity, stay

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk(staff):
    user = staff(Registration, "view", "add", "change")
    user = staff(RegistrationChange, "view", user=user)
    return staff(Person, "view", "add", "change", "export", "restrict", user=user)


@pytest.fixture
def handler(staff):
    user = staff(Registration, "view", role="police")
    return staff(Person, "view", "restrict", "see_restricted", user=user)


@pytest.fixture
def people(clerk, handler):
    used = RegistrationFactory.create()
    held = RegistrationFactory.create(person=PersonFactory.create(name="赵守静"))
    restrict_use(person_id=held.person_id, reason="本人申请", actor=handler)
    return used.person, held.person


def test_P11_restrict_leaves_the_person_out_of_every_list(people, clerk):
    used, held = people
    assert list(Person.objects.restrict(clerk, "view")) == [used]
    assert [row.person_id for row in Registration.objects.restrict(clerk, "view")] == [used.pk]
    assert not people_matching(held.document_number).restrict(clerk, "view").exists()
    assert list(find_people(clerk, held.name)) == []


def test_P11_those_who_deal_with_the_request_still_see_it(people, handler):
    used, held = people
    assert set(Person.objects.restrict(handler, "view")) == {used, held}


def test_P11_pages_of_the_person_do_not_exist_for_others(people, clerk, client):
    _used, held = people
    client.force_login(clerk)
    assert client.get(reverse("residents:person_detail", args=[held.pk])).status_code == 404
    assert held.name not in client.get(reverse("residents:person_list")).content.decode()


def test_P11_ledgers_leave_the_person_out(people, clerk):
    used, held = people
    order = Order(
        code="L1",
        area_code="330822001001",
        start=used.created_at.date(),
        end=used.created_at.date(),
    )
    rows = preview(ledger_of("L1"), params_of(order, actor=clerk)).rows
    assert [row[1] for row in rows] == [used.name]
    assert held.name not in str(rows)


def test_P11_the_duplicate_check_tells_only_that_the_number_is_known(people, clerk):
    _used, held = people
    found = find_duplicates(document_number=held.document_number, name=held.name, actor=clerk)
    (hit,) = [one for one in found if one.person_id == held.pk]
    assert (hit.person, hit.in_scope, hit.last_address) == (None, False, "")
    assert find_duplicates(name=held.name, birth_date=held.birth_date, actor=clerk) == []


def test_P11_a_new_registration_of_a_restricted_person_goes_to_the_handling_office(people, clerk):
    _used, held = people
    given = identity(document_number=held.document_number, name=held.name, sex=held.sex, birth_date=held.birth_date)
    with pytest.raises(DomainError) as refused:
        register_arrival(
            head=IdentityInput(**given),
            stay=StayInput(**stay(DwellingFactory.create())),
            submission_key="8a6a1b3e-7f0e-4f1c-9d39-0d7b1f3c2a11",
            actor=clerk,
        )
    assert refused.value.code == "restricted"


def test_P11_lifted_the_person_is_back(people, clerk, handler):
    _used, held = people
    lift_restriction(person_id=held.pk, reason="申请人撤回", actor=handler)
    assert Person.objects.restrict(clerk, "view").filter(pk=held.pk).exists()


def test_P11_without_a_reason_or_twice_it_is_refused(people, handler):
    used, held = people
    with pytest.raises(DomainError) as refused:
        restrict_use(person_id=used.pk, reason=" ", actor=handler)
    assert refused.value.field == "reason"
    with pytest.raises(DomainError) as again:
        restrict_use(person_id=held.pk, reason="再次", actor=handler)
    assert again.value.code == "wrong_state"


def test_P11_who_may_not_see_it_cannot_lift_it(people, clerk):
    _used, held = people
    with pytest.raises(ObjectDoesNotExist):
        lift_restriction(person_id=held.pk, reason="我要用", actor=clerk)
