"""What stands behind the wall, read from the models; nothing is listed twice.

A model with the generated area columns (`ScopedModel` and its history) is walled by them. Others declare

    walled_by = "permit"          the foreign key whose row has to be visible
    walled_like = "reports.X"     an `area_code` without generated columns, opened by the grants on model X
    walled_owner = "author"       the foreign key to the user whose own row it is; also beside an area

and every model may add

    read_with, written_with       models whose grants open this table as well, for reading or for both
    visible_through = "stays"     the reverse relation one visible row of which shows this row, to read
    admitted_by = ("person", "person_id")     the kind of admission and the column it names (`context.admit`)

A model cannot name the grants of the apps above it; these say in their `AppConfig`

    reads_below = {"residents.Dwelling": ("rentals.RentalRegistration",)}     grants that open a table below, to read
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.apps import apps
from django.db import models

from portal.org.scoping import grant_codename

LOOKING = frozenset({"view", "list", "print", "reveal", "export", "export_full", "search", "see_restricted"})
AREA_COLUMNS = frozenset({"area_code", "community_code", "township_code", "county_code"})
WRITING_ADMISSIONS = frozenset({"person"})


@dataclass(frozen=True, slots=True)
class Wall:
    """`by_area` compares the row's `area_code`; `parent` = (column, table), `owner` a column with the user's id."""

    table: str
    model: type[models.Model]
    by_area: bool = False
    parent: tuple[str, str] | None = None
    owner: str = ""
    child: tuple[str, str] | None = None
    admission: tuple[str, str] | None = None
    is_history: bool = False


def walls() -> dict[str, Wall]:
    """By table, in the order of the apps."""
    return dict(_walls())


@lru_cache(maxsize=1)
def _walls() -> dict[str, Wall]:
    found = (_wall_of(model) for model in _concrete_models())
    return {wall.table: wall for wall in found if wall is not None}


def openers_of(wall: Wall) -> dict[type[models.Model], bool]:
    """The models whose grants open the table, and whether they open it for writing."""
    model = tracked(wall.model)
    reading = [*_named(model, "read_with"), *_named_above(model)]
    writing = [model, *_named(model, "walled_like"), *_named(model, "written_with")]
    return dict.fromkeys(reading, False) | dict.fromkeys(writing, True)


def opens(wall: Wall) -> Iterator[tuple[str, bool]]:
    """(codename, does it write) of every grant that opens the table."""
    for opener, writing in openers_of(wall).items():
        for action in getattr(opener, "scope_actions", ()):
            yield grant_codename(opener, action), writing and action not in LOOKING


def undeclared() -> list[str]:
    """Tables that carry an area or point at a walled one, and have neither a wall nor a reason."""
    known = walls()
    reasons = allowed()
    found = []
    for model in _concrete_models():
        table = model._meta.db_table
        if table not in known and table not in reasons and (_carries_area(model) or _points_at(model, known)):
            found.append(table)
    return found


def allowed() -> dict[str, str]:
    """Tables without a wall and why, as their apps say in `AppConfig.unwalled`."""
    return {
        table: reason for config in apps.get_app_configs() for table, reason in getattr(config, "unwalled", {}).items()
    }


def tracked(model: type[models.Model]) -> type[models.Model]:
    """The model itself, or the one whose history it keeps."""
    return getattr(model, "pgh_tracked_model", None) or model


def _concrete_models() -> Iterator[type[models.Model]]:
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed and not model._meta.proxy:
            yield model


def _wall_of(model: type[models.Model]) -> Wall | None:
    source = tracked(model)
    names = {field.name for field in model._meta.concrete_fields}
    shape: dict[str, Any] = {}
    if names.issuperset(AREA_COLUMNS) or hasattr(source, "walled_like"):
        shape["by_area"] = True
    elif hasattr(source, "walled_by"):
        link: Any = source._meta.get_field(source.walled_by)
        shape["parent"] = (link.column, link.related_model._meta.db_table)
    if hasattr(source, "walled_owner"):
        owner: Any = source._meta.get_field(source.walled_owner)
        shape["owner"] = owner.column
    if not shape:
        return None
    if hasattr(source, "visible_through"):
        back: Any = source._meta.get_field(source.visible_through)
        shape["child"] = (back.related_model._meta.db_table, back.field.column)
    shape["admission"] = getattr(source, "admitted_by", None)
    return Wall(table=model._meta.db_table, model=model, is_history=source is not model, **shape)


def _named(model: type[models.Model], attribute: str) -> list[type[models.Model]]:
    labels = getattr(model, attribute, ())
    return [apps.get_model(label) for label in ([labels] if isinstance(labels, str) else labels)]


def _named_above(model: type[models.Model]) -> list[type[models.Model]]:
    label = model._meta.label
    declared = (getattr(config, "reads_below", {}).get(label, ()) for config in apps.get_app_configs())
    return [apps.get_model(opener) for labels in declared for opener in labels]


def _carries_area(model: type[models.Model]) -> bool:
    return any(field.name in AREA_COLUMNS for field in model._meta.concrete_fields)


def _points_at(model: type[models.Model], known: dict[str, Wall]) -> bool:
    return any(
        field.related_model is not None and field.related_model._meta.db_table in known
        for field in model._meta.concrete_fields
    )
