"""From the workbook to checked rows: cells are read by the columns of the kind, rows judged in blocks."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from portal.core.errors import DomainError
from portal.files.limits import IMPORT_LIMITS
from portal.files.sheets import read_table
from portal.imports import bulk, store, values
from portal.imports.kinds import Checker, Column, Given, ImportKind, Reader, Verdict, problem
from portal.imports.models import ImportBatch, ImportRow
from portal.org.models import User
from portal.vault.fields import EncryptedJSONField

BLOCK = 1_000
EXAMPLE_MARK = "例："  # the example row of the template that somebody forgot to delete
COLUMNS = ("batch_id", "number", "raw", "cleaned", "key", "decision", "force", "outcome", "problems", "note")
Read = Callable[[Any], Any]
READERS: dict[str, Read] = {
    Reader.TEXT: values.text,
    Reader.PLAIN: values.plain,
    Reader.NUMBER: values.number_of_document,
    Reader.DAY: values.day,
    Reader.WHOLE: values.whole,
    Reader.TRUTH: values.truth,
}


def reader_of(column: Column) -> Read:
    if column.reads == Reader.CODE and column.words is not None:
        return values.coded(column.words())
    return READERS[column.reads]


class RowReader:
    """Turns cells into a `Given`. `places` says in which cell each key stands; a key without one is not in the file."""

    def __init__(self, columns: Sequence[Column], places: dict[str, int] | None = None) -> None:
        self.columns = columns
        self.required = [column for column in columns if column.required]
        self.readers = [
            (column.key, places[column.key] if places else at, reader_of(column))
            for at, column in enumerate(columns)
            if places is None or column.key in places
        ]

    def read(self, number: int, cells: Sequence[Any]) -> Given | None:
        """None for a row with nothing in the columns that are read."""
        raw: dict[str, str] = {}
        found: dict[str, Any] = {}
        problems: list[dict[str, str]] = []
        width = len(cells)
        for key, at, read in self.readers:
            cell = cells[at] if at < width else ""
            if cell == "" or cell is None:
                continue
            told = values.text(cell)
            if not told:
                continue
            raw[key] = told
            try:
                found[key] = read(told if isinstance(cell, str) else cell)
            except DomainError as error:
                problems.append(problem(error, key))
        if not raw or next(iter(raw.values())).startswith(EXAMPLE_MARK):
            return None
        return Given(number, raw, found, problems)

    def typed(self, number: int, raw: dict[str, str]) -> Given | None:
        """The same for a row that was corrected on the page."""
        return self.read(number, [raw.get(column.key, "") for column in self.columns])


def stage(batch: ImportBatch, kind: ImportKind, actor: User, advance: Callable[[int, int], None]) -> dict[str, int]:
    """Writes the rows of the batch anew; returns how many of each decision, and "read" for all of them."""
    ImportRow.objects.filter(batch=batch).delete()
    checker = kind.checker(batch, actor)
    found: dict[str, int] = {"read": 0}
    total = sum(sheet["rows"] for at, sheet in enumerate(batch.sample or []) if at == batch.sheet)
    for block in _blocks(batch, kind):
        for row, verdict in checked(checker, block, batch):
            found[verdict.decision] = found.get(verdict.decision, 0) + 1
            found["read"] += 1
            del row
        advance(found["read"], max(total - batch.header_row, found["read"]))
    return found


def checked(checker: Checker, block: Sequence[Given], batch: ImportBatch) -> list[tuple[Given, Verdict]]:
    judged = list(zip(block, checker.check(block), strict=True))
    raw, cleaned = ImportRow._meta.get_field("raw"), ImportRow._meta.get_field("cleaned")
    bulk.insert(
        ImportRow,
        COLUMNS,
        [
            (
                batch.pk,
                row.number,
                _sealed(raw, row.raw),
                None if verdict.cleaned is None else _sealed(cleaned, verdict.cleaned),
                verdict.key,
                verdict.decision,
                False,
                "",
                verdict.problems,
                verdict.note[:300],
            )
            for row, verdict in judged
        ],
    )
    return judged


def _sealed(field: Any, value: dict[str, Any]) -> bytes:
    assert isinstance(field, EncryptedJSONField)  # noqa: S101 - a programmer's slip
    return bulk.seal_json(value, field.aad)


def _blocks(batch: ImportBatch, kind: ImportKind) -> Iterator[list[Given]]:
    places = {key: int(at) for key, at in batch.mapping.items()}
    reader = RowReader(kind.columns, places)
    block: list[Given] = []
    with store.opened(batch) as file:
        for cells in read_table(file, limits=replace(IMPORT_LIMITS, sheet=batch.sheet)):
            for number, row in cells:
                given = reader.read(number, row) if number > batch.header_row else None
                if given is not None:
                    block.append(given)
            if len(block) >= BLOCK:
                yield block
                block = []
    if block:
        yield block
