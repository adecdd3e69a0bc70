"""The doors through which departments reach the person's page and the register's rules."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.functional import Promise

from portal.core.errors import DomainError
from portal.org.models import User
from portal.org.scoping import ScopedModel, scope_of
from residents.models import Person, Registration

Guard = Callable[[Registration], str | None]


@dataclass(frozen=True, slots=True)
class Panel:
    """A box on the person's page, shown to those who may view `model` somewhere."""

    title: str | Promise
    model: type[ScopedModel]
    template: str
    rows: Callable[[Person, User], QuerySet]


_panels: list[Panel] = []
_guards: list[Guard] = []


def add_panel(panel: Panel) -> None:
    _panels.append(panel)


def panels_for(user: User) -> list[Panel]:
    return [panel for panel in _panels if not scope_of(user, panel.model, "view").is_nowhere]


def guards_departure(guard: Guard) -> Guard:
    """Register a reason why a stay may not be ended yet (None: no objection)."""
    _guards.append(guard)
    return guard


def assert_may_depart(registration: Registration) -> None:
    """Raises DomainError with every department's objection."""
    objections = [objection for guard in _guards if (objection := guard(registration))]
    if objections:
        raise DomainError(" ".join(objections))
