"""The leader's page: kept figures beside the same figures counted live; and whole pages as a browser asks for them."""

from collections.abc import Callable

from django.db import connection
from django.test import Client
from django.urls import NoReverseMatch, reverse

from bench.county import COUNTY, exporter, leader, police
from bench.figures import Figure, Report, interleaved
from portal.org.models import User
from portal.reports import counts, facts

RUNS = 9
LIVE_RUNS = 3
OK = 200
PAGES: tuple[tuple[str, str, Callable[[], User]], ...] = (
    ("page login (the peer of the pages below)", "login", police),
    ("page workbench", "reports:workbench", police),
    ("page dashboard, county", "reports:dashboard", leader),
    ("page people list", "residents:person_list", police),
    ("page permit queue", "residents:permit_queue", police),
    ("page export centre", "exports:centre", exporter),
)


def run(report: Report) -> None:
    live = facts.SOURCES["residents_registration"].format(rows="SELECT t.*, 1 AS weight FROM residents_registration t")
    wanted = ["residence", "residence.age", "residence.reason", "residence.lodging", "residence.origin"]

    def counted() -> list[tuple[object, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(live)
            return list(cursor.fetchall())

    kept, slow = interleaved(LIVE_RUNS, lambda: counts.read([COUNTY], wanted), counted)
    report.add(Figure("dashboard figures counted live", slow, "ms"))
    report.add(Figure("dashboard figures kept (to live)", kept, "ms", kept / slow, "<= 0.05"))
    plain = 0.0
    for name, url, account in PAGES:
        median = page(url, account())
        if median is None:
            continue
        plain = plain or median
        target = "<= 10" if median is not plain else ""
        report.add(Figure(name, median, "ms", median / plain if target else None, target))


def page(url: str, user: User) -> float | None:
    """The whole request in this process: middleware, queries, template. Pages that are not installed are left out."""
    try:
        address = reverse(url)
    except NoReverseMatch:
        return None
    client = Client(HTTP_HOST="localhost")
    if url != "login":
        client.force_login(user)

    def ask() -> None:
        status = client.get(address).status_code
        if status != OK:
            raise SystemExit(f"{address} answered {status}")

    [median] = interleaved(RUNS, ask)
    return median
