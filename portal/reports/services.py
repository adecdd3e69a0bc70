"""Keeping the figures: fold recent changes in, or count everything anew."""

from django.db import connection, transaction

from portal.reports.facts import COLUMNS, SOURCES, rebuild_sql

LOCK = 7_301_822  # any number nobody else uses for an advisory lock
LEVELS = (6, 9, 12)

RAISE_TO_LEVELS = f"""
    SELECT left(d.area_code, l.size) AS area_code, d.fact, d.part, d.subpart, d.day, sum(d.number)::int AS number
    FROM {{source}} d CROSS JOIN (VALUES {", ".join(f"({size})" for size in LEVELS)}) AS l(size)
    WHERE length(d.area_code) >= l.size
    GROUP BY 1, 2, 3, 4, 5
"""

FOLD = f"""
WITH taken AS (
    DELETE FROM reports_areacountdelta
    WHERE id IN (SELECT id FROM reports_areacountdelta ORDER BY id LIMIT %s)
    RETURNING {COLUMNS}
), raised AS ({RAISE_TO_LEVELS.format(source="taken")})
INSERT INTO reports_areacount AS c ({COLUMNS})
SELECT {COLUMNS} FROM raised WHERE number <> 0
ON CONFLICT (area_code, fact, day, part, subpart) DO UPDATE SET number = c.number + excluded.number
"""


def fold(*, limit: int = 20_000) -> int:
    """Add the waiting changes to the figures; returns how many figures were touched.

    0 as well when another worker is folding just now. Readers see each change exactly once, before and after.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(FOLD, [limit])
        return int(cursor.rowcount)


def rebuild() -> int:
    """Count the whole register anew in one transaction; readers keep the old figures until it commits."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")  # a large county takes longer than a page may
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        cursor.execute("LOCK TABLE " + ", ".join(SOURCES) + " IN SHARE MODE")
        cursor.execute("DELETE FROM reports_areacountdelta")
        cursor.execute("DELETE FROM reports_areacount")
        total = 0
        for table in SOURCES:
            source = f"({rebuild_sql(table)})"
            cursor.execute(
                f"INSERT INTO reports_areacount ({COLUMNS}) "
                f"SELECT {COLUMNS} FROM ({RAISE_TO_LEVELS.format(source=source)}) raised WHERE number <> 0"
            )
            total += cursor.rowcount
        return total
