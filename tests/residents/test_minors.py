"""PIPL art. 31, digest P5: a child's file opens with a reason of its own."""

from datetime import date

import pytest
from django.urls import reverse

from portal.audit.models import AccessEvent
from residents.models import Person, Registration
from residents.services.minors import is_minor
from tests.factories.residents import PersonFactory, RegistrationFactory, id_number

pytestmark = pytest.mark.django_db


@pytest.fixture
def child(at):
    at("2026-11-20 09:00")
    born = date(2014, 3, 8)
    person = PersonFactory.create(name="王梓轩", birth_date=born, document_number=id_number(born=born, sequence=813))
    return RegistrationFactory.create(person=person).person


@pytest.fixture
def officer(staff, client):
    user = staff(Person, "view", "reveal")
    staff(Registration, "view", user=user)
    client.force_login(user)
    return user


def say(client, child, **changes):
    data = {"reason_code": "visit", "reason_text": "", "case_number": ""} | changes
    return client.post(reverse("residents:person_minor", args=[child.pk]), data)


@pytest.mark.parametrize(("born", "young"), [(date(2012, 11, 20), False), (date(2012, 11, 21), True)])
def test_P5_a_minor_is_under_fourteen(at, born, young):
    at("2026-11-20 09:00")
    assert is_minor(PersonFactory.build(birth_date=born)) is young


def test_P5_the_file_opens_after_a_reason_with_an_access_row_of_its_own(client, officer, child):
    file, gate = child.get_absolute_url(), reverse("residents:person_minor", args=[child.pk])
    answer = client.get(file)
    assert (answer.status_code, answer["Location"]) == (302, gate)
    page = client.get(gate).content.decode()
    assert "未成年人" in page
    assert child.document_number not in page
    assert not AccessEvent.objects.exists()
    assert say(client, child)["Location"] == file
    row = AccessEvent.objects.get()
    assert (row.action, row.fields, row.purpose, row.person_ids) == ("open", ["minor"], "visit", [child.pk])
    assert client.get(file).status_code == 200


def test_P5_the_reason_serves_one_person_for_a_quarter_of_an_hour(client, officer, child, at):
    say(client, child)
    other = PersonFactory.create(birth_date=date(2016, 1, 2), document_number=id_number(sequence=815))
    assert client.get(other.get_absolute_url()).status_code == 302
    at("2026-11-20 09:15")
    assert client.get(child.get_absolute_url()).status_code == 200
    at("2026-11-20 09:16")
    assert client.get(child.get_absolute_url()).status_code == 302


def test_P5_another_session_starts_without_a_reason(client, officer, child, django_user_model):
    say(client, child)
    client.logout()
    client.force_login(officer)
    assert client.get(child.get_absolute_url()).status_code == 302


REFUSALS = [({"reason_code": ""}, "必填"), ({"reason_code": "other"}, "请用文字说明")]


@pytest.mark.parametrize(("changes", "words"), REFUSALS)
def test_P5_without_a_reason_the_file_stays_closed(client, officer, child, changes, words):
    answer = say(client, child, **changes)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert client.get(child.get_absolute_url()).status_code == 302
    assert not AccessEvent.objects.filter(fields=["minor"]).exists()


def test_P5_no_value_of_a_child_is_shown_before_the_reason(client, officer, child):
    url = reverse("residents:person_reveal", args=[child.pk])
    asked = {"field": "document_number", "reason_code": "identity"}
    refused = client.post(url, asked)
    assert (refused.status_code, child.document_number in refused.content.decode()) == (422, False)
    say(client, child)
    shown = client.post(url, asked)
    assert (shown.status_code, shown.content.decode()) == (200, child.document_number)
    assert (shown["X-Visible-Seconds"], "no-store" in shown["Cache-Control"]) == ("60", True)


def test_an_adult_s_file_asks_for_nothing(client, officer, at):
    at("2026-11-20 09:00")
    adult = RegistrationFactory.create().person
    assert client.get(adult.get_absolute_url()).status_code == 200
    assert client.get(reverse("residents:person_minor", args=[adult.pk]))["Location"] == adult.get_absolute_url()
