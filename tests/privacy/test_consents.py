"""PIPL arts 14–16 and 29, digest P6 and P17: consent is separate, for one purpose, and taken back as easily."""

from datetime import date

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError, transaction

from portal.core.errors import DomainError
from privacy.choices import Basis, ConsentStatus
from privacy.models import Consent, ProcessingActivity
from privacy.selectors import has_consented, may_be_asked
from privacy.services.activities import load_activities
from privacy.services.consents import give_consent, refuse_consent, withdraw_consent
from residents.models import Person
from tests.factories.privacy import ActivityFactory
from tests.factories.residents import PersonFactory, RegistrationFactory, id_number

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(handler) -> Person:
    found: Person = RegistrationFactory.create().person
    return found


@pytest.fixture
def activity() -> ProcessingActivity:
    return ActivityFactory.create()


def give(person, actor, **changes) -> Consent:
    given = {"activity_code": "health_services", "told": "spoken"} | changes
    return give_consent(person_id=person.pk, actor=actor, **given)


def test_P6_given_for_one_purpose_and_no_other(person, handler, activity):
    other = ActivityFactory.create(code="service_messages", purpose="短信告知")
    give(person, handler)
    assert has_consented(person, activity)
    assert not has_consented(person, other)


def test_P1_a_statutory_duty_asks_for_no_consent(person, handler):
    ActivityFactory.create(code="registration", basis=Basis.DUTY, law="《浙江省流动人口居住登记条例》")
    with pytest.raises(DomainError) as refused:
        give(person, handler, activity_code="registration")
    assert refused.value.code == "no_consent_needed"


def test_P6_withdrawn_in_one_act_without_a_reason(person, handler, activity):
    given = give(person, handler)
    done = withdraw_consent(consent_id=given.pk, version=given.version, actor=handler)
    assert (done.status, done.withdrawn_on) == (ConsentStatus.WITHDRAWN, date(2026, 11, 20))
    assert not has_consented(person, activity)


@pytest.mark.parametrize("ending", ["refused", "withdrawn"])
def test_P17_nobody_asks_again(person, handler, activity, ending):
    if ending == "refused":
        refuse_consent(person_id=person.pk, activity_code=activity.code, told="spoken", actor=handler)
    else:
        given = give(person, handler)
        withdraw_consent(consent_id=given.pk, version=given.version, actor=handler)
    assert not may_be_asked(person, activity)
    with pytest.raises(DomainError) as refused:
        give(person, handler)
    assert (refused.value.code, refused.value.field) == ("asked_before", "on_own_wish")
    give(person, handler, on_own_wish=True)
    assert has_consented(person, activity)


def test_P6_after_a_change_of_purpose_it_is_asked_anew(person, handler, activity):
    give(person, handler)
    activity.purpose = "预约和随访"
    activity.save()
    assert not has_consented(person, activity)
    assert may_be_asked(person, activity)
    give(person, handler)
    assert has_consented(person, activity)
    assert Consent.objects.filter(status=ConsentStatus.GIVEN).count() == 1


def test_P5_for_a_child_under_fourteen_a_guardian_agrees(handler, activity):
    born = date(2013, 1, 5)
    child = PersonFactory.create(birth_date=born, document_number=id_number(born=born, sequence=77))
    with pytest.raises(DomainError) as refused:
        give(child, handler)
    assert (refused.value.code, refused.value.field) == ("guardian", "guardian_name")
    assert give(child, handler, guardian_name="王建国").guardian_name == "王建国"


def test_P5_at_fourteen_the_child_agrees_alone(handler, activity):
    born = date(2012, 11, 20)
    child = PersonFactory.create(birth_date=born, document_number=id_number(born=born, sequence=79))
    assert give(child, handler).status == ConsentStatus.GIVEN


def test_P6_the_database_keeps_one_consent_in_force(person, handler, activity):
    given = give(person, handler)
    given.pk, given._state.adding = None, True
    with pytest.raises(IntegrityError), transaction.atomic():
        given.save()


def test_P6_withdrawing_needs_the_grant_there(person, handler, activity, staff):
    given = give(person, handler)
    elsewhere = staff(Consent, "view", "withdraw", at="330203001001")
    with pytest.raises(ObjectDoesNotExist):
        withdraw_consent(consent_id=given.pk, version=given.version, actor=elsewhere)


def test_P1_the_pack_gives_each_activity_one_ground_with_its_law(db):
    assert load_activities() == 7
    assert load_activities() == 0
    rows = ProcessingActivity.objects.all()
    assert {row.basis for row in rows} == {Basis.DUTY, Basis.CONSENT}
    assert all(row.law and row.purpose and not row.verified for row in rows)


def test_P1_loading_again_leaves_what_an_administrator_wrote(db):
    load_activities()
    ProcessingActivity.objects.filter(code="permit").update(pack="", law="《居住证暂行条例》第九条")
    load_activities()
    assert ProcessingActivity.objects.get(code="permit").law == "《居住证暂行条例》第九条"
