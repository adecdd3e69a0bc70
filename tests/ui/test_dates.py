from datetime import date

import pytest

from portal.ui.dates import parse_day

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("1120", date(2026, 11, 20)),
        ("11-20", date(2026, 11, 20)),
        ("20261120", date(2026, 11, 20)),
        ("2026-11-20", date(2026, 11, 20)),
        ("2026.11.20", date(2026, 11, 20)),
        ("2026年11月20日", date(2026, 11, 20)),
        ("１１２０", date(2026, 11, 20)),
        ("-2", date(2026, 11, 20)),
        ("+3", date(2026, 11, 25)),
        ("今天", date(2026, 11, 22)),
        ("昨天", date(2026, 11, 21)),
        ("前天", date(2026, 11, 20)),
        (" 0101 ", date(2026, 1, 1)),
        ("305", date(2026, 3, 5)),
    ],
)
def test_a_clerk_may_type_a_date_the_short_way(typed: str, meant: date):
    assert parse_day(typed, today=TODAY) == meant


def test_a_day_without_a_year_is_last_years_when_it_lies_more_than_a_month_ahead():
    assert parse_day("1223", today=TODAY) == date(2026, 12, 23)
    assert parse_day("1224", today=TODAY) == date(2025, 12, 24)
    assert parse_day("1224", today=TODAY, ahead=60) == date(2026, 12, 24)


def test_the_leap_day_falls_back_to_the_year_that_has_it():
    assert parse_day("0229", today=date(2025, 3, 1)) == date(2024, 2, 29)


@pytest.mark.parametrize("typed", ["", "1340", "20260230", "abc", "12345678901", "0229"])
def test_what_is_no_date_stays_unread(typed: str):
    assert parse_day(typed, today=TODAY) is None
