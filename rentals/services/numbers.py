"""Numbers of rental papers: county, a letter, year, running number, without gaps: 330822F2026000017."""

from django.db import connection

from portal.core import clock

RENTAL, FILING, PENALTY = "rental", "filing", "penalty"
INSPECTION, HAZARD, REFERRAL = "inspection", "hazard", "referral"
RESPONSIBILITY = "letter"
LETTER = {RENTAL: "F", FILING: "H", PENALTY: "P", INSPECTION: "X", HAZARD: "Y", REFERRAL: "C", RESPONSIBILITY: "Z"}
TAKE = """INSERT INTO residents_numberseries (county_code, kind, year, last) VALUES (%s, %s, %s, %s)
    ON CONFLICT (county_code, kind, year) DO UPDATE SET last = residents_numberseries.last + EXCLUDED.last
    RETURNING last"""


def next_number(kind: str, *, area_code: str) -> str:
    """Call it inside the transaction that uses the number: the row of the series stays locked until its end."""
    return next_numbers(kind, 1, area_code=area_code)[0]


def next_numbers(kind: str, count: int, *, area_code: str) -> list[str]:
    """Several at once. `count` 0 takes none and locks the series: whoever counts what is missing does so alone."""
    county, year = area_code[:6], clock.today().year
    with connection.cursor() as cursor:
        cursor.execute(TAKE, [county, kind, year, count])
        last = int(cursor.fetchone()[0])
    return [f"{county}{LETTER[kind]}{year}{number:06d}" for number in range(last - count + 1, last + 1)]
