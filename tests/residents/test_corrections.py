"""PIPL art. 46: wrong data is corrected, upon proof, and the correction itself can be taken back."""

from datetime import date

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError, transaction
from django.urls import reverse

from portal.audit.models import AuditEntry
from portal.core.errors import DomainError, StaleRecordError
from portal.events.models import StoredEvent
from residents.choices import ChangeKind
from residents.models import Person, PersonCorrection, Registration, RegistrationChange
from residents.services.corrections import CorrectionInput, correct_person
from residents.services.search import people_matching
from residents.services.undo import undo
from tests.factories.residents import PersonFactory, RegistrationFactory, id_number

pytestmark = pytest.mark.django_db
RIGHT = id_number(born=date(1990, 5, 18), sequence=321)  # a man, one day younger


@pytest.fixture
def officer(staff, at):
    at("2026-11-20 12:00")
    user = staff(Registration, "view", "change", role="police")
    return staff(Person, "view", "correct", user=user)


@pytest.fixture
def person(officer) -> Person:
    found: Person = RegistrationFactory.create().person
    return found


def correct(person, actor, **changes):
    words = {"reason": "登记时录入错误", "evidence": "居民身份证", "version": person.version} | {
        key: changes.pop(key) for key in ("reason", "evidence", "version") if key in changes
    }
    return correct_person(person_id=person.pk, given=CorrectionInput(**changes), actor=actor, **words)


def test_P10_a_right_number_brings_birth_date_and_search_columns_along(person, officer):
    wrong = person.document_number
    done = correct(person, officer, document_number=RIGHT)
    person.refresh_from_db()
    assert (person.document_number, person.birth_date) == (RIGHT, date(1990, 5, 18))
    assert list(people_matching(RIGHT)) == [person]
    assert not people_matching(wrong).exists()
    assert list(people_matching(f"{person.name}{RIGHT[-4:]}")) == [person]
    assert sorted(done.fields) == ["birth_date", "document_number"]


def test_P10_a_right_name_is_found_by_its_initials(person, officer):
    correct(person, officer, name="曾小单")
    person.refresh_from_db()
    assert (person.name_pinyin, person.name_initials) == ("zeng xiao dan", "zxd")


def test_P10_a_birth_date_that_differs_from_the_number_needs_a_reason(person, officer):
    with pytest.raises(DomainError) as refused:
        correct(person, officer, birth_date=date(1991, 1, 2))
    assert (refused.value.field, refused.value.code) == ("birth_date", "mismatch")
    correct(person, officer, birth_date=date(1991, 1, 2), mismatch_reason="户口簿登记为 1991 年")
    person.refresh_from_db()
    assert (person.birth_date, person.mismatch_reason) == (date(1991, 1, 2), "户口簿登记为 1991 年")


def test_P10_the_number_of_another_file_is_refused(person, officer):
    other = PersonFactory.create()
    with pytest.raises(DomainError) as refused:
        correct(person, officer, document_number=other.document_number)
    assert (refused.value.field, refused.value.code) == ("document_number", "already_registered")


@pytest.mark.parametrize("missing", ["reason", "evidence"])
def test_P10_reason_and_paper_are_needed(person, officer, missing):
    with pytest.raises(DomainError) as refused:
        correct(person, officer, name="王建军", **{missing: "  "})
    assert refused.value.field == missing


def test_P10_nothing_to_correct_is_said(person, officer):
    with pytest.raises(DomainError, match=r"Nothing differs|一致"):
        correct(person, officer, name=person.name)


def test_P17_a_stale_form_is_refused(person, officer):
    correct(person, officer, name="王建军")
    with pytest.raises(StaleRecordError):
        correct(person, officer, name="王建业", version=1)


def test_P10_outside_the_grant_the_file_does_not_exist(person, staff):
    elsewhere = staff(Person, "view", "correct", at="330203001001", role="police")
    with pytest.raises(ObjectDoesNotExist):
        correct(person, elsewhere, name="王建军")


def test_L2_shows_the_correction_masked(person, officer):
    wrong = person.document_number
    correct(person, officer, document_number=RIGHT, name="王建军")
    line = RegistrationChange.objects.get(kind=ChangeKind.CORRECTION)
    assert line.before == f"王建国，{wrong[:3]}***********{wrong[-4:]}，1990-**-**"
    assert line.after == f"王建军，{RIGHT[:3]}***********{RIGHT[-4:]}，1990-**-**"
    assert line.reason == "登记时录入错误（居民身份证）"


def test_P10_undone_within_the_window_everything_is_as_before(person, officer):
    wrong = person.document_number
    done = correct(person, officer, document_number=RIGHT, name="曾小单")
    undo(change_id=done.change_id, actor=officer)
    person.refresh_from_db()
    assert (person.name, person.document_number, person.birth_date) == ("王建国", wrong, date(1990, 5, 17))
    assert person.name_initials == "wjg"
    assert list(people_matching(wrong)) == [person]


def test_P10_after_24_hours_a_correction_stands(person, officer, at):
    done = correct(person, officer, name="王建军")
    at("2026-11-21 12:01")
    with pytest.raises(DomainError) as refused:
        undo(change_id=done.change_id, actor=officer)
    assert refused.value.code == "too_late"


def test_P10_departments_and_auditors_hear_the_fields_but_no_value(person, officer):
    correct(person, officer, document_number=RIGHT)
    event = StoredEvent.objects.get(name="residents.person_corrected")
    assert event.payload["person_id"] == person.pk
    assert sorted(event.payload["fields"]) == ["birth_date", "document_number"]
    entry = AuditEntry.objects.get(action="person.corrected")
    assert RIGHT not in str(entry.details) + str(event.payload)


def test_P10_the_database_refuses_a_correction_without_grounds(person, officer):
    with pytest.raises(IntegrityError), transaction.atomic():
        PersonCorrection.objects.create(
            person=person, area_code=person.area_code, fields=["name"], before={}, after={}, evidence="x", actor=officer
        )


def test_the_page_shows_no_full_number_and_says_what_is_wrong_beside_the_field(person, officer, client):
    client.force_login(officer)
    url = reverse("residents:person_correct", args=[person.pk])
    assert person.document_number not in client.get(url).content.decode()
    data = {"version": person.version, "document_number": RIGHT[:-1] + "0", "reason": "录错", "evidence": "身份证"}
    refused = client.post(url, data)
    assert refused.status_code == 422
    assert refused.context["form"].errors["document_number"]
    saved = client.post(url, data | {"document_number": RIGHT})
    assert saved.status_code == 302
    person.refresh_from_db()
    assert person.document_number == RIGHT
