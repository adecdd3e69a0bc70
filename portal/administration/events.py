"""What the administrators' desk tells the departments."""

from dataclasses import dataclass
from typing import ClassVar

from portal.events.bus import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarChanged(DomainEvent):
    """A working day became a day off or the other way round: open due dates have to be counted again."""

    name: ClassVar[str] = "administration.calendar_changed"
    year: int
