"""The menu is data: every app registers its entries in its own `navigation.py`, found when the server starts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby
from types import MappingProxyType
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest
from django.urls import NoReverseMatch, get_script_prefix, get_urlconf, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.org.models import User

BADGES_SECONDS = 60
GROUPS: dict[str, Promise] = {
    "daily": _("Daily work"),
    "approvals": _("Approvals"),
    "data": _("Data"),
    "admin": _("Administration"),
}


def _everyone(_user: User) -> bool:
    return True


def _no_badge(_user: User) -> int | None:
    return None


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry. `order` sorts inside the group; `tab` also shows it in the phone's bottom bar (four fit).

    `badge` must be one cheap query, or None for no number. It is kept for a minute, until its reader does something.
    `hot` paints the number red (overdue work). `section`: the entry also stands for every page below this path.
    """

    group: str
    url_name: str
    label: str | Promise
    icon: str
    order: int = 100
    visible: Callable[[User], bool] = _everyone
    badge: Callable[[User], int | None] = _no_badge
    tab: bool = False
    hot: bool = False
    query: str = ""
    section: str = ""


@dataclass(frozen=True, slots=True)
class Bell:
    """Where notifications live and how many are unread. One app may register it."""

    url_name: str
    unread: Callable[[User], int]


@dataclass(slots=True)
class _Registry:
    items: dict[str, NavItem] = field(default_factory=dict)
    bell: Bell | None = None
    alarms: list[Callable[[User], list[str]]] = field(default_factory=list)


_registry = _Registry()


def register(item: NavItem) -> NavItem:
    """Registering the same url_name and query again replaces the entry, so that a reload is harmless."""
    if item.group not in GROUPS:
        raise ValueError(f"no such group in the menu: {item.group}")
    _registry.items[item.url_name + item.query] = item
    return item


def register_bell(bell: Bell) -> None:
    _registry.bell = bell


def register_alarm(alarm: Callable[[User], list[str]]) -> None:
    """Sentences that stand above every page of whoever they concern. Asked on every page: no query for the others."""
    if alarm not in _registry.alarms:
        _registry.alarms.append(alarm)


def alarms(user: User) -> list[str]:
    return [sentence for alarm in _registry.alarms for sentence in alarm(user)]


def bell() -> Bell | None:
    return _registry.bell


def visible_items(user: User) -> list[NavItem]:
    """What `user` may open, in menu order. Entries whose page is not installed are left out."""
    order = list(GROUPS)
    found = [item for item in _registry.items.values() if url_of(item) and item.visible(user)]
    return sorted(found, key=lambda item: (order.index(item.group), item.order, item.url_name))


def may_open(user: User, url_name: str) -> bool:
    return any(item.url_name == url_name for item in visible_items(user))


def url_of(item: NavItem) -> str:
    return _address(item.url_name, item.query, get_urlconf(), get_script_prefix())


@lru_cache(maxsize=1024)
def _address(url_name: str, query: str, urlconf: str | None, _prefix: str) -> str:
    """Kept: every page asks for every entry of the menu, and addresses change with a deployment only."""
    try:
        return reverse(url_name, urlconf=urlconf) + query
    except NoReverseMatch:
        return ""


def menu_of(request: HttpRequest, *, anew: bool = False) -> list[dict[str, Any]]:
    """The menu of this request; the numbers of its badges are asked once, whoever shows them.

    Of a reader who only reads they are up to a minute old, so that turning pages does not count the queues each time;
    what the reader did shows at once. `anew` counts whatever is known.
    """
    kept: list[dict[str, Any]] | None = getattr(request, "portal_menu", None)
    if kept is None:
        mark = getattr(request, "work_mark", "")
        key = f"ui:badges:{mark}" if mark else ""
        known = cache.get(key) if key and not anew else None
        kept = menu(request.user, request.path, known or {})  # type: ignore[arg-type]
        request.portal_menu = kept  # type: ignore[attr-defined]
        if key and known is None:
            numbers = {entry["url"]: entry["badge"] for group in kept for entry in group["entries"]}
            cache.set(key, numbers, BADGES_SECONDS)
    return kept


def menu(user: User, path: str, known: Mapping[str, int | None] = MappingProxyType({})) -> list[dict[str, Any]]:
    """The menu for the templates: groups of entries, the one that `path` belongs to marked as current. `known`: the
    numbers of entries, by address; the others are asked."""
    entries = [
        {
            "group": item.group,
            "url": url_of(item),
            "url_name": item.url_name,
            "label": item.label,
            "icon": item.icon,
            "badge": known[url_of(item)] if url_of(item) in known else item.badge(user),
            "hot": item.hot,
            "tab": item.tab,
            "section": item.section,
            "current": False,
        }
        for item in visible_items(user)
    ]
    fits = [(fit, entry) for entry in entries if (fit := _fit(path, str(entry["url"]), str(entry["section"])))]
    if fits:
        max(fits, key=lambda one: one[0])[1]["current"] = True
    return [
        {"key": key, "label": GROUPS[key], "entries": list(group)}
        for key, group in groupby(entries, key=lambda entry: str(entry["group"]))
    ]


def _fit(path: str, url: str, section: str) -> int:
    """How many characters of `path` the entry answers for; 0 when it belongs elsewhere."""
    bases = [url.split("?", maxsplit=1)[0], section]
    return max(len(base) if base and (path == base or (base != "/" and path.startswith(base))) else 0 for base in bases)
