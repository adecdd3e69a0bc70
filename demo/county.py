"""Fills the register of the demo county: the same seed and day give the same people."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from random import Random
from time import monotonic

import pgtrigger
from django.db import connection, transaction

from demo.history import write_history
from demo.identity import Numbers
from demo.people import Cradle
from demo.permit_writer import PermitWriter, number_in_order
from demo.permits import Desk
from demo.places import County
from demo.records import Stay
from demo.staff import COUNTY_CODE, Staff
from demo.stays import Chronicle
from demo.writer import Writer
from portal.core import clock
from portal.org.codes import COMMUNITY
from portal.org.models import Area
from portal.org.walls.seeding import owner_may_copy
from portal.reports.services import rebuild
from residents.choices import RegistrationStatus
from residents.services.notices import current_notice, load_notices

BATCH = 5_000
Say = Callable[[str], None]


def fill(*, people: int, seed: int, staff: Staff, say: Say) -> None:
    """Adds about `people` persons (the last household is not torn apart) in one transaction."""
    begun = monotonic()
    load_notices()
    with transaction.atomic():
        _for_a_long_load()
        with owner_may_copy(), pgtrigger.ignore():
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")  # lets the setting reach the server: COPY goes around Django
            written = _write(people, seed, staff, say)
            number_in_order()
            told = monotonic()
            steps = write_history()
            told = monotonic() - told
            _make_statistics()
    say(f"  {written} people in {monotonic() - begun:.1f} s, {told:.1f} s of it for {steps} steps of history")
    begun = monotonic()
    with transaction.atomic():
        _for_a_long_load()
        figures = rebuild()
    say(f"  {figures} dashboard figures in {monotonic() - begun:.1f} s")


def _write(people: int, seed: int, staff: Staff, say: Say) -> int:
    rng, today = Random(seed), clock.today()
    numbers = Numbers(rng)
    county = County(rng, _areas(), numbers)
    cradle, chronicle = Cradle(rng, numbers), Chronicle(rng, county, staff, today)
    notice = current_notice()
    writer = Writer(Random(seed + 1), clock.now(), notice.pk if notice else None)
    desk, permits = Desk(rng, staff, today), PermitWriter(Random(seed + 2), clock.now())
    begun, written = monotonic(), 0
    while written < people:
        batch: list[Stay] = []
        wanted = min(BATCH, people - written)
        came = 0
        while came < wanted:
            arrival = chronicle.arrival_day()
            stays = chronicle.household(cradle.household(arrival), arrival)
            came += len({id(stay.person) for stay in stays})
            batch.extend(stays)
        _write_batch(writer, county, chronicle, _by_person(batch, desk))
        permits.write(desk.taken())
        written += came
        if people > BATCH:
            say(f"  {written}/{people} people, {monotonic() - begun:.0f} s")
    for place in county.vacant():
        writer.dwelling(place, since=today)
    writer.flush()
    return written


def _by_person(stays: list[Stay], desk: Desk) -> list[list[Stay]]:
    """Each person's stays, after the permit desk has seen them: a late endorsement writes into a stay."""
    people: dict[int, list[Stay]] = defaultdict(list)
    for stay in stays:
        people[id(stay.person)].append(stay)
    for own in people.values():
        desk.person([stay for stay in own if stay.status != RegistrationStatus.VOID])
    return list(people.values())


def _write_batch(writer: Writer, county: County, chronicle: Chronicle, people: list[list[Stay]]) -> None:
    for place in county.taken_new():
        writer.dwelling(place, since=_first_day(place.taken))
    for own in people:
        writer.person(own[0].person, own)
    heads_first = sorted((stay for own in people for stay in own), key=lambda stay: stay.head is not None)
    for stay in heads_first:
        writer.stay(stay)
    for together in _by_act(heads_first):
        writer.household(together)
    changes, looks = chronicle.trail.taken()
    for change in changes:
        writer.change(change)
    for look in looks:
        writer.look(look)
    writer.flush()


def _by_act(stays: list[Stay]) -> list[list[Stay]]:
    """Stays that began together, each group with its first person's; their keys are dealt already."""
    found: dict[int, list[Stay]] = {}
    for stay in stays:
        found.setdefault((stay.head or stay).pk, []).append(stay)
    return list(found.values())


def _first_day(taken: Iterable[tuple[date, date, int]]) -> date:
    return min(start for start, _end, _people in taken)


def _areas() -> dict[str, str]:
    """The county, its townships, communities and grids; no levels above."""
    return {
        area.code: area.name
        for area in Area.objects.filter(code__startswith=COUNTY_CODE, valid_to=None)
        if len(area.code) >= len(COUNTY_CODE)
    }


def grids(names: list[str], codes: Iterable[str]) -> list[tuple[str, str]]:
    """Three grids for every community of a town (not for villages)."""
    towns = [code for code in codes if len(code) == COMMUNITY and not code[9:].startswith("2")]
    return [(f"{code}{number:03d}", name) for code in towns for number, name in enumerate(names, 1)]


def _for_a_long_load() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def _make_statistics() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
