"""How many may live in a let dwelling and how many do (HL3). A fact for whoever looks: it blocks nobody's registration,
because who lives somewhere has to be registered whether the letting is in order or not."""

from dataclasses import dataclass
from decimal import Decimal

from portal.policy.services import Rule, rule
from rentals.models import RentalRegistration


@dataclass(frozen=True, slots=True)
class Occupancy:
    """`limit` is the lower one of both limits; the rules tell numbers and basis. People, not beds."""

    living: int
    by_rooms: int
    by_area: int
    per_room: Rule
    per_person: Rule

    @property
    def limit(self) -> int:
        return min(self.by_rooms, self.by_area)

    @property
    def is_over(self) -> bool:
        return self.living > self.limit

    @property
    def is_full(self) -> bool:
        """One more would be too many."""
        return self.living >= self.limit

    @property
    def verified(self) -> bool:
        return self.per_room.verified and self.per_person.verified


def occupancy_of(rental: RentalRegistration, living: int) -> Occupancy:
    """`living` are the people registered at the dwelling now (`residents.selectors.living_at`)."""
    return occupancy(
        rooms_let=rental.rooms_let, floor_area=rental.floor_area, living=living, area_code=rental.area_code
    )


def occupancy(*, rooms_let: int, floor_area: Decimal, living: int, area_code: str) -> Occupancy:
    per_room = rule("rental.max_per_room", area_code=area_code)
    per_person = rule("rental.min_area_per_person", area_code=area_code)
    return Occupancy(
        living=living,
        by_rooms=rooms_let * int(per_room.value),
        by_area=int(floor_area / Decimal(per_person.value)),
        per_room=per_room,
        per_person=per_person,
    )
