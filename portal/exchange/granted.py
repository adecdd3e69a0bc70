"""A ledger as one grant gives it: a column that the policy masks or hides never leaves the database in the clear."""

from dataclasses import replace
from functools import lru_cache

from django.apps import apps
from django.db import models

from portal.exchange.ledgers import MASKED, Column, Kind, Ledger
from portal.vault.projection import EXPORT, EXPORT_FULL, Shown, given_by


def as_granted(ledger: Ledger, *, full: bool) -> Ledger:
    """`full` is the file with whole numbers, which needs a grant of its own; the caller has checked the area."""
    return replace(ledger, columns=tuple(_granted(ledger, column, full=full) for column in ledger.columns))


def level_of(ledger: Ledger, column: Column, *, full: bool) -> Shown:
    """What the grant gives of a column; FULL for one that speaks of no protected field."""
    if not column.speaks_of:
        return Shown.FULL
    model, name = field_of(column.speaks_of)
    grant = (ledger.model, ledger.action_full if full else ledger.action)
    return given_by(model, name, grant=grant, purpose=EXPORT_FULL if full else EXPORT)


@lru_cache(maxsize=256)
def field_of(binding: str) -> tuple[type[models.Model], str]:
    """ "table.column" → the model and the name of its field. Raises LookupError for a table or column of no model."""
    table, _dot, column = binding.partition(".")
    for model in apps.get_models():
        if model._meta.db_table == table:
            for field in model._meta.local_concrete_fields:
                if field.column == column:
                    return model, field.name
    raise LookupError(f"No model keeps {binding}.")


def _granted(ledger: Ledger, column: Column, *, full: bool) -> Column:
    level = level_of(ledger, column, full=full)
    if level is Shown.FULL:
        return column
    if level is Shown.MASKED and column.kind in MASKED:
        return replace(column, masked=True)
    told = column.masked_sql if level is Shown.MASKED else ""
    return replace(column, kind=Kind.TEXT, sql=told or "''", secret="", choices=(), transform=None)
