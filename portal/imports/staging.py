"""From the workbook to checked rows: cells are read by the columns of the kind, rows judged in parts of a thousand.

Every worker that helps goes through all parts and judges those that no other has taken.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from django.db import connection
from django.db.models import Count
from django.utils.translation import gettext as _

from portal.core.errors import DomainError
from portal.files.limits import IMPORT_LIMITS
from portal.files.sheets import Block, numbered, read_table
from portal.imports import bulk, parts, store, values
from portal.imports.kinds import Checker, Column, Given, ImportKind, Reader, problem
from portal.imports.models import Decision, ImportBatch, ImportRow, Task
from portal.jobs.worker import long_transaction
from portal.org.models import User
from portal.org.walls.context import scoped_transaction
from portal.policy import cache
from portal.vault.fields import EncryptedJSONField

PART = 1_000
EXAMPLE_MARK = "例："  # the example row of the template that somebody forgot to delete
COLUMNS = ("number", "raw", "cleaned", "key", "decision", "problems", "note")
Read = Callable[[Any], Any]
Advance = Callable[[int, int], None]
TWINS = """SELECT id, first FROM (
        SELECT id, number, min(number) OVER (PARTITION BY key) AS first FROM imports_importrow
        WHERE batch_id = %s AND key IS NOT NULL AND decision <> 'error') rows
    WHERE number <> first"""
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


def stage(batch: ImportBatch, kind: ImportKind, actor: User, advance: Advance) -> None:
    """Judges every part that is not done yet. Afterwards there is none left, whatever became of other workers."""
    left = run(batch, kind, actor, advance)
    while left := _without_done(left, batch, actor):
        left = run(batch, kind, actor, advance, only=left)


def _without_done(ordinals: set[int], batch: ImportBatch, actor: User) -> set[int]:
    with scoped_transaction(actor):
        return ordinals - set(parts.done(batch, Task.CHECK).values_list("ordinal", flat=True))


def run(
    batch: ImportBatch, kind: ImportKind, actor: User, advance: Advance, *, only: set[int] | None = None
) -> set[int]:
    """One time through the file; returns the parts that other workers were at. `only` are waited for."""
    reader = RowReader(kind.columns, {key: int(at) for key, at in batch.mapping.items()})
    checker: Checker | None = None
    left: set[int] = set()
    total = sum(sheet["rows"] for at, sheet in enumerate(batch.sample or []) if at == batch.sheet) - batch.header_row
    passed = 0
    for ordinal, part in enumerate(_parts(batch)):
        if only is None or ordinal in only:
            with long_transaction(actor):
                if parts.claim_check(batch, ordinal, wait=only is not None):
                    checker = checker or kind.checker(batch, actor)
                    with cache.held():
                        block = _given(reader, part, batch)
                        checked(checker, block, batch)
                    parts.close_check(batch, ordinal, (row.number for row in block))
                else:
                    left.add(ordinal)
        passed += part.rows
        advance(min(passed, total), max(total, 1))
    return left


def _given(reader: RowReader, part: store.Part, batch: ImportBatch) -> list[Given]:
    rows = (reader.read(number, row) for number, row in numbered(part.read()) if number > batch.header_row)
    return [given for given in rows if given is not None]


def parts_of(batch: ImportBatch) -> int:
    rows = sum(sheet["rows"] for at, sheet in enumerate(batch.sample or []) if at == batch.sheet)
    return -(-rows // PART)


def wipe(batch: ImportBatch) -> None:
    """Before the file is judged anew."""
    ImportRow.objects.filter(batch=batch).delete()
    parts.forget(batch)


def count(batch: ImportBatch) -> dict[str, int]:
    """How many rows of each decision, and "read" for all of them."""
    counted = ImportRow.objects.filter(batch=batch).values_list("decision").annotate(rows=Count("pk")).order_by()
    found = {str(decision): rows for decision, rows in counted}
    return {"read": sum(found.values()), **found}


def mark_twins(batch: ImportBatch) -> None:
    """Of rows with one key the first counts, the others are duplicates of it."""
    with connection.cursor() as cursor:
        cursor.execute(TWINS, [batch.pk])
        twins = cursor.fetchall()
    note = {first: same_as_row(first) for _pk, first in twins}
    bulk.update(
        ImportRow,
        ("decision", "cleaned", "note"),
        [(pk, Decision.DUPLICATE, None, note[first]) for pk, first in twins],
    )


def same_as_row(number: int) -> str:
    return _("The same as row %(number)s of this file.") % {"number": number}


def checked(checker: Checker, block: Sequence[Given], batch: ImportBatch) -> None:
    raw, cleaned = ImportRow._meta.get_field("raw"), ImportRow._meta.get_field("cleaned")
    bulk.insert(
        ImportRow,
        COLUMNS,
        [
            (
                row.number,
                _sealed(raw, row.raw),
                None if verdict.cleaned is None else _sealed(cleaned, verdict.cleaned),
                verdict.key,
                verdict.decision,
                verdict.problems,
                verdict.note[:300],
            )
            for row, verdict in zip(block, checker.check(block), strict=True)
        ],
        same={"batch_id": batch.pk},
    )


def _sealed(field: Any, value: dict[str, Any]) -> bytes:
    assert isinstance(field, EncryptedJSONField)  # noqa: S101 - a programmer's slip
    return bulk.seal_json(value, field.aad)


def _parts(batch: ImportBatch) -> Iterator[store.Part]:
    """The rows of the sheet, a thousand at a time; the same ones whoever reads."""
    if (kept := store.kept_rows(batch)) is not None:
        yield from kept
        return
    # Another sheet than the longest. The file was looked through when its head was read, and has been sealed since.
    with store.opened(batch) as file:
        for part in in_parts(read_table(file, limits=replace(IMPORT_LIMITS, sheet=batch.sheet, scanned=1))):
            yield store.Part(len(part), partial(list, part))


def in_parts(blocks: Iterable[Block]) -> Iterator[Block]:
    part: Block = []
    for rows in blocks:
        part += rows
        while len(part) >= PART:
            yield part[:PART]
            part = part[PART:]
    if part:
        yield part
