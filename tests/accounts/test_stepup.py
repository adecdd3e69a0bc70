from datetime import timedelta

import pytest
from django.db.models import F
from django.test import Client
from django.urls import reverse

from portal.accounts.models import LoginSession
from portal.jobs.models import Job
from portal.policy.models import PolicyRule
from residents.models import Person
from tests.accounts.conftest import AGENT, PASSWORD
from tests.factories.org import AreaFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk(browser, person, staff) -> Client:
    """May export the ledgers of the county, and logged in sixteen minutes ago."""
    AreaFactory.create(code="330822", name="常山县")
    staff(Person, "view", "export", user=person, at="330822")
    LoginSession.objects.filter(user=person).update(confirmed_at=F("confirmed_at") - timedelta(minutes=16))
    return browser


def order(client: Client, **changed: str) -> object:
    fields = {
        "ledger": "L1",
        "submission_id": "press-1",
        "area_code": "330822",
        "format": "xlsx",
        "reason": "upward",
        "destination": "inside",
    }
    return client.post(reverse("exports:centre"), fields | changed)


def test_B17_an_export_sixteen_minutes_after_the_login_asks_for_the_password(clerk):
    answer = order(clerk)
    assert answer.status_code == 302
    assert answer["Location"] == "/confirm/?next=%2Fexports%2F"
    assert not Job.objects.exists()


def test_B17_looking_at_the_export_page_is_free(clerk):
    assert clerk.get(reverse("exports:centre")).status_code == 200


def test_B17_after_the_password_the_form_is_sent_again_by_itself(clerk, person):
    order(clerk)
    assert clerk.post("/confirm/", {"password": "wrong", "next": "/exports/"}).status_code == 422
    assert not Job.objects.exists()
    right = clerk.post("/confirm/", {"password": PASSWORD, "next": "/exports/"})
    assert right["Location"] == "/exports/?ledger=L1"
    assert Job.objects.get().requested_by == person


def test_B17_the_form_is_not_sent_for_another_page(clerk):
    order(clerk)
    assert clerk.post("/confirm/", {"password": PASSWORD, "next": "/people/"})["Location"] == "/people/"
    assert not Job.objects.exists()


def test_B17_a_confirmed_session_has_a_new_id_and_may_go_on(clerk):
    before = clerk.session.session_key
    clerk.post("/confirm/", {"password": PASSWORD, "next": "/people/"})
    assert clerk.session.session_key != before
    assert order(clerk)["Location"] == "/exports/?ledger=L1"
    old = Client(headers={"User-Agent": AGENT})
    old.cookies["sessionid"] = before
    assert old.get(reverse("ui:prefs")).status_code == 302


def test_B17_a_login_of_fourteen_minutes_ago_is_recent(browser, person, staff):
    AreaFactory.create(code="330822", name="常山县")
    staff(Person, "view", "export", user=person, at="330822")
    LoginSession.objects.filter(user=person).update(confirmed_at=F("confirmed_at") - timedelta(minutes=14))
    answer = order(browser)
    assert not answer.headers.get("Location", "").startswith("/confirm/")


def test_B17_the_time_is_a_policy_row_of_at_most_fifteen_minutes(browser):
    assert PolicyRule.objects.get(code="session.confirm_minutes_max").value == 15


def test_B17_wrong_passwords_on_the_page_lock_the_account(clerk, log_in):
    for number in range(5):
        clerk.post("/confirm/", {"password": f"wrong {number}", "next": "/"})
    assert clerk.post("/confirm/", {"password": PASSWORD, "next": "/"}).status_code == 422
    assert log_in(Client()).status_code == 422


def test_B17_the_page_goes_on_to_this_host_alone(clerk):
    answer = clerk.post("/confirm/", {"password": PASSWORD, "next": "https://elsewhere.example/"})
    assert answer["Location"] == "/"


def test_B17_changing_a_factor_asks_again(clerk):
    assert clerk.get(reverse("accounts:totp"))["Location"].startswith("/confirm/")
    assert clerk.get(reverse("accounts:key_add"))["Location"].startswith("/confirm/")


def test_B17_a_part_of_a_page_sends_the_whole_page_to_confirm(clerk):
    answer = clerk.post(
        reverse("exports:centre"),
        {},
        headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/exports/?ledger=L1"},
    )
    assert answer.status_code == 204
    assert answer["HX-Redirect"] == "/confirm/?next=%2Fexports%2F%3Fledger%3DL1"
