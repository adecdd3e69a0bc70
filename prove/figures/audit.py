"""H10: whoever touches the sealed log afterwards is found out."""

import json
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

from portal.audit import sealing, verification
from prove.figure import Result, figure
from prove.support import as_owner

TAMPERINGS, LOG_ROWS, LARGE_ROWS = 1_000, 600, 200_000
EVERYTHING = 1 << 60
MANY_LOOKS = """
INSERT INTO audit_accessevent
       (mark, at, actor_id, action, purpose, reason, person_ids, fields, row_count, request_id)
SELECT audit_mark() + n / 3, now() - n * interval '1 second', (SELECT min(id) FROM org_user), 'open', 'prove', '',
       ARRAY[n, n + 1], ARRAY['document_number'], 2, md5(n::text)::char(16)
FROM generate_series(1, %s) AS n
"""
MANY_STEPS = """
INSERT INTO audit_auditentry (mark, at, actor_id, action, target_model, target_id, area_code, request_id, details)
SELECT audit_mark() + n / 3, now(), (SELECT min(id) FROM org_user), 'person.changed', 'residents.person', n, '', '',
       jsonb_build_object('step', n)
FROM generate_series(1, %s) AS n
"""
"""Three rows a transaction, as a page writes them."""

TABLES = {"access": "audit_accessevent", "entries": "audit_auditentry"}


def run(sql: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall() if cursor.description else []


@contextmanager
def undone() -> Iterator[None]:
    """A copy of the database to spoil: everything inside is rolled back."""
    with transaction.atomic():
        mark = transaction.savepoint()
        yield
        transaction.savepoint_rollback(mark)


def alter(table: str, ids: list[int], draw: random.Random) -> None:
    """One value of one row; every column that says who, when, what or whom gets its turn."""
    changes = {
        "audit_accessevent": [
            "at = at - interval '1 second'",
            "actor_id = (SELECT max(id) FROM org_user)",
            "action = 'list'",
            "reason = reason || 'x'",
            "person_ids = person_ids[1:1]",
            "fields = '{}'",
            "row_count = row_count + 1",
            "address = '10.9.9.9'",
        ],
        "audit_auditentry": [
            "at = at - interval '1 second'",
            "actor_id = (SELECT max(id) FROM org_user)",
            "action = 'person.opened'",
            "target_id = target_id || '1'",
            """details = '{"step": -1}'""",
        ],
    }
    run(f"UPDATE {table} SET {draw.choice(changes[table])} WHERE id = %s", draw.choice(ids))


def delete(table: str, ids: list[int], draw: random.Random) -> None:
    run(f"DELETE FROM {table} WHERE id = %s", draw.choice(ids[:-5]))


def insert(table: str, ids: list[int], draw: random.Random) -> None:
    """A row that looks as if it had been written then, copied from a neighbour."""
    [(row,)] = run(f"SELECT to_jsonb(t) FROM {table} t WHERE id = %s", draw.choice(ids[:-5]))
    row = row if isinstance(row, dict) else json.loads(row)
    row |= {
        "id": 1_000_000_000 + draw.randrange(1_000_000),
        "action": "export",
        "mark": row["mark"] - draw.randrange(2),
    }
    run(f"INSERT INTO {table} SELECT * FROM jsonb_populate_record(NULL::{table}, %s)", json.dumps(row))


def reorder(table: str, ids: list[int], draw: random.Random) -> None:
    """Two rows change places, by number or by the transaction that wrote them."""
    at = draw.randrange(len(ids) - 10)
    first, second = ids[at], ids[at + 3 + draw.randrange(6)]
    by_number = draw.choice((True, False)) or same_transaction(table, first, second)
    if by_number:
        run(f"UPDATE {table} SET id = -id WHERE id IN (%s, %s)", first, second)
        run(f"UPDATE {table} SET id = CASE id WHEN %s THEN %s::bigint ELSE %s END WHERE id < 0", -first, second, first)
    else:
        run(
            f"UPDATE {table} t SET mark = o.mark FROM {table} o"
            " WHERE t.id IN (%s, %s) AND o.id IN (%s, %s) AND o.id <> t.id",
            *(first, second) * 2,
        )


def same_transaction(table: str, first: int, second: int) -> bool:
    """Rows of one transaction carry one mark: to exchange it would change nothing."""
    return len(run(f"SELECT DISTINCT mark FROM {table} WHERE id IN (%s, %s)", first, second)) == 1


def cut(table: str, ids: list[int], draw: random.Random) -> None:
    """The end of the log, half of the time together with the seals that stand over it."""
    run(f"DELETE FROM {table} WHERE id > %s", ids[-1 - draw.randint(1, 20)])
    if draw.choice((True, False)):
        run(
            "DELETE FROM audit_auditseal WHERE number > (SELECT max(number) - %s FROM audit_auditseal)",
            draw.randint(1, 3),
        )


KINDS: dict[str, Callable[[str, list[int], random.Random], None]] = {
    "altered": alter,
    "missing": delete,
    "inserted": insert,
    "reordered": reorder,
    "cut": cut,
}


def tampered(kind: str, draw: random.Random, copy: sealing.Head) -> bool:
    """Does the check see it? As the owner of the tables, with the guards of the database taken away."""
    table = draw.choice(list(TABLES.values()))
    ids = [key for (key,) in run(f"SELECT id FROM {table} ORDER BY mark, id")]
    with undone():
        KINDS[kind](table, ids, draw)
        return not verification.verify(known_heads=[copy]).is_sound


@figure("H10", "tamperings with the sealed log that the check finds; how fast it looks through 200,000 rows")
def tamperings() -> Result:
    draw, found = random.Random(10), Counter[str]()
    with as_owner(), undone():
        run("SET CONSTRAINTS ALL IMMEDIATE")
        run(MANY_LOOKS, LOG_ROWS)
        run(MANY_STEPS, LOG_ROWS)
        sealing.seal(horizon=EVERYTHING, rows_a_seal=90)
        for table in (*TABLES.values(), "audit_auditseal"):
            run(f"ALTER TABLE {table} DISABLE TRIGGER kept_as_written")
        before = verification.verify().problems
        copy = sealing.head()
        for turn in range(TAMPERINGS):
            kind = list(KINDS)[turn % len(KINDS)]
            found[kind] += tampered(kind, draw, copy)
    seconds, sound = large_log()
    total = sum(found.values())
    kinds = ", ".join(f"{kind} {found[kind]}" for kind in KINDS)
    ok = total == TAMPERINGS and not before and sound
    return Result(
        ok, f"{total} of {TAMPERINGS} tamperings found ({kinds}); {LARGE_ROWS} rows checked in {seconds:.1f} s"
    )


def large_log() -> tuple[float, bool]:
    with as_owner(), undone():
        run("SET CONSTRAINTS ALL IMMEDIATE")
        run(MANY_LOOKS, LARGE_ROWS)
        began = time.monotonic()
        sealing.seal(horizon=EVERYTHING)
        print(f"  {LARGE_ROWS} rows sealed in {time.monotonic() - began:.1f} s", flush=True)
        report = verification.verify()
        return report.seconds, report.is_sound and report.rows >= LARGE_ROWS
