"""The unit grid of a building (楼盘表): who lives on which floor, in a handful of queries whatever its size."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db import connection

from portal.core import clock
from portal.org.models import User
from portal.org.scoping import scope_of
from portal.vault.masks import mask_name
from residents.models import Building, Dwelling, Registration
from residents.services.addresses import floor_of
from residents.verification import verify_interval_days

EMPTY, LIVED, OVER, DUE = "empty", "lived", "over", "due"
STATES = (LIVED, EMPTY, OVER, DUE)
NAMES_SHOWN = 2


@dataclass(slots=True)
class Door:
    """`names` are masked, and empty for whoever may not see the stays; `living` counts everybody all the same.
    `beds` is None where the dwelling is let as a whole; `bed_numbers` are those somebody lies in, as far as seen."""

    pk: int
    unit: str
    room: str
    address: str
    capacity: int | None
    rental_registered: bool
    beds: int | None = None
    living: int = 0
    is_due: bool = False
    names: list[str] = field(default_factory=list)
    bed_numbers: set[int] = field(default_factory=set)

    @property
    def beds_free(self) -> int:
        return (self.beds or 0) - len(self.bed_numbers)

    @property
    def beds_known(self) -> bool:
        """Whether every stay was seen: else nobody can say which beds are free."""
        return len(self.names) == self.living

    @property
    def is_over(self) -> bool:
        return self.capacity is not None and self.living > self.capacity

    @property
    def states(self) -> set[str]:
        found = {LIVED if self.living else EMPTY}
        return found | ({OVER} if self.is_over else set()) | ({DUE} if self.is_due else set())

    @property
    def tone(self) -> str:
        """What strikes the eye first: too many, then to be looked up, then empty."""
        return next(state for state in (OVER, DUE, EMPTY, LIVED) if state in self.states)

    @property
    def more(self) -> int:
        return max(len(self.names) - NAMES_SHOWN, 0)

    @property
    def first_names(self) -> list[str]:
        return self.names[:NAMES_SHOWN]


@dataclass(frozen=True, slots=True)
class Floor:
    """`number` is None for doors whose room number names no floor. `doors` has None where no room stands."""

    number: int | None
    doors: list[Door | None]


@dataclass(frozen=True, slots=True)
class UnitColumns:
    unit: str
    width: int


@dataclass(frozen=True, slots=True)
class UnitGrid:
    floors: list[Floor]
    units: list[UnitColumns]
    doors: list[Door]
    person_ids: list[int]
    residents: bool

    def count(self, state: str) -> int:
        return sum(state in door.states for door in self.doors)

    @property
    def living(self) -> int:
        return sum(door.living for door in self.doors)

    @property
    def capacity(self) -> int:
        return sum(door.capacity or 0 for door in self.doors)

    @property
    def beds(self) -> int:
        return sum(door.beds or 0 for door in self.doors)

    @property
    def beds_known(self) -> bool:
        return all(door.beds_known for door in self.doors if door.beds)

    @property
    def beds_free(self) -> int:
        return sum(door.beds_free for door in self.doors)

    @property
    def rental_registered(self) -> int:
        return sum(door.rental_registered for door in self.doors)


def unit_grid(building: Building, viewer: User) -> UnitGrid:
    """Top floor first; the doors of a unit stand side by side, the same room number below one another.

    Whoever opens it leaves an access entry for `person_ids`: the view does that.
    """
    doors = {row.pk: _door(row) for row in _rows(building, viewer)}
    for pk, living in living_at(doors).items():
        doors[pk].living = living
    told = not scope_of(viewer, Registration, "view").is_nowhere
    people = _put_residents(doors, building, viewer) if told else []
    columns = _columns(doors.values())
    widths: dict[str, int] = defaultdict(int)
    for unit, _flat in columns:
        widths[unit] += 1
    return UnitGrid(
        floors=_floors(doors.values(), columns),
        units=[UnitColumns(unit, width) for unit, width in widths.items()],
        doors=list(doors.values()),
        person_ids=people,
        residents=told,
    )


def living_at(dwelling_ids: Iterable[int]) -> dict[int, int]:
    """How many live at each door that the actor may see, also for those who may not see the stays; empty ones are
    left out. One query."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT dwelling_id, people FROM sec.living_at(%s)", [list(dwelling_ids)])
        return dict(cursor.fetchall())


def _rows(building: Building, viewer: User) -> Iterable[Dwelling]:
    rows = Dwelling.objects.restrict(viewer, "view").standing().filter(stands_in=building)
    return rows.only("pk", "unit", "room", "address", "capacity", "rental_registered", "beds").order_by(
        "unit", "room", "pk"
    )


def _door(row: Dwelling) -> Door:
    return Door(row.pk, row.unit, row.room, row.address, row.capacity, row.rental_registered, row.beds)


def _put_residents(doors: dict[int, Door], building: Building, viewer: User) -> list[int]:
    today = clock.today()
    intervals: dict[str, int] = {}
    stays = Registration.objects.restrict(viewer, "view").active().filter(dwelling__stands_in=building)
    rows = stays.order_by("head_id", "pk").values_list(
        "dwelling_id", "person_id", "person__name", "lodging", "verified_on", "registered_on", "bed"
    )
    people = []
    for dwelling_id, person_id, name, lodging, verified_on, registered_on, bed in rows:
        door = doors.get(dwelling_id)
        if door is None:
            continue
        if lodging not in intervals:
            intervals[lodging] = verify_interval_days(lodging)
        people.append(person_id)
        door.names.append(mask_name(name))
        door.bed_numbers |= {bed} if bed else set()
        door.is_due |= _is_due(verified_on or registered_on, intervals[lodging], today)
    return people


def _is_due(seen: date, interval: int, today: date) -> bool:
    return seen + timedelta(days=interval) < today


def _flat(door: Door) -> str:
    """501 and 1201 are the first flat of their floors: what stands below one another."""
    return door.room[-2:] if floor_of(door.room) else door.room


def _columns(doors: Iterable[Door]) -> list[tuple[str, str]]:
    return sorted({(door.unit, _flat(door)) for door in doors}, key=lambda one: (_in_order(one[0]), _in_order(one[1])))


def _floors(doors: Iterable[Door], columns: list[tuple[str, str]]) -> list[Floor]:
    at: dict[int | None, dict[tuple[str, str], Door]] = defaultdict(dict)
    spare: dict[int | None, list[Door]] = defaultdict(list)
    for door in doors:
        row, place = at[floor_of(door.room)], (door.unit, _flat(door))
        if place in row:
            spare[floor_of(door.room)].append(door)
        else:
            row[place] = door
    ordered = sorted(at, key=lambda number: number or 0, reverse=True)
    return [
        Floor(number, [*(at[number].get(place) for place in columns), *spare.get(number, [])]) for number in ordered
    ]


def _in_order(text: str) -> tuple[int, str]:
    return (int(text), "") if text.isdecimal() else (10**6, text)
