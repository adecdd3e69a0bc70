"""The workbook as a stream: openpyxl's layout around rows that PostgreSQL (or Python) writes as sheet XML.

Two ways to the same file. A `Query` is turned into `<row>` elements by the database and copied out; Python only
decrypts, masks and compresses. Any other iterable of rows is written cell by cell.
"""

import hashlib
from binascii import unhexlify
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import IO, Any

from django.db import connection
from openpyxl.utils import get_column_letter

from portal.exchange.cells import MARK, escape, python_cell
from portal.exchange.layout import Facts, SheetTemplate, saved, template, workbook
from portal.exchange.ledgers import Ledger, Query, Row
from portal.exchange.sql import Place, Reader, Readers, select_sheet_rows
from portal.exchange.zipstream import MemberWriter, ZipStream

MAX_ROWS = 1_048_576
FOOT_ROWS = 3
BATCH = 500
CROWDED_CELL = 160  # bytes of XML that a cell may need on average before a sheet is expected to pass 4 GiB
FOUR_GIB = 1 << 32
COPY = "COPY ({}) TO STDOUT WITH (FORMAT csv, DELIMITER E'\\x02', QUOTE E'\\x01', ESCAPE E'\\x01')"

Progress = Callable[[int], None]
About = Callable[[int, str], Sequence[tuple[str, str]]]


@dataclass(slots=True)
class Poured:
    rows: int = 0
    digest: Any = field(default_factory=hashlib.sha256)

    @property
    def sha256(self) -> str:
        """Over the `<row>` elements in their order: the same data gives the same value, whoever prints it when."""
        return str(self.digest.hexdigest())


class XlsxWriter:
    """Writes one ledger to `out`. `progress` is called with the rows done and may raise to stop.

    `about` gets the row count and the content hash and returns the lines of the last sheet.
    """

    def __init__(
        self,
        out: IO[bytes],
        ledger: Ledger,
        facts: Facts,
        *,
        about: About,
        progress: Progress | None = None,
        max_rows: int = MAX_ROWS,
    ) -> None:
        self.ledger, self.facts, self.about = ledger, facts, about
        self.progress = progress or (lambda _done: None)
        self.zip = ZipStream(out)
        self.template: SheetTemplate = template(ledger, facts)
        self.per_sheet = max_rows - self.template.first_row + 1 - FOOT_ROWS
        self.poured = Poured()
        self.sheets = 0
        self.places = [
            Place(column, get_column_letter(number), style)
            for number, (column, style) in enumerate(zip(ledger.columns, self.template.styles, strict=True), start=1)
        ]

    def pour_query(self, query: Query, readers: Readers, total: int) -> Poured:
        statement = select_sheet_rows(query, self.places, first_row=self.template.first_row, per_sheet=self.per_sheet)
        return self._pour(_CopiedRows(statement, readers.in_python), total)

    def pour_rows(self, rows: Iterable[Row], total: int) -> Poured:
        return self._pour(_BuiltRows(rows, self.places, self.template.first_row, self.per_sheet), total)

    def _pour(self, source: "_Source", total: int) -> Poured:
        large = min(total, self.per_sheet) * len(self.places) * CROWDED_CELL > FOUR_GIB
        sink = _Sink(self, large)
        source.run(sink)
        sink.close()
        self._rest()
        return self.poured

    def _rest(self) -> None:
        facts = replace(self.facts, about=self.about(self.poured.rows, self.poured.sha256))
        written = {f"xl/worksheets/sheet{number}.xml" for number in range(1, self.sheets + 1)}
        for name, data in saved(workbook(self.ledger, facts, sheets=self.sheets)).items():
            if name not in written:
                self.zip.add(name, data)
        self.zip.close()


class _Sink:
    """Takes batches of whole rows and begins a further sheet when one is full."""

    def __init__(self, writer: XlsxWriter, large: bool) -> None:  # noqa: FBT001
        self.writer, self.large = writer, large
        self.in_sheet = 0
        self._context: Any = None
        self._member: MemberWriter | None = None
        self._begin()

    @property
    def room(self) -> int:
        return self.writer.per_sheet - self.in_sheet

    @property
    def next_batch(self) -> int:
        """How many rows the next call of take() may bring: they all go to one sheet."""
        return min(BATCH, self.room or self.writer.per_sheet)

    def take(self, data: bytes, rows: int) -> None:
        if not self.room:
            self._end(last=False)
            self._begin()
        assert self._member is not None  # noqa: S101 - _begin() has set it
        self._member.write(data)
        self.writer.poured.digest.update(data)
        self.writer.poured.rows += rows
        self.in_sheet += rows
        self.writer.progress(self.writer.poured.rows)

    def close(self) -> None:
        self._end(last=True)

    def _begin(self) -> None:
        self.writer.sheets += 1
        self._context = self.writer.zip.member(f"xl/worksheets/sheet{self.writer.sheets}.xml", large=self.large)
        self._member = self._context.__enter__()
        self._member.write(self.writer.template.head.encode())
        self.in_sheet = 0

    def _end(self, *, last: bool) -> None:
        assert self._member is not None  # noqa: S101
        self._member.write(self.writer.template.foot_after(self.in_sheet, signed=last).encode())
        self._context.__exit__(None, None, None)


class _Source:
    def run(self, sink: _Sink) -> None:
        raise NotImplementedError


class _CopiedRows(_Source):
    """Rows rendered by PostgreSQL. libpq hands over one row a call; they are collected into batches."""

    def __init__(self, statement: str, readers: Sequence[Reader]) -> None:
        self.statement, self.readers = statement, readers
        self._rows: list[bytes] = []
        self._sink: _Sink | None = None
        self._limit = BATCH

    def run(self, sink: _Sink) -> None:
        self._sink = sink
        self._limit = sink.next_batch
        with connection.cursor() as cursor:
            cursor.copy_expert(COPY.format(self.statement), self)
        self._flush()

    def write(self, row: bytes) -> None:
        self._rows.append(row)
        if len(self._rows) >= self._limit:
            self._flush()

    def _flush(self) -> None:
        if not self._rows or self._sink is None:
            return
        data = b"".join(self._rows)
        if self.readers:
            data = self._revealed(data)
        self._sink.take(data, len(self._rows))
        self._rows.clear()
        self._limit = self._sink.next_batch

    def _revealed(self, data: bytes) -> bytes:
        """Every second piece between the marks is a value; the readers of a row follow one another."""
        pieces: list[Any] = data.split(MARK)
        step = 2 * len(self.readers)
        for number, reader in enumerate(self.readers):
            place = slice(1 + 2 * number, None, step)
            pieces[place] = [escape(reader(unhexlify(raw))).encode() for raw in pieces[place]]
        return b"".join(pieces)


class _BuiltRows(_Source):
    """Rows written cell by cell: reports, and sources that are no query."""

    def __init__(self, rows: Iterable[Row], places: Sequence[Place], first_row: int, per_sheet: int) -> None:
        self.rows, self.first_row, self.per_sheet = rows, first_row, per_sheet
        self.cells = [python_cell(place.column, place.letter, place.style) for place in places]

    def run(self, sink: _Sink) -> None:
        batch: list[str] = []
        for number, row in enumerate(self.rows):
            place = str(number % self.per_sheet + self.first_row)
            cells = "".join([cell(value, place) for cell, value in zip(self.cells, row, strict=True)])
            batch.append(f'<row r="{place}">{cells}</row>\n')
            if len(batch) == sink.next_batch:
                sink.take("".join(batch).encode(), len(batch))
                batch.clear()
        if batch:
            sink.take("".join(batch).encode(), len(batch))
