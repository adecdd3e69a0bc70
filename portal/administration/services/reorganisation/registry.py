"""Which tables carry an area and what their rows follow; read from the models and `AppConfig.area_follows`."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db import models
from django.db.models import UniqueConstraint

from portal.org.scoping import ScopedModel
from portal.org.walls.registry import AREA_COLUMNS

DERIVED_APPS = frozenset({"reports"})
"""Figures follow the records they count."""


@dataclass(frozen=True, slots=True)
class Follow:
    """`parent.parent_column = row.child_column`: the row goes where that one (the newest of several) has gone."""

    child_column: str = ""
    parent: type[models.Model] | None = None
    parent_column: str = ""


def area_models() -> list[type[models.Model]]:
    """Parents before those who follow them. `AppConfig.area_kept` names what stays in the areas of its day, and why."""
    ordered: list[type[models.Model]] = []
    kept = {apps.get_model(label) for config in apps.get_app_configs() for label in getattr(config, "area_kept", {})}

    def visit(model: type[models.Model], above: tuple[type[models.Model], ...]) -> None:
        parent = follow_of(model).parent
        if parent is not None and parent not in above:
            visit(parent, (*above, model))
        if model not in ordered:
            ordered.append(model)

    for model in apps.get_models():
        if issubclass(model, ScopedModel) and model._meta.app_label not in DERIVED_APPS and model not in kept:
            visit(model, ())
    return ordered


def follow_of(model: type[models.Model]) -> Follow:
    """As an app declares, else the first foreign key to a record of an area."""
    declared = _declared().get(model._meta.label)
    if declared is not None:
        child_column, label, parent_column = declared
        return Follow(child_column, apps.get_model(label), parent_column)
    if model._meta.label in _places():
        return Follow()
    for name in model._meta.concrete_fields:
        parent = name.related_model
        if isinstance(parent, type) and issubclass(parent, ScopedModel) and parent is not model:
            return Follow(str(name.column), parent, "id")
    return Follow()


def place_of(model: type[models.Model]) -> tuple[str, ...]:
    """The columns that make the place of a dwelling, for a split by building."""
    return _places().get(model._meta.label, ())


def placed_models() -> Iterator[type[models.Model]]:
    for label in _places():
        yield apps.get_model(label)


def named_columns() -> Iterator[tuple[str, str]]:
    """(table, column) that name an area without putting the row under it."""
    for config in apps.get_app_configs():
        for label, columns in getattr(config, "area_named", {}).items():
            for column in columns:
                yield apps.get_model(label)._meta.db_table, column


def followers() -> Iterator[str]:
    """SQL functions `f(change)` that finish the work of an app, in the order of the apps."""
    for config in apps.get_app_configs():
        yield from getattr(config, "area_followers", ())


def once_in_an_area(model: type[models.Model]) -> Iterator[tuple[str, ...]]:
    """Columns whose values may stand once in an area."""
    for constraint in model._meta.constraints:
        if isinstance(constraint, UniqueConstraint) and constraint.condition is None:
            others = [name for name in constraint.fields if name not in AREA_COLUMNS]
            columns = {field.name: str(field.column) for field in model._meta.concrete_fields}
            if others and len(others) < len(constraint.fields):
                yield tuple(columns[name] for name in others)


def _declared() -> dict[str, tuple[str, str, str]]:
    return {
        label: follow
        for config in apps.get_app_configs()
        for label, follow in getattr(config, "area_follows", {}).items()
    }


def _places() -> dict[str, tuple[str, ...]]:
    return {
        label: columns
        for config in apps.get_app_configs()
        for label, columns in getattr(config, "area_places", {}).items()
    }
