"""Which doors a visitor of the landlord's page may speak of: those let under the phone, or the one whose plate was
scanned. Runs as the system user; a stranger has no areas."""

import uuid
from dataclasses import dataclass

from django.db.models import Q

from rentals.models import RentalRegistration
from residents.models import Dwelling

MOST = 200


@dataclass(frozen=True, slots=True)
class OwnDoor:
    dwelling_id: int
    address: str


def doors_of(phone_index: bytes) -> list[OwnDoor]:
    """Dwellings with a live registration that names this phone for the landlord or the agent."""
    mine = Q(landlord_phone_index=phone_index) | Q(agent_phone_index=phone_index)
    rows = RentalRegistration.objects.live().filter(mine).order_by("dwelling__address", "pk")
    found = rows.values_list("dwelling_id", "dwelling__address")[:MOST]
    return [OwnDoor(pk, address) for pk, address in found]


def door_of_plate(plate: uuid.UUID) -> Dwelling | None:
    """By an old plate the door it was merged into."""
    row = Dwelling.objects.filter(plate=plate).select_related("merged_into").first()
    return (row.merged_into or row) if row else None
