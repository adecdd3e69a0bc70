"""What the pages show of batches and rows. Numbers are masked, as everywhere."""

import re
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from portal.imports.applying import NATURAL
from portal.imports.kinds import Column, ImportKind
from portal.imports.models import BatchState, Decision, ImportBatch, ImportRow, Outcome
from portal.vault.masks import mask_id_number, mask_phone

LONG_NUMBER = re.compile(r"[\dXx０-９.+eE]{7,}")
TONES = {
    Decision.CREATE: "ok",
    Decision.UPDATE: "brand",
    Decision.UNCHANGED: "",
    Decision.DUPLICATE: "warn",
    Decision.ERROR: "bad",
}
STATE_TONES = {
    BatchState.DONE: "ok",
    BatchState.CHECKED: "warn",
    BatchState.MAPPING: "warn",
    BatchState.UNDONE: "",
    BatchState.DISCARDED: "",
}
STEPS = {
    BatchState.READING: 1,
    BatchState.MAPPING: 2,
    BatchState.CHECKING: 3,
    BatchState.CHECKED: 3,
    BatchState.APPLYING: 4,
    BatchState.DONE: 5,
    BatchState.UNDOING: 5,
    BatchState.UNDONE: 5,
}
Text = str | Promise


def masked(column: Column, value: str) -> str:
    if not column.secret or not value:
        return value
    if "number" in column.key:
        return mask_id_number(value)
    return mask_phone(value) if "phone" in column.key else "*"


def without_numbers(cells: list[str]) -> str:
    """A row of the file in a list of rows: enough to tell titles from people, no number of anybody."""
    return " · ".join(LONG_NUMBER.sub("…", cell) for cell in cells if cell)[:60]


@dataclass(frozen=True, slots=True)
class Tile:
    decision: str
    label: Text
    count: int
    tone: str
    share: int


def tiles(batch: ImportBatch) -> list[Tile]:
    total = max(batch.found.get("read", 0), 1)
    return [
        Tile(str(one), one.label, batch.found.get(one, 0), TONES[one], round(100 * batch.found.get(one, 0) / total))
        for one in Decision
    ]


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the check as the table shows it."""

    number: int
    cells: list[str]
    decision: str
    label: Text
    tone: str
    problems: list[tuple[str, str]]
    changes: list[tuple[str, str, str]]
    note: str
    force: bool
    forcible: bool


def lines(kind: ImportKind, batch: ImportBatch, rows: list[ImportRow]) -> list[Line]:
    columns = leading(kind, batch)
    return [_line(kind, columns, row) for row in rows]


def leading(kind: ImportKind, batch: ImportBatch) -> list[Column]:
    """The first columns that the file has: enough to know a row by."""
    return [column for column in kind.columns if column.key in batch.mapping and column.required][:4]


def _line(kind: ImportKind, columns: list[Column], row: ImportRow) -> Line:
    titles = {column.key: column for column in kind.columns}
    decision = Decision(row.decision)
    return Line(
        number=row.number,
        cells=[masked(column, row.raw.get(column.key, "")) for column in columns],
        decision=row.decision,
        label=decision.label,
        tone=TONES[decision],
        problems=[
            (titles[one["column"]].title if one["column"] in titles else "", one["text"]) for one in row.problems
        ],
        changes=[_change(titles, one) for one in (row.cleaned or {}).get("changes", [])],
        note=row.note,
        force=row.force,
        forcible=decision == Decision.DUPLICATE and row.cleaned is not None,
    )


def _title(titles: dict[str, Column], key: str) -> str:
    return titles[key].title if key in titles else ""


def _change(titles: dict[str, Column], change: list[str]) -> tuple[str, str, str]:
    key, before, after = change
    column = titles.get(key)
    if column is None:
        return key, before, after
    words = {
        code: word for word, code in reversed(list((column.words() if column.words else {}).items())) if word != code
    }
    told = [masked(column, words.get(value, value)) for value in (before, after)]
    return column.title, told[0], told[1]


def reconciliation(batch: ImportBatch) -> list[tuple[Text, int, str]]:
    tones = {NATURAL[decision]: tone for decision, tone in TONES.items()}
    return [(outcome.label, getattr(batch, outcome), tones[outcome]) for outcome in Outcome]


def steps() -> list[str]:
    return [_("Upload"), _("Columns"), _("Check"), _("Import"), _("Result")]


def facts(batch: ImportBatch, kind: ImportKind) -> list[tuple[str, Any]]:
    return [
        (_("Import number"), batch.number),
        (_("Kind of import"), kind.title),
        (_("Size"), f"{batch.size / 1_000_000:.1f} MB"),
        (_("Fingerprint of the file"), batch.sha256[:16]),
    ]
