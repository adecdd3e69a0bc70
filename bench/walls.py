"""The two forms of the second wall and none, over the same queries and roles, taking turns in one run (docs/adr/0008).

`codes` is what the product has: generated code columns against a handful of codes. `closure` resolves the grants to
every area below through an ancestor table and compares the row's own area, as security design §2.4 drafted it.
"""

import time
from time import perf_counter
from typing import Any

from django.db import connection, transaction

from bench.figures import Figure, Report, middle
from portal.org.models import User
from portal.org.walls import context
from portal.org.walls.policies import condition
from portal.org.walls.registry import walls

ROLES = {"community": 12, "township": 9, "county": 6, "prefecture": 4}
ROUNDS, RUNS = 5, 8
TABLES = ("residents_person", "residents_registration", "residents_dwelling")
CLOSURE = """
CREATE TABLE bench_closure AS SELECT anc.code AS above, des.code AS below FROM org_area anc
    JOIN org_area des ON starts_with(des.code, anc.code);
CREATE INDEX ON bench_closure (above);
CREATE FUNCTION bench_codes(wanted text, writing boolean) RETURNS text[] LANGUAGE sql STABLE SECURITY DEFINER AS $$
    SELECT coalesce(array_agg(DISTINCT c.below), '{}') FROM sec.held_by(sec.uid()) h
    JOIN sec.opens o ON o.relation = wanted AND o.permission_id = h.permission_id AND o.writes >= writing
    JOIN bench_closure c ON c.above = h.code
$$;
GRANT EXECUTE ON FUNCTION bench_codes TO app_rw;
"""
QUERIES = {
    "list 50": """SELECT p.id, p.name, d.address FROM residents_registration r
        JOIN residents_person p ON p.id = r.person_id JOIN residents_dwelling d ON d.id = r.dwelling_id
        WHERE r.{column} = '{code}' AND r.status = 'active' ORDER BY r.updated_at DESC, r.id DESC LIMIT 50""",
    "capped count": """SELECT count(*) FROM (SELECT 1 FROM residents_registration r
        WHERE r.{column} = '{code}' AND r.status = 'active' LIMIT 1001) x""",
    "exact count": "SELECT count(*) FROM residents_registration r WHERE r.{column} = '{code}'",
    "one by key": "SELECT * FROM residents_person WHERE id = (SELECT max(person_id) FROM residents_registration"
    " WHERE {column} = '{code}' AND person_id < 500)",
    "name begins": "SELECT id FROM residents_person WHERE {column} = '{code}' AND name ^@ '王' LIMIT 50",
    "doors by shorthand": "SELECT id FROM residents_dwelling WHERE county_code = '330822' AND shorthand ^@ 'jx'"
    " AND {column} = '{code}' LIMIT 50",
}
COLUMNS = {12: "community_code", 9: "township_code", 6: "county_code", 4: "county_code"}


def run(report: Report) -> None:
    """As the owner of the tables, who may change policies; every transaction is rolled back."""
    times: dict[tuple[str, str, str], list[float]] = {}
    for _round in range(ROUNDS):
        for form in ("none", "codes", "closure"):
            with transaction.atomic():
                _build(form)
                for level, length in ROLES.items():
                    _measure(form, level, length, times)
                transaction.set_rollback(True)
    for level in ROLES:
        for query in QUERIES:
            base, codes, closure = (middle(times[form, level, query]) for form in ("none", "codes", "closure"))
            report.add(Figure(f"walls {level}, {query}: none", base, "ms"))
            report.add(Figure(f"walls {level}, {query}: codes", codes, "ms", codes / base))
            report.add(Figure(f"walls {level}, {query}: closure", closure, "ms", closure / base))
    for level in ROLES:
        every = [middle(times["closure", level, query]) / middle(times["codes", level, query]) for query in QUERIES]
        target = ">= 1" if level in {"county", "prefecture"} else ""
        report.add(Figure(f"walls {level}: closure to codes", middle(every), "x", middle(every), target))


def _build(form: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(CLOSURE)
        for table in TABLES:
            rule = "true" if form == "none" else condition(walls()[table], writing=False)
            if form == "closure":
                kept = [part for part in rule.split(" OR ") if "sec.codes" not in part]
                codes = f"area_code = ANY ((SELECT bench_codes('{table}', false))::text[])"
                rule = " OR ".join([codes, *kept])
            cursor.execute(f"ALTER POLICY wall_select ON {table} USING ({rule})")


def _measure(form: str, level: str, length: int, times: dict[tuple[str, str, str], list[float]]) -> None:
    with connection.cursor() as cursor:
        user, code = _account(cursor, length)
        cursor.execute("SET LOCAL ROLE app_rw")
        sent = context.token(
            context.Context(user.pk),
            backend=connection.connection.info.backend_pid,
            expires=int(time.time()) + context.SECONDS,
        )
        cursor.execute("SELECT set_config('app.ctx', %s, true)", [sent])
        for name, text in QUERIES.items():
            sql = text.format(column=COLUMNS[length], code=code)
            cursor.execute(sql)
            for _run in range(RUNS):
                began = perf_counter()
                cursor.execute(sql)
                cursor.fetchall()
                times.setdefault((form, level, name), []).append((perf_counter() - began) * 1000)
        cursor.execute("RESET ROLE")


def _account(cursor: Any, length: int) -> tuple[User, str]:
    """An account with the police officer's rights at one area of the level, inside this transaction."""
    cursor.execute(
        "SELECT community_code FROM residents_registration GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1",
    )
    place = cursor.fetchone()[0]
    user = User.objects.create(username=f"bench{length}")
    cursor.execute(
        "INSERT INTO org_areausergrant (user_id, permission_id, content_object_id, valid_from, reason)"
        " SELECT %s, g.permission_id, a.id, now() - interval '1 day', '' FROM org_areagroupgrant g"
        " JOIN org_user_groups m ON m.group_id = g.group_id JOIN org_user u ON u.id = m.user_id"
        " CROSS JOIN (SELECT id FROM org_area WHERE starts_with(%s, code) AND length(code) = %s) a"
        " WHERE u.username = 'police' ON CONFLICT DO NOTHING",
        [user.pk, place, length],
    )
    return user, place[: max(length, 6)]
