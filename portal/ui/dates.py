"""Dates as clerks type them; the same rules as ui/js/days.js, because pages also work without scripts."""

import re
import unicodedata
from datetime import date, timedelta

RELATIVE = {
    "今天": 0,
    "昨天": -1,
    "前天": -2,
    "大前天": -3,
    "明天": 1,
    "后天": 2,
    "today": 0,
    "yesterday": -1,
    "tomorrow": 1,
}
SHIFT = re.compile(r"([+-])(\d{1,3})")
FULL = (re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})"), re.compile(r"(\d{4})(\d{2})(\d{2})"))
SHORT = (re.compile(r"(\d{1,2})-(\d{1,2})"), re.compile(r"(\d{1,2})(\d{2})"))
AHEAD_DAYS = 31


def parse_day(text: str, *, today: date, ahead: int = AHEAD_DAYS) -> date | None:
    """Reads 1120, 11-20, 20261120, 2026年11月20日, -2, +3 and 昨天; None when it is no date.

    A month and day without a year is this year's unless that lies more than `ahead` days in the future:
    then last year's, because clerks mostly record what has happened.
    """
    word = unicodedata.normalize("NFKC", text).strip().lower()
    if word in RELATIVE:
        return today + timedelta(days=RELATIVE[word])
    if shift := SHIFT.fullmatch(word):
        days = int(shift[2])
        return today + timedelta(days=days if shift[1] == "+" else -days)
    word = re.sub(r"日$", "", re.sub(r"[./年月\s]+", "-", word)).rstrip("-")
    for pattern in FULL:
        if found := pattern.fullmatch(word):
            return _day(int(found[1]), int(found[2]), int(found[3]))
    for pattern in SHORT:
        if found := pattern.fullmatch(word):
            return _nearest(int(found[1]), int(found[2]), today=today, ahead=ahead)
    return None


def _nearest(month: int, day: int, *, today: date, ahead: int) -> date | None:
    this_year = _day(today.year, month, day)
    if this_year and this_year <= today + timedelta(days=ahead):
        return this_year
    return _day(today.year - 1, month, day) or this_year


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
