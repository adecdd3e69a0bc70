"""What the rented homes tell. Ids and areas only; no personal value travels."""

from dataclasses import dataclass
from typing import ClassVar

from portal.events.bus import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class RentalAccepted(DomainEvent):
    """The police have registered the letting of this dwelling."""

    name: ClassVar[str] = "rentals.rental_accepted"
    rental_id: int
    dwelling_id: int
    area_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RentalEnded(DomainEvent):
    """The dwelling is let no longer, or the registration was withdrawn."""

    name: ClassVar[str] = "rentals.rental_ended"
    rental_id: int
    dwelling_id: int
    area_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HazardsChanged(DomainEvent):
    """A hazard of this dwelling was found, mended or closed: the grade of its house is counted anew."""

    name: ClassVar[str] = "rentals.hazards_changed"
    dwelling_id: int
    area_code: str
