"""Readings of Chinese text. The dictionary fills 55 MB, so the first reading loads it, not every process.

An export never reads a name aloud; a web server that forks should call `load()` before, so that its workers share it.
"""

import re
from collections.abc import Container
from functools import cache, lru_cache
from importlib import import_module
from typing import Any

# Every syllable of the standard language without its tone, by the consonant it begins with; ü is written v.
FINALS = {
    "": "a ai an ang ao e ei en eng er o ou",
    "b": "a ai an ang ao ei en eng i ian iao ie in ing o u",
    "p": "a ai an ang ao ei en eng i ian iao ie in ing o ou u",
    "m": "a ai an ang ao e ei en eng i ian iao ie in ing iu o ou u",
    "f": "a an ang ei en eng o ou u",
    "d": "a ai an ang ao e ei en eng i ia ian iao ie ing iu ong ou u uan ui un uo",
    "t": "a ai an ang ao e eng i ian iao ie ing ong ou u uan ui un uo",
    "n": "a ai an ang ao e ei en eng i ian iang iao ie in ing iu ong ou u uan uo v ve",
    "l": "a ai an ang ao e ei eng i ia ian iang iao ie in ing iu o ong ou u uan un uo v ve",
    "g": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
    "k": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
    "h": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
    "j": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "q": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "x": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "zh": "a ai an ang ao e ei en eng i ong ou u ua uai uan uang ui un uo",
    "ch": "a ai an ang ao e en eng i ong ou u ua uai uan uang ui un uo",
    "sh": "a ai an ang ao e ei en eng i ou u ua uai uan uang ui un uo",
    "r": "an ang ao e en eng i ong ou u uan ui un uo",
    "z": "a ai an ang ao e ei en eng i ong ou u uan ui un uo",
    "c": "a ai an ang ao e en eng i ong ou u uan ui un uo",
    "s": "a ai an ang ao e en eng i ong ou u uan ui un uo",
    "y": "a an ang ao e i in ing o ong ou u uan ue un",
    "w": "a ai an ang ei en eng o u",
}
SYLLABLES = frozenset(first + final for first, finals in FINALS.items() for final in finals.split())
BEGINNINGS = frozenset(syllable[:length] for syllable in SYLLABLES for length in range(1, len(syllable) + 1))
LONGEST_SYLLABLE = 6
MOST_READINGS = 6
SHORT = re.compile(r"[\u4e00-\u9fff]{1,4}")
PAIR = 2


@cache
def load() -> Any:
    """The dictionary; takes a fifth of a second the first time."""
    return import_module("pypinyin")


@cache
def phrases() -> Container[str]:
    """Words whose characters are read together: 银行 is yin hang."""
    load()
    found: Container[str] = import_module("pypinyin.constants").PHRASES_DICT
    return found


def syllables(text: str) -> list[str]:
    """One reading for each character, without tones; what is no Chinese character stays together as it is.

    A short text without such a word is put together from readings that are known already, a tenth of the work: an
    import reads a hundred thousand names.
    """
    if SHORT.fullmatch(text) and not _has_phrase(text):
        return [_syllable(one) for one in text]
    dictionary = load()
    return list(dictionary.lazy_pinyin(text, style=dictionary.Style.NORMAL))


def _has_phrase(text: str) -> bool:
    known = phrases()
    if len(text) == PAIR:
        return text in known
    return any(text[at:end] in known for at in range(len(text) - 1) for end in range(at + 2, len(text) + 1))


@lru_cache(maxsize=20_000)
def _syllable(character: str) -> str:
    dictionary = load()
    [reading] = dictionary.lazy_pinyin(character, style=dictionary.Style.NORMAL)
    return str(reading)


def initials(text: str) -> str:
    """The first letter of each reading, in lower case: 锦绣花园 → jxhy."""
    dictionary = load()
    return "".join(dictionary.lazy_pinyin(text, style=dictionary.Style.FIRST_LETTER)).lower()


@lru_cache(maxsize=512)
def readings(letters: str) -> tuple[str, ...]:
    """The ways to take letters for syllables, with blanks between them, the last one perhaps not typed to its end:
    zhangwei → "zhang wei", xian → "xian" and "xi an", zhangw → "zhang w". Fewest syllables first, six at most.

    Blanks and apostrophes that were typed hold. Empty when the letters are no pinyin. Letters in lower case, ü as v.
    """
    words = letters.replace("'", " ").split()
    found = [""] if words else []
    for place, word in enumerate(words, start=1):
        endings = BEGINNINGS if place == len(words) else SYLLABLES
        found = [f"{before} {after}".strip() for before in found for after in _divisions(word, endings)]
    return tuple(_shortest(found))


def _divisions(word: str, endings: frozenset[str]) -> list[str]:
    """From the end: `ways[at]` are the divisions of `word[at:]`, the shortest ones kept."""
    ways: list[list[str]] = [[] for _letter in word]
    for at in range(len(word) - 1, -1, -1):
        whole = [word[at:]] if word[at:] in endings else []
        parts = [
            f"{word[at:end]} {after}"
            for end in range(at + 1, min(at + LONGEST_SYLLABLE, len(word) - 1) + 1)
            if word[at:end] in SYLLABLES
            for after in ways[end]
        ]
        ways[at] = _shortest([*whole, *parts])
    return ways[0]


def _shortest(found: list[str]) -> list[str]:
    return sorted(found, key=lambda one: (one.count(" "), one))[:MOST_READINGS]
