"""The data class of every stored field (PIPL arts 28–29, 等保 G7), and what is wrong with the declarations."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from django.apps import apps
from django.db import models

from portal.core.classes import DataClass, Declared
from portal.vault.fields import EncryptedTextField
from portal.vault.foreign_classes import FOREIGN

ROW_KEY = Declared(DataClass.C2, "key of the row", ())
LINK = Declared(DataClass.C2, "link between two rows", ())
COPY = Declared(DataClass.C2, "history: which row changed, when, in which request", ())


@dataclass(frozen=True, slots=True)
class Classified:
    """One field with what was declared for it."""

    model: type[models.Model]
    field: models.Field
    data_class: DataClass
    purpose: str
    plain: str

    @property
    def encrypted(self) -> bool:
        return isinstance(self.field, EncryptedTextField)

    @property
    def path(self) -> str:
        return f"{self.model._meta.label}.{self.field.name}"


def stored_models() -> list[type[models.Model]]:
    """Every model with a table of its own, tables between two models and history included."""
    everything = apps.get_models(include_auto_created=True)
    return sorted(
        (one for one in everything if one._meta.managed and not one._meta.proxy), key=lambda one: one._meta.label
    )


def classify(field: models.Field) -> Classified | None:
    """None when nobody said what the field is."""
    declared = _declaration(field.model, field)
    if declared is None:
        return None
    return Classified(field.model, field, declared.data_class, declared.purpose, declared.plain)


def classified(model: type[models.Model]) -> Iterator[Classified]:
    return (found for field in model._meta.local_concrete_fields if (found := classify(field)) is not None)


@cache
def class_of(model: type[models.Model], name: str) -> DataClass:
    """Raises LookupError for a field that is unknown or unclassified."""
    found = classify(model._meta.get_field(name))  # type: ignore[arg-type]
    if found is None:
        raise LookupError(f"{model._meta.label}.{name} has no data class.")
    return found.data_class


def problems() -> list[str]:
    """One sentence for every field that is unclassified, declared in vain, or C4 in the clear without a reason."""
    return [sentence for model in stored_models() for sentence in _problems_of(model)]


def _problems_of(model: type[models.Model]) -> Iterator[str]:
    for field in model._meta.local_concrete_fields:
        found = classify(field)
        if found is None:
            yield (
                f"{model._meta.label}.{field.name} has no data class: name it in `field_classes` of the model"
                " (portal/core/classes.py says how)."
            )
        elif found.data_class is DataClass.C4 and not found.encrypted and not found.plain:
            yield f"{found.path} is C4 and not encrypted: use an encrypted field, or say in `plain` why not."
    for name in sorted(_declared_names(model) - {field.name for field in model._meta.fields}):
        yield f"{model._meta.label} declares a data class for {name}, which it does not have."


def _declaration(model: type[models.Model], field: models.Field) -> Declared | None:
    tracked = getattr(model, "pgh_tracked_model", None)
    if tracked is not None:
        return COPY if field.name.startswith("pgh_") else _declaration(tracked, tracked._meta.get_field(field.name))
    declared = _declarations(model).get(field.name)
    if declared is not None:
        return declared
    if field.primary_key and isinstance(field, models.AutoField | models.UUIDField):
        return ROW_KEY
    return LINK if model._meta.auto_created else None


@cache
def _declarations(model: type[models.Model]) -> dict[str, Declared]:
    """By field; what a model says of itself wins over what its bases say."""
    found: dict[str, Declared] = {}
    for base in model.__mro__:
        for declared in base.__dict__.get("field_classes", ()):
            for name in declared.names:
                found.setdefault(name, declared)
    for declared in FOREIGN.get(model._meta.label, ()):
        for name in declared.names:
            found.setdefault(name, declared)
    return found


def _declared_names(model: type[models.Model]) -> set[str]:
    own = model.__dict__.get("field_classes", ()) or FOREIGN.get(model._meta.label, ())
    return {name for declared in own for name in declared.names}
