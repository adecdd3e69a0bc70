"""Headers, cookies, methods and origins (security design §5.4, ASVS C11–C16). The matrix asks every URL for them."""

import json

import pytest
from django.test import Client, RequestFactory

from portal.core.web import reports
from portal.core.web.address import TrustedProxyMiddleware
from tests import surface
from tests.factories.org import StaffFactory

pytestmark = pytest.mark.django_db

CROSS = {"Sec-Fetch-Site": "cross-site"}
NAVIGATION = {**CROSS, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}


@pytest.fixture
def browser(settings, monkeypatch) -> Client:
    surface.as_in_production(settings, monkeypatch)
    return Client()


@pytest.mark.parametrize(
    ("path", "status"), [("/healthz", 200), ("/no-such-page/", 404), ("/people/", 302), ("/static/none.css", 404)]
)
def test_C12_answers_of_every_kind_carry_the_headers(browser, path, status):
    answer = browser.get(path, secure=True)
    assert answer.status_code == status
    assert surface.faults(answer) == []


def test_C12_a_page_that_breaks_still_carries_the_headers(browser, monkeypatch):
    monkeypatch.setattr("portal.health.shutil.disk_usage", lambda _path: 1 / 0)
    browser.raise_request_exception = False
    answer = browser.get("/readyz", secure=True)
    assert answer.status_code == 500
    assert surface.faults(answer) == []


def test_C11_the_session_cookie_is_bound_to_the_host_and_out_of_reach_of_scripts(browser):
    browser.force_login(StaffFactory.create(prefs={"theme": "dark"}))
    answer = browser.get("/prefs/", secure=True)
    assert set(browser.cookies) == {"__Host-sid", "__Host-ui", "__Host-csrf"}
    assert surface.faults(answer) == []


def test_a_weak_header_would_be_noticed(browser):
    answer = browser.get("/healthz", secure=True)
    answer["Content-Security-Policy"] += "; script-src 'unsafe-inline'"
    del answer["X-Content-Type-Options"]
    answer["Cache-Control"] = "max-age=60"
    answer.set_cookie("plain", "1")
    assert len(surface.faults(answer)) == 6


@pytest.mark.parametrize("method", ["TRACE", "OPTIONS", "PUT", "DELETE", "PATCH", "PROPFIND", "CONNECT"])
def test_C16_methods_that_nothing_uses_are_refused_everywhere(browser, method):
    for path in ("/healthz", "/login/", "/people/", "/no-such-page/"):
        answer = browser.generic(method, path, secure=True)
        assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD, POST")
        assert surface.faults(answer) == []


def test_C13_another_site_may_link_to_a_page_but_not_post_embed_or_fetch(browser):
    assert browser.get("/login/", headers=NAVIGATION, secure=True).status_code == 200
    assert browser.post("/csp-report", headers=NAVIGATION, secure=True).status_code == 403
    assert browser.get("/login/", headers={**NAVIGATION, "Sec-Fetch-Dest": "iframe"}, secure=True).status_code == 403
    assert browser.get("/healthz", headers={**CROSS, "Sec-Fetch-Mode": "no-cors"}, secure=True).status_code == 403
    assert browser.get("/healthz", headers={"Sec-Fetch-Site": "same-origin"}, secure=True).status_code == 200


def through(proxies, settings, **meta):
    settings.TRUSTED_PROXIES = proxies
    seen = {}

    def view(request):
        seen.update(request.META)

    TrustedProxyMiddleware(view)(RequestFactory().get("/", **meta))
    return seen


def test_C15_a_client_cannot_choose_its_address(settings):
    seen = through([], settings, REMOTE_ADDR="203.0.113.9", HTTP_X_FORWARDED_FOR="10.0.0.1")
    assert seen["REMOTE_ADDR"] == "203.0.113.9"
    assert "HTTP_X_FORWARDED_FOR" not in seen


def test_C15_a_client_cannot_pretend_to_use_tls_or_a_certificate(settings):
    forged = {"HTTP_X_FORWARDED_PROTO": "https", "HTTP_X_SSL_CLIENT_VERIFY": "SUCCESS"}
    assert not set(forged) & set(through(["10.9.0.0/24"], settings, REMOTE_ADDR="10.8.0.2", **forged))


def test_C15_behind_the_listed_proxy_only_what_the_proxy_wrote_counts(settings):
    chain = {"REMOTE_ADDR": "10.9.0.2", "HTTP_X_FORWARDED_FOR": "1.1.1.1, 198.51.100.7, 10.9.0.3"}
    assert through(["10.9.0.0/24"], settings, **chain)["REMOTE_ADDR"] == "198.51.100.7"
    broken = {"REMOTE_ADDR": "10.9.0.2", "HTTP_X_FORWARDED_FOR": "<script>"}
    assert through(["10.9.0.0/24"], settings, **broken)["REMOTE_ADDR"] == "10.9.0.2"


def test_a_policy_report_is_logged_without_the_address_of_the_page(client, monkeypatch):
    told = []
    monkeypatch.setattr(reports.logs, "event", lambda name, **about: told.append((name, about)))
    report = {
        "csp-report": {
            "document-uri": "https://portal/people/7/?q=330822199001011234",
            "effective-directive": "script-src-elem\r\nforged",
            "blocked-uri": "https://evil.example/330822199001011234",
        }
    }
    assert client.post("/csp-report", json.dumps(report), content_type="application/csp-report").status_code == 204
    assert told == [("policy_report", {"directive": "script-src-elemforged", "blocked": "evil.example"})]


@pytest.mark.parametrize("body", ["", "[]", "{", '{"csp-report": 1}', "x" * 20_000, "[" * 9_000, '{"csp-report":{}}'])
def test_a_broken_policy_report_is_no_error(client, body):
    assert client.post("/csp-report", body, content_type="application/csp-report").status_code == 204


def test_C10_a_flood_of_policy_reports_is_cut_off(client, monkeypatch):
    monkeypatch.setattr(reports, "bucket", reports.Bucket(3))
    answers = [client.post("/csp-report", "{}", content_type="text/plain").status_code for _ in range(5)]
    assert answers == [204, 204, 204, 429, 429]
