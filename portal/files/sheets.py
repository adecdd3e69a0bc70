"""Rows of an uploaded workbook: `for row in read_rows(path): …`."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import IO, Any

from portal.files.errors import UploadRefused
from portal.files.gate import check_size, check_workbook
from portal.files.limits import LIMITS, Limits
from portal.files.sandbox import parent

__all__ = ["UploadRefused", "read_rows"]

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


def _cell(value: Any) -> Cell:
    if not isinstance(value, dict):
        return value
    [(kind, text)] = value.items()
    return BACK[kind](text)
