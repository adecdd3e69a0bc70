"""Which row holds the titles and which column is what: a guess that the user sees beside sample values and corrects."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from portal.files.sheets import Sheet
from portal.imports import values
from portal.imports.kinds import Column, Reader

HEADER_WITHIN = 20
SAMPLES = 3
SURE, LIKELY, BY_CONTENT = 1.0, 0.7, 0.4
IN_BRACKETS = re.compile(r"[((\[【].*?[))\]】]")
NOT_A_LETTER = re.compile(r"[\W_]+")
DOCUMENT = re.compile(r"\d{17}[\dXx]|\d{15}")
PHONE = re.compile(r"1\d{10}")


@dataclass(slots=True)
class Guess:
    """`mapping`: key → column number from 0. `twice`: keys that more than one column would fit."""

    sheet: int
    header_row: int
    mapping: dict[str, int]
    twice: list[str] = field(default_factory=list)

    @property
    def quality(self) -> int:
        return len(self.mapping)


def bare(title: object) -> str:
    """Titles without blanks, stars, hints in brackets and full-width forms: `* 证件号码（18 位）` → `证件号码`."""
    told = unicodedata.normalize("NFKC", values.text(title)).lower()
    return NOT_A_LETTER.sub("", IN_BRACKETS.sub("", told)) or NOT_A_LETTER.sub("", told)


def guess(sheets: Sequence[Sheet], columns: Sequence[Column]) -> Guess:
    """The sheet and row that know the most titles; the first sheet with rows when none knows any."""
    found = [guess_sheet(at, sheet.head, columns) for at, sheet in enumerate(sheets)]
    best = max(found, key=lambda one: one.quality, default=Guess(0, 0, {}))
    if not best.mapping:
        best.sheet = next((at for at, sheet in enumerate(sheets) if sheet.head), 0)
    return best


def guess_sheet(at: int, head: list[list[Any]], columns: Sequence[Column]) -> Guess:
    rows = [guess_columns(row, head[place + 1 :], columns) for place, row in enumerate(head[:HEADER_WITHIN])]
    if not rows:
        return Guess(at, 0, {})
    place = max(range(len(rows)), key=lambda one: (by_title(head[one], columns), len(rows[one][0]), -one))
    mapping, twice = rows[place]
    return Guess(at, place + 1, mapping, twice)


def by_title(row: Sequence[Any], columns: Sequence[Column]) -> int:
    titles = {bare(cell) for cell in row} - {""}
    return sum(any(score(title, column) for title in titles) for column in columns)


def guess_columns(
    header: Sequence[Any], below: Sequence[Sequence[Any]], columns: Sequence[Column]
) -> tuple[dict[str, int], list[str]]:
    """Best scores first; of two columns with one title the one with more in it. Titles beat contents."""
    offers: list[tuple[float, int, int, str]] = []
    for at, title in enumerate(header):
        cells = [row[at] for row in below if at < len(row) and not values.is_empty(row[at])]
        for column in columns:
            rated = score(bare(title), column) or looks_like(cells, column)
            if rated:
                offers.append((rated, len(cells), -at, column.key))
    mapping: dict[str, int] = {}
    twice: list[str] = []
    for rated, _filled, back, key in sorted(offers, reverse=True):
        if key in mapping:
            if rated == SURE and key not in twice and -back not in mapping.values():
                twice.append(key)
        elif -back not in mapping.values():
            mapping[key] = -back
    return mapping, twice


def score(title: str, column: Column) -> float:
    if not title:
        return 0
    known = [bare(column.title), *(bare(word) for word in column.synonyms)]
    if title in known:
        return SURE
    return LIKELY if any(len(word) > 2 and (word in title or title in word) for word in known if len(title) > 1) else 0  # noqa: PLR2004 - shorter words stand in too many titles


def looks_like(cells: Sequence[Any], column: Column) -> float:
    """By content alone only what is told from afar: document numbers and mobile numbers."""
    if not cells or column.reads != Reader.NUMBER:
        return 0
    pattern = PHONE if "phone" in column.key else DOCUMENT
    fits = sum(bool(pattern.fullmatch(values.plain(cell))) for cell in cells)
    return BY_CONTENT if fits * 2 > len(cells) else 0


def samples(head: list[list[Any]], header_row: int, at: int) -> list[str]:
    """The first values below the titles, for the eyes of whoever uploaded the file."""
    cells = (row[at] for row in head[header_row:] if at < len(row))
    return [values.text(cell)[:40] for cell in cells if not values.is_empty(cell)][:SAMPLES]
