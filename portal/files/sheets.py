"""Rows of an uploaded workbook: `for row in read_rows(path): …`."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import IO, Any

from portal.files.errors import UploadRefused
from portal.files.gate import check_size, check_workbook
from portal.files.limits import LIMITS, Limits
from portal.files.sandbox import parent

__all__ = ["Sheet", "UploadRefused", "read_heads", "read_rows", "read_table"]

Cell = str | float | int | bool | date | datetime | time | timedelta | None
BACK: dict[str, Any] = {
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
    "time": time.fromisoformat,
    "timedelta": lambda seconds: timedelta(seconds=seconds),
}


def read_rows(source: Path | IO[bytes], *, limits: Limits = LIMITS) -> Iterator[list[Cell]]:
    """The rows of the first visible sheet, streamed; an empty cell is "". Numbers that Excel keeps are float or int.

    Raises UploadRefused, perhaps only after some rows: whoever writes rows to the database does so in one transaction.
    An open file must have a descriptor.
    """
    if isinstance(source, Path):
        with source.open("rb") as opened:
            yield from read_rows(opened, limits=limits)
        return
    check_size(source.seek(0, 2), limits)
    check_workbook(source, limits)
    for row in parent.read("rows", source, limits=limits):
        yield [_cell(value) for value in row]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A visible sheet and its first rows; `rows` and `columns` count to the last cell that holds anything."""

    name: str
    rows: int
    columns: int
    head: list[list[Cell]]


def read_heads(source: IO[bytes], *, limits: Limits = LIMITS) -> list[Sheet]:
    """Every visible sheet with its first 40 rows. Raises UploadRefused."""
    check_size(source.seek(0, 2), limits)
    check_workbook(source, limits)
    return [
        Sheet(one["name"], one["rows"], one["columns"], [[_cell(value) for value in row] for row in one["head"]])
        for one in parent.read("head", source, limits=limits)
    ]


def read_table(source: IO[bytes], *, limits: Limits) -> Iterator[list[tuple[int, list[Cell]]]]:
    """Blocks of (row number from 1, cells) of the sheet `limits.sheet`. A cell merged downwards fills those below it.

    Raises UploadRefused, perhaps only after some blocks.
    """
    check_size(source.seek(0, 2), limits)
    check_workbook(source, limits)
    for block in parent.read("table", source, limits=limits):
        yield [(number, [_cell(value) if type(value) is dict else value for value in row]) for number, row in block]


def _cell(value: Any) -> Cell:
    if not isinstance(value, dict):
        return value
    [(kind, text)] = value.items()
    return BACK[kind](text)
