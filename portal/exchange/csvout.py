"""CSV as RFC 4180 wants it, with a byte order mark for Chinese Windows and no cell that a program could calculate."""

import csv
import hashlib
import io
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import IO

from django.utils import timezone

from portal.exchange.ledgers import Column, Row, Value

BOM = b"\xef\xbb\xbf"
BATCH = 2_000
FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")


def neutral(text: str) -> str:
    """A leading apostrophe before anything that a spreadsheet program would take for a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def cell(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float | Decimal):
        return str(value)
    return neutral(value.replace("\x00", ""))


def header_of(columns: Sequence[Column]) -> list[str]:
    """One line: merged headers are joined, 性别·男."""
    return [neutral("·".join((*column.group, column.title))) for column in columns]


def write_csv(
    out: IO[bytes], columns: Sequence[Column], rows: Iterable[Row], *, progress: Callable[[int], None] | None = None
) -> tuple[int, str]:
    """Streams `rows`; returns how many there were and the SHA-256 of their lines (header and mark not counted)."""
    digest, count = hashlib.sha256(), 0
    out.write(BOM + _lines([header_of(columns)]))
    batch: list[list[str]] = []
    for row in rows:
        batch.append([cell(value) for value in row])
        if len(batch) == BATCH:
            count += _flush(out, digest, batch)
            if progress:
                progress(count)
    count += _flush(out, digest, batch)
    return count, digest.hexdigest()


def _flush(out: IO[bytes], digest: "hashlib._Hash", batch: list[list[str]]) -> int:
    data, rows = _lines(batch), len(batch)
    out.write(data)
    digest.update(data)
    batch.clear()
    return rows


def _lines(rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()
