"""Rows into tables through COPY: one buffer a table, sent in the order in which they refer to each other."""

import io
import json
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection, models

from portal.vault.cipher import encrypt_raw
from portal.vault.fields import EncryptedTextField

ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
NULL = "\\N"


def _text(value: str) -> str:
    return value.translate(ESCAPES)


def _bytes(value: bytes) -> str:
    return "\\\\x" + value.hex()


def _array(values: Sequence[str]) -> str:
    """Only lists of plain words come here (kinds of papers, matters)."""
    return "{" + ",".join(values) + "}"


ENCODERS: dict[type, Callable[[Any], str]] = {
    type(None): lambda _value: NULL,
    str: _text,
    int: str,
    bool: lambda value: "t" if value else "f",
    date: date.isoformat,
    datetime: datetime.isoformat,
    Decimal: str,
    UUID: str,
    bytes: _bytes,
    list: _array,
    dict: lambda value: _text(json.dumps(value, ensure_ascii=False)),
}


class Table:
    """A model's rows on their way. `columns` are attribute names in the order of the tuples given to `add`.

    Every other column gets the model's own default, so a new field with a default needs no change here. Encrypted
    fields take clear text and are sealed on the way, as the model would do it.
    """

    def __init__(self, model: type[models.Model], *columns: str) -> None:
        self.model = model
        fields = {field.attname: field for field in model._meta.concrete_fields if not field.generated}
        constant = {
            name: field.get_default()
            for name, field in fields.items()
            if name not in columns and not field.primary_key and field.has_default()
        }
        blank = {
            name: ""
            for name, field in fields.items()
            if name not in columns and name not in constant and not field.null and not field.primary_key
        }
        rest = constant | blank
        self.columns = ", ".join(f'"{fields[name].column}"' for name in (*columns, *rest))
        self._tail = "".join(f"\t{_encode(value)}" for value in rest.values()) + "\n"
        self._sealed = [
            (position, encrypted.aad)
            for position, encrypted in enumerate(fields[name] for name in columns)
            if isinstance(encrypted, EncryptedTextField)
        ]
        self._buffer = io.StringIO()
        self.count = 0

    def add(self, *values: Any) -> None:
        row = list(values)
        for position, binding in self._sealed:
            row[position] = encrypt_raw(row[position], binding)
        self._buffer.write("\t".join(map(_encode, row)))
        self._buffer.write(self._tail)
        self.count += 1

    def flush(self) -> None:
        """By way of a temporary table: COPY does not go through row-level security."""
        table, way = self.model._meta.db_table, f"load_{self.model._meta.db_table}"
        self._buffer.seek(0)
        with connection.cursor() as cursor:
            chosen = f'SELECT {self.columns} FROM "{table}" LIMIT 0'  # noqa: S608 - names of our own models
            cursor.execute(f'CREATE TEMPORARY TABLE "{way}" ON COMMIT DROP AS {chosen}')
            cursor.cursor.copy_expert(f'COPY "{way}" ({self.columns}) FROM STDIN', self._buffer)
            cursor.execute(f'INSERT INTO "{table}" ({self.columns}) SELECT {self.columns} FROM "{way}"')  # noqa: S608
            cursor.execute(f'DROP TABLE "{way}"')
        self._buffer = io.StringIO()


class Keys:
    """Primary keys taken from the table's own sequence, many at a time."""

    def __init__(self, model: type[models.Model], *, block: int = 5_000) -> None:
        self.table = model._meta.db_table
        self.block = block
        self._left: list[int] = []

    def next(self) -> int:
        if not self._left:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
                    [self.table, self.block],
                )
                self._left = [row[0] for row in reversed(cursor.fetchall())]
        return self._left.pop()


def _encode(value: Any) -> str:
    encoder = ENCODERS.get(type(value))
    return encoder(value) if encoder else _text(str(value))
