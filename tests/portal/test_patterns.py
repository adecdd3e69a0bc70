"""No pattern of the product takes longer than its text is long to say no: none repeats a repetition without end."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from typing import Any

import pytest

import demo
import portal
import privacy
import residents

# The parser of `re` itself: what it takes a pattern for is what counts.
parser: Any = importlib.import_module("re._parser")
REPEATS = {parser.MAX_REPEAT, parser.MIN_REPEAT}
SELDOM = 8
"""A repetition with a small end cannot grow with the text."""


def patterns() -> Iterator[tuple[str, str]]:
    for package in (portal, residents, privacy, demo):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".settings" in module.name or ".migrations" in module.name or module.name.endswith(("wsgi", "child")):
                continue
            for name, value in vars(importlib.import_module(module.name)).items():
                if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
                    yield f"{module.name}.{name}", value.pattern


def grows(parts: Any) -> bool:
    """Is there a repetition without end in it?"""
    return any(
        (kind in REPEATS and details[1] > SELDOM) or any(grows(inside) for inside in insides(kind, details))
        for kind, details in parts
    )


def repeats_a_repetition(parts: Any) -> bool:
    """`(a+)+` and its like: the one shape that takes exponential time."""
    return any(
        (kind in REPEATS and details[1] > SELDOM and grows(details[2]))
        or any(repeats_a_repetition(inside) for inside in insides(kind, details))
        for kind, details in parts
    )


def insides(kind: Any, details: Any) -> Iterator[Any]:
    if kind in REPEATS:
        yield details[2]
    elif kind is parser.SUBPATTERN:
        yield details[3]
    elif kind is parser.BRANCH:
        yield from details[1]
    elif kind in {parser.ASSERT, parser.ASSERT_NOT}:
        yield details[1]


@pytest.mark.parametrize("bad", ["(a+)+$", "(?:[a-z]+)*x", "((ab)*c*)*"])
def test_C6_the_check_knows_the_slow_shapes(bad):
    assert repeats_a_repetition(parser.parse(bad))


def test_C6_no_pattern_repeats_a_repetition():
    found = dict(patterns())
    assert len(found) > 20, "the packages were looked through"
    slow = {name: text for name, text in found.items() if repeats_a_repetition(parser.parse(text))}
    assert slow == {}
