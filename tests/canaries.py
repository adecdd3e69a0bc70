"""Values that occur nowhere else, written into every personal and sensitive field of every row that a test has made.

Whoever then meets one of them must hold a right to it: `outside_policy` says which ones were shown without. Nothing
here knows a department by name; fields, classes and policies are read from the declarations.
"""

import itertools
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pgtrigger
from django.db import DatabaseError, connection, models, transaction

from portal.core.classes import DataClass
from portal.org.models import User
from portal.vault.classes import Classified, classified, stored_models
from portal.vault.fields import EncryptedJSONField, EncryptedTextField
from portal.vault.projection import BROWSE, Shown, policy_of, shown
from residents.models import Person
from residents.services.identity import document_index, document_tail_index, phone_index
from tests.factories.residents import id_number

SHORTEST = 12
FIRST_DAY = date(1941, 3, 2)
TEXTS = (models.CharField, models.TextField, models.FileField, EncryptedTextField)


@dataclass(frozen=True, slots=True)
class Canary:
    """`forms` are the ways the value can stand on a page; `at` is the area that answers for the row."""

    model: type[models.Model]
    field: str
    pk: Any
    at: str
    forms: tuple[str, ...]

    @property
    def path(self) -> str:
        return f"{self.model._meta.label}.{self.field}"

    def is_in(self, content: str) -> bool:
        return any(form in content for form in self.forms)


class Planter:
    """One run of numbers, so that no two canaries of a test are alike."""

    def __init__(self) -> None:
        self.numbers = itertools.count(1)
        self.found: list[Canary] = []

    def plant(self) -> list[Canary]:
        """Rows are changed past the services and their history; a field whose rules refuse the value is left alone."""
        with pgtrigger.ignore(), rules_at_once():
            for model in stored_models():
                fields = [one for one in classified(model) if _can_carry(one)]
                if fields and not hasattr(model, "pgh_tracked_model"):
                    for row in _rows(model):
                        self._plant_row(row, fields)
        for person in Person._base_manager.all():
            _index_again(person)
        return self.found

    def _plant_row(self, row: models.Model, fields: list[Classified]) -> None:
        for one in fields:
            value, forms = self._value(one.field)
            try:
                with transaction.atomic():
                    done = type(row)._base_manager.filter(pk=row.pk).update(**{one.field.name: value})
            except DatabaseError:
                continue
            if done:
                self.found.append(Canary(type(row), one.field.name, row.pk, area_of(row), forms))

    def _value(self, field: models.Field) -> tuple[Any, tuple[str, ...]]:
        number = next(self.numbers)
        if isinstance(field, models.DateField):
            day = FIRST_DAY + timedelta(days=number)
            return day, (f"{day:%Y-%m-%d}", f"{day:%Y/%m/%d}", f"{day:%Y年%-m月%-d日}")
        if field.name.endswith("document_number"):
            full = id_number(born=date(1952, 1, 1) + timedelta(days=number), division="654321", sequence=number % 999)
            return full, (full, full[3:14])
        if field.name.endswith("phone"):
            full = f"177{number:08d}"
            return full, (full,)
        token = f"雀{number:05d}鸣Qz{number:05d}"
        if isinstance(field, EncryptedJSONField):
            return {"name": [token], "document_number": [token]}, (token,)
        return token, (token, token[1:])


@contextmanager
def rules_at_once() -> Iterator[None]:
    """Rules that wait for the end of the transaction refuse a value at once, while it can still be left out."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        yield
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def area_of(row: models.Model) -> str:
    """The row's own area, otherwise that of the first record it belongs to."""
    own = getattr(row, "area_code", "")
    if own or isinstance(row, User):
        return str(own)
    for field in row._meta.local_concrete_fields:
        if field.remote_field and field.remote_field.model is not User:
            parent: Any = getattr(row, str(field.name), None)
            if parent is not None and hasattr(parent, "area_code"):
                return str(parent.area_code)
    return ""


def outside_policy(
    content: str, canaries: Iterable[Canary], viewer: User, *, grant: Any = None, revealed: str = ""
) -> list[str]:
    """Names of fields whose canary stands in `content` although no rule gives it to `viewer` in full.

    `grant` is the pair (model, action) that the page asks for: rules for that grant count, whatever their purpose.
    `revealed` is the one field that the request asked for with a reason.
    """
    return [
        one.path
        for one in canaries
        if one.is_in(content) and best_for(one, viewer, grant) < (Shown.REVEAL if one.field == revealed else Shown.FULL)
    ]


def best_for(canary: Canary, viewer: User, grant: Any = None) -> Shown:
    purposes = {BROWSE} | {p for rule in policy_of(canary.model).rules if rule.grant == grant for p in rule.purposes}
    return max(
        shown(canary.model, canary.field, viewer=viewer, at=canary.at, purpose=purpose) for purpose in sorted(purposes)
    )


def links_within(content: str) -> Iterator[str]:
    """The other parts of the same page: `?tab=record`."""
    yield from dict.fromkeys(re.findall(r'href="(\?[^"#]+)"', content.replace("&amp;", "&")))


def _rows(model: type[models.Model]) -> models.QuerySet[Any]:
    """The account of the system keeps its name: programs look it up."""
    rows = model._base_manager.order_by("pk")
    return rows.exclude(is_system=True) if model is User else rows


def _can_carry(one: Classified) -> bool:
    field: Any = one.field
    if one.data_class not in {DataClass.C3, DataClass.C4} or field.primary_key or field.choices:
        return False
    if isinstance(field, models.DateField):
        return not isinstance(field, models.DateTimeField)
    return isinstance(field, TEXTS) and (field.max_length is None or field.max_length >= SHORTEST)


def _index_again(person: Person) -> None:
    """Search must find the planted values."""
    Person._base_manager.filter(pk=person.pk).update(
        document_index=document_index(person.document_number),
        document_tail_index=document_tail_index(person.document_number),
        phone_index=phone_index(person.phone),
    )
