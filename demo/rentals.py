"""Rental registrations of the demo county: one for each dwelling said to be registered, and a desk with some work."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import islice
from random import Random
from typing import Any

from django.conf import settings

from demo.identity import FEMALE, MALE, OWN_COUNTY, resident_id
from portal.core import clock
from portal.org.middleware import scoped_transaction
from portal.org.models import User
from portal.policy.services import rule
from rentals.choices import Gas, LandlordKind, Letting, RentalStatus, RentalStepKind
from rentals.models import RentalRegistration, RentalStep
from rentals.services import registrations
from rentals.services.landlords import landlord_index, phone_index
from rentals.services.numbers import LETTER, RENTAL
from rentals.services.registrations import RentalInput
from residents.models import Dwelling, NumberSeries
from residents.services.grid import living_at

CLERK, REVIEWER = "coadmin", "police"
BLOCK = 1_000
OLDEST_DAYS, YOUNGEST_DAYS = 700, 40
SQUARE_METRES_A_ROOM = 16
MOST_ROOMS = 9
CROWDED_SHARE, FULL_SHARE = 0.2, 0.1
GIVEN = ("国强", "建华", "秀英", "志明", "海燕", "水根", "美娟", "土根", "小芳", "金水", "爱珍", "卫东")
COMPANIES = (("常山县安居公房管理有限公司", "91330822MA28F1A2BM"), ("常山县东城物业服务有限公司", "91330822MA2DHH6K4T"))
AGENTS = ("常山乐居房产中介", "金川房产经纪", "天马家园房产中介")
DESK = ("submitted", "returned", "ended", "submitted", "submitted", "returned", "submitted")
MISSING = "缺少产权证明，请补交不动产权证书复印件。"


def fill_rentals(*, seed: int) -> None:
    """Repeatable: nothing is added when there are registrations already."""
    if RentalRegistration.objects.exists():
        return
    rng = Random(seed)
    clerk, reviewer = (User.objects.get(username=name) for name in (CLERK, REVIEWER))
    with scoped_transaction(reviewer):
        doors = _not_yet_registered(clerk.area_code)
        _registered(rng, clerk, reviewer)
    for state, door in zip(DESK, doors, strict=False):
        _case(rng, door, state, clerk, reviewer)


def _not_yet_registered(area_code: str) -> list[Dwelling]:
    """Some doors of the first account's community have their papers on the desk; at least half are done."""
    rows = Dwelling.objects.filter(rental_registered=True, area_code__startswith=area_code)
    doors = list(rows.order_by("pk")[: min(len(DESK), rows.count() // 2)])
    Dwelling.objects.filter(pk__in=[door.pk for door in doors]).update(rental_registered=False)
    return doors


def _registered(rng: Random, clerk: User, reviewer: User) -> None:
    given: Counter[int] = Counter()
    doors = Dwelling.objects.filter(rental_registered=True).order_by("pk").iterator(chunk_size=BLOCK)
    while block := list(islice(doors, BLOCK)):
        living = living_at([door.pk for door in block])
        rows = [_row(rng, door, living.get(door.pk, 0), given, by=(clerk, reviewer)) for door in block]
        RentalRegistration.objects.bulk_create(rows)
        RentalStep.objects.bulk_create(step for row in rows for step in _steps(row, clerk, reviewer))
    for year, last in given.items():
        NumberSeries.objects.create(county_code=settings.COUNTY_CODE, kind=RENTAL, year=year, last=last)


def _row(rng: Random, door: Dwelling, living: int, given: Counter[int], *, by: tuple[User, User]) -> RentalRegistration:
    day = clock.today() - timedelta(days=rng.randint(YOUNGEST_DAYS, OLDEST_DAYS))
    given[day.year] += 1
    details = _details(rng, door, living, day)
    return RentalRegistration(
        dwelling=door,
        area_code=door.area_code,
        number=f"{settings.COUNTY_CODE}{LETTER[RENTAL]}{day.year}{given[day.year]:06d}",
        document_index=landlord_index(details["document_number"]),
        landlord_phone_index=phone_index(details["landlord_phone"]),
        agent_phone_index=phone_index(details["agent_phone"]),
        status=RentalStatus.REGISTERED,
        registered_on=day + timedelta(days=rng.randint(0, 3)),
        submitted_by=by[0],
        decided_by=by[1],
        **details | {"spaces": list(details["spaces"])},
    )


def _steps(row: RentalRegistration, clerk: User, reviewer: User) -> Iterator[RentalStep]:
    yield RentalStep(rental=row, kind=RentalStepKind.SUBMITTED, actor=clerk)
    yield RentalStep(rental=row, kind=RentalStepKind.ACCEPTED, actor=reviewer)


def _details(rng: Random, door: Dwelling, living: int, day: date) -> dict[str, Any]:
    """A house that fits the people: most keep within the limit of a room, some are crowded."""
    each = int(rule("rental.max_per_room").value)
    drawn, needed = rng.random(), -(-living // each)
    spare = -1 if needed > 1 and drawn < CROWDED_SHARE else int(drawn > FULL_SHARE)
    total = max(1, min(MOST_ROOMS, needed + spare))
    area = door.area_square_metres or Decimal(rng.randint(40, 120))
    parts = total > 1 and rng.random() < 0.4
    company = rng.random() < 0.06
    name, number = rng.choice(COMPANIES) if company else _person(rng, door.landlord_name)
    agent = rng.choice(AGENTS) if rng.random() < 0.2 else ""
    return {
        "landlord_kind": LandlordKind.ORGANISATION if company else LandlordKind.PERSON,
        "landlord_name": name,
        "document_kind": "" if company else "111",
        "document_number": number,
        "landlord_phone": door.landlord_phone or f"154{rng.randrange(10**8):08d}",
        "contact_address": f"常山县{door.estate}",
        "agent_name": agent,
        "agent_phone": f"154{rng.randrange(10**8):08d}" if agent else "",
        "ownership": "3" if company else "2",
        "title_kind": rng.choice(("1", "1", "2", "3")),
        "title_number": f"浙（{rng.randint(2008, 2024)}）常山县不动产权第{rng.randrange(10**7):07d}号",
        "structure": rng.choice(("2", "2", "3", "4")),
        "planned_use": "01",
        "danger_grade": rng.choice(("", "", "A")),
        "floor_area": max(area, Decimal(total * SQUARE_METRES_A_ROOM)),
        "rooms_total": total,
        "rooms_let": total,
        "letting": Letting.ROOMS if parts else Letting.WHOLE,
        "spaces": ("01",) if parts else (),
        "let_from": day,
        "let_to": clock.today() + timedelta(days=rng.randint(10, 600)),
        "monthly_rent": Decimal(rng.randint(4, 30) * 100),
        "fire_passage": rng.random() < 0.9,
        "safety_exit": rng.random() < 0.8,
        "gas": rng.choice((Gas.PIPED, Gas.PIPED, Gas.BOTTLED, Gas.NONE)),
    }


def _person(rng: Random, known: str) -> tuple[str, str]:
    born = date(1950, 1, 1) + timedelta(days=rng.randrange(15_000))
    sex = rng.choice((MALE, FEMALE))
    return (known[:1] or rng.choice("徐汪郑余")) + rng.choice(GIVEN), resident_id(
        OWN_COUNTY, born, sex, rng.randint(0, 1)
    )


def _case(rng: Random, door: Dwelling, state: str, clerk: User, reviewer: User) -> None:
    """Through the services, as the desk does it."""
    today = clock.today()
    with scoped_transaction(clerk):
        living = living_at([door.pk]).get(door.pk, 0)
        given = RentalInput(**_details(rng, door, living, today - timedelta(days=rng.randint(1, 20))))
        row = registrations.submit(dwelling_id=door.pk, given=given, actor=clerk)
        if state == "ended":
            registrations.end(rental_id=row.pk, ended_on=today, reason="房东收回自住", version=row.version, actor=clerk)
    if state == "returned":
        with scoped_transaction(reviewer):
            registrations.give_back(rental_id=row.pk, reason=MISSING, version=row.version, actor=reviewer)
