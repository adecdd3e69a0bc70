"""Readings of Chinese text. The dictionary fills 55 MB, so the first reading loads it, not every process.

An export never reads a name aloud; a web server that forks should call `load()` before, so that its workers share it.
"""

from functools import cache
from importlib import import_module
from typing import Any


@cache
def load() -> Any:
    """The dictionary; takes a fifth of a second the first time."""
    return import_module("pypinyin")


def syllables(text: str) -> list[str]:
    """One reading for each character, without tones; what is no Chinese character stays together as it is."""
    dictionary = load()
    return list(dictionary.lazy_pinyin(text, style=dictionary.Style.NORMAL))


def initials(text: str) -> str:
    """The first letter of each reading, in lower case: 锦绣花园 → jxhy."""
    dictionary = load()
    return "".join(dictionary.lazy_pinyin(text, style=dictionary.Style.FIRST_LETTER)).lower()
