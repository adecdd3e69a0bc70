"""All doors of a house at once, by a rule: shown first, made when the clerk agrees."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit import services as audit
from portal.core.errors import DomainError
from portal.org.models import User
from portal.org.scoping import require, scope_of
from residents.models import Building, Dwelling
from residents.services.addresses import address_key
from residents.services.buildings import building_for
from residents.services.code_fields import require_code
from residents.services.doors import doors_in
from residents.services.dwellings import compose_address, next_codes, shorthand_of, tidy

MOST_ROOMS = 1000
"""As many as one form lays out at once; a bigger house is done in parts."""
HIGHEST = 99


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomPlan:
    """A house by rule: units 1 … `units` (0: it has none), floors from … to, and on each floor of a unit the rooms
    01 … `rooms`. Room 3 on floor 12 is 1203."""

    area_code: str
    estate: str
    building: str
    units: int
    floor_from: int
    floor_to: int
    rooms: int
    kind: str
    capacity: int | None = None

    def doors(self) -> Iterator[tuple[str, str, str]]:
        """(unit, room, address), from the ground up within a unit."""
        for unit in range(1, self.units + 1) if self.units else [0]:
            entrance = str(unit) if unit else ""
            for floor in range(self.floor_from, self.floor_to + 1):
                for number in range(1, self.rooms + 1):
                    room = f"{floor}{number:02d}"
                    yield entrance, room, compose_address(self.estate, self.building, entrance, room)


@dataclass(frozen=True, slots=True)
class PlannedRoom:
    """`known` is the key of the door that stands there already; it is left as it is."""

    unit: str
    room: str
    address: str
    known: int | None


def plan_rooms(*, plan: RoomPlan, actor: User) -> list[PlannedRoom]:
    """What `build_rooms` would do, without doing it. The same few queries whatever the size of the house."""
    _check(plan, actor)
    doors = list(plan.doors())
    here = dict.fromkeys((address for _unit, _room, address in doors), plan.area_code[:12])
    known = doors_in(scope_of(actor, Dwelling, "add"), here)
    return [
        PlannedRoom(unit, room, address, known[address].pk if address in known else None)
        for unit, room, address in doors
    ]


@transaction.atomic
def build_rooms(*, plan: RoomPlan, actor: User) -> tuple[Building, int]:
    """Adds the doors that are missing; gives the building and how many were added. Pressing twice adds nothing twice.

    Near addresses are not asked about: whoever lays out a house says that all of it stands there.
    """
    first = next_codes(plan.area_code)[0]  # also keeps a second clerk of this community waiting
    wanted = [room for room in plan_rooms(plan=plan, actor=actor) if room.known is None]
    building = building_for(area_code=plan.area_code, estate=tidy(plan.estate), number=tidy(plan.building))
    if building is None:
        raise DomainError(_("Please enter the number of the building."), field="building")
    numbers = [f"{first[:-6]}{int(first[-6:]) + at:06d}" for at in range(len(wanted))]
    Dwelling.objects.bulk_create(
        Dwelling(
            area_code=plan.area_code,
            code=number,
            estate=tidy(plan.estate),
            building=tidy(plan.building),
            unit=room.unit,
            room=room.room,
            address=room.address,
            shorthand=shorthand_of(room.address)[:80],
            key=address_key(room.address),
            stands_in_id=building.pk,
            kind=plan.kind,
            capacity=plan.capacity,
        )
        for number, room in zip(numbers, wanted, strict=True)
    )
    row = Building.objects.select_for_update(of=("self",)).get(pk=building.pk)
    row.floors = max(row.floors or 0, plan.floor_to)
    row.units = max(row.units or 0, plan.units or 1)
    row.version += 1
    row.save(update_fields=["floors", "units", "version"])
    audit.record(actor=actor, action="building.laid_out", target=row, added=len(wanted))
    return row, len(wanted)


def _check(plan: RoomPlan, actor: User) -> None:
    require(actor, Dwelling, "add", at=plan.area_code)
    require_code("dwelling_kind", plan.kind, field="kind")
    if not tidy(plan.estate):
        raise DomainError(_("Please enter the estate, road or village."), field="estate")
    if not tidy(plan.building):
        raise DomainError(_("Please enter the number of the building."), field="building")
    if not 1 <= plan.floor_from <= plan.floor_to <= HIGHEST:
        raise DomainError(_("The top floor must not lie below the lowest one, nor above 99."), field="floor_to")
    if not 1 <= plan.rooms <= HIGHEST:
        raise DomainError(_("Each floor of a unit has 1 to 99 rooms."), field="rooms")
    if plan.capacity is not None and plan.capacity < 1:
        raise DomainError(_("A dwelling holds at least one person."), field="capacity")
    size = max(plan.units, 1) * (plan.floor_to - plan.floor_from + 1) * plan.rooms
    if plan.units < 0 or size > MOST_ROOMS:
        message = _("These are more than %(most)s rooms. Please lay the building out in parts.") % {"most": MOST_ROOMS}
        raise DomainError(message, field="rooms")
