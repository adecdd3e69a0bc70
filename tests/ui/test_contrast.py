"""Contrast of the token pairs, computed as WCAG 2.2 does (relative luminance)."""

import re
from pathlib import Path

import pytest

TOKENS = Path(__file__).resolve().parents[2] / "ui" / "css" / "tokens.css"
TEXT, LARGE_OR_CONTROL = 4.5, 3.0
PAIRS = [
    ("ink", "surface", TEXT),
    ("ink-2", "surface", TEXT),
    ("ink-3", "surface", TEXT),
    ("ink-3", "bg", TEXT),
    ("ink-3", "surface-2", TEXT),
    ("ink-2", "surface-3", TEXT),
    ("ink", "hover", TEXT),
    ("ink-3", "selected", TEXT),
    ("placeholder", "surface", 4.0),
    ("field-line", "surface", LARGE_OR_CONTROL),
    ("brand-ink", "surface", TEXT),
    ("brand-ink", "bg", TEXT),
    ("on-solid", "solid", TEXT),
    ("on-solid", "solid-h", TEXT),
    ("on-solid", "solid-ok", TEXT),
    ("on-solid", "solid-bad", TEXT),
    ("on-solid", "nav-hot", TEXT),
    ("on-solid", "strip", TEXT),
    ("on-solid", "strip-solid", TEXT),
    ("nav-ink", "nav-bg", TEXT),
    ("nav-ink-2", "nav-bg", TEXT),
    ("nav-chip-ink", "nav-chip", TEXT),
    *[(f"{tone}-ink", f"{tone}-t", TEXT) for tone in ("brand", "ok", "warn", "bad", "info", "vio")],
    *[(f"{tone}-ink", "surface", TEXT) for tone in ("ok", "warn", "bad", "info", "vio")],
    *[(f"ch{number}", "surface", LARGE_OR_CONTROL) for number in range(1, 9)],
    *[("on-rate", f"t{number}", TEXT) for number in range(1, 5)],
]


def tokens(theme: str) -> dict[str, str]:
    text = re.sub(r"/\*.*?\*/", "", TOKENS.read_text(encoding="utf-8"), flags=re.S)
    blocks = dict(re.findall(r'(:root|\[data-theme="dark"\])\s*\{([^}]*)\}', text.split("@media")[0]))
    blocks |= dict(re.findall(r'(\[data-theme="dark"\])\s*\{([^}]*)\}', text))
    found = dict(re.findall(r"--([\w-]+):\s*(#[0-9a-fA-F]{6})\b", blocks[":root"]))
    if theme == "dark":
        found |= dict(re.findall(r"--([\w-]+):\s*(#[0-9a-fA-F]{6})\b", blocks['[data-theme="dark"]']))
    return found


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def ratio(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_formula_gives_21_for_black_on_white():
    assert round(ratio("#000000", "#ffffff"), 2) == 21


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("front", "back", "least"), PAIRS, ids=str)
def test_token_pairs_are_readable(theme: str, front: str, back: str, least: float):
    values = tokens(theme)
    assert ratio(values[front], values[back]) >= least
