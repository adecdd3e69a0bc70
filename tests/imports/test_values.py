"""What people type into cells."""

from datetime import date, datetime

import pytest

from portal.core.errors import DomainError
from portal.imports import values


@pytest.mark.parametrize(
    "cell",
    [
        "2026-03-01",
        "2026/3/1",
        "2026.3.1",
        "2026年3月1日",
        "２０２６年３月１日",
        "20260301",
        20260301.0,
        46082,
        46082.0,
        46082.4,
        "46082",
        "2026-03-01 00:00:00",
        date(2026, 3, 1),
        datetime(2026, 3, 1, 9, 30),  # noqa: DTZ001 - a spreadsheet knows no time zones
    ],
)
def test_every_way_to_write_a_day_is_the_same_day(cell):
    assert values.day(cell) == date(2026, 3, 1)


@pytest.mark.parametrize("cell", ["3/1/2026", "01-03-26", "2026-02-30", "20261301", "去年三月", "2026", 12.0])
def test_a_date_that_could_be_another_one_is_refused(cell):
    with pytest.raises(DomainError) as refused:
        values.day(cell)
    assert refused.value.code == "not_a_day"


@pytest.mark.parametrize("cell", ["5.20322E+17", "5.203221993E17", 520322199303082464.0, 5.20322199303082e17])
def test_a_number_that_lost_its_last_digits_is_refused_with_the_reason(cell):
    with pytest.raises(DomainError) as refused:
        values.number_of_document(cell)
    assert refused.value.code == "lost_digits"


def test_a_number_of_fifteen_digits_survives_as_a_number():
    assert values.number_of_document(520322930308246.0) == "520322930308246"
    assert values.number_of_document(13900001234.0) == "13900001234"
    assert values.number_of_document("１３９００００１２３４") == "13900001234"


@pytest.mark.parametrize(
    "cell", ["05", "5", 5.0, "租赁房屋", " 租赁 房屋 ", "05 租赁房屋", "租赁房屋(05)", "租赁房屋（05）"]
)
def test_a_code_is_understood_by_number_by_word_and_by_both(cell):
    read = values.coded({"租赁房屋": "05", "05": "05", "旅店": "01", "01": "01"})
    assert read(cell) == "05"


def test_a_word_that_is_not_in_the_table_is_refused_with_what_may_be_chosen():
    read = values.coded({"租赁房屋": "05", "05": "05", "旅店": "01", "01": "01"})
    with pytest.raises(DomainError) as refused:
        read("山洞")
    assert "租赁房屋、旅店" in refused.value.message


def test_a_code_beside_the_word_of_another_code_is_refused():
    read = values.coded({"租赁房屋": "05", "05": "05", "旅店": "01", "01": "01"})
    with pytest.raises(DomainError):
        read("01 租赁房屋")


def test_invisible_and_doubled_blanks_are_no_part_of_a_value():
    assert values.text("\ufeff 王\u3000芳\u200b ") == "王 芳"
    assert values.is_empty("\u3000\u200b ")
