"""Logs without personal values (ASVS D15, D16, security design §6.6)."""

import io
import json
import logging

import pytest
import structlog
from django.db import IntegrityError

from portal.audit import services as audit
from portal.audit.context import RequestContext, enter
from portal.core import counters, logs
from tests.factories.org import StaffFactory

ID_NUMBER, PHONE = "33082219900101123X", "13812345678"


@pytest.fixture
def log():
    """A logger of a library, written as in production; `lines()` gives what came out."""

    class Log:
        def __init__(self):
            self.stream = io.StringIO()
            self.logger = logging.Logger("some.library")  # noqa: LOG001 - one that no other test shares
            handler = logging.StreamHandler(self.stream)
            handler.setFormatter(logs.formatter("json"))
            self.logger.addHandler(handler)

        def lines(self):
            return [json.loads(line) for line in self.stream.getvalue().splitlines()]

    yield Log()
    structlog.contextvars.clear_contextvars()


@pytest.fixture
def told(monkeypatch):
    """What `logs.event` wrote: (name, about)."""
    records = []

    class Logger:
        def info(self, name, **about):
            records.append((name, about))

    monkeypatch.setattr(logs.structlog, "get_logger", lambda _name: Logger())
    return records


@pytest.mark.parametrize(
    "value",
    [
        ID_NUMBER,
        "330822199001011234",
        PHONE,
        "0570-4012345",
        "E12345678",
        "王小明",
        "天马街道文峰路 18 号",
        "330822199001011",
    ],
)
def test_D16_no_number_name_or_address_of_a_person_reaches_a_log(log, value):
    log.logger.warning("refused %s for %r", value, {"x": value})
    log.logger.info("plain", extra={"value": value})
    assert value not in log.stream.getvalue()
    assert value.encode("unicode_escape").decode() not in log.stream.getvalue()


def test_keys_that_name_a_secret_lose_their_value():
    event = {"password": "x", "api_token": "y", "Cookie": "z", "display_name": "n", "route": "residents:person_list"}
    assert logs.redact(None, "", {**event, "nested": {"session_key": "k", "code": 200}}) == {
        **dict.fromkeys(["password", "api_token", "Cookie", "display_name"], "[cut]"),
        "route": "residents:person_list",
        "nested": {"session_key": "[cut]", "code": 200},
    }


def test_what_is_not_about_persons_stays_readable(log):
    head = "ab13800138000" + "1" * 51
    log.logger.info("took %d ms, job %s, head %s", 1234, "3f2b8c1e-0000-4000-8000-000000000001", head)
    assert log.lines()[0]["event"] == f"took 1234 ms, job 3f2b8c1e-0000-4000-8000-000000000001, head {head}"


@pytest.mark.parametrize("form", ["json", "line"])
def test_D16_a_line_break_in_a_value_cannot_start_a_line_of_its_own(form):
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.formatter(form))
    logger = logging.Logger("x")  # noqa: LOG001 - one that no other test shares
    logger.addHandler(handler)
    logger.warning("login of %s", "bob\r\n2026-11-22 INFO forged\x85line\u2028end\x1b[31m")
    assert len(stream.getvalue().splitlines()) == 1
    assert "\x1b" not in stream.getvalue()


def fail(error):
    raise error


def test_an_exception_tells_its_places_but_not_what_the_database_quotes(log):
    try:
        fail(IntegrityError("Key (name)=(王小明) 33082219900101123X already exists for Zhang San"))
    except IntegrityError:
        log.logger.exception("failed")
    line = log.lines()[0]
    assert line["exception"][0] == "django.db.utils.IntegrityError"
    assert "test_logs.py" in line["exception"][1]
    assert "Zhang" not in json.dumps(line)


def test_an_exception_about_code_keeps_its_message(log):
    try:
        fail(AttributeError("'Person' object has no attribute 'nam'"))
    except AttributeError:
        log.logger.exception("failed")
    assert log.lines()[0]["exception"][0] == "builtins.AttributeError: 'Person' object has no attribute 'nam'"


def test_causes_are_told_as_well_and_a_circle_ends(log):
    first, second = ValueError("1"), KeyError("2")
    first.__cause__, second.__cause__ = second, first
    try:
        raise first
    except ValueError:
        log.logger.exception("failed")
    assert [line for line in log.lines()[0]["exception"] if line.startswith("builtins.")] == [
        "builtins.ValueError",
        "builtins.KeyError",
    ]


def test_the_readable_form_has_time_level_logger_and_words():
    record = logging.LogRecord("portal.jobs", logging.INFO, "", 0, "%d jobs sent", (3,), None)
    line = logs.formatter("line").format(record)
    assert line[2] == ":"
    assert line[13:] == "INFO    portal.jobs 3 jobs sent"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("action", "name"),
    [
        ("accounts.login", "login"),
        ("accounts.logout", "logout"),
        ("accounts.login_failed", "login_failed"),
        ("grant_given", "grant_change"),
        ("rule_set", "config_change"),
        ("account_disabled", "grant_change"),
        ("permit.signed", "done"),
    ],
)
def test_D15_each_audited_act_gives_one_structured_record(told, action, name):
    enter(RequestContext(request_id="r1"))
    user = StaffFactory.create()
    told.clear()
    before = counters.snapshot().get(f"event:{name}", 0)
    audit.record(actor=user, action=action, target=user, note="王小明")
    assert told == [(name, {"action": action, "by": user.pk, "target": f"org.user:{user.pk}"})]
    assert counters.snapshot().get(f"event:{name}", 0) - before == (name != "done")


@pytest.mark.django_db
@pytest.mark.parametrize(("action", "count"), [("reveal", 1), ("export", 1), ("list", 0)])
def test_D15_reveals_and_exports_are_told_by_the_machine_log_too(told, action, count):
    user = StaffFactory.create()
    told.clear()
    audit.access(actor=user, action=action, person_ids=[7], fields=["document_number"])
    assert [name for name, _about in told] == [action] * count


@pytest.mark.django_db
def test_D15_a_refusal_is_told_with_its_page_and_without_its_address(client, told):
    client.get("/csp-report?q=330822199001011234")
    assert told == [("refused", {"status": 405, "route": "csp_report"})]


@pytest.mark.django_db
def test_D18_an_unhandled_exception_is_logged_once_with_the_number_of_the_request(client, monkeypatch):
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.formatter("json"))
    logging.getLogger().addHandler(handler)
    monkeypatch.setattr("portal.health.shutil.disk_usage", lambda _path: 1 / 0)
    client.raise_request_exception = False
    try:
        answer = client.get("/readyz?name=王小明", headers={"X-Request-ID": "chosen-by-client"})
    finally:
        logging.getLogger().removeHandler(handler)
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    failed = [line for line in lines if "exception" in line]
    assert len(failed) == 1
    assert failed[0]["request_id"] == answer["X-Request-ID"]
    assert failed[0]["request"] == "GET readyz"
    assert failed[0]["exception"][0] == "builtins.ZeroDivisionError"
