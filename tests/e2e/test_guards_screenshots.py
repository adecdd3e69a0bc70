"""Pictures of the main pages at both sizes, to be looked at: `pytest tests/e2e --screenshots FOLDER`."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.e2e.pages import PAGES, PortalPage

pytestmark = pytest.mark.browser

FOR_THE_README = {"reports:workbench/township"}
MAIN = [page for page in PAGES if page.main or page.name in FOR_THE_README]
IN_THE_DARK = {"reports:workbench", "residents:application_queue", "reports:dashboard"}
SHOTS = [(page, "light") for page in MAIN] + [(page, "dark") for page in MAIN if page.name in IN_THE_DARK]
BLANK = 15_000


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
@pytest.mark.parametrize("shot", SHOTS, ids=lambda shot: f"{shot[0]}-{shot[1]}")
def test_a_picture_of_the_page_shows_something(
    page_as: Callable[..., Page], screenshots: Path | None, tmp_path: Path, shot: tuple[PortalPage, str], phone: bool
):
    page, theme = shot
    view = page_as(page.role, phone=phone, theme=theme)
    view.goto(page.path(), wait_until="networkidle" if not page.chart else "load")
    if page.chart:
        view.wait_for_timeout(1200)
    words = [
        *page.name.split(":")[1].split("/"),
        "phone" if phone else "desktop",
        *(["dark"] if theme == "dark" else []),
    ]
    name = f"{'-'.join(words)}.png"
    target = (screenshots or tmp_path) / name
    view.screenshot(path=target, full_page=False)
    if screenshots:
        view.screenshot(path=screenshots / name.replace(".png", "-full.png"), full_page=True)
    assert target.stat().st_size > BLANK
