"""What the console may know about people without importing the register: numbers, masked names, nothing more.

The register hands its functions over in `residents/oversight.py`. They answer for everybody in the county, so the
console calls them only for people who already stand in the log it shows.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from portal.org.models import User


def _no_names(_ids: Iterable[int]) -> dict[int, str]:
    return {}


def _not_near(_actor: User, _ids: Iterable[int]) -> dict[int, str]:
    return {}


def _no_records(_person_id: int) -> dict[str, list[str]]:
    return {}


def _of_nobody(_model: str, _ids: Iterable[str]) -> dict[str, int]:
    return {}


@dataclass(frozen=True, slots=True)
class Directory:
    """`names`: person → masked name. `places`: person → community code. `near`: person → why this member of staff
    might know them ("address" or "workplace"). `records`: person → model label → ids of what hangs on the person.
    `person_of`: the way back, for one model."""

    names: Callable[[Iterable[int]], dict[int, str]] = _no_names
    places: Callable[[Iterable[int]], dict[int, str]] = _no_names
    near: Callable[[User, Iterable[int]], dict[int, str]] = _not_near
    records: Callable[[int], dict[str, list[str]]] = _no_records
    person_of: Callable[[str, Iterable[str]], dict[str, int]] = _of_nobody


_directory = [Directory()]


def register(directory: Directory) -> None:
    """The last one registered counts."""
    _directory[:] = [directory]


def directory() -> Directory:
    return _directory[0]
