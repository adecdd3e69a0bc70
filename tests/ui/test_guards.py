"""Rules of the interface that a reviewer would otherwise have to remember. Reads files; needs no browser."""

import gzip
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "static" / "build"
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
STYLES = sorted((ROOT / "ui" / "css").rglob("*.css"))
CATALOGUES = sorted((ROOT / "locale").rglob("*.po"))
NEWER_THAN_CHROMIUM_90 = (
    "@layer", ":has(", "color-mix(", "oklch(", "@container", "light-dark(", "subgrid", "text-wrap", "popover", "dvh",
    "@property", "field-sizing",
)  # fmt: skip
HAN = r"[\u4e00-\u9fff]"


def without_comments(path: Path) -> str:
    return re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.S)


def built(name: str) -> str:
    path = BUILD / name
    assert path.exists(), "run `make ui` first"
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("feature", NEWER_THAN_CHROMIUM_90)
def test_the_stylesheet_stays_readable_for_chromium_90(feature: str):
    assert feature not in built("app.css")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_templates_keep_the_content_security_policy(path: Path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\sstyle=", text), "no style attributes"
    assert not re.search(r"\son[a-z]+=", text), "no event attributes"
    assert not re.search(r"hx-on|js:|hx-boost", text), "no code in attributes, no boosted navigation"
    scripts = re.findall(r"<script\b[^>]*>", text)
    assert all("src=" in script or 'type="application/json"' in script for script in scripts), "no inline scripts"
    assert "<c-" not in text
    assert not re.search(r"https?://(?!portal\.example)", text.replace("http://www.w3.org/", "")), "no other host"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_templates_never_mark_values_as_safe(path: Path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\|\s*safe\b|autoescape\s+off", text)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_live_search_waits_for_the_input_method(path: Path):
    triggers = re.findall(r'hx-trigger="([^"]*)"', path.read_text(encoding="utf-8"))
    assert not [one for one in triggers if re.search(r"\b(keyup|input)\b", one)]


def test_python_never_marks_values_as_safe():
    """`SafeString` of a drawing made by segno, and the one place that escapes what it fills in, are the exceptions."""
    allowed = {ROOT / "portal" / "ui" / "templatetags" / "ui.py", ROOT / "portal" / "ui" / "markup.py"}
    sources = [path for app in ROOT.glob("*/apps.py") for path in app.parent.rglob("*.py")]
    sources += list((ROOT / "portal").rglob("*.py"))
    found = [
        str(path.relative_to(ROOT))
        for path in sources
        if path not in allowed
        and re.search(r"\bmark_safe\(|\bSafeString\((?!\"\"\))", path.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize("path", [*TEMPLATES, *CATALOGUES], ids=lambda path: str(path.relative_to(ROOT)))
def test_no_ascii_punctuation_between_chinese_characters(path: Path):
    text = re.sub(r"data-fill='[^']*'", "", path.read_text(encoding="utf-8"))
    assert re.findall(f"{HAN}[,:;!?]{HAN}", text) == []


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_empty_phrases_in_chinese(path: Path):
    text = path.read_text(encoding="utf-8")
    for phrase in ("操作成功", "操作失败", "非法输入", "参数错误", "系统异常", "！"):
        assert phrase not in text, phrase


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_colours_live_in_the_tokens_only(path: Path):
    if path.name in {"tokens.css", "print.css"}:
        return
    values = re.findall(r":[^;{}]*?(#[0-9a-fA-F]{3,8}\b|rgba?\([^)]*\)|hsla?\([^)]*\))", without_comments(path))
    assert values == []


def test_page_styles_do_not_restyle_shared_classes():
    """A rule for the bare `.lg` in one room's file would change every large button of the portal."""
    shared: set[str] = set()
    for name in ("base", "shell", "components", "forms", "tables"):
        shared |= set(re.findall(r"\.([A-Za-z][\w-]*)", without_comments(ROOT / "ui" / "css" / f"{name}.css")))
    found = []
    for path in (ROOT / "ui" / "css").glob("*/*.css"):
        for selectors in re.findall(r"([^{}]+)\{", without_comments(path)):
            bare = [re.fullmatch(r"\.([\w-]+)(?::[\w-]+)?", one.strip()) for one in selectors.split(",")]
            found += [f"{path.name}: .{one[1]}" for one in bare if one and one[1] in shared]
    assert found == []


def test_an_ordinary_page_loads_at_most_60_kilobytes():
    """ui design §4: style sheet, scripts and htmx, compressed; the page itself adds about 6."""
    htmx = next((ROOT / ".venv").glob("lib/python*/site-packages/django_htmx/static/django_htmx/htmx-2.min.js"))
    shared = [BUILD / "chunks" / name for name in re.findall(r'from"\./chunks/([^"]+)"', built("app.js"))]
    parts = [BUILD / "app.css", BUILD / "app.js", *shared, htmx]
    weight = sum(len(gzip.compress(path.read_bytes(), 9)) for path in parts)
    assert weight <= 54_000


def test_the_chart_bundle_stays_below_260_kilobytes():
    assert len(gzip.compress((BUILD / "charts.js").read_bytes(), 9)) <= 260_000


def test_every_icon_that_templates_name_is_in_the_sprite():
    sprite = built("icons.svg")
    known = set(re.findall(r'<symbol id="([^"]+)"', sprite))
    named: set[str] = set()
    for path in TEMPLATES:
        text = path.read_text(encoding="utf-8")
        named |= set(re.findall(r'{% icon "([a-z0-9-]+)"', text))
        named |= set(re.findall(r'\bicon(?:_name)?="([a-z0-9-]+)"', text))
    for path in ROOT.glob("*/navigation.py"):
        named |= set(re.findall(r'icon="([a-z0-9-]+)"', path.read_text(encoding="utf-8")))
    assert named - known == set()
