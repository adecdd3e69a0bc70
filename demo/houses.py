"""The houses of the demo county: how many floors, units and rooms each has, and which of its doors are taken."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from residents.services.addresses import building_key

SHAPES = ((6, 2, 2), (6, 3, 2), (6, 4, 2), (5, 3, 2), (11, 2, 2), (11, 1, 4), (17, 1, 4), (18, 2, 3))
DORMITORY = (6, 0, 24)
SHOWN_FROM = 3
"""A house with this many doors in use is in the register with all its rooms; of the others only the doors in use."""


@dataclass(slots=True)
class House:
    """`units` 0: it has none. `taken` are the doors given out, (unit, room)."""

    area_code: str
    estate: str
    number: str
    floors: int
    units: int
    rooms: int
    pk: int = 0
    taken: set[tuple[str, str]] = field(default_factory=set)

    @property
    def key(self) -> str:
        return building_key(self.estate, self.number)

    def doors(self) -> Iterator[tuple[str, str]]:
        for unit in range(1, self.units + 1) if self.units else [0]:
            for floor in range(1, self.floors + 1):
                for room in range(1, self.rooms + 1):
                    yield (str(unit) if unit else "", f"{floor}{room:02d}")

    def draw(self, rng: Random) -> tuple[str, str]:
        """Any door; the caller looks whether it is taken."""
        unit = rng.randint(1, self.units) if self.units else 0
        return str(unit) if unit else "", f"{rng.randint(1, self.floors)}{rng.randint(1, self.rooms):02d}"

    @property
    def is_full(self) -> bool:
        return len(self.taken) >= max(self.units, 1) * self.floors * self.rooms

    def vacant(self) -> list[tuple[str, str]]:
        """The doors nobody took, of a house that is in the register as a whole."""
        return [door for door in self.doors() if door not in self.taken] if len(self.taken) >= SHOWN_FROM else []


def shape(rng: Random) -> tuple[int, int, int]:
    return rng.choice(SHAPES)
