"""One person cannot live at two addresses: how the stays of two files become one course of life."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from portal.core import clock
from residents.choices import RegistrationStatus
from residents.models import Registration

MOVED = "02"  # the entry 地址变更 of the code table `dereg_reason`
Values = dict[str, Any]


@dataclass
class _Stay:
    row: Registration
    changes: Values
    voided: bool = False

    def __getattr__(self, name: str) -> Any:
        return self.changes.get(name, getattr(self.row, name))

    @property
    def is_active(self) -> bool:
        return bool(self.status == RegistrationStatus.ACTIVE)

    def ends_before(self, other: "_Stay") -> bool:
        if self.left_on is None:
            return False
        return bool(other.left_on is None or self.left_on < other.left_on)


def settle(rows: Iterable[Registration]) -> dict[int, Values]:
    """What has to change by registration, so that no two of these stays overlap; nothing where none does.

    The same dwelling twice is one stay, from the first arrival on. Of two addresses the later one stands and the
    earlier ends on the day it began, as with a change of address; the half-year goes on counting (Zhejiang art. 16).
    A stay that began and ended while the other went on is void. What is void still stands in the history.
    """
    standing = [_Stay(row, {}) for row in rows if row.status != RegistrationStatus.VOID]
    kept: list[_Stay] = []
    for stay in sorted(standing, key=lambda one: (one.arrived_on, one.row.pk)):
        current: _Stay | None = stay
        while current is not None and kept and _overlap(kept[-1], current):
            current = _resolve(kept, current)
        if current is not None:
            kept.append(current)
    return {stay.row.pk: stay.changes for stay in standing if stay.changes}


def grows(before: Values, after: Values) -> bool:
    """Does the stay cover more days after the change? Such changes are written last: days have to be free first."""
    return _weight(after) > _weight(before)


def _weight(values: Values) -> tuple[bool, date]:
    return values.get("status") != RegistrationStatus.VOID, values.get("left_on") or date.max


def _overlap(earlier: _Stay, later: _Stay) -> bool:
    if later.left_on is not None and later.left_on <= later.arrived_on:
        return False  # a stay of no day
    return earlier.left_on is None or bool(earlier.left_on > later.arrived_on)


def _resolve(kept: list[_Stay], later: _Stay) -> _Stay | None:
    """Returns what is still to be placed; None when the later stay gave way."""
    earlier = kept[-1]
    if earlier.row.dwelling_id == later.row.dwelling_id:
        return _same_home(kept, later)
    if later.ends_before(earlier):
        _void(later)
        return None
    _carry_over(earlier, later)
    if earlier.arrived_on == later.arrived_on:
        _void(kept.pop())
        return later
    earlier.changes["left_on"] = later.arrived_on
    if earlier.is_active:
        earlier.changes |= {"status": RegistrationStatus.LEFT, "left_reason": MOVED, "closed_on": clock.today()}
    return later


def _same_home(kept: list[_Stay], later: _Stay) -> _Stay | None:
    earlier = kept[-1]
    if later.ends_before(earlier) or (not later.is_active and earlier.left_on == later.left_on):
        _carry_over(later, earlier)
        _void(later)
        return None
    _carry_over(earlier, later)
    if earlier.arrived_on < later.arrived_on:
        later.changes["arrived_on"] = earlier.arrived_on
    _void(kept.pop())
    return later


def _carry_over(given: _Stay, to: _Stay) -> None:
    if given.counts_from < to.counts_from:
        to.changes["counts_from"] = given.counts_from


def _void(stay: _Stay) -> None:
    """As it stood before, but for its state: what it gave away stays given."""
    stay.changes.clear()
    stay.changes["status"] = RegistrationStatus.VOID
