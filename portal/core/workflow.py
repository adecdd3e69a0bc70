from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from portal.core.errors import DomainError


@dataclass(frozen=True, slots=True)
class Transition:
    """One allowed move. `action` is what a user must be granted to make it."""

    name: str
    sources: frozenset[str]
    target: str
    action: str = ""


class Workflow:
    """The table of allowed moves of one model. Knows nothing of users, rows or side effects."""

    def __init__(self, transitions: Iterable[Transition]) -> None:
        self._by_name = {t.name: t for t in transitions}

    def __iter__(self) -> Iterator[Transition]:
        return iter(self._by_name.values())

    def available(self, status: str) -> list[Transition]:
        return [t for t in self._by_name.values() if status in t.sources]

    def allows(self, name: str, *, status: str) -> bool:
        return status in self._by_name[name].sources

    def target(self, name: str, *, status: str, status_label: str = "") -> str:
        """Raises DomainError when the record is not in a state that allows `name`."""
        transition = self._by_name[name]
        if status not in transition.sources:
            raise DomainError(
                _("This cannot be done while the record is “%(status)s”. Reload the page to see its present state.")
                % {"status": status_label or status},
                code="wrong_state",
            )
        return transition.target
