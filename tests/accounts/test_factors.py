from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client
from django.urls import reverse

from portal.accounts import factors
from portal.accounts.factors import MFAAdapter
from portal.accounts.models import LoginSession
from portal.audit.three_admins import appoint
from portal.org.models import User
from portal.policy.models import PolicyRule
from tests.accounts.conftest import AGENT
from tests.factories.org import AreaFactory

pytestmark = pytest.mark.django_db
MOMENT = "2026-11-20 09:00"
STEP = 30


def code_of(secret: str, moment: float) -> str:
    return format_hotp_value(hotp_value(secret, int(moment) // STEP))


@pytest.fixture
def clock(at):
    """Stops the clock; `clock(35)` is 35 s later, and answers with the seconds since 1970."""
    start = datetime.fromisoformat(MOMENT).replace(tzinfo=ZoneInfo("Asia/Shanghai"))

    def later(seconds: int = 0) -> float:
        moment = start + timedelta(seconds=seconds)
        at(moment.replace(tzinfo=None).isoformat())
        return moment.timestamp()

    later()
    return later


@pytest.fixture
def app(person, clock) -> str:
    """The person has an authenticator app; this is its secret."""
    secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # noqa: S105 - a test's own
    Authenticator.objects.create(user=person, type="totp", data={"secret": MFAAdapter().encrypt(secret)})
    return secret


@pytest.fixture
def half_way(log_in, app) -> Client:
    """The right password is given, the code is not."""
    client = Client(headers={"User-Agent": AGENT})
    assert log_in(client)["Location"] == "/login/code/"
    return client


def send(client: Client, code: str) -> object:
    return client.post("/login/code/", {"code": code})


def test_B6_the_password_alone_opens_nothing(half_way):
    assert half_way.get("/people/")["Location"].startswith("/login/")
    assert not LoginSession.objects.exists()


def test_B6_password_and_code_open_the_account(half_way, app, clock):
    assert send(half_way, code_of(app, clock()))["Location"] == "/"
    assert half_way.get(reverse("ui:prefs")).status_code == 200


def test_B11_a_code_works_once_also_within_its_thirty_seconds(half_way, log_in, app, clock):
    code = code_of(app, clock())
    send(half_way, code)
    again = Client(headers={"User-Agent": AGENT})
    log_in(again)
    refused = send(again, code)
    assert refused.status_code == 422
    assert "验证码不正确或已使用" in refused.content.decode()
    assert send(again, code_of(app, clock(STEP)))["Location"] == "/"


def test_B11_an_older_code_does_not_work_after_a_newer_one(half_way, log_in, app, clock):
    old = code_of(app, clock())
    now = clock(STEP)
    send(half_way, code_of(app, now))
    again = Client(headers={"User-Agent": AGENT})
    log_in(again)
    assert send(again, old).status_code == 422


def test_B11_a_code_of_two_minutes_ago_does_not_work(half_way, app, clock):
    old = code_of(app, clock())
    clock(120)
    assert send(half_way, old).status_code == 422


def test_B1_wrong_codes_lock_the_account_like_wrong_passwords(half_way, app, clock):
    for number in range(5):
        assert send(half_way, f"00000{number}").status_code == 422
    assert send(half_way, code_of(app, clock())).status_code == 422


def test_B11_a_recovery_code_works_once(half_way, log_in, person):
    row = Authenticator.objects.create(
        user=person, type="recovery_codes", data={"seed": MFAAdapter().encrypt("ab" * 40), "used_mask": 0}
    )
    code = row.wrap().generate_codes()[0]
    assert send(half_way, code)["Location"] == "/"
    again = Client(headers={"User-Agent": AGENT})
    log_in(again)
    assert send(again, code).status_code == 422


def test_the_secret_of_an_app_is_sealed_in_the_database(app, person):
    stored = Authenticator.objects.get(user=person).data["secret"]
    assert app not in stored
    assert MFAAdapter().decrypt(stored) == app


def test_B6_staff_without_a_second_factor_reach_the_enrolment_and_nothing_else(settings, browser):
    settings.MFA_REQUIRED = True
    for path in ("/", "/people/", reverse("accounts:password"), "/exports/"):
        assert browser.get(path)["Location"] == reverse("accounts:security")
    assert browser.post("/people/")["Location"] == reverse("accounts:security")
    assert browser.get(reverse("accounts:security")).status_code == 200
    assert browser.get(reverse("accounts:totp")).status_code == 200
    assert browser.get(reverse("accounts:key_add")).status_code == 200
    assert browser.post("/logout/").status_code == 302


def test_B6_with_the_app_set_up_everything_opens(settings, browser, clock):
    settings.MFA_REQUIRED = True
    browser.get(reverse("accounts:totp"))
    picture = browser.get(reverse("accounts:totp_qr"))
    assert picture["Content-Type"] == "image/svg+xml"
    assert b"style=" not in picture.content
    secret = MFAAdapter().decrypt(browser.session["accounts.new_secret"])
    assert browser.post(reverse("accounts:totp"), {"code": "000000"}).status_code == 422
    done = browser.post(reverse("accounts:totp"), {"code": code_of(secret, clock())})
    assert done["Location"] == reverse("accounts:codes")
    shown = browser.get(reverse("accounts:codes"))
    assert len(shown.context["codes"]) == 10
    assert browser.get(reverse("accounts:codes")).context["codes"] == []
    assert browser.get(reverse("ui:prefs")).status_code == 200


def make_administrator(person: User) -> None:
    AreaFactory.create(code="330822")
    appoint(user=person, kind="secadmin", actor=None)


def test_B6_an_administrator_needs_a_security_key(settings, browser, person, app):
    settings.MFA_REQUIRED = True
    make_administrator(person)
    assert factors.missing_factor(person) == "key"
    assert browser.get("/people/")["Location"] == reverse("accounts:security")
    Authenticator.objects.create(user=person, type="webauthn", data={"name": "blau", "credential": {}})
    assert factors.missing_factor(person) == ""


def test_B6_the_key_of_administrators_can_be_switched_off(settings, person, app):
    settings.MFA_REQUIRED = True
    settings.MFA_KEY_FOR_ADMINISTRATORS = False
    make_administrator(person)
    assert factors.missing_factor(person) == ""


@pytest.mark.parametrize(
    "credential", ["", "null", "[]", "7", "{}", '{"id": 1}', '{"id": "a", "rawId": "b", "response": {}}', "{"]
)
def test_a_made_up_answer_of_a_key_is_refused_politely(half_way, person, credential):
    answer = half_way.post("/login/code/", {"credential": credential})
    assert answer.status_code == 422


@pytest.mark.parametrize("credential", ["", "null", "{}", '{"id": "a", "rawId": "b", "response": {}}'])
def test_a_made_up_new_key_is_refused_politely(browser, person, credential):
    answer = browser.post(reverse("accounts:key_add"), {"name": "x", "credential": credential})
    assert answer.status_code == 422
    assert not Authenticator.objects.exists()


def test_B16_removing_a_factor_ends_the_other_sessions(settings, browser, log_in, person):
    PolicyRule.objects.filter(code="session.per_account").update(value=2)
    other = Client(headers={"User-Agent": AGENT})
    log_in(other)
    row = Authenticator.objects.create(user=person, type="webauthn", data={"name": "blau", "credential": {}})
    browser.post(reverse("accounts:factor_remove", args=[row.pk]))
    assert not Authenticator.objects.exists()
    assert browser.get(reverse("ui:prefs")).status_code == 200
    assert other.get(reverse("ui:prefs")).status_code == 302
    assert other.get("/login/").context["ended"] == "factor"


def test_B6_the_last_factor_cannot_be_removed_where_one_is_required(settings, half_way, app, clock, person):
    settings.MFA_REQUIRED = True
    send(half_way, code_of(app, clock()))
    half_way.post(reverse("accounts:factor_remove", args=[Authenticator.objects.get().pk]))
    assert Authenticator.objects.filter(user=person).exists()


def test_somebody_elses_factor_does_not_exist(browser):
    other = User.objects.create_user("other")
    row = Authenticator.objects.create(user=other, type="webauthn", data={"name": "x", "credential": {}})
    assert browser.post(reverse("accounts:factor_remove", args=[row.pk])).status_code == 404
    assert Authenticator.objects.filter(pk=row.pk).exists()


def test_B16_a_lost_phone_an_administrator_drops_all_factors_and_ends_the_sessions(browser, person, app):
    assert factors.drop_factors(user=person, actor=User.objects.create_user("boss")) == 1
    assert browser.get(reverse("ui:prefs")).status_code == 302
    assert factors.factors_of(person) == []
