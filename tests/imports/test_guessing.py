"""Finding the titles and the columns in whatever was sent."""

from portal.files.sheets import Sheet
from portal.imports.guessing import guess
from residents.imports.registrations import Registrations

COLUMNS = Registrations.columns
NUMBER = "520322199303082464"


def sheet(*rows, name="Sheet1"):
    return Sheet(name, len(rows), max(len(row) for row in rows), [list(row) for row in rows])


def test_titles_are_found_below_a_heading_and_empty_rows():
    found = guess([sheet(["东明社区 2026 年名册"], [], ["姓名", "身份证号码"], ["李秀英", NUMBER])], COLUMNS)
    assert found.header_row == 3
    assert found.mapping == {"name": 0, "document_number": 1}


def test_stars_brackets_and_blanks_in_titles_do_not_matter():
    found = guess([sheet(["* 姓 名", "证件号码（18 位）", "手机 号码"], ["李秀英", NUMBER, "13900001234"])], COLUMNS)
    assert found.mapping == {"name": 0, "document_number": 1, "phone": 2}


def test_a_column_of_numbers_without_a_title_is_told_by_its_contents():
    found = guess([sheet(["姓名", "", "地址"], ["李秀英", NUMBER, "锦绣花园3幢"], ["王芳", NUMBER, "x"])], COLUMNS)
    assert found.mapping == {"name": 0, "document_number": 1, "address": 2}


def test_of_two_columns_with_one_title_the_fuller_one_is_taken_and_told():
    rows = [["姓名", "联系电话", "联系电话"], ["李秀英", "", "13900001234"], ["王芳", "", "13900001235"]]
    found = guess([sheet(*rows)], COLUMNS)
    assert found.mapping["phone"] == 2
    assert found.twice == ["phone"]


def test_the_sheet_with_the_rows_is_chosen_whatever_the_sheets_are_called():
    notes = sheet(["填表说明"], ["请如实填写"], name="姓名")
    found = guess([notes, sheet(["姓名", "证件号码"], ["李秀英", NUMBER], name="x")], COLUMNS)
    assert found.sheet == 1
