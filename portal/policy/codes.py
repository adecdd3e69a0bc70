"""Code tables for forms, lists and ledgers. Reading is free of queries except one a transaction (see `cache`)."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from portal.core import clock
from portal.core.errors import DomainError
from portal.policy import cache
from portal.policy.models import CodeItem


@dataclass(frozen=True, slots=True)
class Item:
    code: str
    name: str
    name_en: str
    active: bool
    bucket: str
    standard: str
    valid_from: date | None = None
    valid_to: date | None = None

    def in_use(self, day: date) -> bool:
        """Forms offer it on `day`: neither retired nor outside its days."""
        begun = self.valid_from is None or self.valid_from <= day
        return self.active and begun and (self.valid_to is None or day <= self.valid_to)

    @property
    def label(self) -> str:
        return self.name_en if self.name_en and (get_language() or "").startswith("en") else self.name


def items(table: str) -> dict[str, Item]:
    """All entries in display order, retired ones included. Raises DomainError when nothing is loaded for `table`."""
    found = cache.copy_of("codes", _load).get(table)
    if found is None:
        raise DomainError(
            _("The code table “%(table)s” is empty. Ask the administrator to load the policy pack.") % {"table": table},
            code="codes_missing",
        )
    return found


def choices(table: str) -> list[tuple[str, str]]:
    """(code, label in the present language) of the codes in use, in display order: for form fields."""
    today = clock.today()
    return [(item.code, item.label) for item in items(table).values() if item.in_use(today)]


def label(table: str, code: str) -> str:
    """The label in the present language, of retired codes too; an unknown code is returned as it is."""
    item = items(table).get(code) if code else None
    return item.label if item else code


def name(table: str, code: str) -> str:
    """The official Chinese name whatever the language: for ledgers and printed forms."""
    item = items(table).get(code) if code else None
    return item.name if item else code


def bucket(table: str, code: str) -> str:
    """The report row that a local code is counted in; the code itself where no mapping was entered."""
    item = items(table).get(code) if code else None
    return (item.bucket or item.code) if item else code


def _load() -> dict[str, dict[str, Item]]:
    tables: dict[str, dict[str, Item]] = {}
    rows = CodeItem.objects.order_by("table", "sort", "code")
    for row in rows:
        tables.setdefault(row.table, {})[row.code] = Item(
            row.code,
            row.name,
            row.name_en,
            row.active,
            row.bucket,
            row.standard,
            row.valid_from,
            row.valid_to,
        )
    return tables
