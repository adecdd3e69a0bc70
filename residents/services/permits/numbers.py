"""Numbers of files and permits: county (6 digits), a letter for files, year (4), running number (6).

A file is 330822S2026000017, a permit 3308222026000017. The running number starts at 1 each year and has no gaps:
the row of the series stays locked until the transaction that took the number ends, so a refused one is given again.
"""

from django.db import connection

from portal.core import clock

FILE, PERMIT = "file", "permit"
PREFIX = {FILE: "S", PERMIT: ""}
DIGITS = 6

NEXT = """UPDATE residents_numberseries SET last = last + 1
    WHERE county_code = %s AND kind = %s AND year = %s RETURNING last"""
# The first number of a year goes on from what an import may already have brought in.
BEGIN = """INSERT INTO residents_numberseries (county_code, kind, year, last)
    VALUES (%s, %s, %s, sec.last_paper_number(%s, %s)) ON CONFLICT DO NOTHING"""


def next_number(kind: str, *, area_code: str) -> str:
    """The next number of the county of `area_code` in the present year. Call it inside the transaction that uses it."""
    county, year = area_code[:6], clock.today().year
    prefix = f"{county}{PREFIX[kind]}{year}"
    with connection.cursor() as cursor:
        cursor.execute(NEXT, [county, kind, year])
        row = cursor.fetchone()
        if row is None:
            cursor.execute(BEGIN, [county, kind, year, kind, prefix])
            cursor.execute(NEXT, [county, kind, year])
            row = cursor.fetchone()
    return f"{prefix}{row[0]:0{DIGITS}}"
