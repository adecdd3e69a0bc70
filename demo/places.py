"""Dwellings of the demo county: found again or built as households arrive."""

from dataclasses import dataclass, field
from datetime import date
from random import Random
from uuid import UUID

from demo import houses
from demo.draws import Lot, settings_file
from demo.houses import House
from demo.identity import Numbers
from portal.org.codes import COMMUNITY, TOWNSHIP
from residents.services.dwellings import compose_address, shorthand_of

FAR = date(9999, 12, 31)
RENTAL, OWN, DORMITORY, SITE, HOME, HOTEL, OTHER = "05", "own", "03", "04", "02", "01", "99"
LODGING = Lot([(RENTAL, 66), (DORMITORY, 17), (SITE, 5), (HOME, 5), (OWN, 5), (HOTEL, 1), (OTHER, 1)])
KIND_CODE = {OWN: OTHER}
UNREGISTERED_RENTALS = 0.17
CROWDED = 0.025
DIRTY = 0.03
ALIASED = 0.16
REUSED = 0.6
LOOKS = 4
MODEL_HOUSE = 0.3
"""Share of the newcomers of estates who move into the first house of their community: a well filled grid."""
MOST_VACANT = 4_000


@dataclass(slots=True)
class Place:
    pk: int
    code: str
    area_code: str
    kind: str
    estate: str
    building: str
    unit: str
    room: str
    address: str
    shorthand: str
    registered: bool
    landlord: str
    landlord_phone: str
    capacity: int
    square_metres: int
    plate: UUID
    house: House | None = None
    aliases: list[str] = field(default_factory=list)
    room_for: int = 0
    taken: list[tuple[date, date, int]] = field(default_factory=list)

    @property
    def lodging(self) -> str:
        return KIND_CODE.get(self.kind, self.kind)

    def fits(self, start: date, end: date, size: int) -> bool:
        living = sum(people for begin, until, people in self.taken if begin < end and start < until)
        return living + size <= self.room_for


@dataclass(slots=True)
class Community:
    code: str
    name: str
    weight: float
    grids: list[str]
    estates: list[str]
    places: dict[str, list[Place]] = field(default_factory=dict)
    built: int = 0

    @property
    def is_village(self) -> bool:
        return self.code[TOWNSHIP:].startswith("2")


class County:
    """The communities with their estates; `settle` gives a household a door."""

    def __init__(self, rng: Random, areas: dict[str, str], numbers: Numbers) -> None:
        self.rng = rng
        self.numbers = numbers
        self.plan = settings_file("places")
        self.new: list[Place] = []
        self.addresses: set[tuple[str, str]] = set()
        self.houses: dict[tuple[str, str, str], House] = {}
        communities = [self._community(code, areas) for code in sorted(areas) if len(code) == COMMUNITY]
        self.by_code = {community.code: community for community in communities}
        self.communities = Lot((community, community.weight) for community in communities)

    def settle(self, community: Community, start: date, end: date | None, size: int, *, kind: str) -> Place:
        until = end or FAR
        known = community.places.setdefault(kind, [])
        place = None
        if known and self.rng.random() < REUSED:
            looked = (self.rng.choice(known) for _look in range(LOOKS))
            place = next((found for found in looked if found.fits(start, until, size)), None)
        if place is None:
            place = self._build(community, kind, size)
            known.append(place)
            self.new.append(place)
        place.taken.append((start, until, size))
        return place

    def taken_new(self) -> list[Place]:
        """The dwellings built since the last call."""
        built, self.new = self.new, []
        return built

    def vacant(self) -> list[Place]:
        """The rooms that stand empty in the houses that are in the register as a whole; ask once, at the end."""
        found: list[Place] = []
        for (code, _estate, _number), house in self.houses.items():
            for unit, room in house.vacant():
                if len(found) < MOST_VACANT:
                    found.append(self._place(self.by_code[code], RENTAL, 0, (house.estate, house.number, unit, room)))
        return found

    def _community(self, code: str, areas: dict[str, str]) -> Community:
        townships = self.plan["townships"]
        shares = self.plan["communities"]
        village = code[TOWNSHIP:].startswith("2")
        siblings = [other for other in areas if len(other) == COMMUNITY and other[:TOWNSHIP] == code[:TOWNSHIP]]
        total = sum(
            shares["village_weight"] if other[TOWNSHIP:].startswith("2") else shares["town_weight"]
            for other in siblings
        )
        weight = shares["village_weight"] if village else shares["town_weight"]
        estates = self.plan["estates"]
        names = estates["hamlets"] if village else [*estates["names"], *(f"{road}" for road in estates["roads"])]
        bare = areas[code].removesuffix("村委会").removesuffix("居委会").removesuffix("社区")
        return Community(
            code=code,
            name=areas[code],
            weight=townships.get(code[:TOWNSHIP], 10) * weight / total,
            grids=[area for area in areas if len(area) > COMMUNITY and area.startswith(code)],
            estates=[f"{bare}村{hamlet}" for hamlet in self.rng.sample(names, 4)]
            if village
            else self.rng.sample(names, 7),
        )

    def _build(self, community: Community, kind: str, size: int) -> Place:
        dirty = kind == RENTAL and self.rng.random() < DIRTY
        while True:
            door = self._door(community, kind, dirty=dirty)
            if (community.code, compose_address(*door)) not in self.addresses:
                break
            dirty = False
        return self._place(community, kind, size, door)

    def _place(self, community: Community, kind: str, size: int, door: tuple[str, str, str, str]) -> Place:
        """`size` 0: nobody lives there yet."""
        rng, address = self.rng, compose_address(*door)
        estate, building, unit, room = door
        house = self._house(community, estate, building) if room else None
        if house is not None:
            house.taken.add((unit, room))
        self.addresses.add((community.code, address))
        community.built += 1
        rented = kind == RENTAL and size > 0
        capacity = {DORMITORY: 8, SITE: 12, HOTEL: 2}.get(kind, max(size, rng.randint(2, 5)))
        crowded = rented and rng.random() < CROWDED
        place = Place(
            pk=0,
            code=f"{community.code}{community.built:06d}",
            area_code=house.area_code if house else self._grid(community),
            kind=kind if size else HOME,
            estate=estate,
            building=building,
            unit=unit,
            room=room,
            address=address,
            shorthand=shorthand_of(address),
            registered=rented and rng.random() >= UNREGISTERED_RENTALS,
            landlord=self._landlord() if rented else "",
            landlord_phone=self.numbers.phone() if rented and rng.random() < 0.9 else "",
            capacity=max(1, size - 1) if crowded else capacity,
            square_metres=rng.randint(18, 130),
            plate=UUID(int=rng.getrandbits(128), version=4),
            house=house,
            room_for=capacity + 3 if crowded else capacity,
        )
        if rng.random() < ALIASED:
            place.aliases = self._aliases(place)
        return place

    def _grid(self, community: Community) -> str:
        return self.rng.choice(community.grids) if community.grids else community.code

    def _house(self, community: Community, estate: str, building: str) -> House:
        """Made when its first door is asked for; a house stands in one grid."""
        key = (community.code, estate, building)
        if key not in self.houses:
            dormitory = estate.endswith("宿舍")
            floors, units, rooms = houses.DORMITORY if dormitory else houses.shape(self.rng)
            self.houses[key] = House(self._grid(community), estate, building, floors, units, rooms)
        return self.houses[key]

    def _door(self, community: Community, kind: str, *, dirty: bool) -> tuple[str, str, str, str]:
        rng, estates = self.rng, self.plan["estates"]
        if dirty:
            return rng.choice(estates["dirty"]), str(rng.randint(1, 40)) if rng.random() < 0.6 else "", "", ""
        if kind in (DORMITORY, SITE):
            place = rng.choice(estates["parks"]) + ("员工宿舍" if kind == DORMITORY else "工地宿舍")
            number = str(rng.randint(1, 12))
            return place, number, *self._house(community, place, number).draw(rng)
        estate = rng.choice(community.estates)
        if community.is_village or estate in estates["roads"]:
            return estate, str(rng.randint(1, 480)), "", ""
        first = next((name for name in community.estates if name not in estates["roads"]), estate)
        model = self._house(community, first, "1")
        if rng.random() < MODEL_HOUSE and not model.is_full:
            return first, "1", *model.draw(rng)
        number = str(rng.randint(1, 28))
        return estate, number, *self._house(community, estate, number).draw(rng)

    def _landlord(self) -> str:
        return self.rng.choice("徐汪郑余占姜毛江王李") + self.rng.choice(("先生", "女士", "师傅"))

    def _aliases(self, place: Place) -> list[str]:
        short = f"{place.estate}{place.building}-{place.unit}-{place.room}".replace("--", "-").strip("-")
        wild = f"{place.estate}{place.building}#{place.room}" if place.room else f"{place.estate} {place.building}号"
        return sorted({short, wild} - {place.address})
