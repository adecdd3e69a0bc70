"""What people type into cells, turned into one form. Nothing is guessed that could be wrong: then it is refused."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from portal.core.errors import DomainError

Cell = Any
EPOCH = date(1899, 12, 30)
FIRST_SERIAL, LAST_SERIAL = 3_654, 73_050  # 1910-01-01 … 2099-12-31: what a date cell without its format looks like
EXACT_DIGITS = 15  # a spreadsheet keeps no more digits of a number
SCIENTIFIC = re.compile(r"[+-]?\d(?:\.\d+)?[eE][+]?\d{1,3}")
INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")
SPACES = re.compile(r"\s+")
DAY = re.compile(
    r"(\d{4})\s*[-/.年\s]\s*(\d{1,2})\s*[-/.月\s]\s*(\d{1,2})\s*[日号]?(?:[T\s]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?"
)
COMPACT = re.compile(r"\d{8}")
WHOLE = re.compile(r"-?\d+")
CODED = re.compile(r"\s*([0-9A-Za-z_]+)\s*[-—.、:： ]\s*(.+)|(.+?)\s*[((]\s*([0-9A-Za-z_]+)\s*[))]\s*")
YES = frozenset({"是", "有", "y", "yes", "true", "1", "√", "v", "✓"})
NO = frozenset({"否", "无", "n", "no", "false", "0", "×", "x", "✗", "-"})


def is_empty(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and not INVISIBLE.sub("", cell).strip())


def text(cell: Cell) -> str:
    """As a person reads the cell: no invisible characters, single blanks, 5.0 as 5, dates as 2026-03-01."""
    if isinstance(cell, str):
        return cell if cell.isalnum() else SPACES.sub(" ", INVISIBLE.sub("", cell)).strip().removeprefix("'")
    return "" if cell is None else _told(cell)


def _told(cell: Cell) -> str:
    if isinstance(cell, bool):
        return _("yes") if cell else _("no")
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 10**EXACT_DIGITS:
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if not (cell.hour or cell.minute or cell.second) else f"{cell:%Y-%m-%d %H:%M:%S}"
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def plain(cell: Cell) -> str:
    """The same with half-width letters and digits; not for names, whose characters are never replaced."""
    told = text(cell)
    return told if told.isascii() else unicodedata.normalize("NFKC", told).strip()


def number_of_document(cell: Cell) -> str:
    """A document or phone number as text. Raises DomainError for a number whose last digits the spreadsheet lost."""
    if isinstance(cell, float | int) and not isinstance(cell, bool):
        if abs(cell) >= 10**EXACT_DIGITS:
            raise lost_digits()
        return str(int(cell)) if float(cell).is_integer() else str(cell)
    told = plain(cell)
    if SCIENTIFIC.fullmatch(told):
        raise lost_digits()
    return told.removesuffix(".0") if told.endswith(".0") else told


def lost_digits() -> DomainError:
    message = _(
        "The spreadsheet stored this number as 1.10E+17 and lost its last digits. Set the column to text and type the"
        " number again."
    )
    return DomainError(message, code="lost_digits")


def day(cell: Cell) -> date | None:
    """2026-03-01, 2026/3/1, 2026.3.1, 2026年3月1日, 20260301, 46082 and date cells; None for an empty cell.

    A date without a year, or with the year last, is refused: 3/4/2026 is two different days.
    """
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if is_empty(cell):
        return None
    if isinstance(cell, float) and not cell.is_integer():
        cell = cell // 1  # a day with a time of the day
    told = plain(cell).removesuffix(".0")
    return _written(told)


def _written(told: str) -> date:
    if found := DAY.fullmatch(told):
        return _made(*found.groups())
    if COMPACT.fullmatch(told):
        return _made(told[:4], told[4:6], told[6:])
    if WHOLE.fullmatch(told) and FIRST_SERIAL <= int(told) <= LAST_SERIAL:
        return EPOCH + timedelta(days=int(told))
    raise _not_a_day()


def _made(year: str, month: str, number: str) -> date:
    try:
        return date(int(year), int(month), int(number))
    except ValueError as error:
        raise _not_a_day() from error


def _not_a_day() -> DomainError:
    return DomainError(_("This is no date. Please write it like 2026-03-01."), code="not_a_day")


def whole(cell: Cell) -> int | None:
    if is_empty(cell):
        return None
    told = plain(cell).removesuffix(".0")
    if not WHOLE.fullmatch(told):
        raise DomainError(_("Please enter a whole number."), code="not_a_number")
    return int(told)


def truth(cell: Cell) -> bool | None:
    if is_empty(cell):
        return None
    if isinstance(cell, bool):
        return cell
    told = plain(cell).lower()
    if told in YES:
        return True
    if told in NO:
        return False
    raise DomainError(_("Please enter yes or no."), code="not_a_truth")


def coded(entries: Mapping[str, str]) -> Callable[[Cell], str]:
    """A reader for cells of a code table: `entries` maps codes and words to codes. `05`, `5`, `租赁房屋`, `05 租赁房屋`
    and `租赁房屋（05）` all give the code; anything else is refused with the words to choose from."""
    known = {_bare(key): code for key, code in entries.items()}
    first = {code: key for key, code in reversed(list(entries.items())) if key != code}
    words = [key for key, code in entries.items() if first.get(code) == key]
    seen: dict[Any, str] = {}

    def read(cell: Cell) -> str:
        found = seen.get(cell)
        if found is not None:
            return found
        told = plain(cell)
        if not told:
            return ""
        code = known.get(_bare(told)) or known.get(_bare(told).zfill(2)) or _from_both(told, known)
        if code is None:
            offered = "、".join(words[:8]) + ("…" if len(words) > 8 else "")  # noqa: PLR2004 - a line
            raise DomainError(_("Not in the list. Choose one of: %(words)s") % {"words": offered}, code="unknown_code")
        if len(seen) < 10_000:  # noqa: PLR2004 - a table of words, not of everything that was ever typed
            seen[cell] = code
        return code

    return read


def _from_both(told: str, known: Mapping[str, str]) -> str | None:
    found = CODED.fullmatch(told)
    if not found:
        return None
    code, word = found.group(1) or found.group(4), found.group(2) or found.group(3)
    by_word, by_code = known.get(_bare(word)), known.get(_bare(code)) or known.get(_bare(code).zfill(2))
    return by_word if by_word == by_code else None


def _bare(word: str) -> str:
    return unicodedata.normalize("NFKC", word).replace(" ", "").lower()
