"""The second wall, looked at from the database: raw SQL, injections and stale grants (security design §8, H2, H7)."""

import contextlib
import json
import os
import re
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg2
from django.conf import settings
from django.contrib.auth import get_user_model

from demo.grants import ROLES
from portal.org.walls import context
from portal.org.walls.checks import open_tables
from portal.org.walls.registry import Wall, opens, tracked, walls
from prove.figure import Result, figure
from prove.figures.payloads import payloads
from prove.support import as_owner, connected
from residents.models import Registration

OTHER_COUNTY = "330203001001"
LEAST = 300
STALE = 1_000
HELD = """SELECT DISTINCT a.code FROM (
    SELECT g.permission_id, g.content_object_id FROM org_areausergrant g WHERE g.user_id = %(who)s
    UNION ALL
    SELECT g.permission_id, g.content_object_id FROM org_areagroupgrant g
    JOIN org_user_groups m ON m.group_id = g.group_id WHERE m.user_id = %(who)s) g
    JOIN auth_permission p ON p.id = g.permission_id JOIN org_area a ON a.id = g.content_object_id
    WHERE p.codename = ANY(%(names)s)"""


@figure("H2", "foreign rows that SQL through the product's role reaches; area tables under FORCE; pgrls lint")
def foreign_rows() -> Result:
    tables = list(filter(has_level_columns, walls().values()))
    tried = leaked = 0
    with _foreign_file(), connected("app_owner") as owner, connected() as product:
        standing_open = open_tables()
        for role in ROLES:
            user = get_user_model().objects.get(username=role)
            for wall in tables:
                found = _foreign_of(owner, product, user.pk, wall)
                tried, leaked = tried + len(found), leaked + sum(found)
        injected, out = _inject(owner, product)
    problems = _lint()
    good = not leaked and not out and injected >= LEAST and not standing_open and not problems
    return Result(
        good,
        f"{leaked} foreign rows in {tried} statements ({len(ROLES)} roles, {len(tables)} tables), {out} in {injected}"
        f" injections (limit 0); {len(walls()) - len(standing_open)} of {len(walls())} tables FORCEd; pgrls: {problems}"
        " findings",
    )


def _foreign_of(owner: Any, product: Any, who: int, wall: Wall) -> list[int]:
    """Foreign rows by SELECT, UPDATE, DELETE and INSERT, each in a transaction that is rolled back."""
    codes = _codes(owner, who, wall)
    mine = " OR ".join(f"area_code LIKE '{code}%%'" for code in codes) or "false"
    shown = ""
    if wall.child:
        table, column = wall.child
        own = _codes(owner, who, next(one for one in walls().values() if one.table == table))
        near = " OR ".join(f"area_code LIKE '{code}%%'" for code in own) or "false"
        shown = f" AND id NOT IN (SELECT {column} FROM {table} WHERE {near})"
    foreign = f"FROM {wall.table} WHERE NOT ({mine}){shown}"
    found = [_run(product, who, f"SELECT 1 {foreign}")]
    if wall.is_history:
        return found
    found.append(_run(product, who, f"UPDATE {wall.table} SET area_code = area_code WHERE NOT ({mine})"))
    found.append(_run(product, who, f"DELETE {foreign}"))
    with owner.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute WHERE attrelid = %s::regclass"
            " AND attnum > 0 AND NOT attisdropped AND attgenerated = '' AND attname <> 'id'",
            [wall.table],
        )
        columns = cursor.fetchone()[0]
        cursor.execute(f"SELECT to_jsonb(t) FROM {wall.table} t WHERE NOT ({mine}) LIMIT 1")
        row = cursor.fetchone()
    if row:
        record = f"jsonb_populate_record(NULL::{wall.table}, %s)"
        put = f"INSERT INTO {wall.table} ({columns}) SELECT {columns} FROM {record}"
        found.append(_run(product, who, put, json.dumps(row[0])))
    return found


def _codes(owner: Any, who: int, wall: Wall) -> list[str]:
    """An oracle that shares no line with the policies: where the account holds anything that opens the table."""
    with owner.cursor() as cursor:
        cursor.execute(HELD, {"who": who, "names": [codename for codename, _writes in opens(wall)]})
        return [row[0] for row in cursor.fetchall()]


def _run(product: Any, who: int, sql: str, *params: Any) -> int:
    with product.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT set_config('app.ctx', %s, true)", [_token(product, who)])
        try:
            cursor.execute(sql, params or None)
            return int(cursor.rowcount)
        except psycopg2.Error:
            return 0
        finally:
            cursor.execute("ROLLBACK")


def has_level_columns(wall: Wall) -> bool:
    return wall.by_area and not hasattr(tracked(wall.model), "walled_like")


def _token(connection: Any, who: int) -> str:
    return context.token(
        context.Context(who), backend=connection.info.backend_pid, expires=int(time.time()) + context.SECONDS
    )


def _inject(owner: Any, product: Any) -> tuple[int, int]:
    """A query put together from text, as the community administrator: what each payload brings home."""
    user = get_user_model().objects.get(username="coadmin")
    tables = [wall.table for wall in walls().values() if has_level_columns(wall) and not wall.is_history]
    with owner.cursor() as cursor:
        cursor.execute(HELD, {"who": user.pk, "names": [c for wall in walls().values() for c, _w in opens(wall)]})
        own = tuple(row[0] for row in cursor.fetchall())
        mine = " OR ".join(f"{{0}}area_code LIKE '{code}%'" for code in own)
        # What stands elsewhere and is reached through a row of one's own: who moved away, the campaign of a sample.
        reached: dict[str, list[str]] = {}
        for wall in walls().values():
            if wall.child and not wall.is_history:
                table, column = wall.child
                cursor.execute(
                    f"SELECT t.area_code FROM {wall.table} t WHERE NOT ({mine.format('t.')}) AND EXISTS"
                    f" (SELECT FROM {table} r WHERE r.{column} = t.id AND ({mine.format('r.')}))",
                )
                reached[wall.table] = [row[0] for row in cursor.fetchall()]
    done = out = 0
    for payload in payloads(tables, user.pk):
        done += 1
        with product.cursor() as cursor, contextlib.suppress(psycopg2.Error):
            cursor.execute("BEGIN")
            cursor.execute("SELECT set_config('app.ctx', %s, true)", [_token(product, user.pk)])
            cursor.execute(f"SELECT area_code FROM residents_dwelling WHERE estate = '{payload}")
            found = [str(row[0]) for row in cursor.fetchall() if row[0] and not str(row[0]).startswith(own)]
            lawful = [code for name, codes in reached.items() if re.search(rf"\b{name}\b", payload) for code in codes]
            out += max(0, len(found) - len(lawful)) + len(set(found) - set(lawful))
        with product.cursor() as cursor:
            cursor.execute("ROLLBACK")
            cursor.execute("RESET ALL")
    return done, out


@contextmanager
def _foreign_file() -> Iterator[None]:
    """One stay in another county, so that county offices have a wall to look over as well."""
    with as_owner():
        stay = Registration.objects.select_related("person", "dwelling").filter(status="active").first()
        assert stay is not None  # noqa: S101 - the demo county is full
        dwelling, person = stay.dwelling, stay.person
        dwelling.pk, dwelling.area_code, dwelling.code = None, OTHER_COUNTY, "330203001001999999"
        dwelling.plate, dwelling.address = uuid.uuid4(), f"墙外里{uuid.uuid4().hex[:6]}"
        dwelling.save(force_insert=True)
        person.pk, person.area_code, person.document_index = None, OTHER_COUNTY, uuid.uuid4().bytes
        person.save(force_insert=True)
        stay.pk, stay.area_code, stay.dwelling, stay.person = None, OTHER_COUNTY, dwelling, person
        stay.voucher, stay.head, stay.previous = uuid.uuid4(), None, None
        stay.save(force_insert=True)
    try:
        yield
    finally:
        with connected("app_owner") as owner, owner.cursor() as cursor:
            for name in ("registration", "person", "dwelling"):
                cursor.execute(f"DELETE FROM residents_{name} WHERE area_code = %s", [OTHER_COUNTY])
                cursor.execute(f"DELETE FROM residents_{name}event WHERE area_code = %s", [OTHER_COUNTY])


def _lint() -> int:
    """`pgrls lint` in an environment of its own: it brings a driver that Django would take for the product's."""
    program = _tool()
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environ["DATABASE_URL"] = os.environ["DATABASE_OWNER_URL"]
    config = settings.BASE_DIR / "prove" / "pgrls.toml"
    done = subprocess.run(
        [str(program), "lint", "--config", str(config), "--format", "json"],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    found = json.loads(done.stdout)["violations"]
    for one in found:
        print(f"pgrls {one['rule_id']} {one['location']}: {one['title']}", file=sys.stderr)
    return len(found)


def _tool() -> Path:
    home = settings.DATA_DIR / "tools" / "pgrls"
    program = home / "bin" / "pgrls"
    if not program.is_file():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(home)], check=True)
        pip = [str(home / "bin" / "pip"), "install", "--quiet", "--require-hashes", "-r"]
        subprocess.run([*pip, str(settings.BASE_DIR / "requirements" / "tools.txt")], check=True)
    return program


@figure("H7", "grants removed, ended or of a disabled account that the very next statement still honours")
def stale_grants() -> Result:
    """Wall 2 in one open transaction, as in a running job: the grant goes, the same connection asks again."""
    honoured = 0
    user = get_user_model().objects.get(username="coadmin")
    members = "(SELECT group_id FROM org_user_groups WHERE user_id = {who})"
    later = "clock_timestamp() + interval '1 day'"
    ways = (
        "DELETE FROM org_user_groups WHERE user_id = {who}",
        f"UPDATE org_areagroupgrant SET valid_to = clock_timestamp() WHERE group_id IN {members}",
        f"UPDATE org_areagroupgrant SET valid_from = {later} WHERE group_id IN {members}",
        "UPDATE org_user SET is_active = false WHERE id = {who}",
    )
    blind = 0
    with (
        connected("app_owner") as owner,
        connected() as product,
        product.cursor() as cursor,
        owner.cursor() as other,
        _kept(other, user.pk) as put_back,
    ):
        for turn in range(STALE):
            cursor.execute("BEGIN")
            cursor.execute("SELECT set_config('app.ctx', %s, true)", [_token(product, user.pk)])
            cursor.execute("SELECT count(*) FROM residents_dwelling")
            blind += cursor.fetchone()[0] == 0
            other.execute(ways[turn % len(ways)].format(who=user.pk))
            cursor.execute("SELECT count(*) FROM residents_dwelling")
            honoured += cursor.fetchone()[0] > 0
            cursor.execute("ROLLBACK")
            put_back()
    return Result(
        not honoured and not blind, f"{honoured} of {STALE} honoured (limit 0), {STALE - blind} had worked before"
    )


@contextmanager
def _kept(cursor: Any, who: int) -> Iterator[Any]:
    """The account's groups, their terms and its state, put back after every turn and at the end."""
    cursor.execute("SELECT group_id FROM org_user_groups WHERE user_id = %s", [who])
    groups = [row[0] for row in cursor.fetchall()]
    cursor.execute("SELECT id, valid_from, valid_to FROM org_areagroupgrant WHERE group_id = ANY(%s)", [groups])
    terms = cursor.fetchall()
    ids, begins, ends = ([row[place] for row in terms] for place in range(3))

    def put_back() -> None:
        cursor.execute("UPDATE org_user SET is_active = true WHERE id = %s AND NOT is_active", [who])
        cursor.execute(
            "INSERT INTO org_user_groups (user_id, group_id) SELECT %s, unnest(%s) ON CONFLICT DO NOTHING",
            [who, groups],
        )
        cursor.execute(
            "UPDATE org_areagroupgrant g SET valid_from = t.first, valid_to = t.last FROM"
            " unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[]) AS t(id, first, last) WHERE g.id = t.id"
            " AND (g.valid_from, g.valid_to) IS DISTINCT FROM (t.first, t.last)",
            [ids, begins, ends],
        )

    try:
        yield put_back
    finally:
        put_back()
