"""A demo county made into millions in a few minutes: its rows copied inside the database, each copy somebody else.

Every copy lives in a county of its own round (counties of half a million at most), under another name with its own
pinyin, with other blind indexes, another phone, another day of birth and another door. What a copy keeps: the
ciphertexts, so its document number opens as the original's; histories and permits are not copied. Foreign keys of the
copied tables are checked for new rows only (NOT VALID). Never point this at real data.
"""
# ruff: noqa: S608 - tables and columns are named here and in the catalogue

import io
import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any

from django.conf import settings
from django.db import connection

from demo.names import name_of
from portal.reports.services import rebuild
from residents.services.identity import document_tail_index
from residents.services.names import pinyin_of

TABLES = ("residents_dwelling", "residents_person", "residents_registration")
COUNTY = settings.COUNTY_CODE
OF_A_COUNTY = 500_000
NAMES = 200_000
BATCH = 500_000
DECADES = (1950, 1960, 1970, 1980, 1990, 2000, 2010)
PREFIXES = [
    f"{one}{two}"
    for one in "金银玉宝明华安康福瑞祥和盛景翠碧蓝紫红东"
    for two in "河山湖海江城桥门苑庭园林湾岭峰源泉溪堂阁"
]
COLUMNS = """
SELECT a.attname, a.attnotnull, f.confrelid::regclass::text
FROM pg_attribute a
LEFT JOIN pg_constraint f ON f.contype = 'f' AND f.conrelid = a.attrelid AND f.conkey = ARRAY[a.attnum]
WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
ORDER BY a.attnum
"""
INDEXES = """
SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i
WHERE i.indrelid = ANY(%s::regclass[]) AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)
"""
CONSTRAINTS = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), contype FROM pg_constraint
WHERE contype IN ('u', 'x', 'f') AND conrelid = ANY(%(tables)s::regclass[])
"""
AREA = "x.county || substr(t.area_code, 7)"
NUMBER = "((right(t.code, 6)::integer + 2000 * x.round) %% 1000000)"
HASH = "(hashint8extended(t.id * 100003 + x.n, {seed}) & 2147483647)"
CHANGED = {
    "residents_dwelling": {
        "code": f"left({AREA}, 12) || lpad({NUMBER}::text, 6, '0')",
        "plate": "gen_random_uuid()",
        "estate": "x.prefix || t.estate",
        "address": "x.prefix || t.address",
        "shorthand": "x.initials || t.shorthand",
        "key": "x.prefix || t.key",
    },
    "residents_person": {
        "document_index": "decode(md5(t.id || '-' || x.n), 'hex')",
        "document_tail_index": "tail.index",
        "phone_index": "CASE WHEN t.phone_index IS NOT NULL THEN decode(md5('p' || t.id || '-' || x.n), 'hex') END",
        "name": "called.name",
        "name_pinyin": "called.pinyin",
        "name_initials": "called.initials",
        "birth_date": "t.birth_date + (" + HASH.format(seed=3) + " %% 700)::integer - 350",
        "updated_at": "now() - (" + HASH.format(seed=4) + " %% 77760000) * interval '1 second'",
    },
    "residents_registration": {
        "voucher": "gen_random_uuid()",
        "workplace": "CASE WHEN t.workplace <> '' THEN left(x.prefix || t.workplace, 100) ELSE '' END",
        "updated_at": "now() - (" + HASH.format(seed=4) + " %% 77760000) * interval '1 second'",
    },
}
JOINS = {
    "residents_person": " JOIN bench_name called ON called.n = " + HASH.format(seed=1) + f" %% {NAMES}"
    " JOIN bench_tail tail ON tail.n = " + HASH.format(seed=2) + " %% 11000",
}
KEPT = {"org_user", "residents_notice"}


def multiply(people: int) -> None:
    """Adds copies until about `people` are on file. Triggers stay off meanwhile; the dashboard is counted anew."""
    began = perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0; SET synchronous_commit = off; SET work_mem = '128MB'")
        cursor.execute("SET maintenance_work_mem = '512MB'")
        cursor.execute("SELECT count(*) FROM residents_person")
        there = cursor.fetchone()[0]
        copies = -(-people // there) - 1
        _vocabulary(cursor)
        _counties(cursor, copies, max(1, OF_A_COUNTY // there))
        step = max(_last(cursor, table) for table in TABLES)
        size = max(1, BATCH // there)
        columns = {table: _columns(cursor, table) for table in TABLES}
        _told("vocabulary", began)
        with _bare(cursor):
            for table in TABLES:
                for first in range(1, copies + 1, size):
                    _copy(cursor, table, columns[table], step, (first, min(first + size - 1, copies)))
                cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [table, _last(cursor, table)])
                _told(f"{table} copied", began)
        _told("indexes and constraints", began)
        for table in (*TABLES, "org_area"):
            cursor.execute(f"VACUUM ANALYZE {table}")
        _told("vacuum", began)
    rebuild()
    _told("dashboard", began)


def _last(cursor: Any, table: str) -> int:
    cursor.execute(f"SELECT max(id) FROM {table}")
    return int(cursor.fetchone()[0])


def _vocabulary(cursor: Any) -> None:
    """Names with their pinyin, and the keyed hash of every possible end of a number."""
    chance = random.Random(COUNTY)
    names = io.StringIO()
    for number in range(NAMES):
        name = name_of(chance, sex=chance.choice("12"), birth_year=chance.choice(DECADES), ethnicity="01")
        names.write("\t".join((str(number), name, *pinyin_of(name))) + "\n")
    names.seek(0)
    cursor.execute("CREATE TEMP TABLE bench_name (n integer PRIMARY KEY, name text, pinyin text, initials text)")
    cursor.copy_from(names, "bench_name")
    cursor.execute("CREATE TEMP TABLE bench_tail (n integer PRIMARY KEY, index bytea)")
    ends = [f"{number:03d}{last}" for number in range(1000) for last in "0123456789X"]
    tails = io.StringIO("".join(f"{n}\t\\\\x{document_tail_index(end).hex()}\n" for n, end in enumerate(ends)))
    cursor.copy_from(tails, "bench_tail")
    cursor.execute("ANALYZE bench_name; ANALYZE bench_tail")


def _counties(cursor: Any, copies: int, rounds: int) -> None:
    """Copy `n` goes to a county; each county is the demo county's tree under another code. The demo county is full
    after `rounds` copies too."""
    needed = -(-(copies + 1) // rounds)
    made = [COUNTY, *(f"{COUNTY[:4]}{number}" for number in range(30, 30 + needed - 1))]
    cursor.execute(
        "CREATE TEMP TABLE bench_copy (n integer PRIMARY KEY, county text, round integer, prefix text, initials text);"
        "CREATE UNIQUE INDEX ON bench_copy (county, prefix)"
    )
    rows = io.StringIO()
    for n in range(1, copies + 1):
        prefix = PREFIXES[n % len(PREFIXES)] + ("" if n < len(PREFIXES) else str(n // len(PREFIXES)))
        initials = "".join(syllable[0] for syllable in pinyin_of(prefix[:2])[0].split()) + prefix[2:]
        rows.write(f"{n}\t{made[n % len(made)]}\t{n // len(made)}\t{prefix}\t{initials}\n")
    rows.seek(0)
    cursor.copy_from(rows, "bench_copy")
    for county in made[1:]:
        _tree(cursor, county)


def _tree(cursor: Any, county: str) -> None:
    cursor.execute(COLUMNS, ["org_area"])
    names = [name for name, _needed, _target in cursor.fetchall() if name not in {"id", "code", "parent_id"}]
    columns = ", ".join(f'"{name}"' for name in names)
    cursor.execute(
        f"INSERT INTO org_area (code, {columns}) SELECT %s || substr(code, 7), {columns} FROM org_area"
        " WHERE code ^@ %s AND NOT EXISTS (SELECT FROM org_area known WHERE known.code = %s)",
        [county, COUNTY, county],
    )
    cursor.execute(
        "UPDATE org_area a SET parent_id = p.id FROM org_area old JOIN org_area up ON up.id = old.parent_id"
        " JOIN org_area p"
        " ON p.code = CASE WHEN up.code ^@ %(own)s THEN %(county)s || substr(up.code, 7) ELSE up.code END"
        " WHERE a.code ^@ %(county)s AND old.code = %(own)s || substr(a.code, 7)",
        {"county": county, "own": COUNTY},
    )


def _columns(cursor: Any, table: str) -> dict[str, str]:
    """What stands in each column of a copy. Asked before the foreign keys go, which tell what points where."""
    cursor.execute(COLUMNS, [table])
    return {name: _value(table, name, needed=needed, target=target) for name, needed, target in cursor.fetchall()}


def _copy(cursor: Any, table: str, columns: dict[str, str], step: int, batch: tuple[int, int]) -> None:
    names = ", ".join(f'"{name}"' for name in columns)
    cursor.execute(
        f"INSERT INTO {table} ({names}) SELECT {', '.join(columns.values())}"
        f" FROM {table} t CROSS JOIN bench_copy x{JOINS.get(table, '')}"
        " WHERE t.id <= %(step)s AND x.n BETWEEN %(first)s AND %(last)s",
        {"step": step, "first": batch[0], "last": batch[1]},
    )


def _value(table: str, name: str, *, needed: bool, target: str | None) -> str:
    if name == "id":
        return "t.id + %(step)s::bigint * x.n"
    if name == "area_code":
        return f"CASE WHEN t.area_code <> '' THEN {AREA} ELSE '' END"
    if target in TABLES:
        return f't."{name}" + %(step)s::bigint * x.n'
    if target is not None and target not in KEPT and not needed:
        return "NULL"
    return CHANGED[table].get(name, f't."{name}"')


@contextmanager
def _bare(cursor: Any) -> Iterator[None]:
    """Without triggers, indexes and constraints while rows come in; all are back at the end."""
    cursor.execute(INDEXES, [list(TABLES)])
    indexes = cursor.fetchall()
    cursor.execute(CONSTRAINTS, {"tables": list(TABLES)})
    constraints = cursor.fetchall()
    for table, name, _text, _kind in constraints:
        cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT IF EXISTS "{name}"')
    for name, _text in indexes:
        cursor.execute(f"DROP INDEX {name}")
    for table in TABLES:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    try:
        yield
    finally:
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        for _name, text in indexes:
            cursor.execute(text)
        for table, name, text, kind in constraints:
            cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {text}{" NOT VALID" if kind == "f" else ""}')


def _told(what: str, began: float) -> None:
    print(f"  {perf_counter() - began:7.1f} s  {what}", file=sys.stderr, flush=True)
