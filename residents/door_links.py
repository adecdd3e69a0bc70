"""Which columns say at which dwelling a row is: where two rows of the address master turn out to be one door, the
rows go along (ADR 0019). Departments declare theirs with `link_dwelling`; a column that nobody declared fails a test.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.core import clock
from residents.choices import TaskStatus
from residents.models import (
    AddressLead,
    Dwelling,
    DwellingAlias,
    DwellingMerge,
    Household,
    Permit,
    RecentLook,
    Registration,
    SampleItem,
    TransferRequest,
    VisitTask,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DwellingLink:
    """`once` are columns that must not repeat at a dwelling among the rows of `once_where` (none named: there is at
    most one such row): a row that would is left at the double, with the values of `leaving`. `stays` is the reason
    why the rows of this column never go along.
    """

    model: type[models.Model]
    column: str = "dwelling_id"
    label: str | Promise = ""
    once: tuple[str, ...] | None = None
    once_where: Q = field(default_factory=Q)
    leaving: Callable[[], dict[str, Any]] = dict
    stays: str = ""

    @property
    def key(self) -> str:
        return f"{self.model._meta.label_lower}.{self.column}"


_links: list[DwellingLink] = []


def link_dwelling(link: DwellingLink) -> None:
    _links.append(link)


def dwelling_links() -> list[DwellingLink]:
    """The columns whose rows go along."""
    return [link for link in _links if not link.stays]


def declared_columns() -> set[tuple[type[models.Model], str]]:
    return {(link.model, link.column) for link in _links}


def label_of(table: str, column: str) -> str | Promise | None:
    """In words, for the list of what a merge takes along; None for what stays."""
    found = (link for link in dwelling_links() if (link.model._meta.db_table, link.column) == (table, column))
    return next((link.label for link in found), None)


link_dwelling(DwellingLink(model=Registration, label=_("Registrations")))
link_dwelling(DwellingLink(model=Household, label=_("Household books")))
link_dwelling(DwellingLink(model=Permit, label=_("Residence permits")))
link_dwelling(DwellingLink(model=TransferRequest, label=_("Transfer requests")))
link_dwelling(
    DwellingLink(
        model=VisitTask,
        label=_("Visit tasks"),
        once=(),
        once_where=Q(status=TaskStatus.OPEN),
        leaving=lambda: {"status": TaskStatus.CLOSED, "closed_on": clock.today()},
    )
)
link_dwelling(DwellingLink(model=DwellingAlias, label=_("Other ways to write the address"), once=("text",)))
link_dwelling(DwellingLink(model=AddressLead, label=_("Notes about missing addresses")))
link_dwelling(DwellingLink(model=Dwelling, column="merged_into_id", label=_("Doubles merged earlier")))
link_dwelling(DwellingLink(model=SampleItem, stays="a sample stays what was drawn"))
link_dwelling(DwellingLink(model=RecentLook, stays="the list of its owner leads on by itself"))
for ending in ("survivor_id", "double_id"):
    link_dwelling(DwellingLink(model=DwellingMerge, column=ending, stays="what an act was about does not change"))
