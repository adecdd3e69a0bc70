"""Reading the figures: what has been folded plus what still waits, so a reading is never behind the register."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from django.db import connection

READ = """
SELECT area_code, fact, part, subpart, CASE WHEN %(by_day)s THEN day ELSE DATE '0001-01-01' END, sum(number)::int
FROM (
    SELECT c.area_code, c.fact, c.part, c.subpart, c.day, c.number
    FROM reports_areacount c
    WHERE c.area_code = ANY(%(areas)s) AND c.fact = ANY(%(facts)s) AND c.day BETWEEN %(first)s AND %(last)s
    UNION ALL
    SELECT a.code, d.fact, d.part, d.subpart, d.day, d.number
    FROM reports_areacountdelta d JOIN unnest(%(areas)s) AS a(code) ON starts_with(d.area_code, a.code)
    WHERE d.fact = ANY(%(facts)s) AND d.day BETWEEN %(first)s AND %(last)s
) both_parts
GROUP BY 1, 2, 3, 4, 5
HAVING sum(number) <> 0
"""
READ_WINDOWS = """
SELECT area_code, fact, part, subpart, w.first, sum(number)::int, w.name
FROM (
    SELECT c.area_code, c.fact, c.part, c.subpart, c.day, c.number
    FROM reports_areacount c
    WHERE c.area_code = ANY(%(areas)s) AND c.fact = %(fact)s AND c.day BETWEEN %(first)s AND %(last)s
    UNION ALL
    SELECT a.code, d.fact, d.part, d.subpart, d.day, d.number
    FROM reports_areacountdelta d JOIN unnest(%(areas)s) AS a(code) ON starts_with(d.area_code, a.code)
    WHERE d.fact = %(fact)s AND d.day BETWEEN %(first)s AND %(last)s
) both_parts
JOIN unnest(%(names)s, %(firsts)s::date[], %(lasts)s::date[]) AS w(name, first, last)
  ON both_parts.day BETWEEN w.first AND w.last
GROUP BY 1, 2, 3, 4, 5, 7
HAVING sum(number) <> 0
"""
READ_MOVED = """
SELECT a.code, m.fact, m.part, '', m.day, (CASE WHEN starts_with(m.before, a.code) THEN m.number ELSE -m.number END)
FROM reports_areacountmoved m JOIN org_areachange g ON g.id = m.change_id
JOIN unnest(%(areas)s) AS a(code) ON starts_with(m.before, a.code) <> starts_with(m.after, a.code)
WHERE m.fact = %(fact)s AND m.day BETWEEN %(first)s AND %(last)s AND m.day < g.effective_on
"""
FIRST_DAY, LAST_DAY = date(1, 1, 1), date(9999, 12, 31)


class Figure(NamedTuple):
    """A tuple, because a county page reads thousands of them."""

    area_code: str
    fact: str
    part: str
    subpart: str
    day: date
    number: int


def read(
    areas: Sequence[str],
    facts: Sequence[str],
    *,
    first: date = FIRST_DAY,
    last: date = LAST_DAY,
    by_day: bool = False,
) -> list[Figure]:
    """One query whatever the number of areas; both days are included.

    Facts without a day stand at 0001-01-01, and so do the sums over the days unless `by_day` asks for each: years of
    days are thousands of rows, so ask for them only where a chart draws them.
    """
    values: dict[str, Any] = {
        "areas": list(areas),
        "facts": list(facts),
        "first": first,
        "last": last,
        "by_day": by_day,
    }
    with connection.cursor() as cursor:
        cursor.execute(READ, values)
        return list(map(Figure._make, cursor.fetchall()))


def read_windows(areas: Sequence[str], fact: str, windows: Mapping[str, tuple[date, date]]) -> dict[str, list[Figure]]:
    """The sums of one fact over several spans of days (both ends included, they may overlap) in one query."""
    values: dict[str, Any] = {
        "areas": list(areas),
        "fact": fact,
        "first": min(first for first, _last in windows.values()),
        "last": max(last for _first, last in windows.values()),
        "names": list(windows),
        "firsts": [first for first, _last in windows.values()],
        "lasts": [last for _first, last in windows.values()],
    }
    found: dict[str, list[Figure]] = {name: [] for name in windows}
    with connection.cursor() as cursor:
        cursor.execute(READ_WINDOWS, values)
        for *figure, name in cursor.fetchall():
            found[name].append(Figure(*figure))
    return found


def moved(areas: Sequence[str], fact: str, *, first: date, last: date) -> list[Figure]:
    """What has to be added to today's figures of past days so that they are by the areas of those days.

    Over all areas the numbers add up to nothing: what one area gets another one loses.
    """
    values: dict[str, Any] = {"areas": list(areas), "fact": fact, "first": first, "last": last}
    with connection.cursor() as cursor:
        cursor.execute(READ_MOVED, values)
        return list(map(Figure._make, cursor.fetchall()))


def total(figures: Iterable[Figure]) -> int:
    return sum(figure.number for figure in figures)


def by_part(figures: Iterable[Figure]) -> dict[str, int]:
    found: dict[str, int] = {}
    for figure in figures:
        found[figure.part] = found.get(figure.part, 0) + figure.number
    return found
