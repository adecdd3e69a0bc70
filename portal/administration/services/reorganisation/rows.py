"""Re-coding the rows, table by table, through the one door of the database (`org_recode`)."""

from collections.abc import Callable, Iterable

from django.db import connection, models

from portal.administration.services.reorganisation.registry import (
    area_models,
    follow_of,
    followers,
    named_columns,
    once_in_an_area,
    place_of,
    placed_models,
)
from portal.org.models import AreaChange

BATCH = 5_000
RECODE = "SELECT looked_at, changed, last_key FROM org_recode(%s, %s, %s, %s, %s, %s::text[], %s, %s)"
PATIENCE = "SET LOCAL lock_timeout = '1min'"
"""A clerk who is saving is waited for; a page would give up sooner."""
Told = Callable[[int], None]


def counts(befores: Iterable[str]) -> list[tuple[type[models.Model], int]]:
    """How many rows of which table stand in these areas; tables without any are left out."""
    codes = list(befores)
    found = []
    with connection.cursor() as cursor:
        for model in area_models():
            cursor.execute("SELECT sec.rows_in_areas(%s, %s)", [model._meta.db_table, codes])
            number = cursor.fetchone()[0]
            if number:
                found.append((model, int(number)))
    return found


def moved(change: AreaChange) -> list[tuple[type[models.Model], int]]:
    """How many rows of which table the change has moved."""
    by_table = dict(change.rows.values_list("relation").annotate(number=models.Count("pk")))
    return [(model, by_table[model._meta.db_table]) for model in area_models() if model._meta.db_table in by_table]


def clashes(change: AreaChange) -> list[tuple[type[models.Model], int]]:
    """Values that may stand once in an area and would stand twice: the same address in two merged communities."""
    found = []
    with connection.cursor() as cursor:
        for model in area_models():
            for columns in once_in_an_area(model):
                cursor.execute(
                    "SELECT sec.clashes_in_change(%s, %s, %s)", [model._meta.db_table, list(columns), change.pk]
                )
                number = cursor.fetchone()[0]
                if number:
                    found.append((model, int(number)))
    return found


def places(code: str) -> list[tuple[str, int]]:
    """The buildings of the dwellings directly in one area ("estate|building") with the number of dwellings."""
    found: list[tuple[str, int]] = []
    with connection.cursor() as cursor:
        for model in placed_models():
            cursor.execute(
                "SELECT place, rows FROM sec.places_in_area(%s, %s, %s)",
                [model._meta.db_table, list(place_of(model)), code],
            )
            found += cursor.fetchall()
    return found


def recode(change: AreaChange, *, told: Told) -> dict[str, int]:
    """Every row of every table, parents first; returns how many changed by table. `told` hears of each batch looked
    through.

    All of it belongs to the caller's transaction: nobody ever sees a stay in one area and its person in another.
    """
    done: dict[str, int] = {}
    with connection.cursor() as cursor:
        cursor.execute(PATIENCE)
    for model in area_models():
        changed = _recode_table(change, model, told)
        if changed:
            done[model._meta.db_table] = changed
    with connection.cursor() as cursor:
        for table, column in named_columns():
            cursor.execute("SELECT org_recode_named(%s, %s, %s)", [change.pk, table, column])
        for function in followers():
            cursor.execute(f"SELECT {connection.ops.quote_name(function)}(%s)", [change.pk])
    return done


def _recode_table(change: AreaChange, model: type[models.Model], told: Told) -> int:
    follow = follow_of(model)
    parent = follow.parent._meta.db_table if follow.parent else ""
    table, places_by = model._meta.db_table, list(place_of(model))
    total, above = 0, -1
    with connection.cursor() as cursor:
        while True:
            cursor.execute(
                RECODE,
                [
                    change.pk,
                    table,
                    follow.child_column,
                    parent,
                    follow.parent_column,
                    places_by,
                    above,
                    BATCH,
                ],
            )
            looked_at, changed, last_key = cursor.fetchone()
            total, above = total + changed, last_key
            if looked_at:
                told(looked_at)
            if last_key is None:
                return total
