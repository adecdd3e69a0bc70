"""Importing 100,000 rows with errors of every kind, beside django-import-export in its bulk mode on the same file.

End to end: read, checked, written with history, walls and counters; killed five times on the way in a second run; taken
back, after which every row of the register has the hash it had before.
"""

import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connection

from bench import import_files
from bench.figures import Figure, Report

ROWS = int(os.environ.get("IMPORT_ROWS") or 100_000)
KILLS = 5
TABLES = ("residents_person", "residents_registration", "residents_registrationchange", "residents_dwelling")
ENCRYPTED = ("document_number", "phone", "ethnicity", "landlord_phone", "agent_phone")
HASHES = """SELECT count(*),
    coalesce(sum(('x' || substr(md5((to_jsonb(t) - %s::text[])::text), 1, 15))::bit(60)::bigint), 0)
    FROM {table} t"""


def run(report: Report) -> None:
    with tempfile.TemporaryDirectory() as folder:
        measure(report, Path(folder))


def measure(report: Report, folder: Path) -> None:
    """Ours, what is left of it when it is taken back, the same with kills, and then the peer on what is as before."""
    file = folder / "registrations.xlsx"
    expected = import_files.write(file, ROWS)
    before = state()
    with second_worker(file) as second:
        ours = child("ours", file)
    speed = ROWS / ours["seconds"]
    report.add(Figure("import rows, end to end", speed, "rows/s", None, ">= 3000"))
    report.add(Figure("import reading and checking", ROWS / ours["checking"], "rows/s"))
    report.add(Figure("import writing with history", ours["written"] / ours["writing"], "rows/s"))
    report.add(Figure("import afterwards: looking for duplicates", ours["written"] / ours["looking"], "rows/s"))
    report.add(Figure("import peak memory of the worker", ours["import_peak_mb"], "MB", None, "<= 300"))
    report.add(Figure("import peak memory of the second worker", second["peak_mb"], "MB", None, "<= 300"))
    off = sum(abs(ours["counts"][name] - expected[name]) for name in expected)
    report.add(Figure("import rows counted otherwise than made", off, "rows", None, "<= 0"))
    report.add(Figure("import reconciliation off by", balance(ours["counts"]), "rows", None, "<= 0"))
    child("undo", file)
    report.add(Figure("import tables that differ after undoing", differing(before, state()), "tables", None, "<= 0"))
    with_kills(report, file, ours["counts"])
    report.add(Figure("import tables that differ after that undo", differing(before, state()), "tables", None, "<= 0"))
    other = child("peer", file)
    alone = ROWS / (other["seconds"] - other["trial"])
    both = ROWS / other["seconds"]
    report.add(Figure("import django-import-export, bulk mode, not tried before", alone, "rows/s", speed / alone))
    report.add(Figure("import django-import-export, bulk mode, tried before", both, "rows/s"))
    report.add(Figure("import rows (to both steps of django-import-export)", speed, "rows/s", speed / both, ">= 3"))


def with_kills(report: Report, file: Path, counts: dict[str, int]) -> None:
    killed = killed_on_the_way(file)
    report.add(Figure("import killed on the way", killed["kills"], "times", None, f">= {KILLS}"))
    off = sum(killed["counts"][name] != counts[name] for name in counts)
    report.add(Figure("import counts that differ after the kills", off, "counts", None, "<= 0"))
    child("undo", file)


def balance(counts: dict[str, int]) -> int:
    return abs(counts["read"] - sum(count for name, count in counts.items() if name != "read"))


def differing(before: dict[str, Any], after: dict[str, Any]) -> int:
    return sum(before[table] != after[table] for table in before)


def state(tables: Sequence[str] = TABLES) -> dict[str, Any]:
    """Count and sum of the row hashes; encrypted columns are left out, their nonces differ each time."""
    found: dict[str, Any] = {}
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(HASHES.format(table=table), [list(ENCRYPTED)])
            found[table] = cursor.fetchone()
    return found


def killed_on_the_way(file: Path) -> dict[str, Any]:
    """Both workers are killed at a random moment, five times; the last ones may finish."""
    child("prepare", file)
    seed = random.Random(hashlib.sha256(str(ROWS).encode()).hexdigest())
    kills = 0
    while kills < KILLS:
        workers = [start("helper", file), start("work", file)]
        time.sleep(seed.uniform(3, 6))
        ended = workers[1].poll() is not None
        for process in workers:
            process.kill()
            process.wait()
        if ended:
            break
        kills += 1
    with second_worker(file):
        return child("work", file) | {"kills": kills}


@contextmanager
def second_worker(file: Path) -> Iterator[dict[str, Any]]:
    """The product runs two workers; afterwards the yielded dict tells what this one found."""
    process = start("helper", file)
    assert process.stdin is not None  # noqa: S101 - pipes, see start()
    assert process.stdout is not None  # noqa: S101
    process.stdout.readline()
    found: dict[str, Any] = {}
    yield found
    process.stdin.close()
    found |= json.loads(process.stdout.read().splitlines()[-1])
    process.wait()


def start(what: str, file: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "bench.imports_child", what, str(file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def child(what: str, file: Path) -> dict[str, Any]:
    process = start(what, file)
    out, _err = process.communicate()
    if process.returncode:
        raise SystemExit(f"{what} ended with {process.returncode}")
    found: dict[str, Any] = json.loads(out.splitlines()[-1])
    return found
