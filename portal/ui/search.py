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

PER_GROUP, PER_PAGE = 6, 20


@dataclass(frozen=True, slots=True)
class Hit:
    """One line. `note` must already be masked; `trailing` stands at the right end; `why` names what matched."""

    title: str
    url: str
    note: str = ""
    trailing: str = ""
    icon: str = "arrow-right"
    why: str | Promise = ""


@dataclass(frozen=True, slots=True)
class Found:
    """Hits under one heading. `more` leads to the whole list; empty where a list may not be asked for that."""

    label: str | Promise
    hits: list[Hit]
    more: str = ""


@dataclass(frozen=True, slots=True)
class SearchProvider:
    """`find(user, query, most)` gives hits that `user` may open, best first; it is not asked for an empty query.

    `recent(user, most)` gives what the user had open last. `more(query)` is the address of a list with all of them,
    or nothing when the query holds a number: numbers never stand in an address.
    """

    name: str
    label: str | Promise
    find: Callable[[User, str, int], Iterable[Hit]]
    order: int = 100
    recent: Callable[[User, int], Iterable[Hit]] | None = None
    more: Callable[[str], str] | None = None


_providers: dict[str, SearchProvider] = {}


def register(provider: SearchProvider) -> None:
    _providers[provider.name] = provider


def search(user: User, query: str, *, most: int = PER_GROUP) -> list[Found]:
    """Groups with at least one hit: what the providers found first, then the pages of the portal. Without a query:
    what the user had open last, and the pages."""
    asked = sorted(_providers.values(), key=lambda one: one.order)
    if query:
        groups = [_asked(one, user, query, most) for one in asked]
    else:
        groups = [Found(_("Recently viewed"), [hit for one in asked if one.recent for hit in one.recent(user, most)])]
    groups.append(Found(_("Pages"), _pages(user, query)))
    return [group for group in groups if group.hits]


def _asked(provider: SearchProvider, user: User, query: str, most: int) -> Found:
    hits = list(islice(provider.find(user, query, most), most))
    full = len(hits) == most and provider.more is not None
    return Found(provider.label, hits, provider.more(query) if full and provider.more else "")


def _pages(user: User, query: str) -> list[Hit]:
    hits = [Hit(title=str(item.label), url=url_of(item), icon=item.icon) for item in visible_items(user)]
    wanted = query.lower().strip()
    return [hit for hit in hits if wanted in hit.title.lower() or wanted in _initials(hit.title)]


@lru_cache(maxsize=512)
def _initials(text: str) -> str:
    return pinyin.initials(text)
