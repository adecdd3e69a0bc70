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

__all__ = ["Block", "Book", "Sheet", "UploadRefused", "numbered", "read_book", "read_rows", "read_table"]

Block = list[Any]  # numbered rows as the reading process writes them: [[7, [cells]], …], nothing but JSON
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


@dataclass(frozen=True, slots=True)
class Book:
    """Every visible sheet, and the rows of the longest one. `blocks` can be gone through once, while the file is open;
    `numbered` makes cells of a block."""

    sheets: list[Sheet]
    longest: int
    blocks: Iterator[Block]


def read_book(source: IO[bytes], *, limits: Limits = LIMITS) -> Book:
    """The visible sheets with their first 40 rows. Raises UploadRefused, `blocks` perhaps only after some of them."""
    check_size(source.seek(0, 2), limits)
    check_workbook(source, limits)
    found = parent.read("book", source, limits=limits)
    sheets: list[Sheet] = []
    for one in found:
        if "longest" in one:
            return Book(sheets, one["longest"], found)
        head = [[_cell(value) for value in row] for row in one["head"]]
        sheets.append(Sheet(one["name"], one["rows"], one["columns"], head))
    return Book(sheets, 0, found)


def read_table(source: IO[bytes], *, limits: Limits) -> Iterator[Block]:
    """The rows of the sheet `limits.sheet`. A cell merged downwards fills those below it.

    Raises UploadRefused, perhaps only after some blocks.
    """
    check_size(source.seek(0, 2), limits)
    check_workbook(source, limits)
    yield from parent.read("table", source, limits=limits)


def numbered(block: Block) -> list[tuple[int, list[Cell]]]:
    """(Row number from 1, cells) of each row."""
    return [(number, [_cell(value) if type(value) is dict else value for value in row]) for number, row in block]


def _cell(value: Any) -> Cell:
    if not isinstance(value, dict):
        return value
    [(kind, text)] = value.items()
    return BACK[kind](text)
