"""The door through which departments join the visits of the register, so that one knock serves everybody."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from portal.org.models import User


@dataclass(frozen=True, slots=True)
class DueItem:
    """Something else to do at a dwelling while somebody stands there. `url` is where the outcome is entered."""

    label: str
    due_on: date
    url: str = ""


DueItems = Callable[[Iterable[int], User], dict[int, list[DueItem]]]
DueDoors = Callable[[date, str], Iterable[tuple[int, date]]]
_due_items: list[DueItems] = []
_due_doors: list[DueDoors] = []


def shares_the_knock(*, items: DueItems, doors: DueDoors | None = None) -> None:
    """Join the visits of the register: `items` tells by dwelling what the viewer may see as due there; `doors` gives
    (dwelling, day) for all doors of an area that have to be visited until a day, so that a task is made."""
    _due_items.append(items)
    if doors is not None:
        _due_doors.append(doors)


def items_due(dwelling_ids: Iterable[int], viewer: User) -> dict[int, list[DueItem]]:
    """What every department has to do at these dwellings, the most urgent first; one call a department."""
    wanted = list(dwelling_ids)
    found: dict[int, list[DueItem]] = {}
    for items in _due_items if wanted else ():
        for dwelling, due in items(wanted, viewer).items():
            found.setdefault(dwelling, []).extend(due)
    return {dwelling: sorted(due, key=lambda item: item.due_on) for dwelling, due in found.items()}


def doors_due(until: date, area_code: str) -> Iterator[tuple[int, date]]:
    """Each door once, with the earliest day that any department gives."""
    earliest: dict[int, date] = {}
    for doors in _due_doors:
        for dwelling, due in doors(until, area_code):
            earliest[dwelling] = min(due, earliest.get(dwelling, due))
    yield from earliest.items()
