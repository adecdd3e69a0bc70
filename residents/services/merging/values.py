"""The values of a file that are chosen together, and how they travel between rows and snapshots."""

import json
import secrets
from collections.abc import Iterable
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from residents.models import Person

DOCUMENT = "document"
GROUPS: dict[str, tuple[str, ...]] = {
    DOCUMENT: ("document_kind", "document_number", "document_index", "document_tail_index", "document_note"),
    "name": ("name", "name_pinyin", "name_initials"),
    "sex": ("sex",),
    "birth_date": ("birth_date", "mismatch_reason"),
    "phone": ("phone", "phone_index"),
    "native": ("native_code", "native_address"),
    "ethnicity": ("ethnicity",),
    "nationality": ("nationality",),
    "education": ("education",),
    "marital_status": ("marital_status",),
    "political_status": ("political_status",),
    "photo": ("photo",),
}
LABELS: dict[str, Promise] = {
    DOCUMENT: _("Document number"),
    "name": _("Name"),
    "sex": _("Sex"),
    "birth_date": _("Birth date"),
    "phone": _("Mobile number"),
    "native": _("Hukou address"),
    "ethnicity": _("Ethnicity"),
    "nationality": _("Nationality"),
    "education": _("Level of education"),
    "marital_status": _("Marital status"),
    "political_status": _("Political status"),
    "photo": _("Photograph"),
}
INDEX_BYTES = 16
Plain = dict[str, Any]


def differing(one: Person, other: Person) -> list[str]:
    return [group for group in GROUPS if plain(one, GROUPS[group]) != plain(other, GROUPS[group])]


def plain(row: models.Model, names: Iterable[str] | None = None) -> Plain:
    """A row, or some columns of it, as JSON can keep them. Hashes are hexadecimal."""
    found = {}
    for field in row._meta.concrete_fields:
        if names is None and (field.generated or field.primary_key):
            continue
        if names is None or field.attname in names or field.name in names:
            found[field.attname] = to_plain(field.value_from_object(row))
    return found


def to_plain(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    if isinstance(value, models.fields.files.FieldFile):
        return value.name or ""
    return json.loads(json.dumps(value, cls=DjangoJSONEncoder))


def from_plain(model: type[models.Model], stored: Plain) -> dict[str, Any]:
    """By column name, ready for `update()`."""
    columns = {field.attname: field for field in model._meta.concrete_fields}
    return {name: _revived(columns[name], value) for name, value in stored.items() if name in columns}


def _revived(field: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(field, models.BinaryField):
        return bytes.fromhex(value)
    return field.target_field.to_python(value) if field.is_relation else field.to_python(value)


def put(person: Person, changes: dict[str, Any]) -> None:
    """Write these columns, so that two files can trade their numbers: each is freed before it is taken."""
    if changes:
        Person.objects.filter(pk=person.pk).update(**changes)
        for name, value in changes.items():
            setattr(person, name, value)


def free_number(person: Person) -> None:
    """The keyed hash gives way to a random one until the file gets its number; nobody sees the time between."""
    put(person, {"document_index": secrets.token_bytes(INDEX_BYTES)})
