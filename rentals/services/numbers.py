"""Numbers of rental papers: county, a letter, year, running number, without gaps: 330822F2026000017."""

from django.db import connection

from portal.core import clock

RENTAL, FILING, PENALTY = "rental", "filing", "penalty"
INSPECTION, HAZARD, REFERRAL = "inspection", "hazard", "referral"
LETTER = {RENTAL: "F", FILING: "H", PENALTY: "P", INSPECTION: "X", HAZARD: "Y", REFERRAL: "C"}
TAKE = """INSERT INTO residents_numberseries (county_code, kind, year, last) VALUES (%s, %s, %s, 1)
    ON CONFLICT (county_code, kind, year) DO UPDATE SET last = residents_numberseries.last + 1 RETURNING last"""


def next_number(kind: str, *, area_code: str) -> str:
    """Call it inside the transaction that uses the number: the row of the series stays locked until its end."""
    county, year = area_code[:6], clock.today().year
    with connection.cursor() as cursor:
        cursor.execute(TAKE, [county, kind, year])
        return f"{county}{LETTER[kind]}{year}{cursor.fetchone()[0]:06d}"
