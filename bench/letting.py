"""Queues, leads and the page of a dwelling over hundreds of thousands of rental registrations and millions of stays.

`make bench ONLY=letting PEOPLE=5000000`; LETTINGS says how many homes are registered. A landlord's report is matched
with the register as the page of the report does it. Ratios as in `bench.pages`.
"""

import os
import statistics
from collections.abc import Iterator
from time import perf_counter
from typing import Any

from django.db import connection, models
from django.urls import reverse

from bench import letting_rows, pages
from bench.county import COUNTY, product
from bench.figures import Figure, Report, p95
from bench.pages import PAGES, Page
from portal.org.models import Area, User
from portal.org.scoping import forget_grants
from portal.org.services import grant_to_user
from portal.org.walls.context import scoped_transaction
from rentals.models import Hazard, HouseGrade, Inspection, LeaseFiling, RentalRegistration, RentedHome, TenancyReport
from rentals.services.reports import matching
from residents.models import Dwelling, Person, Registration

LETTINGS = int(os.environ.get("LETTINGS") or 800_000)
SHARE_OF_PEOPLE = 4  # a small county gets no more lettings than a fourth of its people
MATCHED = 40
GRANTS: dict[Any, tuple[str, ...]] = {
    Person: ("view",),
    Dwelling: ("view",),
    Registration: ("view", "add"),
    RentalRegistration: ("view", "add", "review"),
    LeaseFiling: ("view",),
    TenancyReport: ("view", "review"),
    Inspection: ("view", "work"),
    Hazard: ("view", "work"),
    HouseGrade: ("view",),
}
QUEUE = """SELECT t.*, d.* FROM rentals_rentalregistration t JOIN residents_dwelling d ON d.id = t.dwelling_id
    WHERE t.status = 'submitted' AND t.township_code = %(town)s ORDER BY t.created_at, t.id LIMIT 50"""
IN_FORCE = """SELECT t.*, d.* FROM rentals_rentalregistration t JOIN residents_dwelling d ON d.id = t.dwelling_id
    WHERE t.status = 'registered' AND t.township_code = %(town)s ORDER BY t.updated_at DESC, t.id DESC LIMIT 50"""
LEADS = """SELECT d.*,
    (SELECT count(*) FROM residents_registration r WHERE r.dwelling_id = d.id AND r.status = 'active')
    FROM rentals_rentedhome h JOIN residents_dwelling d ON d.id = h.dwelling_id
    WHERE h.stays > 0 AND h.lettings <= 0 AND h.area_code ^@ %(town)s AND d.merged_into_id IS NULL
    ORDER BY d.area_code, d.address, d.id LIMIT 50"""
CROWDED = """SELECT t.*, d.*, h.living, h.allowed FROM rentals_rentedhome h
    JOIN rentals_rentalregistration t ON t.dwelling_id = h.dwelling_id AND t.status = 'registered'
    JOIN residents_dwelling d ON d.id = h.dwelling_id
    WHERE h.living > h.allowed AND h.area_code ^@ %(town)s
    ORDER BY t.area_code, d.address, t.id LIMIT 50"""
LETTERS = """SELECT t.*, d.* FROM rentals_rentalregistration t JOIN residents_dwelling d ON d.id = t.dwelling_id
    WHERE t.letter_open AND t.status = 'registered' AND t.township_code = %(town)s
    ORDER BY t.area_code, d.address, t.id LIMIT 50"""
REPORTS = """SELECT t.*, d.* FROM rentals_tenancyreport t LEFT JOIN residents_dwelling d ON d.id = t.dwelling_id
    WHERE t.status = 'waiting' AND t.township_code = %(town)s ORDER BY t.due_on, t.id LIMIT 50"""
HAZARDS = """SELECT t.*, d.* FROM rentals_hazard t JOIN residents_dwelling d ON d.id = t.dwelling_id
    WHERE t.status = 'open' AND t.township_code = %(town)s ORDER BY t.due_on, t.id LIMIT 50"""
DOOR = """SELECT d.*,
    (SELECT json_agg(t) FROM (SELECT r.*, p.* FROM residents_registration r JOIN residents_person p
        ON p.id = r.person_id WHERE r.dwelling_id = d.id) t),
    (SELECT json_agg(t) FROM rentals_rentalregistration t WHERE t.dwelling_id = d.id),
    (SELECT json_agg(t) FROM rentals_inspection t WHERE t.dwelling_id = d.id),
    (SELECT json_agg(t) FROM rentals_hazard t WHERE t.dwelling_id = d.id)
    FROM residents_dwelling d WHERE d.id = %(pk)s"""
STAYS_THERE = """SELECT r.*, p.* FROM residents_registration r JOIN residents_person p ON p.id = r.person_id
    WHERE r.dwelling_id = %(door)s AND r.status = 'active'"""


def run(report: Report) -> None:
    letting_rows.fill(min(LETTINGS, report.people // SHARE_OF_PEOPLE))
    town = Area.objects.get(code=f"{COUNTY}001")
    user = officer(town)
    for name, rows in sizes().items():
        report.add(Figure(f"lettings: {name}", rows, "rows"))
    pages.measure(report, the_pages(user, town.code), user)
    match(report, user, town.code)


def officer(town: Area) -> User:
    user, _made = User.objects.get_or_create(username="bench-station", defaults={"display_name": "派出所测试"})
    for model, actions in GRANTS.items():
        grant_to_user(user, model, actions, at=town)
    forget_grants(user)
    return user


def sizes() -> dict[str, int]:
    tables: dict[str, models.QuerySet[Any]] = {
        "dwellings": Dwelling.objects.all(),
        "stays": Registration.objects.active(),
        "registrations": RentalRegistration.objects.all(),
        "homes that nobody registered": RentedHome.objects.filter(stays__gt=0, lettings__lte=0),
        "homes with too many people": RentedHome.objects.filter(living__gt=models.F("allowed")),
        "reports that wait": TenancyReport.objects.all(),
        "inspections": Inspection.objects.all(),
        "hazards": Hazard.objects.all(),
    }
    return {name: rows.count() for name, rows in tables.items()}


def the_pages(user: User, town: str) -> Iterator[Page]:
    here = [{"town": town}] * PAGES
    lists = {
        "letting: to review": (reverse("rentals:rental_list"), QUEUE),
        "letting: in force": (f"{reverse('rentals:rental_list')}?t=force", IN_FORCE),
        "letting: not registered": (reverse("rentals:unregistered"), LEADS),
        "letting: over-occupied": (reverse("rentals:crowded"), CROWDED),
        "letting: letters to be signed": (f"{reverse('rentals:letter_list')}?t=sign", LETTERS),
        "letting: reports of landlords": (reverse("rentals:report_list"), REPORTS),
        "letting: hazards": (reverse("rentals:hazard_list"), HAZARDS),
    }
    for name, (address, bare) in lists.items():
        yield Page(name, [address] * PAGES, bare, here)
    let = doors(town)
    yield Page(
        "letting: page of a dwelling",
        [reverse("residents:dwelling_detail", args=[pk]) for pk in let],
        DOOR,
        [{"pk": pk} for pk in let],
        is_list=False,
    )


def doors(town: str) -> list[int]:
    rows = RentalRegistration.objects.within(town).registered().order_by("?")
    return list(rows.values_list("dwelling_id", flat=True)[:PAGES])


def match(report: Report, user: User, town: str) -> None:
    """The newcomer of a report against the register, and the report against those who live at the door."""
    with scoped_transaction(user):
        rows = list(TenancyReport.objects.within(town).order_by("?")[:MATCHED])
    took, bare = [], []
    for row in rows:
        with product(user):
            began = perf_counter()
            matching.people_like(row, user)
            matching.stays_at_the_door(row, user)
            took.append((perf_counter() - began) * 1000)
        with connection.cursor() as cursor:
            began = perf_counter()
            cursor.execute(STAYS_THERE, {"door": row.dwelling_id})
            cursor.fetchall()
            bare.append((perf_counter() - began) * 1000)
    report.add(Figure("letting: those at the door, bare SQL", statistics.median(bare), "ms"))
    report.add(Figure("letting: matching a report, median", statistics.median(took), "ms"))
    report.add(Figure("letting: matching a report, p95", p95(took), "ms", None, "<= 60"))
