"""Looking through the chain and the sealed tables: what was altered, taken out, put in, moved, or cut off."""

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from itertools import islice

from django.db import connection, transaction

from portal.audit import chain
from portal.audit.models import AuditCheck, AuditSeal
from portal.audit.sealing import Head
from portal.audit.sources import SOURCES, Source

ALTERED, MISSING, INSERTED, REORDERED, CUT = "altered", "missing", "inserted", "reordered", "cut"
FETCH = 5_000
SHOWN = 100
SEAL = "seal"

Row = tuple[int, int, bytes]
"""Mark, key, leaf of the row as it stands in the table now."""


@dataclass(frozen=True, slots=True)
class Problem:
    """`source` is "seal" when the chain itself was touched; `row` is then the number of the seal."""

    kind: str
    source: str
    row: int

    def __str__(self) -> str:
        return f"{self.kind} {self.source} {self.row}"


@dataclass(slots=True)
class Report:
    rows: int = 0
    seals: int = 0
    seconds: float = 0.0
    head: Head = field(default_factory=lambda: Head(0, ""))
    problems: list[Problem] = field(default_factory=list)

    @property
    def is_sound(self) -> bool:
        return not self.problems


@dataclass(slots=True)
class _Findings:
    """What does not fit, by source, with the leaves: at the end they tell moved rows from altered ones."""

    altered: dict[int, tuple[bytes, bytes]] = field(default_factory=dict)
    missing: dict[int, bytes] = field(default_factory=dict)
    inserted: list[tuple[int, bytes]] = field(default_factory=list)
    moved: set[int] = field(default_factory=set)
    sealed_order: list[int] = field(default_factory=list)


@transaction.atomic
def verify(*, known_heads: Iterable[Head] = ()) -> Report:
    """Check every seal and every sealed row. `known_heads` are copies kept elsewhere: without one, a chain whose end
    was cut off together with its rows looks whole."""
    began = time.monotonic()
    report = Report()
    found: dict[str, _Findings] = defaultdict(_Findings)
    heads = {known.number: known.digest for known in known_heads if known.number}
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL TIME ZONE 'UTC'")
        cursor.execute("SET LOCAL statement_timeout = 0")
    with ExitStack() as stack:
        walks = {source.name: _Walk(source, stack) for source in SOURCES.values()}
        previous, number = chain.START, 0
        for seal in AuditSeal.objects.order_by("number").iterator(chunk_size=200):
            number = _check_link(seal, number, previous, report, heads)
            previous = bytes(seal.digest)
            report.seals += 1
            walk = walks.get(seal.source)
            if walk and seal.layout in walk.layouts:
                rows = walk.up_to(seal)
                report.rows += len(rows)
                _compare(seal, rows, found[seal.source])
        report.head = Head(number, previous.hex())
    report.problems += [Problem(CUT, SEAL, lost) for lost in sorted(heads) if lost > number]
    for name, findings in found.items():
        report.problems += _named(name, findings)
    report.seconds = time.monotonic() - began
    return report


def keep(report: Report) -> AuditCheck:
    """Store the result for the console; of many problems the first hundred are named there."""
    return AuditCheck.objects.create(
        rows=report.rows,
        seals=report.seals,
        seconds=round(report.seconds, 3),
        head=str(report.head),
        problems=[asdict(problem) for problem in report.problems[:SHOWN]],
    )


def _check_link(seal: AuditSeal, before: int, previous: bytes, report: Report, heads: dict[int, str]) -> int:
    report.problems += [Problem(MISSING, SEAL, lost) for lost in range(before + 1, seal.number)]
    unbroken = bytes(seal.previous) == previous or seal.number != before + 1
    own = chain.stretch_of(seal).digest() == bytes(seal.digest) and chain.is_signed(seal)
    known = heads.get(seal.number, bytes(seal.digest).hex()) == bytes(seal.digest).hex()
    if not (unbroken and own and known):
        report.problems.append(Problem(ALTERED, SEAL, seal.number))
    return int(seal.number)


class _Walk:
    """Reads one table in the order of sealing, a bit at a time, beside the seals."""

    def __init__(self, source: Source, stack: ExitStack) -> None:
        self.source = source
        self.stack = stack
        self.held: list[tuple[int, int, list[str]]] = []
        self.rows: Iterator[tuple[int, int, list[str]]] | None = None
        used = AuditSeal.objects.filter(source=source.name, layout__in=source.layouts).order_by("layout")
        self.layouts = list(used.values_list("layout", flat=True).distinct())

    def up_to(self, seal: AuditSeal) -> list[Row]:
        if self.rows is None:
            self.rows = self._open()
        end = (seal.last_mark, seal.last_id)
        at = self.layouts.index(seal.layout)
        taken: list[Row] = []
        while True:
            row = self.held.pop() if self.held else next(self.rows, None)
            if row is None:
                return taken
            mark, key, texts = row
            if (mark, key) > end:
                self.held.append(row)
                return taken
            taken.append((mark, key, chain.leaf(seal.algorithm, texts[at])))

    def _open(self) -> Iterator[tuple[int, int, list[str]]]:
        texts = ", ".join(self.source.text(layout) for layout in self.layouts)
        cursor = self.stack.enter_context(connection.chunked_cursor())
        cursor.execute(
            f"SELECT t.mark, t.{self.source.key}, {texts} FROM {self.source.table} t"  # noqa: S608
            f" ORDER BY t.mark, t.{self.source.key}"
        )
        while batch := cursor.fetchmany(FETCH):
            for mark, key, *found in batch:
                yield mark, key, found


def _compare(seal: AuditSeal, rows: list[Row], found: _Findings) -> None:
    if [key for _mark, key, _leaf in rows] == seal.ids and b"".join(row[2] for row in rows) == bytes(seal.leaves):
        found.sealed_order.extend(islice(reversed(seal.ids), 1))
        return
    sealed = dict(zip(seal.ids, chain.split(bytes(seal.leaves)), strict=False))
    found.sealed_order.extend(seal.ids)
    there: dict[int, None] = {}
    for _mark, key, leaf in rows:
        if key not in sealed or key in there:
            found.inserted.append((key, leaf))
            continue
        there[key] = None
        if leaf != sealed[key]:
            found.altered[key] = (sealed[key], leaf)
    found.missing.update({key: leaf for key, leaf in sealed.items() if key not in there})
    order = [key for key in sealed if key in there]
    found.moved.update(now for now, then in zip(there, order, strict=True) if now != then)


def _named(name: str, found: _Findings) -> list[Problem]:
    """A content that stands somewhere else now was moved; rows missing from the end without a break were cut off."""
    now = {leaf for _was, leaf in found.altered.values()} | {leaf for _key, leaf in found.inserted}
    was = {leaf for leaf, _now in found.altered.values()} | set(found.missing.values())
    moved = set(found.moved)
    moved |= {key for key, (then, leaf) in found.altered.items() if then in now and leaf in was}
    moved |= {key for key, leaf in found.missing.items() if leaf in now}
    moved |= {key for key, leaf in found.inserted if leaf in was}
    missing = {key for key in found.missing if key not in moved}
    end: set[int] = set()
    for key in reversed(found.sealed_order):
        if key not in missing:
            break
        end.add(key)
    kinds = dict.fromkeys(moved, REORDERED)
    kinds |= {key: ALTERED for key in found.altered if key not in moved}
    kinds |= {key: CUT if key in end else MISSING for key in missing}
    kinds |= {key: INSERTED for key, _leaf in found.inserted if key not in moved}
    return [Problem(kinds[key], name, key) for key in sorted(kinds)]
