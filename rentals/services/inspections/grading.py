"""How dangerous a house is: points by public criteria, each with its reason. What is counted is the house and what was
found in it, and how many people live there against the limit; who they are is never looked at."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import Q

from portal.core import clock
from portal.policy import codes
from portal.policy.services import rule
from rentals.choices import REFUSED, UNMENDED, Criterion, Gas, Grade
from rentals.models import Hazard, HouseGrade, RentalRegistration
from rentals.services.occupancy import occupancy
from residents.models import Building, Dwelling
from residents.services.grid import living_at

ITEMS = "inspection_item"
OPEN, DOUBT, PAST = "open", "doubt", "past"
"""Why a criterion has points: unmended hazards; what the registration leaves in doubt; hazards of the past."""
DANGEROUS = "dangerous"
AT_ONCE = 500
LETTINGS = (
    "dwelling_id", "dwelling__stands_in_id", "area_code", "danger_grade", "self_built", "fire_passage", "safety_exit",
    "gas", "rooms_let", "floor_area",
)  # fmt: skip

House = tuple[int | None, int | None]
"""(building, dwelling), one of them None."""


@dataclass(slots=True)
class Facts:
    """Numbers of one house. `open_hazards` and `doubts` by criterion; `past` hazards are mended ones of the period."""

    open_hazards: Counter[str] = field(default_factory=Counter)
    doubts: Counter[str] = field(default_factory=Counter)
    dangerous: int = 0
    past: int = 0


def house_of(dwelling: Dwelling) -> House:
    """The building, or the door itself where it is a house of its own."""
    return (dwelling.stands_in_id, None) if dwelling.stands_in_id else (None, dwelling.pk)


def grade_of_house(dwelling: Dwelling) -> HouseGrade | None:
    building, door = house_of(dwelling)
    return HouseGrade.objects.filter(building=building, dwelling=door).first()


def holds(house: HouseGrade | None, day: date) -> Grade:
    """The grade in force: that of a granted appeal as long as it holds; low where nobody counted yet."""
    if house is None:
        return Grade.LOW
    return Grade(house.set_grade if house.set_until and house.set_until >= day else house.grade)


def factors_of(facts: Facts, *, area_code: str) -> list[dict[str, Any]]:
    """Each criterion with its points, the most it can have, and why. Unmended hazards and a house that must not be let
    count in full, what is only in doubt in part."""
    part = int(rule("house_grade.partial_percent", area_code=area_code).value)
    found = []
    for criterion in Criterion:
        most = int(rule(f"house_grade.points_{criterion}", area_code=area_code).value)
        why, count, points = "", 0, 0
        if criterion == Criterion.PAST:
            each = int(rule("house_grade.points_past_each", area_code=area_code).value)
            why, count, points = PAST, facts.past, min(most, each * facts.past)
        elif facts.open_hazards[criterion]:
            why, count, points = OPEN, facts.open_hazards[criterion], most
        elif criterion == Criterion.STRUCTURE and facts.dangerous:
            why, count, points = DANGEROUS, facts.dangerous, most
        elif facts.doubts[criterion]:
            why, count, points = DOUBT, facts.doubts[criterion], most * part // 100
        told = why if count else ""
        found.append({"criterion": str(criterion), "points": points, "most": most, "why": told, "count": count})
    return found


def grade_for(points: int, *, area_code: str) -> Grade:
    if points >= rule("house_grade.high_from", area_code=area_code).value:
        return Grade.HIGH
    return Grade.MEDIUM if points >= rule("house_grade.medium_from", area_code=area_code).value else Grade.LOW


@transaction.atomic
def regrade(houses: Iterable[House]) -> int:
    """Count these houses anew; returns how many grades or reasons changed. A few queries a batch of houses."""
    waiting, changed = iter(dict.fromkeys(houses)), 0
    while batch := list(islice(waiting, AT_ONCE)):
        changed += _regrade(batch)
    return changed


def houses_let() -> Iterator[House]:
    """Every house with a registered letting, and those that had one and are graded."""
    lettings = RentalRegistration.objects.registered().order_by().distinct()
    for building, dwelling in lettings.values_list("dwelling__stands_in", "dwelling").iterator(chunk_size=AT_ONCE):
        yield (building, None) if building else (None, dwelling)
    yield from HouseGrade.objects.order_by().values_list("building", "dwelling").iterator(chunk_size=AT_ONCE)


def _regrade(houses: list[House]) -> int:
    buildings = [building for building, _door in houses if building]
    doors = [door for _building, door in houses if door]
    facts, today = _facts(buildings, doors), clock.today()
    stand = {
        (row.building_id, row.dwelling_id): row
        for row in HouseGrade.objects.filter(Q(building__in=buildings) | Q(dwelling__in=doors))
    }
    areas = _areas(buildings, doors)
    fresh, changed = [], []
    for house, area_code in areas.items():
        factors = factors_of(facts.get(house, Facts()), area_code=area_code)
        points = sum(one["points"] for one in factors)
        told = {"factors": factors, "points": points, "grade": grade_for(points, area_code=area_code)}
        row = stand.get(house)
        if row is None:
            fresh.append(
                HouseGrade(building_id=house[0], dwelling_id=house[1], area_code=area_code, counted_on=today, **told)
            )
        elif any(getattr(row, name) != value for name, value in told.items()) or row.area_code != area_code:
            for name, value in told.items():
                setattr(row, name, value)
            row.area_code, row.counted_on, row.version = area_code, today, row.version + 1
            changed.append(row)
    HouseGrade.objects.bulk_create(fresh, ignore_conflicts=True)
    for row in changed:
        row.save(update_fields=["area_code", "factors", "points", "grade", "counted_on", "version"])
    return len(fresh) + len(changed)


def _areas(buildings: list[int], doors: list[int]) -> dict[House, str]:
    found: dict[House, str] = {
        (pk, None): area for pk, area in Building.objects.filter(pk__in=buildings).values_list("pk", "area_code")
    }
    singles = Dwelling.objects.standing().filter(pk__in=doors, stands_in=None)
    return found | {(None, pk): area for pk, area in singles.values_list("pk", "area_code")}


def _facts(buildings: list[int], doors: list[int]) -> dict[House, Facts]:
    inside = Q(dwelling__stands_in__in=buildings) | Q(dwelling__in=doors)
    found: dict[House, Facts] = {}
    lettings = list(RentalRegistration.objects.registered().filter(inside).order_by().values(*LETTINGS))
    living = living_at([row["dwelling_id"] for row in lettings]) if lettings else {}
    for row in lettings:
        house = _house(row["dwelling__stands_in_id"], row["dwelling_id"])
        _add_letting(found.setdefault(house, Facts()), row, living.get(row["dwelling_id"], 0))
    since = clock.today() - timedelta(days=int(rule("house_grade.past_days").value))
    hazards = Hazard.objects.filter(inside).filter(Q(status__in=UNMENDED) | Q(found_on__gte=since)).order_by()
    for building, dwelling, item, status in hazards.values_list("dwelling__stands_in", "dwelling", "item", "status"):
        facts = found.setdefault(_house(building, dwelling), Facts())
        if status in UNMENDED:
            facts.open_hazards[codes.bucket(ITEMS, item)] += 1
        else:
            facts.past += 1
    return found


def _house(building: int | None, dwelling: int) -> House:
    return (building, None) if building else (None, dwelling)


def _add_letting(facts: Facts, row: dict[str, Any], living: int) -> None:
    facts.dangerous += codes.bucket("danger_grade", row["danger_grade"]) == REFUSED
    crowd = occupancy(
        rooms_let=row["rooms_let"], floor_area=row["floor_area"], living=living, area_code=row["area_code"]
    )
    for criterion, doubted in (
        (Criterion.FIRE, not (row["fire_passage"] and row["safety_exit"])),
        (Criterion.STRUCTURE, row["self_built"]),
        (Criterion.OCCUPANCY, crowd.is_over),
        (Criterion.GAS, row["gas"] == Gas.BOTTLED),
    ):
        facts.doubts[criterion] += doubted
