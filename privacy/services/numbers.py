"""Numbers of subject requests: county, Q, year, running number, without gaps: 330822Q2026000017."""

from django.db import connection

from portal.core import clock

TAKE = """INSERT INTO residents_numberseries (county_code, kind, year, last) VALUES (%s, 'request', %s, 1)
    ON CONFLICT (county_code, kind, year) DO UPDATE SET last = residents_numberseries.last + 1 RETURNING last"""


def next_request_number(area_code: str) -> str:
    """Call it inside the transaction that uses the number: the row of the series stays locked until its end."""
    county, year = area_code[:6], clock.today().year
    with connection.cursor() as cursor:
        cursor.execute(TAKE, [county, year])
        return f"{county}Q{year}{cursor.fetchone()[0]:06d}"
