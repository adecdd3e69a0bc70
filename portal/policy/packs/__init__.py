"""Policy packs: what a province, prefecture or county adds to or changes in the national rules, as TOML.

A pack names its area and the packs below it (`requires`); each `[[source]]` is one legal text with its rules, each
`[[table]]` one code table. Reading and comparing is here, the command `load_policy` writes.
"""

import csv
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from portal.policy.choices import DivisionLevel

FOLDER = Path(__file__).resolve().parent
CODE_PACKS = ("codes", "codes_nationality")
GROUPING_NAMES = frozenset({"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"})
PROVINCE_DIGITS, PREFECTURE_DIGITS = 2, 4


class PackError(Exception):
    """A pack file is missing or wrong; the message names the file and the entry."""


@dataclass(frozen=True)
class Pack:
    name: str
    area_code: str
    requires: tuple[str, ...] = ()
    sources: list[dict[str, Any]] = field(default_factory=list)
    tables: list[dict[str, Any]] = field(default_factory=list)

    def rules(self) -> Iterator[dict[str, Any]]:
        """Field values of PolicyRule, `pack` and `area_code` included."""
        for source in self.sources:
            for entry in source["rules"]:
                yield {
                    "code": entry["code"],
                    "area_code": self.area_code,
                    "value": entry["value"],
                    "unit": entry["unit"],
                    "text": entry["text"],
                    "basis": source["basis"] + entry.get("article", ""),
                    "effective_from": entry.get("from", source["from"]),
                    "effective_to": entry.get("until", source.get("until")),
                    "verified": entry.get("verified", source["verified"]),
                    "note": entry.get("note", source.get("note", "")),
                    "pack": self.name,
                }

    def codes(self) -> Iterator[dict[str, Any]]:
        """Field values of CodeItem, in display order."""
        for table in self.tables:
            retired = set(table.get("inactive", ()))
            for position, (code, name, name_en, *bucket) in enumerate(table["items"], start=1):
                yield {
                    "table": table["code"],
                    "code": code,
                    "name": name,
                    "name_en": name_en,
                    "sort": position,
                    "active": code not in retired,
                    "standard": table.get("standard", ""),
                    "source": table["source"],
                    "verified": table["verified"],
                    "bucket": bucket[0] if bucket else "",
                    "pack": self.name,
                }


def available() -> list[str]:
    """Names of the packs that hold rules, in alphabetical order."""
    return sorted(path.stem for path in FOLDER.glob("*.toml") if path.stem not in CODE_PACKS)


def read(name: str) -> Pack:
    path = FOLDER / f"{name}.toml"
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise PackError(f"There is no policy pack “{name}”. Available: {', '.join(available())}.") from error
    except tomllib.TOMLDecodeError as error:
        raise PackError(f"{path.name}: {error}.") from error
    return Pack(
        name=content["name"],
        area_code=content.get("area_code", ""),
        requires=tuple(content.get("requires", ())),
        sources=content.get("source", []),
        tables=content.get("table", []),
    )


def resolve(names: list[str]) -> list[Pack]:
    """The packs and everything they require, the general ones first, each once."""
    ordered: dict[str, Pack] = {}
    for name in names:
        pack = read(name)
        for below in resolve(list(pack.requires)):
            ordered.setdefault(below.name, below)
        ordered.setdefault(pack.name, pack)
    return list(ordered.values())


def divisions(national: Path) -> Iterator[dict[str, Any]]:
    """Field values of Division: the national list and our own list of abolished and special codes."""
    rows = [*_table(national), *_table(FOLDER / "divisions_extra.tsv")]
    names = {row["code"]: row["name"] for row in rows}
    for row in rows:
        code, last_year = row["code"], row.get("last_year") or ""
        yield {
            "code": code,
            "name": row["name"],
            "full_name": _full_name(code, names),
            "level": DivisionLevel(row["level"]),
            "valid_from": None,
            "valid_to": date(int(last_year), 12, 31) if last_year else None,
        }


def _full_name(code: str, names: dict[str, str]) -> str:
    """Province, prefecture and county run together, without grouping nodes and without saying a name twice."""
    parts: list[str] = []
    for length in (PROVINCE_DIGITS, PREFECTURE_DIGITS, len(code)):
        name = names.get(code[:length], "") if length <= len(code) else ""
        if name and name not in GROUPING_NAMES and name not in parts:
            parts.append(name)
    return "".join(parts)


def _table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle, delimiter="\t"))
