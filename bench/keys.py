"""Searching by each key as a user of one township does, behind both walls; saving likewise (pages: `bench.pages`).

Two figures a key. `… found` is the time of the statements that find people (or doors, permits, employers), asked as the
product's role: its ratio is to one bare statement by the owner of the tables, without walls, narrowed by hand to the
same township. `… box` is the whole search as a keystroke causes it, all groups, masks and the access row, at the 95th
percentile. Everything is rolled back.
"""
# ruff: noqa: S608 - tables and columns are named here

import statistics
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from django.db import connection, transaction
from stdnum.cn import ric

from bench import pages
from bench.county import BASE, product
from bench.figures import Figure, Report, p95
from portal.core import clock
from portal.org.models import User
from portal.ui.search import PER_GROUP, search
from residents.choices import DocumentKind
from residents.models import Dwelling, Permit, Person, Registration
from residents.services.duplicates import find_duplicates
from residents.services.dwellings import find_dwellings
from residents.services.identity import document_index, document_tail_index, phone_index
from residents.services.people import IdentityInput
from residents.services.registration import StayInput, register_arrival
from residents.services.search import employers_named, people_keys, permits_numbered

SAMPLES, SAVES, RIC = 40, 20, 18
RATIO, BOX_MS, SAVE_MS = "<= 6", "<= 60", "<= 150"
HERE = "p.township_code = %(town)s"
WANTED = "SELECT p.id, p.name, p.document_number, p.area_code FROM residents_person p WHERE "
LAST = f" ORDER BY p.updated_at DESC, p.id DESC LIMIT {PER_GROUP}"
SOUND = f" ORDER BY p.name_pinyin, p.id DESC LIMIT {PER_GROUP}"
CONTAINS = "string_to_array({0}, NULL) @> string_to_array(%(q)s, NULL) AND position(%(q)s IN {0}) > 0"


COLUMNS = """SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped
    AND attgenerated = '' AND attname <> 'id'"""
COPIED = {
    "residents_person": {"document_index": "'bench'::bytea", "from": "(SELECT max(id) FROM residents_person)"},
    "residents_registration": {
        "person_id": "(SELECT max(id) FROM residents_person)",
        "voucher": "gen_random_uuid()",
        "from": "(SELECT max(id) FROM residents_registration WHERE status = 'active' AND head_id IS NULL)",
    },
}


@dataclass(frozen=True, slots=True)
class Case:
    """One way to search: what is typed, the statement of the product, and the bare one with its parameter."""

    name: str
    typed: list[str]
    found: Callable[[str, User], Any]
    bare: str
    keyed: Callable[[str], Any] = str


def run(report: Report) -> None:
    user = User.objects.get(username="township")
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = '60s'")
    for case in cases(user):
        if case.typed:
            _case(report, case, user)
    pages.run(report, user)
    _saving(report, User.objects.get(username="station"))


def cases(user: User) -> list[Case]:
    """Values of real rows of the user's township; whole numbers of those whose number the demo county wrote itself."""
    here = Person.objects.within(user.area_code).filter(registrations__status="active").order_by("?")
    some = list(here.only("pk", "name", "name_pinyin", "name_initials", "document_tail_index")[:SAMPLES])
    true = list(here.filter(document_kind=DocumentKind.RESIDENT_ID, pk__lte=BASE)[: 2 * SAMPLES])
    numbers = [one.document_number for one in true if bytes(one.document_index) == document_index(one.document_number)]
    phones = [one.phone for one in true if one.phone and bytes(one.phone_index or b"") == phone_index(one.phone)]
    spaced = {one.name_pinyin.replace(" ", ""): one.name_pinyin for one in some}
    ends = {document_tail_index(f"{n:03d}{last}"): f"{n:03d}{last}" for n in range(1000) for last in "0123456789X"}
    doors = Dwelling.objects.within(user.area_code).order_by("?")[:SAMPLES]
    permits = Permit.objects.within(user.area_code).order_by("?")[:SAMPLES]
    works = Registration.objects.within(user.area_code).active().exclude(workplace="").order_by("?")[:SAMPLES]
    return [
        Case("name", [one.name for one in some], _people, _text(CONTAINS.format("p.name"), LAST)),
        Case("part of a name", [one.name[1:] for one in some], _people, _text(CONTAINS.format("p.name"), LAST)),
        Case("initials", [one.name_initials for one in some], _people, _text("p.name_initials ^@ %(q)s", SOUND)),
        Case(
            "full pinyin",
            list(spaced),
            _people,
            _text("p.name_pinyin ^@ %(q)s", SOUND),
            spaced.get,
        ),
        Case("ID number", numbers[:SAMPLES], _people, _text("p.document_index = %(q)s", LAST), document_index),
        Case(
            "15-digit ID number",
            [one[:6] + one[8:17] for one in numbers if one[6:8] == "19" and len(one) == RIC][:SAMPLES],
            _people,
            _text("p.document_index = %(q)s", LAST),
            lambda old: document_index(_with_century(old)),
        ),
        Case(
            "name and last four",
            [f"{one.name}{ends[bytes(one.document_tail_index)]}" for one in some],
            _people,
            _text("p.document_tail_index = %(q)s AND p.name = %(name)s", LAST),
            lambda typed: document_tail_index(typed[-4:]),
        ),
        Case("phone", phones[:SAMPLES], _people, _text("p.phone_index = %(q)s", LAST), phone_index),
        Case(
            "permit number",
            [one.number for one in permits],
            lambda typed, who: list(permits_numbered(typed).restrict(who, "view").select_related("person")),
            "SELECT m.*, p.* FROM residents_permit m JOIN residents_person p ON p.id = m.person_id"
            " WHERE m.number = %(q)s AND m.township_code = %(town)s",
        ),
        Case(
            "address shorthand",
            [one.shorthand for one in doors],
            lambda typed, who: find_dwellings(text=typed, actor=who, limit=PER_GROUP, elsewhere=False),
            "SELECT d.*, (SELECT count(*) FROM residents_registration r WHERE r.dwelling_id = d.id AND"
            " r.status = 'active') FROM residents_dwelling d WHERE d.county_code = left(%(town)s, 6)"
            " AND d.township_code = %(town)s AND d.shorthand ^@ %(q)s ORDER BY d.shorthand LIMIT 40",
        ),
        Case(
            "employer",
            [one.workplace[:6] for one in works],
            lambda typed, _who: employers_named(typed, most=PER_GROUP),
            "SELECT m.workplace, count(*) FROM (SELECT p.workplace FROM residents_registration p"
            f" WHERE p.workplace <> '' AND p.status = 'active' AND {HERE} AND {CONTAINS.format('p.workplace')}"
            f" LIMIT 2000) m GROUP BY 1 ORDER BY 2 DESC LIMIT {PER_GROUP}",
        ),
    ]


def _text(condition: str, rest: str) -> str:
    return f"{WANTED}{HERE} AND {condition}{rest}"


def _with_century(old: str) -> str:
    body = f"{old[:6]}19{old[6:]}"
    return body + ric.calc_check_digit(body + "0")


def _people(typed: str, user: User) -> list[Person]:
    found: list[Person] = []
    for key in people_keys(typed):
        if len(found) < PER_GROUP and not (key.rare and found):
            found += key.people.restrict(user, "view").order_by(*key.order)[:PER_GROUP]
    return found


def _case(report: Report, case: Case, user: User) -> None:
    bare, found, box = [], [], []
    town = user.area_code[:9]
    for typed in [*case.typed[:2], *case.typed]:
        with connection.cursor() as cursor:
            given = {"town": town, "q": case.keyed(typed), "name": typed[:-4]}
            began = perf_counter()
            cursor.execute(case.bare, given)
            cursor.fetchall()
            bare.append((perf_counter() - began) * 1000)
        with product(user):
            clock_ = pages.Clock()
            with connection.execute_wrapper(clock_):
                case.found(typed, user)
            found.append(clock_.every)
        with product(user):
            began = perf_counter()
            search(user, typed)
            box.append((perf_counter() - began) * 1000)
    name = f"search by {case.name}"
    report.add(Figure(f"{name}: bare SQL", statistics.median(bare[2:]), "ms"))
    ratio = statistics.median(found[2:]) / statistics.median(bare[2:])
    report.add(Figure(f"{name}: found", statistics.median(found[2:]), "ms", ratio, RATIO))
    report.add(Figure(f"{name}: box, median", statistics.median(box[2:]), "ms"))
    report.add(Figure(f"{name}: box, p95", p95(box[2:]), "ms", None, BOX_MS))


def _saving(report: Report, user: User) -> None:
    """A new arrival at a door of the township, and the check for doubles alone; nothing stays."""
    home = Dwelling.objects.within(user.area_code).order_by("pk")[0]
    checks, saves, inserts = [], [], []
    for sequence in range(101, 101 + 2 * (SAVES + 1), 2):
        body = f"52032219910308{sequence}"
        number = body + ric.calc_check_digit(body + "0")
        phone = f"1390000{sequence:04d}"
        given = IdentityInput(
            document_kind=DocumentKind.RESIDENT_ID, document_number=number, name="李建国", phone=phone
        )
        stay = StayInput(dwelling_id=home.pk, arrived_on=clock.today(), lodging="05", reason="01", channel="window")
        with product(user):
            began = perf_counter()
            find_duplicates(document_number=number, name="李建国", phone=phone, dwelling_id=home.pk, actor=user)
            checks.append((perf_counter() - began) * 1000)
            began = perf_counter()
            register_arrival(head=given, stay=stay, submission_key=number, actor=user)
            saves.append((perf_counter() - began) * 1000)
        inserts.append(_bare_insert())
    report.add(Figure("duplicate check: median", statistics.median(checks[1:]), "ms"))
    report.add(Figure("duplicate check: p95", p95(checks[1:]), "ms", None, BOX_MS))
    report.add(Figure("save an arrival: bare INSERTs of person and stay", statistics.median(inserts[1:]), "ms"))
    save = statistics.median(saves[1:])
    report.add(Figure("save an arrival: median", save, "ms", save / statistics.median(inserts[1:]), RATIO))
    whole = [check + save for check, save in zip(checks, saves, strict=True)]
    report.add(Figure("check and save an arrival: p95", p95(whole[1:]), "ms", None, SAVE_MS))


def _bare_insert() -> float:
    """A person and a stay as copies of rows that are there, straight into the tables as their owner: with indexes,
    histories and figures, without checks, projection, events and walls."""
    with transaction.atomic(), connection.cursor() as cursor:
        began = perf_counter()
        for table, changed in COPIED.items():
            cursor.execute(COLUMNS, [table])
            names = [name for (name,) in cursor.fetchall()]
            values = ", ".join(changed.get(name, f't."{name}"') for name in names)
            columns = ", ".join(f'"{name}"' for name in names)
            cursor.execute(
                f"INSERT INTO {table} ({columns}) SELECT {values} FROM {table} t WHERE id = {changed['from']}"
            )
        took = (perf_counter() - began) * 1000
        transaction.set_rollback(True)
        return took
