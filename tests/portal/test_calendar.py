"""Expected days are copied by hand from the State Council's notices for 2024–2026."""

from datetime import date, timedelta

import pytest
from django.core.management import CommandError, call_command

from portal.policy.models import CalendarDay
from portal.policy.services import add_term, shift
from portal.policy.working_days import add_workdays, is_provisional, is_workday, next_workday, workdays_between

pytestmark = pytest.mark.django_db


def days(first, last):
    return [first + timedelta(days=offset) for offset in range((last - first).days + 1)]


def test_national_day_2026_is_off_from_1_to_7_october_with_two_make_up_days():
    assert not any(is_workday(day) for day in days(date(2026, 10, 1), date(2026, 10, 7)))
    assert is_workday(date(2026, 9, 20))  # a Sunday
    assert is_workday(date(2026, 10, 10))  # a Saturday
    assert is_workday(date(2026, 9, 30))
    assert is_workday(date(2026, 10, 8))
    assert not is_workday(date(2026, 10, 11))  # an ordinary Sunday


def test_spring_festival_2026_is_off_from_15_to_23_february_with_two_make_up_days():
    assert not any(is_workday(day) for day in days(date(2026, 2, 15), date(2026, 2, 23)))
    assert is_workday(date(2026, 2, 14))  # a Saturday
    assert is_workday(date(2026, 2, 28))  # a Saturday
    assert is_workday(date(2026, 2, 24))


def test_three_working_days_over_national_day_count_the_make_up_saturday():
    # Wed 30 Sep (event, not counted) -> Thu 8 Oct, Fri 9 Oct, Sat 10 Oct (make-up)
    assert add_term(date(2026, 9, 30), 3, "workday") == date(2026, 10, 10)


def test_three_working_days_over_spring_festival():
    # Fri 13 Feb -> Sat 14 Feb (make-up), Tue 24 Feb, Wed 25 Feb
    assert add_term(date(2026, 2, 13), 3, "workday") == date(2026, 2, 25)


def test_three_working_days_over_an_ordinary_weekend():
    # Thu 12 Mar 2026 -> Fri 13, Mon 16, Tue 17
    assert add_term(date(2026, 3, 12), 3, "workday") == date(2026, 3, 17)


def test_the_day_of_the_event_is_not_counted():
    # Tue 3 Mar 2026 + 10 days = Fri 13 Mar
    assert add_term(date(2026, 3, 3), 10, "day") == date(2026, 3, 13)


def test_a_term_that_ends_in_spring_festival_runs_to_the_first_working_day_after_it():
    # accepted Sun 1 Feb 2026 + 15 days = Mon 16 Feb, in the festival -> Tue 24 Feb
    assert add_term(date(2026, 2, 1), 15, "day") == date(2026, 2, 24)


def test_a_term_that_ends_on_a_make_up_saturday_ends_there():
    # Fri 25 Sep 2026 + 15 days = Sat 10 Oct, a make-up working day
    assert add_term(date(2026, 9, 25), 15, "day") == date(2026, 10, 10)


def test_a_term_that_ends_on_a_weekend_runs_to_monday():
    # Fri 6 Mar 2026 + 15 days = Sat 21 Mar -> Mon 23 Mar
    assert add_term(date(2026, 3, 6), 15, "day") == date(2026, 3, 23)


@pytest.mark.parametrize(
    ("start", "value", "unit", "end"),
    [
        (date(2026, 1, 31), 1, "month", date(2026, 2, 28)),
        (date(2024, 1, 31), 1, "month", date(2024, 2, 29)),
        (date(2025, 8, 31), 6, "month", date(2026, 2, 28)),
        (date(2026, 3, 31), -1, "month", date(2026, 2, 28)),
        (date(2026, 1, 15), -1, "month", date(2025, 12, 15)),
        (date(2024, 2, 29), 1, "year", date(2025, 2, 28)),
        (date(2024, 2, 29), 4, "year", date(2028, 2, 29)),
        (date(2025, 12, 15), 6, "month", date(2026, 6, 15)),
        (date(2026, 5, 10), 20, "day", date(2026, 5, 30)),
    ],
)
def test_month_ends_and_leap_days(start, value, unit, end):
    assert shift(start, value, unit) == end


def test_working_days_cannot_be_shifted_as_calendar_days():
    with pytest.raises(ValueError, match="workday"):
        shift(date(2026, 1, 1), 3, "workday")


def test_working_days_are_counted_both_ways_without_the_first_day():
    # Wed 30 Sep -> Sat 10 Oct 2026: 8, 9 and 10 October
    assert workdays_between(date(2026, 9, 30), date(2026, 10, 10)) == 3
    assert workdays_between(date(2026, 10, 10), date(2026, 9, 30)) == -3
    assert workdays_between(date(2026, 10, 8), date(2026, 10, 8)) == 0
    assert add_workdays(date(2026, 10, 10), -3) == date(2026, 9, 30)
    assert add_workdays(date(2026, 10, 8), 0) == date(2026, 10, 8)


def test_a_long_count_equals_counting_day_by_day_and_follows_an_override():
    start, end = date(2023, 5, 17), date(2028, 2, 29)
    by_hand = sum(is_workday(day) for day in days(start, end)) - is_workday(start)
    assert workdays_between(start, end) == by_hand
    CalendarDay.objects.create(day=date(2026, 3, 11), kind="holiday")
    assert workdays_between(start, end) == by_hand - 1
    # Tue 30 Dec 2003 -> Wed 31 Dec, Fri 2 Jan 2004 (1 January is a holiday)
    assert workdays_between(date(2003, 12, 30), date(2004, 1, 2)) == 2


def test_the_next_working_day_is_the_day_itself_when_it_works():
    assert next_workday(date(2026, 10, 10)) == date(2026, 10, 10)
    assert next_workday(date(2026, 10, 1)) == date(2026, 10, 8)


def test_an_administrators_day_wins_over_the_package_in_both_directions():
    assert is_workday(date(2026, 3, 11))
    CalendarDay.objects.create(day=date(2026, 3, 11), kind="holiday", name="台风停工")
    assert not is_workday(date(2026, 3, 11))
    CalendarDay.objects.create(day=date(2026, 10, 5), kind="work")
    assert is_workday(date(2026, 10, 5))
    CalendarDay.objects.filter(day=date(2026, 10, 5)).delete()
    assert not is_workday(date(2026, 10, 5))


def test_2027_has_weekends_only_and_is_provisional_until_its_notice_is_entered(tmp_path):
    assert is_provisional(date(2027, 1, 4))
    assert not is_provisional(date(2026, 12, 31))
    assert is_workday(date(2027, 10, 1))  # a Friday: nobody knows yet
    assert not is_workday(date(2027, 10, 2))
    CalendarDay.objects.create(day=date(2027, 3, 3), kind="holiday", name="停工")
    assert is_provisional(date(2027, 1, 4))
    notice = tmp_path / "2027.csv"
    notice.write_text(
        "day,kind,name,basis\n2027-10-01,放假,国庆节,通知\n2027-10-02,work,国庆节,通知\n", encoding="utf-8-sig"
    )
    call_command("import_holidays", str(notice))
    assert not is_provisional(date(2027, 1, 4))
    assert not is_workday(date(2027, 10, 1))
    assert is_workday(date(2027, 10, 2))


def test_a_wrong_line_stops_the_whole_notice(tmp_path):
    notice = tmp_path / "wrong.csv"
    notice.write_text("day,kind\n2027-10-01,holiday\n2027-13-01,holiday\n", encoding="utf-8")
    with pytest.raises(CommandError, match="Line 3"):
        call_command("import_holidays", str(notice))
    notice.write_text("day,kind\n2027-10-01,maybe\n", encoding="utf-8")
    with pytest.raises(CommandError, match="Line 2"):
        call_command("import_holidays", str(notice))
    assert not CalendarDay.objects.exists()


def test_before_the_package_weekends_decide():
    assert is_workday(date(2003, 10, 1))
    assert not is_workday(date(2003, 10, 4))
    assert not is_provisional(date(2003, 10, 4))


def test_a_thousand_questions_cost_one_look(django_assert_num_queries):
    CalendarDay.objects.create(day=date(2026, 3, 11), kind="holiday")
    is_workday(date(2026, 3, 11))
    with django_assert_num_queries(0):
        for offset in range(1000):
            is_workday(date(2026, 1, 1) + timedelta(days=offset))
