# ruff: noqa: S608 - fragments come from declarations in code; every value is bound by bound()
"""From a ledger's columns and source to one SELECT, with every value already inside it (COPY takes no parameters)."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from django.db import connection

from portal.audit.past import prefixed
from portal.exchange.cells import sql_cell, sql_is_odd
from portal.exchange.ledgers import MASKED, Column, Kind, Query, Value
from portal.vault import keyring
from portal.vault.cipher import HEAD
from portal.vault.masks import mask_id_number, mask_phone

DAMAGED = "【密文损坏】"
FETCH = 2_000
MASKS: dict[Kind, Callable[[str], str]] = {Kind.ID: mask_id_number, Kind.PHONE: mask_phone}
Reader = Callable[[bytes], str]


@dataclass(frozen=True, slots=True)
class Place:
    """A column with its letter on the sheet and the number of its cell style."""

    column: Column
    letter: str
    style: int


def quoted(text: object) -> str:
    """A literal for a statement that still goes through `mogrify`: hence the doubled per cent sign."""
    return "'" + str(text).replace("'", "''").replace("%", "%%") + "'"


def column_sql(column: Column) -> str:
    """The stored value as the cell needs it: bytes for Python, words for codes, text for text."""
    if column.kind == Kind.SERIAL:
        return "NULL"
    if column.secret:
        return column.sql
    value = column.sql
    if column.choices:
        words = " ".join(f"WHEN {quoted(code)} THEN {quoted(label)}" for code, label in column.choices)
        value = f"(CASE ({value})::text {words} ELSE ({value})::text END)"
    if column.in_python:
        return f"convert_to(({value})::text, 'UTF8')"
    if is_plain_text(column):
        return f"({value})::text"
    return value


def is_plain_text(column: Column) -> bool:
    return column.kind in {Kind.TEXT, Kind.CODE} and not column.in_python


def ending(query: Query, limit: int | None = None) -> str:
    order = f" ORDER BY {query.order_by}" if query.order_by else ""
    return f"FROM {query.tables} WHERE {query.where}{order}{f' LIMIT {limit}' if limit else ''}"


def select_values(columns: Sequence[Column], query: Query, *, limit: int | None = None) -> str:
    chosen = ", ".join(f"{column_sql(column)} AS c{number}" for number, column in enumerate(columns))
    return bound(prefixed(query.past, f"SELECT {chosen} {ending(query, limit)}"), query.values)


def select_sheet_rows(query: Query, places: Sequence[Place], *, first_row: int, per_sheet: int) -> str:
    """One text column: the `<row>` element of each row, encrypted values between marks in hexadecimal."""
    chosen = ", ".join(f"{column_sql(place.column)} AS c{number}" for number, place in enumerate(places))
    cells = [sql_cell(place.column, place.letter, place.style, f"t.c{number}") for number, place in enumerate(places)]
    row = f"""concat('<row r="', t.r, '">', {", ".join(cells)}, '</row>')"""
    inner = f"SELECT {chosen} {ending(query)}"
    numbered = f"SELECT row_number() OVER () AS n, q.* FROM ({inner}) q"
    texts = [f"m.c{number}" for number, place in enumerate(places) if is_plain_text(place.column)]
    extra = f"((m.n - 1) %% {per_sheet} + {first_row})::text AS r, {sql_is_odd(texts)} AS odd"
    placed = f"SELECT m.*, {extra} FROM ({numbered}) m OFFSET 0"
    return bound(prefixed(query.past, f"SELECT {row} FROM ({placed}) t"), query.values)


def bound(statement: str, values: Sequence[Any]) -> str:
    with connection.cursor() as cursor:
        return str(cursor.mogrify(statement, list(values)).decode())


def count(query: Query) -> int:
    with connection.cursor() as cursor:
        statement = f"SELECT count(*) FROM {query.tables} WHERE {query.where}"
        cursor.execute(prefixed(query.past, statement), _without_order(query))
        return int(cursor.fetchone()[0])


def keys(query: Query, expression: str) -> list[int]:
    """One number of each row: whose row it is."""
    with connection.cursor() as cursor:
        statement = f"SELECT {expression} FROM {query.tables} WHERE {query.where}"
        cursor.execute(prefixed(query.past, statement), _without_order(query))
        return [row[0] for row in cursor.fetchall() if row[0] is not None]


def _without_order(query: Query) -> list[Any]:
    wanted = (query.tables + query.where).replace("%%", "").count("%s")
    return list(query.values)[:wanted]


class Readers:
    """The functions that turn a column's bytes into the text of its cell, and how many values were damaged."""

    def __init__(self, columns: Iterable[Column], *, masked: bool) -> None:
        self.damaged = 0
        self.masked = masked
        self.by_column = [self._reader(column) if column.in_python else None for column in columns]
        self.in_python = [reader for reader in self.by_column if reader]

    def _reader(self, column: Column) -> Reader:
        mask = MASKS.get(column.kind) if (self.masked or column.masked) and column.kind in MASKED else None
        steps = [step for step in (column.transform, mask) if step]
        clear = self._decrypting(column.secret) if column.secret else bytes.decode
        if not steps:
            return clear
        first, *rest = steps

        def read(raw: bytes) -> str:
            text = clear(raw)
            if not text or text == DAMAGED:
                return text
            text = first(text)
            for step in rest:
                text = step(text)
            return text

        return read

    def _decrypting(self, secret: str) -> Reader:
        """`decrypt_raw` with the key ring and the binding looked up once, not once a value."""
        suites, binding = keyring.ring().suites, secret.encode()

        def clear(raw: bytes) -> str:
            if not raw:
                return ""
            try:
                return suites[raw[0]].decrypt(raw[1:HEAD], raw[HEAD:], binding).decode()
            except (InvalidTag, ValueError, KeyError):
                self.damaged += 1
                return DAMAGED

        return clear


def rows(
    columns: Sequence[Column], query: Query, readers: Readers, *, limit: int | None = None
) -> Iterator[list[Value]]:
    """The rows as Python values, read through a server-side cursor: any number of them in little memory."""
    places = [(number, reader) for number, reader in enumerate(readers.by_column) if reader]
    serials = [number for number, column in enumerate(columns) if column.kind == Kind.SERIAL]
    with connection.chunked_cursor() as cursor:
        cursor.execute(select_values(columns, query, limit=limit))
        done = 0
        while batch := cursor.fetchmany(FETCH):
            for record in batch:
                done += 1
                row = list(record)
                for number, reader in places:
                    value = row[number]
                    row[number] = reader(bytes(value)) if value is not None else None
                for number in serials:
                    row[number] = done
                yield row
