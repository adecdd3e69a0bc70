"""Rules for every page: accessibility, security policy, width, size. Each page is opened once per screen."""

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

import tests.matrix
from tests.e2e.pages import FRAGMENTS, MAIN_SIZE, PAGES, PortalPage
from tests.e2e.visits import Visits

pytestmark = pytest.mark.browser

ORDINARY_BYTES, CHART_BYTES = 60_000, 320_000
MOST_NODES = 1_500
SCREENS = pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
EVERY_PAGE = pytest.mark.parametrize("page", PAGES, ids=str)
MAIN_PAGES = pytest.mark.parametrize("page", [page for page in PAGES if page.main], ids=str)


def names_that_answer_get() -> set[str]:
    found = set()
    for module in pkgutil.iter_modules(tests.matrix.__path__):
        for endpoint in importlib.import_module(f"tests.matrix.{module.name}").ENDPOINTS:
            if endpoint.method == "get" and 200 in endpoint.ok:
                found.add(endpoint.name)
    return found


def url_names(patterns: list[Any], space: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from url_names(pattern.url_patterns, f"{space}{pattern.namespace}:" if pattern.namespace else space)
        elif isinstance(pattern, URLPattern):
            yield f"{space}{pattern.name}"


def test_every_address_that_can_be_read_is_a_page_or_an_explained_fragment():
    listed = {page.url_name for page in PAGES if not page.name.startswith("error/")} | set(FRAGMENTS)
    assert names_that_answer_get() - listed == set()
    assert listed - set(url_names(get_resolver("portal.urls").url_patterns)) == set(), "listed but gone"


def test_the_main_pages_are_known():
    assert len([page for page in PAGES if page.main]) == MAIN_SIZE


@SCREENS
@EVERY_PAGE
def test_the_page_answers_and_says_what_it_is(visits: Visits, page: PortalPage, phone: bool):
    visit = visits.of(page, phone=phone)
    assert visit.status == page.status
    assert len(visit.layout["headings"]) == 1, visit.layout["headings"]
    assert visit.layout["title"].split("·")[0].strip(), "the title names the page first"


@SCREENS
@EVERY_PAGE
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(visits: Visits, page: PortalPage, phone: bool, theme: str):
    found = visits.of(page, phone=phone).axe[theme]
    assert not found, "\n".join(found)


@SCREENS
@EVERY_PAGE
def test_no_policy_violation_no_error_no_other_host(visits: Visits, page: PortalPage, phone: bool):
    found = visits.of(page, phone=phone).troubles
    assert not found, "\n".join(found)


@EVERY_PAGE
def test_no_sideways_scroll_down_to_320_pixels(visits: Visits, page: PortalPage):
    visit = visits.of(page, phone=True)
    assert visit.layout["overflow"] <= 0, visit.layout["widest"]
    assert visit.overflow_320 <= 0, visit.widest_320


@EVERY_PAGE
def test_the_page_keeps_its_weight(visits: Visits, page: PortalPage):
    weight = visits.of(page).weight
    assert sum(weight.values()) <= (CHART_BYTES if page.chart else ORDINARY_BYTES), weight


@EVERY_PAGE
def test_the_page_stays_small_enough_for_old_computers(visits: Visits, page: PortalPage):
    assert visits.of(page).layout["nodes"] <= MOST_NODES
