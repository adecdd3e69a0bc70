"""Who may open what: one row for every URL of the product. A URL without a row fails `tests/test_access_matrix.py`.

Each room lists its endpoints in a module of this package.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import models


@dataclass(frozen=True)
class Grant:
    """Holders of this grant get in, each in the areas of the grant."""

    model: type[models.Model]
    action: str


PUBLIC = "public"
LOGGED_IN = "logged in"


@dataclass(frozen=True)
class Endpoint:
    """`needs`: PUBLIC, LOGGED_IN or a Grant. `row(area_code)` makes what the URL is about, in that area.

    `ok`: statuses for those who may. A row outside the reader's areas is 404; `by_row` False marks pages without a row
    (lists, new forms), where a grant anywhere opens the page and the test looks that foreign rows are not in it:
    `secret(row)` is a text that only the row has. `verdict(role, place)` replaces the derived expectation where law
    asks for more than the grant (signing is for the county police alone): return a status or None. `form`: the page
    takes its form back at the same address, under the same grant; an empty form comes back with what is missing.
    `also`: other grants, each of which opens the page as well.
    """

    name: str
    needs: str | Grant
    row: Callable[[str], Any] | None = None
    args: Callable[[Any], list[Any]] = field(default=lambda row: [row.pk])
    by_row: bool = False
    method: str = "get"
    data: Callable[[Any], dict[str, Any]] = field(default=lambda _row: {})
    query: Callable[[Any], dict[str, Any]] = field(default=lambda _row: {})
    ok: tuple[int, ...] = (200,)
    secret: Callable[[Any], str] | None = None
    verdict: Callable[[str, str], int | None] = field(default=lambda _role, _place: None)
    variant: str = ""
    form: bool = False
    also: tuple[Grant, ...] = ()

    def __str__(self) -> str:
        return f"{self.name}{'/' + self.variant if self.variant else ''}[{self.method}]"
