"""Marks after a restore: another cluster counts its transactions from the beginning, below what is sealed already."""

from typing import Any

from django.db import connection

AHEAD = 1_000
FUNCTIONS = (
    ("audit_mark", "pg_catalog.pg_current_xact_id()"),
    ("audit_horizon", "pg_catalog.pg_snapshot_xmin(pg_catalog.pg_current_snapshot())"),
)


def keep_ahead(**_kwargs: Any) -> None:
    """After `migrate`, as the owner: new marks begin beyond the highest one in use. Does nothing on the old cluster."""
    tables = set(connection.introspection.table_names())
    if not tables.issuperset({"audit_auditseal", "audit_auditentry", "audit_accessevent"}):
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint, audit_horizon()")
        bare, horizon = cursor.fetchone()
        cursor.execute("SELECT max(last_mark) FROM audit_auditseal")
        sealed = cursor.fetchone()[0] or 0
        if sealed < horizon:
            return
        offset = sealed - bare + AHEAD
        for name, expression in FUNCTIONS:
            body = f"SELECT {expression}::text::bigint + {offset}"
            cursor.execute(f"CREATE OR REPLACE FUNCTION {name}() RETURNS bigint LANGUAGE sql STABLE AS '{body}'")
