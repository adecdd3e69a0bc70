"""Exports of other platforms, told by a mapping file (TOML): their titles, their codes, and what holds for all rows.

    code = "police-lodgers"
    title = "公安暂住人口导出"
    [columns]
    name = ["XM"]
    [words.lodging]
    "11" = "05"
    [fixed]
    channel = "share"

Files of the product stand in `mappings/` beside this module, those of an installation in DATA_DIR/mappings; what
administrators put in by the page is kept in the database (`residents.imports.kept`).
"""

import logging
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings

from portal.imports.kinds import Checker, Column, Given, Reader, Verdict
from portal.imports.models import ImportBatch
from portal.org.models import User
from residents.imports.arrivals import ArrivalChecker
from residents.imports.columns import ARRIVAL
from residents.imports.registrations import RegisterKind

log = logging.getLogger(__name__)
OWN = Path(__file__).parent / "mappings"


class MappedChecker(ArrivalChecker):
    """Values that hold for the whole table fill the cells that are not there."""

    def __init__(self, batch: ImportBatch, actor: User, fixed: Mapping[str, str]) -> None:
        super().__init__(batch, actor)
        self.fixed = fixed

    def check(self, rows: Sequence[Given]) -> Iterator[Verdict]:
        for row in rows:
            for key, value in self.fixed.items():
                row.values.setdefault(key, value)
        return super().check(rows)


class Mapped(RegisterKind):
    """A kind made from a mapping file."""

    icon = "building-2"
    shared = True

    def __init__(self, told: Mapping[str, Any]) -> None:
        self.code, self.title, self.about = told["code"], told["title"], told.get("about", "")  # type: ignore[misc]
        self.fixed: dict[str, str] = dict(told.get("fixed", {}))
        self.columns = tuple(_columns(told, self.fixed))  # type: ignore[misc]
        self.titles: dict[str, list[str]] = dict(told["columns"])
        self.words: dict[str, dict[str, str]] = dict(told.get("words", {}))

    def checker(self, batch: ImportBatch, actor: User) -> Checker:
        return MappedChecker(batch, actor, self.fixed)


def _columns(told: Mapping[str, Any], fixed: Mapping[str, str]) -> Iterator[Column]:
    """Raises KeyError for a column that the register does not have: a slip in a mapping must not lose values."""
    titles: dict[str, list[str]] = dict(told["columns"])
    words: dict[str, dict[str, str]] = told.get("words", {})
    unknown = (set(titles) | set(words) | set(fixed)) - {column.key for column in ARRIVAL}
    if unknown:
        raise KeyError(f"unknown columns: {', '.join(sorted(unknown))}")
    for column in ARRIVAL:
        if column.key in fixed:
            continue
        synonyms = (*titles.get(column.key, ()), *column.synonyms)
        yield replace(column, synonyms=synonyms, words=_words(column, words.get(column.key, {})))


def _words(column: Column, more: Mapping[str, str]) -> Any:
    """The other platform's codes come first: its 01 need not be ours."""
    known = column.words
    if column.reads != Reader.CODE or known is None or not more:
        return known
    return lambda: {**known(), **more}


def load() -> list[Mapped]:
    """Every mapping file that can be read; a broken one is named in the log and left out."""
    found: list[Mapped] = []
    for path in (*sorted(OWN.glob("*.toml")), *sorted((Path(settings.DATA_DIR) / "mappings").glob("*.toml"))):
        try:
            found.append(Mapped(tomllib.loads(path.read_text(encoding="utf-8"))))
        except (OSError, KeyError, TypeError, tomllib.TOMLDecodeError) as error:
            log.warning("mapping file %s cannot be used: %s", path.name, error)
    return found
