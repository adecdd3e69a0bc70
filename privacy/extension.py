"""What departments add: their part of the copy a person gets, and files that go when the person is forgotten.

Rows in tables of their own are taken away by an SQL function `privacy_forgets_<app>(bigint)` and kept by
`privacy_keeps_<app>(bigint)` returning true; both are made by a migration of the department.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise

from residents.models import Person

Cells = Sequence[tuple[str | Promise, object]]


@dataclass(frozen=True, slots=True)
class Holding:
    """One kind of record held on a person: its title and, for each record, its labels and values in full."""

    code: str
    title: str | Promise
    records: Callable[[Person], Iterable[Cells]]


_holdings: list[Holding] = []
_file_removers: list[Callable[[int], None]] = []


def add_holding(holding: Holding) -> None:
    _holdings.append(holding)


def all_holdings() -> list[Holding]:
    return list(_holdings)


def removes_files(remover: Callable[[int], None]) -> Callable[[int], None]:
    """Register what deletes the files of a person (by key) once the person was forgotten."""
    _file_removers.append(remover)
    return remover


def file_removers() -> list[Callable[[int], None]]:
    return list(_file_removers)
