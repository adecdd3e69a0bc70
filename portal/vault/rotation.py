"""Re-encrypting stored values with the newest key. Works on raw bytes: no model code, no events, no history rows."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pgtrigger
from django.apps import apps
from django.db import connection, transaction

from portal.vault import keyring
from portal.vault.cipher import decrypt_raw, encrypt_raw
from portal.vault.fields import EncryptedTextField

BATCH = 1000


@dataclass(frozen=True)
class Column:
    table: str
    key: str
    column: str
    aad: str


def encrypted_columns() -> Iterator[Column]:
    """Every encrypted column, history tables included: an old key can be destroyed only when nothing needs it."""
    for model in apps.get_models():
        key = model._meta.pk.column
        if model._meta.proxy or not model._meta.managed or key is None:
            continue
        for field in model._meta.local_fields:
            if isinstance(field, EncryptedTextField) and field.column is not None:
                yield Column(model._meta.db_table, key, field.column, field.aad)


def rotate(column: Column, *, batch: int = BATCH, progress: Callable[[int], None] | None = None) -> int:
    """Returns how many values were re-encrypted. Each batch is committed: stop and start again at any time."""
    done, last = 0, None
    while True:
        with transaction.atomic(), pgtrigger.ignore():
            keys = _one_batch(column, batch, after=last)
        if not keys:
            return done
        done, last = done + len(keys), keys[-1]
        if progress is not None:
            progress(done)


def _one_batch(column: Column, batch: int, *, after: Any) -> list[Any]:
    quote = connection.ops.quote_name
    table, key, name = quote(column.table), quote(column.key), quote(column.column)
    newest = keyring.ring().current
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {key}, {name} FROM {table}"  # noqa: S608  (names come from the models, quoted)
            f" WHERE length({name}) > 0 AND get_byte({name}, 0) <> %s AND (%s IS NULL OR {key} > %s)"
            f" ORDER BY {key} LIMIT %s FOR UPDATE",
            [newest, after, after, batch],
        )
        rows = cursor.fetchall()
        keys = [pk for pk, _value in rows]
        fresh = [encrypt_raw(decrypt_raw(value, column.aad), column.aad) for _pk, value in rows]
        if keys:
            cursor.execute(
                f"UPDATE {table} SET {name} = fresh.value"  # noqa: S608
                f" FROM unnest(%s, %s) AS fresh(key, value) WHERE {table}.{key} = fresh.key",
                [keys, fresh],
            )
    return keys
