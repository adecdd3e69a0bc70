"""What a keyboard, the back button, a reload and an impatient finger meet on the most used pages."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from portal.jobs.models import Job
from tests.e2e.pages import PAGES, PortalPage

pytestmark = pytest.mark.browser

MAIN_PAGES = pytest.mark.parametrize("page", [page for page in PAGES if page.main], ids=str)
MOST_STEPS = 150
# Walks with the Tab key; says which element has the focus and what covers its middle.
FOCUS = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const box = one.getBoundingClientRect();
  const name = one.localName + (one.id ? "#" + one.id : "") + " " + (one.innerText || one.name || "").slice(0, 30);
  if (!box.width || !box.height) return { name, key: name, hidden: "" };
  const x = Math.min(Math.max(box.left + Math.min(box.width, 40) / 2, 1), innerWidth - 1);
  const y = box.top + Math.min(box.height, 40) / 2;
  const above = y < 0 || y > innerHeight ? null : document.elementFromPoint(x, y);
  const same = above && (one.contains(above) || above.contains(one) || (one.labels && [...one.labels].some((label) =>
    label.contains(above))));
  const covers = above ? above.localName + "." + above.className : "outside the window";
  return { name, key: [...document.querySelectorAll("*")].indexOf(one), hidden: same ? "" : covers };
}"""


@MAIN_PAGES
@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_the_focus_is_never_hidden_behind_a_bar(page_as: Callable[..., Page], page: PortalPage, phone: bool):
    view = page_as(page.role, phone=phone)
    view.goto(page.path())
    hidden, seen = [], set()
    for _step in range(MOST_STEPS):
        view.keyboard.press("Tab")
        found = view.evaluate(FOCUS)
        if found is None or found["key"] in seen:
            break
        seen.add(found["key"])
        if found["hidden"]:
            hidden.append(f"{found['name']} is under {found['hidden']}")
    assert len(seen) > 5, "the walk went somewhere"
    assert hidden == []


def test_a_reload_keeps_the_filters(page_as: Callable[..., Page]):
    view = page_as("police")
    view.goto("/people/?status=left")
    rows = view.locator("#list tbody tr").count()
    view.reload()
    assert "status=left" in view.url
    assert view.locator("#list tbody tr").count() == rows


def test_typing_a_filter_puts_it_into_the_address_and_back_returns_to_it(page_as: Callable[..., Page]):
    view = page_as("police")
    view.goto("/people/")
    search = view.locator("input[name=q]")
    search.fill("王")
    view.wait_for_url(re.compile(r"q=%E7%8E%8B"))
    first = view.locator("#list tbody tr").first.locator("a").first
    name = first.inner_text()
    assert "王" in name
    first.click()
    view.wait_for_url(re.compile(r"/people/\d+/"))
    view.go_back()
    view.wait_for_url(re.compile(r"q=%E7%8E%8B"))
    expect(view.locator("input[name=q]")).to_have_value("王")
    expect(view.locator("#list tbody tr").first).to_contain_text("王")


def test_an_export_asked_for_twice_in_a_hurry_is_made_once(page_as: Callable[..., Page]):
    view = page_as("clerk")
    view.goto("/exports/?ledger=L1")
    before = Job.objects.count()
    view.check("input[name=reason][value=analysis]", force=True)
    view.evaluate("""() => { const form = document.querySelector("main form[method=post]");
      form.requestSubmit(); form.requestSubmit(); }""")
    view.wait_for_load_state("load")
    expect(view.locator(".job").first).to_be_visible()
    assert Job.objects.count() == before + 1


def test_the_way_in_is_by_name_and_password(page_as: Callable[..., Page], settings: object):
    view = page_as("")
    view.goto("/people/")
    view.wait_for_url(re.compile(r"/login/\?next=/people/"))
    view.fill("input[name=username]", "coadmin")
    view.fill("input[name=password]", settings.DEMO_PASSWORD)  # type: ignore[attr-defined]
    view.keyboard.press("Enter")
    view.wait_for_url(re.compile(r"/people/$"))
    expect(view.locator("h1")).to_be_visible()
