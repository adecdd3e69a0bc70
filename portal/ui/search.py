"""The search box at the top of every page asks each registered provider. Queries travel by POST, never in a URL."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.core import pinyin
from portal.org.models import User
from portal.ui.navigation import url_of, visible_items

PER_GROUP = 6


@dataclass(frozen=True, slots=True)
class Hit:
    """One line. `note` must already be masked; `trailing` stands at the right end."""

    title: str
    url: str
    note: str = ""
    trailing: str = ""
    icon: str = "arrow-right"


@dataclass(frozen=True, slots=True)
class SearchProvider:
    """`find(user, query)` returns hits that `user` may open, best first; it is not asked for an empty query."""

    name: str
    label: str | Promise
    find: Callable[[User, str], Iterable[Hit]]
    order: int = 100


_providers: dict[str, SearchProvider] = {}


def register(provider: SearchProvider) -> None:
    _providers[provider.name] = provider


def search(user: User, query: str) -> list[tuple[str | Promise, list[Hit]]]:
    """Groups with at least one hit: what the providers found first, then the pages of the portal."""
    groups: list[tuple[str | Promise, list[Hit]]] = []
    if query:
        asked = sorted(_providers.values(), key=lambda one: one.order)
        groups = [(one.label, list(islice(one.find(user, query), PER_GROUP))) for one in asked]
    groups.append((_("Pages"), _pages(user, query)))
    return [(label, hits) for label, hits in groups if hits]


def _pages(user: User, query: str) -> list[Hit]:
    hits = [Hit(title=str(item.label), url=url_of(item), icon=item.icon) for item in visible_items(user)]
    wanted = query.lower().strip()
    return [hit for hit in hits if wanted in hit.title.lower() or wanted in _initials(hit.title)]


@lru_cache(maxsize=512)
def _initials(text: str) -> str:
    return pinyin.initials(text)
