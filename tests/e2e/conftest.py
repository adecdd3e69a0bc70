"""Browser tests: one Chromium and one server with a committed demo county for the whole session.

Run the folder in a pytest process of its own (`make test` does): its database is not the one of the other tests.
While writing a test, `KEEP_COUNTY=1 pytest tests/e2e/… --reuse-db` saves the seeding.
"""

import os
from collections.abc import Callable, Iterator
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from celery import current_app
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test.utils import setup_databases, teardown_databases
from playwright.sync_api import Browser, Page, sync_playwright
from pytest_django import DjangoDbBlocker

from launcher.browser import chromium as chromium_path
from portal.core import clock, wakeup
from portal.core.translations import compile_all
from residents.models import Person
from tests.e2e.driver import FLAGS, Browsing, Portal
from tests.e2e.server import serve
from tests.e2e.visits import Visits

# Playwright keeps an event loop in this thread; the test still uses the ORM the ordinary way.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
os.environ.setdefault("DEMO_PASSWORD", "Browser-tests-2026")
PEOPLE = int(os.environ.get("PEOPLE", "600"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--screenshots", default="", help="save screenshots of the main pages in this folder")


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: DjangoDbBlocker, django_db_keepdb: bool, django_db_createdb: bool
) -> Iterator[None]:
    """What a browser sees has to be committed, so the county lives in a database of its own."""
    settings.DATABASES["default"]["TEST"]["NAME"] += "_browser"
    keep = django_db_keepdb and not django_db_createdb
    with django_db_blocker.unblock():
        made = setup_databases(verbosity=0, interactive=False, aliases={"default": True}, keepdb=keep)
    yield
    if not django_db_keepdb:
        with django_db_blocker.unblock():
            end_other_sessions()
            teardown_databases(made, verbosity=0)


def end_other_sessions() -> None:
    """A thread of the server may still hold its connection, and a database in use cannot be dropped."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()"
        )


@pytest.fixture(scope="session")
def portal(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Portal]:
    """The running product with its demo county. Rows that a test adds stay: use people of your own."""
    compile_all(settings.BASE_DIR)
    current_app.loader.import_default_modules()
    settings.ROOT_URLCONF = "tests.e2e.urls"
    settings.DEMO_PASSWORD = os.environ["DEMO_PASSWORD"]
    real_send, wakeup.send = wakeup.send, work_at_once
    with django_db_blocker.unblock():
        if not (os.environ.get("KEEP_COUNTY") and Person.objects.exists()):
            call_command("demo_county", people=PEOPLE, reset=Person.objects.exists(), stdout=StringIO())
        with serve() as address:
            yield Portal(address)
    wakeup.send = real_send


def work_at_once(task: str, *args: object) -> bool:
    """There is no worker: what would wake it runs in the request's thread after its commit."""
    current_app.tasks[task].apply(args=args)
    return True


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def page_as(portal: Portal, chromium: Browser) -> Iterator[Callable[..., Page]]:
    """`page_as("coadmin", phone=True)` is a logged-in page; the test fails when any of its pages broke the policy,
    logged an error or asked another host. `""` is a visitor."""
    opened: list[Browsing] = []

    def open_page(username: str = "", **options: Any) -> Page:
        browsing = Browsing(portal, chromium, username, **options)
        opened.append(browsing)
        return browsing.page

    yield open_page
    troubles = [trouble for browsing in opened for trouble in browsing.close()]
    assert troubles == []


@pytest.fixture(scope="session")
def visits(portal: Portal, chromium: Browser) -> Visits:
    """What the rules about pages look at; the tests that change rows come after them."""
    return Visits(portal, chromium)


@pytest.fixture
def freeze(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Sets the clock of the server; the browser's own clock goes on."""

    def at(moment: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    return at


@pytest.fixture(scope="session")
def screenshots(request: pytest.FixtureRequest) -> Path | None:
    """The folder given with `--screenshots` (or SCREENSHOTS)."""
    folder = request.config.getoption("--screenshots") or os.environ.get("SCREENSHOTS", "")
    if not folder:
        return None
    path = Path(folder)
    path.mkdir(parents=True, exist_ok=True)
    return path
