# ruff: noqa: S608 - names of our own models and fragments declared in code; the only value is a moment
"""What the tables held at a past moment, told from history: a WITH clause whose parts stand in the tables' places.

    statement = prefixed(as_known([Registration, Person], moment), "SELECT … FROM residents_registration r JOIN …")

Inside the statement the names of the tables mean their rows as they were; everything else is as it is today. Wall 2
stays in force: history passes the policies of its own tables. Two times meet here. The columns of a row speak of the
time in which something was true (`arrived_on`); the moment is the time at which the register had been told.

A tracked model is read from its history. A model that only grows is read by `created_at`; what such a table changes
later, or what of a tracked one must not be shown as it was, is said with `declare`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache

from django.apps import apps
from django.db import models
from django.utils import timezone

MOMENT = "{moment}"
WITH = "WITH "
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Past:
    """`replaced` gives the SQL of columns that are not taken as the row `e` has them; `where` narrows the rows.

    `steps` is a view with (pgh_obj_id, pgh_id, pgh_created_at) of every step, also of those behind the wall: without
    it a row that has moved out of sight would be shown as it was before.
    """

    replaced: Mapping[str, str] = field(default_factory=dict)
    where: str = ""
    steps: str = ""


_declared: dict[type[models.Model], Past] = {}


def declare(model: type[models.Model], past: Past) -> None:
    _declared[model] = past


def end_of(day: date) -> datetime:
    """The last moment of the county's day."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), datetime.min.time())) - MICROSECOND


def as_known(tables: Iterable[type[models.Model]], at: datetime) -> str:
    """The clause, without placeholders. Raises LookupError for a model that keeps neither history nor a moment."""
    moment = f"'{at.isoformat()}'::timestamptz"
    parts = (f"{model._meta.db_table} AS NOT MATERIALIZED ({_rows(model)})" for model in tables)
    return (WITH + ", ".join(parts)).replace(MOMENT, moment)


def prefixed(clause: str, statement: str) -> str:
    """The statement with the clause before it; one that has its own WITH gets it in front of its parts."""
    bare = statement.strip()
    if clause and bare.startswith(WITH):
        return f"{clause}, {bare.removeprefix(WITH)}"
    return f"{clause} {bare}" if clause else statement


def _rows(model: type[models.Model]) -> str:
    """One look into an index for each row, and `coalesce` to tell the planner that many pass: an anti-join is cheaper
    on paper and a thousand times dearer behind the wall, where the planner believes that almost nothing passes."""
    past = _declared.get(model, Past())
    history = history_of(model)
    kept = {column.column for column in history._meta.concrete_fields} if history else None
    names = [str(one.column) for one in model._meta.concrete_fields if kept is None or one.column in kept]
    replaced = dict(past.replaced)
    if history is not None:
        replaced[str(model._meta.pk.column)] = "e.pgh_obj_id"  # the same number, and this one has an index
    chosen = ", ".join(f'{replaced[name]} AS "{name}"' if name in replaced else f'e."{name}"' for name in names)
    more = f" AND ({past.where})" if past.where else ""
    if history is None:
        if "created_at" not in names:
            raise LookupError(f"{model._meta.label} keeps no history.")
        return f"SELECT {chosen} FROM {model._meta.db_table} e WHERE e.created_at <= {MOMENT}{more}"
    events = history._meta.db_table
    return (
        f"SELECT {chosen} FROM {events} e"
        f" WHERE e.pgh_created_at <= {MOMENT} AND e.pgh_label <> 'delete'{more}"
        f" AND coalesce(e.pgh_id = (SELECT max(n.pgh_id) FROM {past.steps or events} n"
        f" WHERE n.pgh_obj_id = e.pgh_obj_id AND n.pgh_created_at <= {MOMENT}), false)"
    )


@lru_cache(maxsize=64)
def history_of(model: type[models.Model]) -> type[models.Model] | None:
    """The model of the rows that history keeps of `model`."""
    found = (one for one in apps.get_models() if getattr(one, "pgh_tracked_model", None) is model)
    return next(found, None)
