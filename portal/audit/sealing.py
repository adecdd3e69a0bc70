"""Sealing what was written, once a minute, without standing in the way of those who write (security design §3.3)."""

import logging
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from portal.audit import chain
from portal.audit.models import AuditSeal
from portal.audit.sources import SOURCES, Source
from portal.core import clock

log = logging.getLogger("anju.audit.head")
ROWS_A_SEAL = 20_000
SEALS_A_RUN = 200
LAST_POSSIBLE = (1 << 63) - 1
ONE_AT_A_TIME = 7_203_301
"""Number of the advisory lock: two sealers would give out one number twice."""


@dataclass(frozen=True, slots=True)
class Head:
    number: int
    digest: str

    def __str__(self) -> str:
        return f"{self.number} {self.digest}"


def seal(*, horizon: int | None = None, rows_a_seal: int = ROWS_A_SEAL, closed: bool = True) -> int:
    """Seal every settled row that is not sealed yet; returns how many rows.

    Settled: written by a transaction that has ended, with none older still running. A row that commits late is
    therefore never skipped, however low its number. Whatever turns up below the horizon afterwards was put there.
    `horizon` and `closed` are for tests, which live inside one transaction and write on after sealing.
    """
    sealed = 0
    with transaction.atomic():
        if not _take_turn():
            return 0
        last = AuditSeal.objects.order_by("-number").defer("ids", "leaves").first()
        limit = _horizon() if horizon is None else horizon
        for source in SOURCES.values():
            position = _position(source)
            for _round in range(SEALS_A_RUN):
                rows = _unsealed(source, position, limit, rows_a_seal)
                if not rows:
                    break
                position = (rows[-1][0], rows[-1][1])
                if closed and len(rows) < rows_a_seal:
                    position = (limit - 1, LAST_POSSIBLE)
                last = _bind(source, rows, last, position)
                sealed += last.count
                if len(rows) < rows_a_seal:
                    break
    if sealed:
        log.info("audit head %s", head())
    return sealed


def head() -> Head:
    """The end of the chain: a copy of it outside this machine is what makes cutting the chain visible."""
    last = AuditSeal.objects.order_by("-number").values_list("number", "digest").first()
    return Head(last[0], bytes(last[1]).hex()) if last else Head(0, "")


def waiting() -> int:
    """How many rows are written and not yet sealed; more than a few minutes' worth means the sealer stands still."""
    total = 0
    with connection.cursor() as cursor:
        for source in SOURCES.values():
            cursor.execute(
                f"SELECT count(*) FROM {source.table} WHERE (mark, {source.key}) > (%s, %s)",  # noqa: S608
                _position(source),
            )
            total += cursor.fetchone()[0]
    return total


def algorithm() -> str:
    chosen: str = settings.AUDIT_HASH
    return chosen


def _take_turn() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL TIME ZONE 'UTC'; SET LOCAL enable_sort = off")  # the index has the order already
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
        return bool(cursor.fetchone()[0])


def _horizon() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT audit_horizon()")
        return int(cursor.fetchone()[0])


def _position(source: Source) -> tuple[int, int]:
    last = AuditSeal.objects.filter(source=source.name).order_by("-number").values_list("last_mark", "last_id").first()
    return last or (-1, -1)


def _unsealed(source: Source, position: tuple[int, int], limit: int, most: int) -> list[tuple[int, int, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT t.mark, t.{source.key}, {source.text(source.layout)} FROM
                  (SELECT * FROM {source.table} WHERE (mark, {source.key}) > (%s, %s) AND mark < %s
                   ORDER BY mark, {source.key} LIMIT %s) t""",  # noqa: S608
            [*position, limit, most],
        )
        rows: list[tuple[int, int, str]] = cursor.fetchall()
    return rows


def _bind(source: Source, rows: list[tuple[int, int, str]], last: Any, end: tuple[int, int]) -> AuditSeal:
    name = algorithm()
    ids = [key for _mark, key, _text in rows]
    stretch = chain.Stretch(
        number=last.number + 1 if last else 1,
        source=source.name,
        layout=source.layout,
        last_mark=end[0],
        last_id=end[1],
        ids=ids,
        leaves=chain.leaves(name, (text for _mark, _key, text in rows)),
        algorithm=name,
        previous=bytes(last.digest) if last else chain.START,
    )
    digest = stretch.digest()
    return AuditSeal.objects.create(
        number=stretch.number,
        source=stretch.source,
        layout=stretch.layout,
        first_id=ids[0],
        last_mark=stretch.last_mark,
        last_id=stretch.last_id,
        count=len(ids),
        ids=ids,
        leaves=stretch.leaves,
        algorithm=name,
        previous=stretch.previous,
        digest=digest,
        key_id=chain.key_id(),
        signature=chain.sign(name, digest),
        sealed_at=clock.now(),
    )
