"""The door through which a department puts its own queues beside the overview: a figure, and the list behind it.

A tile is shown to whoever may open the whole list for the area, and to nobody else. It counts rows that its reader may
see one by one, so small numbers stay: hiding them would protect nobody. The figures of the overview are the other kind.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import Promise

from portal.org.codes import COMMUNITY, TOWNSHIP
from portal.org.models import User
from portal.org.scoping import ScopedModel, can
from portal.ui.paging import up_to_cap


@dataclass(frozen=True, slots=True)
class Tile:
    """`rows(user)` are all that the list shows its reader, before any filter; `query` opens the list at that pile. The
    list has to narrow itself by a filter named `area`."""

    label: str | Promise
    model: type[ScopedModel]
    rows: Callable[[User], Any]
    url_name: str
    query: tuple[tuple[str, str], ...] = ()
    tone: str = ""


@dataclass(frozen=True, slots=True)
class TileGroup:
    title: str | Promise
    tiles: tuple[Tile, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    label: str | Promise
    count: int | str
    url: str
    tone: str


_groups: list[TileGroup] = []


def add_tiles(group: TileGroup) -> None:
    _groups.append(group)


def tiles_of(user: User, area_code: str) -> list[tuple[str | Promise, list[Shown]]]:
    """Groups with something to show; one capped count a tile."""
    found = [(group.title, list(_shown(group, user, area_code))) for group in _groups]
    return [(title, tiles) for title, tiles in found if tiles]


def _shown(group: TileGroup, user: User, area_code: str) -> Iterator[Shown]:
    for tile in group.tiles:
        if not can(user, tile.model, "view", at=area_code):
            continue
        count = up_to_cap(tile.rows(user).within(area_code))
        narrowed = (("area", area_code),) if len(area_code) in (TOWNSHIP, COMMUNITY) else ()
        query = urlencode((*tile.query, *narrowed))
        url = reverse(tile.url_name) + (f"?{query}" if query else "")
        yield Shown(tile.label, count, url, tile.tone if count else "")
