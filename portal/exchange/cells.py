"""One cell of sheet XML, made by Python or by PostgreSQL. Both read back the same.

Text cells are `inlineStr`: a spreadsheet program can never read one as a formula, whatever it begins with.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal

from django.utils import timezone

from portal.exchange.ledgers import Column, Kind, Value

MAX_TEXT = 32_767  # Excel's limit for one cell
EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - spreadsheets know no time zones
EPOCH_ORDINAL = EPOCH.toordinal()
FIRST_SAFE_DAY = date(1900, 3, 1)  # Excel believes in a 29 February 1900: earlier days are written as text
SECONDS_A_DAY = 86_400
NUMBERS = frozenset({Kind.NUMBER, Kind.PERCENT, Kind.SERIAL})

SPECIAL = re.compile("[&<>\\x00-\\x08\\x0a-\\x1f\\x7f\ufffe\uffff]|_x[0-9A-Fa-f]{4}_")
NOT_ALLOWED = re.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f\ufffe\uffff\ud800-\udfff]")
LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")

MARK = b"\x03"
SQL_MARK = "E'\\x03'"
SQL_SPECIAL = "'[&<>\\x01-\\x08\\x0a-\\x1f\\x7f\\ufffe\\uffff]|_x[0-9A-Fa-f]{4}_'"
SQL_NOT_ALLOWED = "'[\\x01-\\x08\\x0b-\\x1f\\x7f\\ufffe\\uffff]'"


def escape(text: str) -> str:
    """Text for XML: markup escaped, control characters dropped, line breaks kept, `_x0041_` kept as typed."""
    if not SPECIAL.search(text):
        return text[:MAX_TEXT]
    text = LOOKS_ESCAPED.sub("_x005F_", NOT_ALLOWED.sub("", text[:MAX_TEXT]))
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\n", "&#10;")


def sql_escape(value: str) -> str:
    """The same for a text expression of SQL; `t.odd` says whether the row holds anything to escape at all."""
    clean = f"regexp_replace(left({value}, {MAX_TEXT}), {SQL_NOT_ALLOWED}, '', 'g')"
    clean = f"regexp_replace({clean}, '_(?=x[0-9A-Fa-f]{{4}}_)', '_x005F_', 'g')"
    for char, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        clean = f"replace({clean}, '{char}', '{entity}')"
    return f"CASE WHEN t.odd THEN replace({clean}, E'\\n', '&#10;') ELSE {value} END"


def sql_is_odd(values: Sequence[str]) -> str:
    """One look at the whole row instead of one at each cell: that is a third of the database's work."""
    if not values:
        return "FALSE"
    text = f"concat({', '.join(values)})"
    return f"({text} ~ {SQL_SPECIAL} OR octet_length({text}) > {MAX_TEXT})"


def serial_of(value: date) -> str:
    """Excel's number for a day, or for a moment in county time exact to the millisecond."""
    if not isinstance(value, datetime):
        return str(value.toordinal() - EPOCH_ORDINAL)
    local = timezone.make_naive(value) if timezone.is_aware(value) else value
    return f"{(local - EPOCH).total_seconds() / SECONDS_A_DAY:.10f}"


Cell = Callable[[Value, str], str]


def python_cell(column: Column, letter: str, style: int) -> Cell:
    """A function `(value, row number) -> XML`. Empty values keep their border."""
    head = f'<c r="{letter}'
    empty = f'" s="{style}"/>'
    text_open, text_close = f'" s="{style}" t="inlineStr"><is><t>', "</t></is></c>"
    number_open, number_close = f'" s="{style}"><v>', "</v></c>"

    def text(value: Value, row: str) -> str:
        if value is None or value == "":
            return head + row + empty
        return head + row + text_open + escape(str(value)) + text_close

    def number(value: Value, row: str) -> str:
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            return text(value, row)
        return head + row + number_open + str(value) + number_close

    def day(value: Value, row: str) -> str:
        if not isinstance(value, date) or value.timetuple()[:3] < FIRST_SAFE_DAY.timetuple()[:3]:
            return text(value, row)
        return head + row + number_open + serial_of(value) + number_close

    if column.kind in NUMBERS:
        return number
    return day if column.kind in {Kind.DATE, Kind.DATETIME} else text


def sql_cell(column: Column, letter: str, style: int, value: str) -> str:
    """The same as an SQL expression over the named column `value` and the row numbers `t.r` (sheet) and `t.n`."""
    head = f"'<c r=\"{letter}' || t.r || "
    if column.kind == Kind.SERIAL:
        return head + f"'\" s=\"{style}\"><v>' || t.n || '</v></c>'"
    text_open = head + f'\'" s="{style}" t="inlineStr"><is><t>\' || '
    if column.in_python:
        return text_open + f"{SQL_MARK} || coalesce(encode({value}, 'hex'), '') || {SQL_MARK} || '</t></is></c>'"
    number_open = head + f'\'" s="{style}"><v>\' || '
    empty = head + f'\'" s="{style}"/>\''
    as_text = text_open + f"({sql_escape(value)}) || '</t></is></c>'"
    if column.kind == Kind.DATE:
        filled = number_open + f"({value} - DATE '1899-12-30') || '</v></c>'"
        early = text_open + f"{value}::text || '</t></is></c>'"
        return f"CASE WHEN {value} IS NULL THEN {empty} WHEN {value} < '1900-03-01' THEN {early} ELSE {filled} END"
    if column.kind == Kind.DATETIME:
        since = f"({value} AT TIME ZONE 'Asia/Shanghai') - TIMESTAMP '1899-12-30'"
        filled = number_open + f"round(extract(epoch FROM {since}) / {SECONDS_A_DAY}, 10) || '</v></c>'"
        return f"CASE WHEN {value} IS NULL THEN {empty} ELSE {filled} END"
    if column.kind in NUMBERS:
        return f"CASE WHEN {value} IS NULL THEN {empty} ELSE {number_open}{value} || '</v></c>' END"
    return f"CASE WHEN {value} IS NULL OR {value} = '' THEN {empty} ELSE {as_text} END"
