"""The doors through which departments reach the person's page and the register's rules."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.db import models
from django.db.models import QuerySet
from django.utils.functional import Promise

from portal.core.errors import DomainError
from portal.org.models import User
from portal.org.scoping import ScopedModel, scope_of
from residents.models import Dwelling, Person, Registration

Guard = Callable[[Registration], str | None]


@dataclass(frozen=True, slots=True)
class Panel:
    """A box on the person's page, shown to those who may view `model` somewhere."""

    title: str | Promise
    model: type[ScopedModel]
    template: str
    rows: Callable[[Person, User], QuerySet]


@dataclass(frozen=True, slots=True)
class DwellingPanel:
    """A box on the page of a dwelling, shown to those who may view `model` somewhere. `content(dwelling,
    viewer)` is what `template` finds in `panel`."""

    title: str | Promise
    model: type[ScopedModel]
    template: str
    content: Callable[[Dwelling, User], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class PlateLink:
    """What else the plate of a door leads to, for anybody. `url_name` takes the plate; the page behind it must answer
    every plate alike, known or not."""

    label: str | Promise
    url_name: str
    icon: str


DoorFacts = Callable[[Sequence[int], User], dict[int, str]]
_plate_links: list[PlateLink] = []
_panels: list[Panel] = []
_door_facts: list[DoorFacts] = []
_dwelling_panels: list[DwellingPanel] = []
_guards: list[Guard] = []


def add_panel(panel: Panel) -> None:
    _panels.append(panel)


def panels_for(user: User) -> list[Panel]:
    return [panel for panel in _panels if not scope_of(user, panel.model, "view").is_nowhere]


def add_plate_link(link: PlateLink) -> None:
    _plate_links.append(link)


def plate_links() -> list[PlateLink]:
    return list(_plate_links)


def add_dwelling_panel(panel: DwellingPanel) -> None:
    _dwelling_panels.append(panel)


def dwelling_panels_for(user: User) -> list[DwellingPanel]:
    return [panel for panel in _dwelling_panels if not scope_of(user, panel.model, "view").is_nowhere]


def tells_about_doors(facts: DoorFacts) -> DoorFacts:
    """Register a few words by dwelling that a clerk reads when choosing an address: facts, which block nothing."""
    _door_facts.append(facts)
    return facts


def facts_about(dwelling_ids: Sequence[int], viewer: User) -> dict[int, list[str]]:
    """What the departments tell of these dwellings; one call a department."""
    found: dict[int, list[str]] = {}
    for facts in _door_facts if dwelling_ids else ():
        for dwelling, words in facts(dwelling_ids, viewer).items():
            found.setdefault(dwelling, []).append(words)
    return found


def guards_departure(guard: Guard) -> Guard:
    """Register a reason why a stay may not be ended yet (None: no objection)."""
    _guards.append(guard)
    return guard


def assert_may_depart(registration: Registration) -> None:
    """Raises DomainError with every department's objection."""
    objections = [objection for guard in _guards if (objection := guard(registration))]
    if objections:
        raise DomainError(" ".join(objections))


class Settling(Protocol):
    """How rows of two files are made to agree where they cannot stand side by side. `plan` tells by row what changes;
    `grows` which of these changes have to wait until the others are written."""

    def plan(self, rows: Sequence[Any]) -> dict[int, dict[str, Any]]: ...

    def grows(self, before: dict[str, Any], after: dict[str, Any]) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonLink:
    """A column that says of which person a row is: where two files are merged, the rows go along (ADR 0017).

    `column` is the name of the key or number column. `along` names foreign keys: a row added after the merge belongs,
    when it is taken back, to whom the first of these rows belongs. Rows without such a key are asked about one by one.
    `once` are columns that must not repeat within a person among the rows of `once_where`: such a row stays behind.
    `blocks` tells why two files cannot be merged yet (None: nothing speaks against it). `stays` is the reason why the
    rows of this column never go along. `settle` makes rows agree that exclude each other.
    """

    model: type[models.Model]
    column: str = "person_id"
    label: str | Promise = ""
    along: tuple[str, ...] = ()
    once: tuple[str, ...] = ()
    once_where: models.Q = field(default_factory=models.Q)
    blocks: Callable[[int, int], str | None] | None = None
    settle: Settling | None = None
    stays: str = ""
    describe: Callable[[Any], str] = str

    @property
    def key(self) -> str:
        return f"{self.model._meta.label_lower}.{self.column}"


_links: list[PersonLink] = []


def link_person(link: PersonLink) -> None:
    """Called from the `links` module of an app. Rows that `along` leads to are declared before those led there."""
    _links.append(link)


def person_links() -> list[PersonLink]:
    """The columns whose rows go along."""
    return [link for link in _links if not link.stays]


def declared_columns() -> set[tuple[type[models.Model], str]]:
    return {(link.model, link.column) for link in _links}
