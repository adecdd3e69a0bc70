from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ObjectDoesNotExist

from portal.audit.models import AccessEvent, AuditEntry
from portal.core.errors import DomainError
from portal.org.models import User
from residents.models import Person
from residents.services.projection import looks_left, person_view, reveal
from tests.factories.residents import PersonFactory

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)


@pytest.fixture
def at(monkeypatch):
    def set_to(moment: datetime) -> None:
        monkeypatch.setattr("django.utils.timezone.now", lambda: moment)

    set_to(NOON)
    return set_to


@pytest.fixture
def officer(staff, at) -> User:
    return staff(Person, "view", "reveal")


@pytest.fixture
def person() -> Person:
    return PersonFactory.create(document_number="520322199005171237", ethnicity="01")


def look(actor, person, **changes):
    given = {"field": "document_number", "reason_code": "identity", "reason_text": "窗口核对"}
    return reveal(person_id=person.pk, actor=actor, **(given | changes))


def test_P13_a_person_is_masked_by_default(officer, person):
    view = person_view(person, viewer=officer, on=date(2026, 5, 16))
    assert (view.name, view.document, view.phone) == ("王建国", "520***********1237", "138****5621")
    assert (view.age, view.birth_year, view.native, view.may_reveal) == (35, 1990, "贵州省遵义市桐梓县", True)
    assert person_view(person, viewer=officer, on=date(2026, 5, 17)).age == 36


def test_P13_the_name_is_masked_without_a_grant_in_the_area(staff, person):
    view = person_view(person, viewer=staff(Person, "view", at="330822002001"))
    assert (view.name, view.url, view.may_reveal) == ("王**", "", False)


def test_P13_reveal_writes_who_what_and_why(officer, person):
    assert look(officer, person) == "520322199005171237"
    event = AccessEvent.objects.get()
    assert (event.action, event.person_ids, event.fields) == ("reveal", [person.pk], ["document_number"])
    assert (event.purpose, event.reason, event.actor) == ("identity", "窗口核对", officer)


def test_P13_reveal_tells_phone_ethnicity_and_birth_date_in_words(officer, person):
    assert look(officer, person, field="phone") == "13800005621"
    assert look(officer, person, field="ethnicity") == "汉族"
    assert look(officer, person, field="birth_date") == "1990-05-17"


@pytest.mark.parametrize("changes", [{"reason_code": "curiosity"}, {"field": "document_index"}])
def test_P13_no_reason_no_value(officer, person, changes):
    with pytest.raises(DomainError):
        look(officer, person, **changes)
    assert not AccessEvent.objects.exists()


def test_P13_thirty_looks_an_hour(officer, person, at):
    for _look in range(30):
        look(officer, person)
    with pytest.raises(DomainError) as refusal:
        look(officer, person)
    assert refusal.value.code == "reveal_limit"
    assert AccessEvent.objects.count() == 30
    at(NOON + timedelta(hours=1, seconds=1))
    assert look(officer, person)


def test_P13_another_reason_is_one_in_words(officer, person):
    with pytest.raises(DomainError) as refusal:
        look(officer, person, reason_code="other", reason_text="  ")
    assert (refusal.value.field, AccessEvent.objects.count()) == ("reason_text", 0)
    assert look(officer, person, reason_code="other", reason_text="法院来函", case_number="浙0822执12号")
    row = AccessEvent.objects.get()
    assert (row.purpose, row.reason, row.case_number) == ("other", "法院来函", "浙0822执12号")


def test_P13_from_the_24th_of_30_looks_on_the_user_is_told_and_the_audit_log_once(officer, person):
    for at_look in range(1, 31):
        assert looks_left(officer) == (None if at_look <= 24 else 31 - at_look)
        look(officer, person)
    warned = AuditEntry.objects.filter(action="reveal.near_limit")
    assert [(entry.actor, entry.details["used"]) for entry in warned] == [(officer, 24)]


def test_P13_view_alone_and_foreign_areas_reveal_nothing(staff, person):
    for actor in (staff(Person, "view"), staff(Person, "reveal", at="330822002001")):
        with pytest.raises(ObjectDoesNotExist):
            look(actor, person)
