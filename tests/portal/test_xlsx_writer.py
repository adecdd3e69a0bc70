"""The streaming writer: what goes in comes out, in two readers, and nothing can become a formula."""
# ruff: noqa: DTZ001, S106 - spreadsheets know no time zones; `secret` names a column

import csv
import io
import re
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal

import openpyxl
import pytest
import python_calamine
from psycopg2 import Binary

from portal.exchange import sql
from portal.exchange.csvout import write_csv
from portal.exchange.layout import Facts
from portal.exchange.ledgers import Column, Kind, Ledger, Query
from portal.exchange.xlsx import XlsxWriter
from portal.vault.cipher import encrypt_raw
from residents.models import Person

pytestmark = pytest.mark.django_db
FACTS = Facts(
    place="常山县", unit="常山县公安局", period="2026-11-22", operator="张三", day="2026-11-22", watermark="导出：张三"
)
FORMULAS = [
    "=1+1",
    '=HYPERLINK("http://evil.example","click")',
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-1+1",
    "@SUM(A1:A9)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(A1)",
    '";=1+1',
    '=DDE("cmd";"/C calc";"x")',
]
ODD_TEXTS = [
    "<b>&amp;</b>",
    "a & b",
    "阿依古丽·买买提",
    "𠮷野家",
    "_x0041_",
    "back\\slash",
    "quote'\"",
    "100%",
    "two\nlines",
    "]]>",
]


def ledger_of(*columns):
    return Ledger(code="T1", title="测试台账", model=Person, columns=columns, source=lambda _params: (), notes="口径")


def pour(ledger, source, *, masked=True, max_rows=1_048_576):
    """The file, and the hash of its rows."""
    out = io.BytesIO()
    writer = XlsxWriter(out, ledger, FACTS, about=lambda n, h: [("行数", str(n)), ("校验值", h)], max_rows=max_rows)
    if isinstance(source, Query):
        poured = writer.pour_query(source, sql.Readers(ledger.columns, masked=masked), sql.count(source))
    else:
        poured = writer.pour_rows(source, len(source))
    return out.getvalue(), poured.sha256


def read(data, sheet=0):
    return python_calamine.load_workbook(io.BytesIO(data)).get_sheet_by_index(sheet).to_python()


def texts(values):
    return Query(tables="unnest(%s::text[]) WITH ORDINALITY AS x(v, n)", values=[values], order_by="x.n")


TEXT = Column(key="v", title="文字", sql="x.v")


@pytest.mark.parametrize("text", FORMULAS)
@pytest.mark.parametrize("path", ["database", "python"])
def test_no_cell_of_user_text_becomes_a_formula(text, path):
    data, _hash = pour(ledger_of(TEXT), texts([text]) if path == "database" else [(text,)])
    sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    cell = sheet["A4"]
    assert cell.data_type in {"s", "inlineStr"}
    assert cell.value == text.replace("\r", "")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert re.search(rb"<f[ >]", archive.read("xl/worksheets/sheet1.xml")) is None


@pytest.mark.parametrize("text", FORMULAS)
def test_no_field_of_a_csv_begins_like_a_formula(text):
    out = io.BytesIO()
    write_csv(out, [TEXT], [(text,)])
    _header, [field] = csv.reader(io.StringIO(out.getvalue().decode("utf-8-sig"), newline=""))
    assert field.lstrip("'") == text
    assert field[0] in {"'", '"'}


@pytest.mark.parametrize("path", ["database", "python"])
def test_odd_characters_come_back_as_they_were(path):
    data, _hash = pour(ledger_of(TEXT), texts(ODD_TEXTS) if path == "database" else [(text,) for text in ODD_TEXTS])
    sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    read_back = [sheet.cell(row, 1).value for row in range(4, 4 + len(ODD_TEXTS))]
    assert [text.replace("_x005F_", "_") for text in read_back] == ODD_TEXTS


@pytest.mark.parametrize("path", ["database", "python"])
def test_control_characters_are_dropped_and_a_cell_ends_at_the_limit_of_excel(path):
    given = ["a\x01b\x08c\x1fd\x7fe", "长" * 40_000]
    data, _hash = pour(ledger_of(TEXT), texts(given) if path == "database" else [(text,) for text in given])
    rows = read(data)
    assert rows[3][0] == "abcde"
    assert rows[4][0] == "长" * 32_767


VALUES = Query(
    tables="""(VALUES
        (1, '王建国', DATE '1990-01-31', TIMESTAMPTZ '2026-11-22 02:30:00+00', 12.5, '0042', 0.25),
        (2, NULL, NULL, NULL, NULL, '', NULL),
        (3, '', DATE '1899-12-31', TIMESTAMPTZ '2026-01-01 08:00:00+08', 0, '007', 1)
    ) AS x(n, name, born, at, area, code, part)""",
    order_by="x.n",
)
TYPED = (
    Column(key="serial", title="序号", kind=Kind.SERIAL),
    Column(key="name", title="姓名", sql="x.name"),
    Column(key="born", title="出生日期", kind=Kind.DATE, sql="x.born"),
    Column(key="at", title="登记时间", kind=Kind.DATETIME, sql="x.at"),
    Column(key="area", title="面积", kind=Kind.NUMBER, sql="x.area"),
    Column(key="code", title="编号", kind=Kind.CODE, sql="x.code"),
    Column(key="part", title="占比", kind=Kind.PERCENT, sql="x.part"),
)
EXPECTED = [
    [1.0, "王建国", date(1990, 1, 31), datetime(2026, 11, 22, 10, 30), 12.5, "0042", 0.25],
    [2.0, "", "", "", "", "", ""],
    [3.0, "", "1899-12-31", datetime(2026, 1, 1, 8), 0.0, "007", 1.0],
]
PYTHON_ROWS = [
    (
        1,
        "王建国",
        date(1990, 1, 31),
        datetime(2026, 11, 22, 2, 30, tzinfo=UTC),
        Decimal("12.5"),
        "0042",
        Decimal("0.25"),
    ),
    (2, None, None, None, None, "", None),
    (3, "", date(1899, 12, 31), datetime(2026, 1, 1, 0, 0, tzinfo=UTC), 0, "007", 1),
]


@pytest.mark.parametrize("path", ["database", "python"])
def test_dates_numbers_and_codes_keep_their_kind(path):
    data, _hash = pour(ledger_of(*TYPED), VALUES if path == "database" else PYTHON_ROWS)
    assert read(data)[3:6] == EXPECTED


def test_both_ways_of_writing_give_the_same_rows():
    from_database, first = pour(ledger_of(*TYPED), VALUES)
    from_python, second = pour(ledger_of(*TYPED), PYTHON_ROWS)
    assert first == second
    assert read(from_database) == read(from_python)


SECRET = Column(key="id", title="证件号码", kind=Kind.ID, sql="x.id", secret="residents_person.document_number")
PHONE = Column(key="phone", title="联系电话", kind=Kind.PHONE, sql="x.phone", secret="residents_person.phone")


def encrypted(rows):
    packed = [
        (
            Binary(encrypt_raw(number, "residents_person.document_number")),
            Binary(encrypt_raw(phone, "residents_person.phone")) if phone else None,
        )
        for number, phone in rows
    ]
    marks = ", ".join("(%s, %s::bytea, %s::bytea)" for _row in packed)
    values = [value for n, row in enumerate(packed) for value in (n, *row)]
    return Query(tables=f"(VALUES {marks}) AS x(n, id, phone)", values=values, order_by="x.n")


@pytest.mark.parametrize(
    ("masked", "expected"),
    [
        (True, [["110***********001X", "138****0000"], ["E1****67", ""]]),
        (False, [["11010519491231001X", "13800000000"], ["E1234567", ""]]),
    ],
)
def test_encrypted_numbers_stay_text_and_are_masked_unless_asked_for_in_full(masked, expected):
    source = encrypted([("11010519491231001X", "13800000000"), ("E1234567", "")])
    data, _hash = pour(ledger_of(SECRET, PHONE), source, masked=masked)
    assert read(data)[3:5] == expected


def test_a_damaged_value_is_named_in_its_cell_and_does_not_stop_the_ledger():
    source = Query(tables="(VALUES (0, '\\x01020304'::bytea, NULL::bytea)) AS x(n, id, phone)")
    data, _hash = pour(ledger_of(SECRET, PHONE), source)
    assert read(data)[3] == ["【密文损坏】", ""]


@pytest.mark.parametrize(("rows", "sheets"), [(1, 1), (4, 1), (5, 2), (8, 2), (9, 3)])
@pytest.mark.parametrize("path", ["database", "python"])
def test_rows_beyond_the_limit_go_to_further_sheets(rows, sheets, path):
    """Ten rows a sheet: three of headers, three of sign-off, four of data."""
    given = [f"r{number}" for number in range(rows)]
    data, _hash = pour(ledger_of(TEXT), texts(given) if path == "database" else [(one,) for one in given], max_rows=10)
    book = python_calamine.load_workbook(io.BytesIO(data))
    assert len(book.sheet_names) == sheets + 1
    found = []
    for number in range(sheets):
        sheet = book.get_sheet_by_index(number).to_python()
        assert len(sheet) <= 10
        found += [row[0] for row in sheet[3:] if str(row[0]).startswith("r")]
    assert found == given
    last = book.get_sheet_by_index(sheets - 1).to_python()
    assert str(last[-3][0]).startswith("填表人：张三")


def test_a_ledger_without_rows_still_has_its_form():
    data, _hash = pour(ledger_of(TEXT), [])
    rows = read(data)
    assert [row[0][:6] for row in rows] == [
        "常山县测试台",
        "填报单位：常",
        "文字",
        "填表人：张三",
        "口径说明：口",
        "数据来源：安",
    ]
    openpyxl.load_workbook(io.BytesIO(data))


def test_headers_merge_over_their_columns_and_down_to_the_data():
    columns = (
        Column(key="unit", title="单位", sql="x.v"),
        Column(key="men", title="男", group=("人数", "性别"), sql="x.v"),
        Column(key="women", title="女", group=("人数", "性别"), sql="x.v"),
        Column(key="other", title="港澳台", group=("人数",), sql="x.v"),
    )
    data, _hash = pour(ledger_of(*columns), [("a", "b", "c", "d")])
    sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    merged = {str(one) for one in sheet.merged_cells.ranges}
    assert {"A3:A5", "B3:D3", "B4:C4", "D4:D5", "A1:D1"} <= merged
    assert sheet.freeze_panes == "A6"
    assert sheet.print_title_rows == "$1:$5"


def test_the_same_data_gives_the_same_hash_and_other_data_another():
    _data, first = pour(ledger_of(TEXT), texts(["a", "b"]))
    _data, again = pour(ledger_of(TEXT), texts(["a", "b"]))
    _data, other = pour(ledger_of(TEXT), texts(["b", "a"]))
    assert first == again != other


def test_the_archive_passes_its_own_check():
    data, _hash = pour(ledger_of(TEXT), texts([f"row {number}" for number in range(5_000)]))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None


def test_values_of_a_query_are_bound_and_never_part_of_the_statement():
    data, _hash = pour(ledger_of(TEXT), texts(["'; DROP TABLE org_area; --", "%s %(x)s 100%"]))
    assert [row[0] for row in read(data)[3:5]] == ["'; DROP TABLE org_area; --", "%s %(x)s 100%"]
