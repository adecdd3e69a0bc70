# ruff: noqa: S608 - names of our own models and columns; the only value is a day
"""Past days by the areas of that time, beside the areas of today (docs/adr/0020).

`clause` gives a WITH clause whose parts stand in the tables' places, as `portal.audit.past` does: every row stands in
the area that it had before the re-organisations since. Both counts are of the same rows, so their sums are equal.
"""

from collections.abc import Iterable
from datetime import date

from django.db import models
from django.db.models import Q, QuerySet

from portal.org.codes import COMMUNITY, COUNTY, TOWNSHIP, covers
from portal.org.models import Area, AreaChange
from portal.org.reorganisation import ChangeState
from portal.org.scoping import Scope

AREA_THEN = """coalesce((SELECT w.before FROM org_areachangerow w JOIN org_areachange g ON g.id = w.change_id
    WHERE w.relation = '{table}' AND w.row_id = e.id AND g.state = 'done' AND g.effective_on > DATE '{day}'
    ORDER BY g.effective_on, g.id LIMIT 1), e.area_code)"""
LEVELS = {"county_code": COUNTY, "township_code": TOWNSHIP, "community_code": COMMUNITY}


def changes_after(day: date) -> QuerySet[AreaChange]:
    """Carried out since: on `day` the tree was another one."""
    return AreaChange.objects.filter(state=ChangeState.DONE, effective_on__gt=day)


def clause(tables: Iterable[type[models.Model]], day: date) -> str:
    """ "" when nothing has changed since `day`. Tables without an area of their own are left as they are."""
    if not changes_after(day).exists():
        return ""
    parts = [
        f"{model._meta.db_table} AS NOT MATERIALIZED ({_rows(model, day)})"
        for model in tables
        if any(column.column == "area_code" for column in model._meta.concrete_fields)
    ]
    return "WITH " + ", ".join(parts) if parts else ""


def _rows(model: type[models.Model], day: date) -> str:
    table = model._meta.db_table
    rest = [str(one.column) for one in model._meta.concrete_fields if one.column not in {"area_code", *LEVELS}]
    named = ", ".join(f'e."{name}"' for name in rest)
    then = AREA_THEN.format(table=table, day=day.isoformat())
    levels = ", ".join(f"left(a.code, {size}) AS {name}" for name, size in LEVELS.items())
    return f"SELECT {named}, a.code AS area_code, {levels} FROM {table} e CROSS JOIN LATERAL (SELECT {then} AS code) a"


def areas_on(day: date) -> QuerySet[Area]:
    """The areas in use on `day`."""
    return Area.objects.filter(Q(valid_from=None) | Q(valid_from__lte=day), Q(valid_to=None) | Q(valid_to__gte=day))


def is_whole(code: str, day: date, scope: Scope) -> bool:
    """Does `scope` reach everything that stood under `code` on `day`? Rows that have gone elsewhere are hidden from
    whoever sees `code` alone, and a figure without them would be wrong."""
    parts = changes_after(day).values_list("parts__before", "parts__after")
    return all(after in scope for before, after in parts if before and covers(code, before))
