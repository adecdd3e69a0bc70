from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import F
from django.test import Client
from django.urls import reverse

from portal.accounts import sessions
from portal.accounts.choices import EndReason
from portal.accounts.models import KeptForm, LoginSession
from portal.audit.models import AuditEntry
from portal.org.models import User
from portal.policy.models import PolicyRule
from tests.accounts.conftest import AGENT

pytestmark = pytest.mark.django_db
HOME = "ui:prefs"


def back(row: LoginSession, **fields: timedelta) -> None:
    """The database's clock cannot be stopped, so the row moves into the past instead."""
    LoginSession.objects.filter(pk=row.pk).update(**{name: F(name) - span for name, span in fields.items()})


def is_in(client: Client, **headers: str) -> bool:
    return client.get(reverse(HOME), headers=headers).status_code == 200


def why(client: Client) -> str:
    """What the login page tells somebody who was sent there."""
    ended = client.get("/login/").context["ended"]
    return str(ended.value) if ended else ""


def test_B13_logging_in_changes_the_session_id(person, log_in):
    client = Client(headers={"User-Agent": AGENT})
    client.get("/login/")
    session = client.session
    session["something"] = "from before"
    session.save()
    before = session.session_key
    client.cookies["sessionid"] = before
    log_in(client)
    assert client.session.session_key != before
    assert not Session.objects.filter(session_key=before).exists()


def test_B13_the_old_cookie_is_dead_after_logout(browser, session_row):
    cookie = browser.session.session_key
    browser.post("/logout/")
    thief = Client(headers={"User-Agent": AGENT})
    thief.cookies["sessionid"] = cookie
    assert not is_in(thief)
    assert not Session.objects.filter(session_key=cookie).exists()
    session_row.refresh_from_db()
    assert session_row.end_reason == EndReason.LOGOUT


def test_logout_tells_the_browser_to_forget_the_pages(browser):
    assert browser.post("/logout/")["Clear-Site-Data"] == '"cache", "storage"'


def test_B14_a_session_ends_after_fifteen_idle_minutes(browser, session_row):
    back(session_row, seen_at=timedelta(minutes=14, seconds=50))
    assert is_in(browser)
    back(session_row, seen_at=timedelta(minutes=15, seconds=5))
    assert not is_in(browser)
    assert why(browser) == "idle"


def test_B14_every_request_starts_the_idle_timer_again(browser, session_row):
    back(session_row, seen_at=timedelta(minutes=10))
    is_in(browser)
    assert sessions.standing(key=session_row.key, user_id=session_row.user_id).idle < timedelta(seconds=5)


def test_B14_background_requests_do_not_start_it_again(browser, session_row):
    back(session_row, seen_at=timedelta(minutes=10))
    assert is_in(browser, **{"X-Background": "1"})
    browser.get(reverse("accounts:session_state"), headers={"X-Background": "1"})
    standing = sessions.standing(key=session_row.key, user_id=session_row.user_id)
    assert timedelta(minutes=10) <= standing.idle < timedelta(minutes=11)


def test_B14_a_session_ends_after_eight_hours_of_work(browser, session_row):
    back(session_row, started_at=timedelta(hours=7, minutes=59))
    assert is_in(browser)
    back(session_row, started_at=timedelta(minutes=2))
    assert not is_in(browser)
    assert why(browser) == "absolute"


def test_B14_the_idle_time_is_a_policy_row(browser, session_row):
    PolicyRule.objects.filter(code="session.idle_minutes").update(value=5)
    back(session_row, seen_at=timedelta(minutes=6))
    assert not is_in(browser)


def test_B14_the_page_learns_how_long_the_session_goes_on(browser, session_row):
    back(session_row, seen_at=timedelta(minutes=13))
    told = browser.get(reverse("accounts:session_state"), headers={"X-Background": "1"}).json()
    assert 110 <= told["left"] <= 120
    assert browser.post(reverse("accounts:session_extend")).json()["left"] >= 895


def test_B14_near_the_eight_hours_the_page_is_told_the_shorter_time(browser, session_row):
    back(session_row, started_at=timedelta(hours=7, minutes=59))
    assert browser.get(reverse("accounts:session_state")).json()["left"] <= 60


def test_B15_a_second_login_ends_the_first_and_says_so(browser, log_in, session_row):
    second = Client(headers={"User-Agent": AGENT})
    log_in(second)
    assert not is_in(browser)
    assert why(browser) == "replaced"
    assert "在另一台电脑登录" in browser.get("/login/").content.decode()
    assert is_in(second)


def test_B15_the_number_of_sessions_is_a_policy_row(browser, log_in):
    PolicyRule.objects.filter(code="session.per_account").update(value=2)
    second = Client(headers={"User-Agent": AGENT})
    log_in(second)
    assert is_in(browser)
    third = Client(headers={"User-Agent": AGENT})
    log_in(third)
    assert not is_in(browser)
    assert is_in(second)


def test_B15_somebody_ends_their_session_on_another_computer(browser, log_in, session_row):
    PolicyRule.objects.filter(code="session.per_account").update(value=2)
    second = Client(headers={"User-Agent": AGENT})
    log_in(second)
    second.post(reverse("accounts:session_end", args=[session_row.pk]))
    assert not is_in(browser)
    assert why(browser) == "ended"
    assert is_in(second)


def test_B16_a_disabled_account_is_out_with_the_next_request(browser, person):
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert not is_in(browser)
    assert why(browser) == "disabled"
    assert not LoginSession.objects.filter(ended_at=None).exists()


def test_B16_an_administrator_ends_all_sessions_of_an_account(browser, person):
    assert sessions.end_all(user=person, reason=EndReason.ADMINISTRATOR) == 1
    assert not is_in(browser)
    assert why(browser) == "administrator"


def test_a_session_works_in_the_browser_that_opened_it_and_in_no_other(browser, session_row):
    thief = Client(headers={"User-Agent": "curl/8.0"})
    thief.cookies["sessionid"] = browser.session.session_key
    assert not is_in(thief)
    assert not is_in(browser)
    session_row.refresh_from_db()
    assert session_row.end_reason == EndReason.BROWSER


def test_a_session_without_a_record_is_no_session(person):
    client = Client()
    client.force_login(person)
    LoginSession.objects.all().delete()
    assert not is_in(client)


def test_a_part_of_a_page_does_not_become_the_login_page(browser, session_row):
    back(session_row, seen_at=timedelta(minutes=20))
    answer = browser.get(
        reverse("ui:bell"), headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/people/?q=1"}
    )
    assert answer.status_code == 401
    assert answer["HX-Redirect"] == "/login/?next=%2Fpeople%2F%3Fq%3D1"


def test_sessions_of_browsers_that_never_came_back_are_closed(browser, session_row):
    back(session_row, seen_at=timedelta(minutes=16))
    assert sessions.close_timed_out() == 1
    assert not Session.objects.filter(session_key=session_row.key).exists()


def test_an_ended_session_leaves_no_key_behind(browser, session_row):
    key = session_row.key
    sessions.end_all(user=session_row.user, reason=EndReason.ADMINISTRATOR)
    session_row.refresh_from_db()
    assert key not in {session_row.key, session_row.agent_hash}


def test_login_and_logout_are_in_the_audit(browser, person):
    browser.post("/logout/")
    done = AuditEntry.objects.filter(target_model="org.user", target_id=str(person.pk)).values_list("action", flat=True)
    assert {"accounts.login", "accounts.logout"} <= set(done)


def test_what_was_typed_comes_back_once_on_the_same_page_after_logging_in_again(browser, log_in, person):
    typed = '[["name", "买买提"], ["password", "geheim"], ["note", "二楼"]]'
    kept = browser.post(reverse("accounts:form_keep"), {"path": "/arrivals/new/", "fields": typed})
    assert kept.status_code == 204
    browser.post("/logout/")
    log_in(browser)
    assert browser.session["accounts_kept"] is True
    answers = [browser.post(reverse("accounts:form_back"), {"path": "/arrivals/new/"}).json() for _time in range(2)]
    assert answers == [{"fields": [["name", "买买提"], ["note", "二楼"]]}, {"fields": []}]
    assert "accounts_kept" not in browser.session


def test_what_was_typed_is_sealed_and_another_account_does_not_get_it(browser, person):
    browser.post(reverse("accounts:form_keep"), {"path": "/arrivals/new/", "fields": '[["name", "买买提"]]'})
    with connection.cursor() as cursor:
        cursor.execute("SELECT content FROM accounts_keptform")
        assert "买买提".encode() not in bytes(cursor.fetchone()[0])
    other = Client()
    other.force_login(User.objects.create_user("other"))
    assert other.post(reverse("accounts:form_back"), {"path": "/arrivals/new/"}).json() == {"fields": []}


@pytest.mark.parametrize(
    "fields", ["", "{}", "[1]", '[["a"]]', '[["a", 1]]', "[]", "null", '[["a", "' + "x" * 70_000 + '"]]']
)
def test_only_a_list_of_names_and_texts_is_kept(browser, fields):
    answer = browser.post(reverse("accounts:form_keep"), {"path": "/arrivals/new/", "fields": fields})
    assert answer.status_code == 422
    assert not KeptForm.objects.exists()


def test_reading_keeps_the_mark_of_ones_work_and_sending_changes_it(browser, session_row):
    back(session_row, seen_at=timedelta(minutes=2), acted_at=timedelta(minutes=3))
    session_row.refresh_from_db()
    before = session_row.acted_at

    def mark() -> str:
        return browser.get(reverse(HOME)).wsgi_request.work_mark

    first = mark()
    session_row.refresh_from_db()
    assert session_row.seen_at > before + timedelta(minutes=2)
    assert session_row.acted_at == before
    assert mark() == first
    sent = browser.post(reverse(HOME), {"theme": "dark"}).wsgi_request
    assert not hasattr(sent, "work_mark")
    assert mark() != first
    session_row.refresh_from_db()
    assert session_row.acted_at > before
