"""Many rows in one statement. Row-level security rules out COPY; one JSON parameter beats a thousand small ones."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection, models

from portal.core import fast_json
from portal.vault.cipher import encrypt_raw
from portal.vault.fields import EncryptedTextField


def sealed(model: type[models.Model], name: str) -> Any:
    """What makes the stored form of an encrypted field out of a text, for `insert` and `update`."""
    field = model._meta.get_field(name)
    assert isinstance(field, EncryptedTextField)  # noqa: S101 - a programmer's slip, not a user's
    aad = field.aad
    return lambda text: encrypt_raw(text, aad)


def seal_json(value: Any, aad: str) -> bytes:
    return encrypt_raw(fast_json.dumps(value), aad)


def insert(
    model: type[models.Model],
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    same: Mapping[str, Any] | None = None,
    returning: Sequence[str] = (),
) -> list[tuple[Any, ...]]:
    """`columns` are the names in the database; `same` holds what is equal in all rows. Encrypted values have to be
    `sealed`; history, walls, counters and constraints work as for any other statement. Returns the columns asked for,
    in no promised order."""
    data = [dict(zip(columns, row, strict=True)) for row in rows]
    if not data:
        return []
    fixed = _defaults(model, {*columns, *(same or {})}) | dict(same or {})
    fields = {str(field.column): field for field in model._meta.local_concrete_fields}
    table, names = model._meta.db_table, ", ".join(f'"{name}"' for name in (*columns, *fixed))
    taken = ", ".join([*(f'x."{name}"' for name in columns), *(f"%s::{_type(fields[name])}" for name in fixed)])
    back = f" RETURNING {', '.join(returning)}" if returning else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({names}) SELECT {taken}"  # noqa: S608 - names of our own models
            f" FROM json_populate_recordset(NULL::{table}, %s) x{back}",
            [*(_stored(fields[name], value) for name, value in fixed.items()), fast_json.dumps(data)],
        )
        return cursor.fetchall() if returning else []


def _defaults(model: type[models.Model], columns: Iterable[str]) -> dict[str, Any]:
    """What the model would store in the columns that are not named."""
    named = set(columns)
    fields = [
        field
        for field in model._meta.local_concrete_fields
        if field.column not in named and not field.generated and not field.primary_key
    ]
    return {
        str(field.column): b"" if isinstance(field, EncryptedTextField) else field.get_default()
        for field in fields
        if not field.null
    }


def _type(field: Any) -> str:
    """Without its length: a cast to varchar(9) would cut in silence what the column itself refuses."""
    return str(field.db_type(connection)).split("(")[0]


def _stored(field: Any, value: Any) -> Any:
    return value if isinstance(field, EncryptedTextField) else field.get_db_prep_save(value, connection)


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
            [fast_json.dumps(data)],
        )
        return int(cursor.rowcount)
