"""Many rows in one statement. Row-level security rules out COPY; one JSON parameter beats a thousand small ones."""

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection, models

from portal.vault.cipher import encrypt_raw
from portal.vault.fields import EncryptedTextField


def _plain(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return "\\x" + bytes(value).hex()
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(type(value).__name__)


def as_json(value: Any) -> str:
    return json.dumps(value, default=_plain, ensure_ascii=False, separators=(",", ":"))


def sealed(model: type[models.Model], name: str, text: str) -> str:
    """What an encrypted field stores, as text for `insert` and `update`."""
    field = model._meta.get_field(name)
    assert isinstance(field, EncryptedTextField)  # noqa: S101 - a programmer's slip, not a user's
    return "\\x" + encrypt_raw(text, field.aad).hex()


def seal_json(value: Any, aad: str) -> bytes:
    return encrypt_raw(as_json(value), aad)


def insert(
    model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]], *, returning: Sequence[str] = ()
) -> list[tuple[Any, ...]]:
    """`columns` are the names in the database. Encrypted values have to be `sealed`; history, walls, counters and
    constraints work as for any other statement. Returns the columns asked for, in no promised order."""
    rest = _defaults(model, columns)
    data = [dict(zip(columns, row, strict=True)) | rest for row in rows]
    if not data:
        return []
    table, names = model._meta.db_table, ", ".join(f'"{name}"' for name in (*columns, *rest))
    back = f" RETURNING {', '.join(returning)}" if returning else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({names}) SELECT {names}"  # noqa: S608 - names of our own models
            f" FROM json_populate_recordset(NULL::{table}, %s){back}",
            [as_json(data)],
        )
        return cursor.fetchall() if returning else []


def _defaults(model: type[models.Model], columns: Sequence[str]) -> dict[str, Any]:
    """What the model would store in the columns that are not named."""
    fields = [
        field
        for field in model._meta.local_concrete_fields
        if field.column not in columns and not field.generated and not field.primary_key
    ]
    return {
        str(field.column): "" if isinstance(field, EncryptedTextField) and not field.null else field.get_default()
        for field in fields
        if not field.null
    }


def delete(model: type[models.Model], ids: Iterable[int], *, column: str = "id", more: str = "TRUE") -> int:
    """By key, in one statement; `more` is a condition of one's own code. What hangs on the rows has to be gone."""
    with connection.cursor() as cursor:
        cursor.execute(
            f'DELETE FROM {model._meta.db_table} WHERE "{column}" = ANY (%s) AND {more}',  # noqa: S608 - as above
            [list(ids)],
        )
        return int(cursor.rowcount)


def update(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Each row begins with the primary key. Every column of `columns` is written in every row."""
    data = [dict(zip(("id", *columns), row, strict=True)) for row in rows]
    if not data:
        return 0
    table = model._meta.db_table
    sets = ", ".join(f'"{name}" = x."{name}"' for name in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} t SET {sets} FROM json_populate_recordset(NULL::{table}, %s) x"  # noqa: S608 - as above
            " WHERE t.id = x.id",
            [as_json(data)],
        )
        return int(cursor.rowcount)
