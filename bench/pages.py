"""Whole pages as a user of one township gets them: lists, and the page of a person. Those of lettings: `bench.letting`.

Three figures a page. `rows` are the statements that read the register for it, as the product's role: their ratio is to
one bare statement by the owner of the tables, without walls, that asks for the same rows. `database` adds session,
rights, menu and access row; `whole page` adds what Python does. Only lists have targets. Everything is rolled back.
"""

import statistics
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from django.db import connection
from django.test import Client
from django.urls import reverse

from bench.county import product
from bench.figures import Figure, Report, p95
from portal.core import memory
from portal.org.models import User
from residents.models import Person

PAGES, OK, ADULTS = 30, 200, 2000
RATIO, LIST_MS = "<= 6", "<= 60"
TABLES = ('"residents_', '"rentals_')
STAYS = """SELECT r.*, p.*, d.* FROM residents_registration r JOIN residents_person p ON p.id = r.person_id
    JOIN residents_dwelling d ON d.id = r.dwelling_id
    WHERE r.status <> 'void' AND r.township_code = %(town)s ORDER BY {0} LIMIT 50"""
DOORS = """SELECT d.*,
    (SELECT count(*) FROM residents_registration r WHERE r.dwelling_id = d.id AND r.status = 'active')
    FROM residents_dwelling d WHERE d.township_code = %(town)s AND d.merged_into_id IS NULL
    ORDER BY d.updated_at DESC, d.id DESC LIMIT 50"""
OF_PERSON = """SELECT p.*,
    (SELECT json_agg(t) FROM (SELECT r.*, d.address FROM residents_registration r JOIN residents_dwelling d
        ON d.id = r.dwelling_id WHERE r.person_id = p.id) t),
    (SELECT json_agg(t) FROM residents_permit t WHERE t.person_id = p.id),
    (SELECT json_agg(t) FROM residents_permitapplication t WHERE t.person_id = p.id),
    (SELECT json_agg(t) FROM residents_registrationchange t WHERE t.person_id = p.id),
    (SELECT json_agg(t) FROM residents_visit t WHERE t.person_id = p.id),
    (SELECT json_agg(t) FROM residents_personevent t WHERE t.pgh_obj_id = p.id),
    (SELECT json_agg(t) FROM residents_registrationevent t WHERE t.person_id = p.id),
    (SELECT json_agg(m) FROM residents_householdmember o JOIN residents_householdmember m
        ON m.household_id = o.household_id WHERE o.person_id = p.id)
    FROM residents_person p WHERE p.id = %(pk)s"""


@dataclass(frozen=True, slots=True)
class Page:
    """A page, the addresses it is asked for at, and the bare statement with what each address puts into it."""

    name: str
    addresses: list[str]
    bare: str
    given: list[dict[str, Any]]
    is_list: bool = True


@dataclass(slots=True)
class Clock:
    """Adds up what statements take, as Django's wrapper sees them: all, and those that read the register."""

    every: float = 0.0
    register: float = 0.0
    marks: tuple[str, ...] = tuple(f"{word} {table}" for table in TABLES for word in ("FROM", "JOIN"))

    def __call__(self, execute: Any, sql: str, params: Any, many: Any, context: Any) -> Any:
        began = perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            took = (perf_counter() - began) * 1000
            self.every += took
            if any(mark in sql for mark in self.marks):
                self.register += took


def run(report: Report, user: User) -> None:
    measure(report, _pages(user), user)


def measure(report: Report, pages: Iterable[Page], user: User) -> None:
    """As the server runs them: what was loaded is settled before (`portal.core.memory`)."""
    memory.settle()
    memory.between_answers()
    client = Client(HTTP_HOST="localhost")
    client.force_login(user)
    for page in pages:
        _measure(report, page, client, user)


def _pages(user: User) -> Iterator[Page]:
    here = Person.objects.within(user.area_code).filter(birth_date__year__lt=ADULTS).order_by("?")
    people = list(here.values_list("pk", flat=True)[:PAGES])
    stays, doors = reverse("residents:person_list"), reverse("residents:dwelling_list")
    town = [{"town": user.area_code[:9]}] * PAGES
    newest, sounding = STAYS.format("r.updated_at DESC, r.id DESC"), STAYS.format("p.name_pinyin, r.id DESC")
    yield Page("list of people", [stays] * PAGES, newest, town)
    yield Page("list of people by pinyin", [f"{stays}?sort=name"] * PAGES, sounding, town)
    yield Page("list of dwellings", [doors] * PAGES, DOORS, town)
    pages = [reverse("residents:person_detail", args=[pk]) for pk in people]
    yield Page("page of a person", pages, OF_PERSON, [{"pk": pk} for pk in people], is_list=False)


def _measure(report: Report, page: Page, client: Client, user: User) -> None:
    whole, clocks, bare = [], [], []
    for address, given in zip([page.addresses[0], *page.addresses], [page.given[0], *page.given], strict=True):
        bare.append(_bare(page.bare, given))
        memory.tidy()  # as the server does it, when an answer has been sent
        with product(user):
            clock = Clock()
            began = perf_counter()
            with connection.execute_wrapper(clock):
                status = client.get(address).status_code
            whole.append((perf_counter() - began) * 1000)
            clocks.append(clock)
        if status != OK:
            raise SystemExit(f"{address} answered {status}")
    rows = statistics.median(clock.register for clock in clocks[1:])
    plain = statistics.median(bare[1:])
    report.add(Figure(f"{page.name}: bare SQL", plain, "ms"))
    report.add(Figure(f"{page.name}: rows", rows, "ms", rows / plain, RATIO if page.is_list else ""))
    report.add(Figure(f"{page.name}: database, median", statistics.median(one.every for one in clocks[1:]), "ms"))
    report.add(Figure(f"{page.name}: whole page, median", statistics.median(whole[1:]), "ms"))
    report.add(Figure(f"{page.name}: whole page, p95", p95(whole[1:]), "ms", None, LIST_MS if page.is_list else ""))


def _bare(statement: str, given: dict[str, Any]) -> float:
    with connection.cursor() as cursor:
        began = perf_counter()
        cursor.execute(statement, given)
        cursor.fetchall()
        return (perf_counter() - began) * 1000
