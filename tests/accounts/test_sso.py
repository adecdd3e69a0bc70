"""Single sign-on against a server that plays the providers: what opens an account, and all that does not."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from django.core.checks import run_checks
from django.db.models import F
from django.test import Client
from django.utils.html import escape

from portal.accounts.models import LoginSession
from portal.accounts.sso import services
from portal.accounts.sso.models import Link, SpentProof
from portal.accounts.sso.outbound import Session, listed
from portal.accounts.sso.provider import RefusedError
from portal.audit.models import AuditEntry
from portal.core.errors import DomainError
from portal.org.models import User
from tests.accounts.conftest import AGENT, PASSWORD
from tests.accounts.fake_sso import APP_KEY, APP_SECRET, CLIENT, SECRET, FakeSso, running
from tests.factories.org import StaffFactory

pytestmark = pytest.mark.django_db
PROVIDERS = ["oidc", "cas", "zzd"]
NOT_DONE = "没有完成"
NO_ACCOUNT = "没有为您开通"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeSso]:
    with running(tmp_path_factory.mktemp("sso")) as sso:
        yield sso


@pytest.fixture
def sso(server: FakeSso, settings: Any) -> FakeSso:
    server.people, server.services, server.claims = {}, {}, {}
    server.token, server.answer, server.asked = None, None, []
    settings.SSO_PROVIDERS = PROVIDERS
    settings.SSO_HOSTS = [server.host]
    settings.SSO_CA_FILE = str(server.certificate)
    settings.SSO_OIDC_URL, settings.SSO_OIDC_CLIENT_ID, settings.SSO_OIDC_SECRET = server.url, CLIENT, SECRET
    settings.CAS_SERVER_URL, settings.CAS_VERSION = f"{server.url}/cas/", "3"
    settings.SSO_ZZD_LOGIN_URL = settings.SSO_ZZD_API_URL = server.url
    settings.SSO_ZZD_CLIENT_ID, settings.SSO_ZZD_APP_KEY, settings.SSO_ZZD_APP_SECRET = CLIENT, APP_KEY, APP_SECRET
    settings.MFA_REQUIRED = False
    return server


@pytest.fixture
def client() -> Client:
    return Client(headers={"User-Agent": AGENT})


@pytest.fixture
def linked(person: User) -> User:
    admin = StaffFactory.create()
    for provider in PROVIDERS:
        services.link(user=person, provider=provider, subject="GE_0042", actor=admin)
    return person


def leave(client: Client, provider: str, **sent: str) -> dict[str, str]:
    """The query of the address that the leaving page leads to."""
    page = client.post(f"/login/with/{provider}/", sent)
    assert page.status_code == 200, page.content
    address = page.context["address"]
    assert escape(f"0;url={address}").replace("&#x27;", "'") in page.content.decode()
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def way_back(sso: FakeSso, provider: str, out: dict[str, str], subject: str = "GE_0042", proof: str = "proof-1") -> Any:
    """Where the provider would send the browser once `subject` has logged in there."""
    sso.people[proof] = subject
    if provider == "oidc":
        sso.people[proof] = f"{subject}|{out['nonce']}|{out['code_challenge']}"
    if provider == "cas":
        sso.services[proof] = out["service"]
        state = parse_qs(urlsplit(out["service"]).query)["state"][0]
        return "/login/with/cas/back/", {"state": state, "ticket": proof}
    return f"/login/with/{provider}/back/", {"state": out["state"], "code": proof}


def come_back(client: Client, sso: FakeSso, provider: str, **how: Any) -> Any:
    path, query = way_back(sso, provider, leave(client, provider), **how)
    return client.get(path, query)


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def told(client: Client) -> str:
    return client.get("/login/").content.decode()


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_linked_person_comes_in(sso, client, linked, provider):
    answer = come_back(client, sso, provider)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.session["_auth_user_id"] == str(linked.pk)
    assert LoginSession.objects.get(user=linked, ended_at=None).key == client.session.session_key
    assert AuditEntry.objects.filter(action="accounts.login", actor=linked).exists()
    used = AuditEntry.objects.get(action="accounts.sso_used")
    assert (used.actor, used.details) == (linked, {"provider": provider})
    assert Link.objects.get(user=linked, provider=provider).used_at is not None


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_page_that_was_asked_for_comes_after_the_login(sso, client, linked, provider):
    out = leave(client, provider, next="/people/?q=1")
    path, query = way_back(sso, provider, out)
    assert client.get(path, query)["Location"] == "/people/?q=1"


def test_the_login_never_leads_to_another_host(sso, client, linked):
    path, query = way_back(sso, "zzd", leave(client, "zzd", next="https://elsewhere.example/"))
    assert client.get(path, query)["Location"] == "/"


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_state_of_another_browser_opens_nothing(sso, client, linked, provider):
    path, query = way_back(sso, provider, leave(Client(), provider))
    assert client.get(path, query)["Location"] == "/login/"
    assert not is_in(client)
    leave(client, provider)
    client.get(path, query)
    assert not is_in(client)
    assert NOT_DONE in told(client)
    assert not {"/token", "/cas/p3/serviceValidate", "/gettoken.json"} & set(sso.asked)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_an_attempt_serves_once(sso, client, linked, provider):
    path, query = way_back(sso, provider, leave(client, provider))
    client.get(path, query)
    client.post("/logout/")
    again = client.get(path, query)
    assert again["Location"] == "/login/"
    assert not is_in(client)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_code_or_ticket_that_was_shown_before_opens_nothing(sso, client, linked, provider):
    come_back(client, sso, provider)
    other = Client(headers={"User-Agent": AGENT})
    asked = len(sso.asked)
    come_back(other, sso, provider)
    assert not is_in(other)
    assert not {"/token", "/cas/p3/serviceValidate", "/gettoken.json"} & set(sso.asked[asked:])
    assert SpentProof.objects.count() == 1


def test_spent_codes_are_forgotten_after_a_day(sso):
    services.spend(provider="cas", proof="ST-1")
    SpentProof.objects.update(spent_at=F("spent_at") - timedelta(hours=25))
    services.spend(provider="cas", proof="ST-2")
    assert SpentProof.objects.count() == 1


def test_an_attempt_of_more_than_ten_minutes_ago_is_over(sso, client, linked):
    path, query = way_back(sso, "zzd", leave(client, "zzd"))
    session = client.session
    session["accounts.sso"] = session["accounts.sso"] | {"began": session["accounts.sso"]["began"] - 601}
    session.save()
    client.get(path, query)
    assert not is_in(client)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_an_unknown_subject_opens_no_account_and_makes_none(sso, client, linked, provider):
    before = User.objects.count()
    come_back(client, sso, provider, subject="GE_0043")
    assert not is_in(client)
    assert NO_ACCOUNT in told(client)
    assert (User.objects.count(), Link.objects.count()) == (before, 3)


def test_the_same_name_or_phone_is_no_link(sso, client, person):
    come_back(client, sso, "cas", subject=person.username)
    assert not is_in(client)


def test_a_subject_of_one_provider_is_nobody_at_another(sso, client, person):
    services.link(user=person, provider="cas", subject="GE_0042", actor=StaffFactory.create())
    come_back(client, sso, "zzd")
    assert not is_in(client)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_disabled_account_is_answered_like_an_unknown_one(sso, client, linked, provider):
    User.objects.filter(pk=linked.pk).update(is_active=False)
    come_back(client, sso, provider)
    assert not is_in(client)
    assert NO_ACCOUNT in told(client)
    assert AuditEntry.objects.get(action="accounts.sso_refused").details["reason"] == "disabled"


def test_an_account_locked_by_wrong_passwords_stays_locked_on_this_way(sso, client, linked, log_in):
    for _attempt in range(5):
        log_in(client, word="wrong")
    come_back(client, sso, "cas")
    assert not is_in(client)
    assert NO_ACCOUNT in told(client)


def test_a_second_factor_is_asked_for_after_single_sign_on(sso, client, linked):
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret  # noqa: PLC0415 - needs the apps

    TOTP.activate(linked, generate_totp_secret())
    answer = come_back(client, sso, "oidc")
    assert answer["Location"] == "/login/code/"
    assert not is_in(client)


def test_an_account_without_a_second_factor_must_set_one_up_first(sso, client, linked, settings):
    settings.MFA_REQUIRED = True
    come_back(client, sso, "cas")
    assert client.get("/")["Location"] == "/account/security/"


def test_one_account_has_one_session_whatever_the_way_in(sso, client, linked, log_in):
    office = Client(headers={"User-Agent": AGENT})
    log_in(office)
    come_back(client, sso, "zzd")
    assert office.get("/prefs/").status_code == 302
    assert LoginSession.objects.filter(user=linked, ended_at=None).count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"aud": "another product"},
        {"aud": ["another product", "a third"]},
        {"iss": "https://elsewhere.example"},
        {"exp": 1_700_000_000},
        {"nonce": "of another attempt"},
        {"azp": "another product"},
        {"sub": ""},
        {"sub": "x" * 201},
    ],
    ids=str,
)
def test_a_token_for_somebody_else_or_another_time_is_refused(sso, client, linked, wrong):
    sso.claims = wrong
    come_back(client, sso, "oidc")
    assert not is_in(client)
    assert NOT_DONE in told(client)


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_a_token_without_the_provider_s_signature_is_refused(sso, client, linked, algorithm):
    out = leave(client, "oidc")
    claims = jwt.decode(sso.id_token(subject="GE_0042", nonce=out["nonce"]), options={"verify_signature": False})
    key = None if algorithm == "none" else SECRET * 2
    sso.token = jwt.encode(claims, key, algorithm=algorithm, headers={"kid": "one"})
    path, query = way_back(sso, "oidc", out)
    client.get(path, query)
    assert not is_in(client)


def test_a_token_signed_with_another_key_is_refused(sso, client, linked, tmp_path):
    forger = FakeSso(tmp_path)
    forger.server.server_close()
    out = leave(client, "oidc")
    forger.claims = {"iss": sso.url}
    sso.token = forger.id_token(subject="GE_0042", nonce=out["nonce"])
    path, query = way_back(sso, "oidc", out)
    client.get(path, query)
    assert not is_in(client)


def test_a_ticket_for_another_service_is_refused(sso, client, linked):
    path, query = way_back(sso, "cas", leave(client, "cas"))
    sso.services["proof-1"] = "https://elsewhere.example/"
    client.get(path, query)
    assert not is_in(client)
    assert NOT_DONE in told(client)


ENTITY = b'<!DOCTYPE x [<!ENTITY a "GE_0042">]><r><authenticationSuccess><user>&a;</user></authenticationSuccess></r>'


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize(
    "answer",
    [
        (200, b""),
        (200, b"[]"),
        (200, b"{}"),
        (200, b"<r/>"),
        (200, ENTITY),
        (500, b"{}"),
        (302, b""),
        (200, b"x" * 300_000),
    ],
    ids=["nothing", "list", "object", "xml", "entity", "error", "redirect", "endless"],
)
def test_an_odd_answer_opens_nothing_and_is_no_server_error(sso, client, linked, provider, answer):
    path, query = way_back(sso, provider, leave(client, provider))
    sso.answer = answer
    assert client.get(path, query)["Location"] == "/login/"
    assert not is_in(client)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_host_that_is_not_listed_is_never_asked(sso, client, linked, settings, provider):
    settings.SSO_HOSTS = ["login.example.gov.cn"]
    page = client.post(f"/login/with/{provider}/")
    assert page["Location"] == "/login/"
    assert NOT_DONE in told(client)
    assert sso.asked == []


def test_a_server_without_a_certificate_that_we_know_is_refused(sso, settings):
    settings.SSO_CA_FILE = ""
    with pytest.raises(RefusedError, match="unreachable"):
        Session().get(f"{sso.url}/jwks")


@pytest.mark.parametrize(
    "url", ["http://login.gov.cn/", "https://login.gov.cn.evil.cn/", "https://login.gov.cn@evil.cn/"]
)
def test_only_the_listed_hosts_and_only_over_tls(settings, url):
    settings.SSO_HOSTS = ["login.gov.cn"]
    assert listed("https://login.gov.cn/x") == "https://login.gov.cn/x"
    with pytest.raises(RefusedError, match="host"):
        listed(url)


def test_the_login_page_offers_what_is_switched_on_and_nothing_else(sso, client, settings):
    settings.SSO_PROVIDERS = ["zzd"]
    page = client.get("/login/").content.decode()
    assert 'formaction="/login/with/zzd/"' in page
    assert "/login/with/oidc/" not in page
    assert client.post("/login/with/oidc/").status_code == 404
    assert client.get("/login/with/oidc/back/").status_code == 404


def test_nothing_is_switched_on_by_itself(client, person):
    assert "formaction" not in client.get("/login/").content.decode()
    assert [client.post(f"/login/with/{one}/").status_code for one in PROVIDERS] == [404, 404, 404]


def test_the_way_out_starts_with_a_form_of_this_site(sso):
    careful = Client(enforce_csrf_checks=True)
    assert careful.get("/login/with/cas/").status_code == 405
    assert careful.post("/login/with/cas/").status_code == 403


def test_the_address_of_the_government_s_dingtalk_is_the_documented_one(sso, client, settings):
    page = client.post("/login/with/zzd/")
    address = urlsplit(page.context["address"])
    query = parse_qs(address.query)
    assert (address.netloc, address.path) == (sso.host, "/oauth2/auth.htm")
    assert query["client_id"] == [CLIENT]
    assert query["response_type"] == ["code"]
    assert query["scope"] == ["get_user_info"]
    assert query["redirect_uri"] == ["http://testserver/login/with/zzd/back/"]


def test_a_key_opens_one_account_and_an_account_has_one_key_a_provider(linked):
    admin, other = StaffFactory.create(), StaffFactory.create()
    with pytest.raises(DomainError) as taken:
        services.link(user=other, provider="cas", subject=" GE_0042 ", actor=admin)
    assert taken.value.field == "subject"
    with pytest.raises(DomainError) as second:
        services.link(user=linked, provider="cas", subject="GE_0099", actor=admin)
    assert second.value.field == "provider"


def test_half_a_provider_does_not_start(settings):
    settings.SSO_PROVIDERS = ["zzd", "fax", "cas"]
    settings.SSO_HOSTS = ["login-pro.ding.zj.gov.cn"]
    settings.CAS_SERVER_URL = "http://cas.example/cas"
    found = {(one.id, one.msg) for one in run_checks() if str(one.id).startswith("sso.")}
    assert found == {
        ("sso.E001", "SSO_PROVIDERS names “fax”; there is oidc, cas, zzd."),
        ("sso.E002", "Single sign-on “zzd” needs SSO_ZZD_CLIENT_ID, SSO_ZZD_APP_KEY, SSO_ZZD_APP_SECRET."),
        ("sso.E003", "SSO_ZZD_API_URL must be an https address of a host in SSO_HOSTS."),
        ("sso.E003", "CAS_SERVER_URL must be an https address of a host in SSO_HOSTS."),
        ("sso.E004", "CAS_SERVER_URL must end with a slash."),
    }


def test_the_password_still_works_beside_single_sign_on(sso, client, linked, log_in):
    assert log_in(client, word=PASSWORD)["Location"] == "/"
