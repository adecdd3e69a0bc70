"""Workbooks the platform hands out: the template of a kind, and the rows not imported, each with its reason."""

from collections.abc import Iterable, Sequence
from typing import IO, Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from portal.imports.kinds import Column, ImportKind, Reader
from portal.imports.models import ImportRow
from portal.imports.staging import EXAMPLE_MARK

REASON, ROW_NUMBER = "不能导入的原因", "原行号"
LISTS, HELP = "选项", "填写说明"
ROWS_READY = 2_000
AS_TEXT = "@"
HEAD = Font(bold=True, color="FFFFFF")
REQUIRED = PatternFill("solid", fgColor="1F5FBF")
OPTIONAL = PatternFill("solid", fgColor="5B6B7F")
EXAMPLE = Font(italic=True, color="808080")
HOW = {
    Reader.TEXT: "文字",
    Reader.PLAIN: "文字",
    Reader.NUMBER: "文本格式的号码",
    Reader.DAY: "日期，如 2026-03-01",
    Reader.WHOLE: "整数",
    Reader.TRUTH: "是 / 否",
    Reader.CODE: "从下拉中选",
}


def template(kind: ImportKind, out: IO[bytes]) -> None:
    """Titles, an example row below them, drop-downs, and text format where a spreadsheet would lose digits."""
    book = Workbook()
    sheet: Any = book.active
    sheet.title = str(kind.title)[:28]
    lists = book.create_sheet(LISTS)
    lists.sheet_state = "hidden"
    for at, column in enumerate(kind.columns, start=1):
        _head(sheet, at, column)
        _example(sheet, at, column)
        if column.reads == Reader.CODE:
            _drop_down(sheet, lists, at, words_of(column))
        elif column.reads == Reader.TRUTH:
            _drop_down(sheet, lists, at, ["是", "否"])
    sheet.freeze_panes = "A2"
    _help(book.create_sheet(HELP), kind)
    book.save(out)


def words_of(column: Column) -> list[str]:
    """What a drop-down offers: one word for each code."""
    offered: dict[str, str] = {}
    for word, code in (column.words() if column.words else {}).items():
        if word != code:
            offered.setdefault(code, word)
    return list(offered.values())


def _head(sheet: Any, at: int, column: Column) -> None:
    cell = sheet.cell(1, at, column.title)
    cell.font, cell.fill = HEAD, REQUIRED if column.required else OPTIONAL
    cell.alignment = Alignment(horizontal="center", vertical="center")
    letter = get_column_letter(at)
    sheet.column_dimensions[letter].width = column.width + 2
    if column.reads in {Reader.NUMBER, Reader.TEXT, Reader.PLAIN}:
        sheet.column_dimensions[letter].number_format = AS_TEXT
        for row in range(2, ROWS_READY if column.reads == Reader.NUMBER else 3):
            sheet.cell(row, at).number_format = AS_TEXT


def _example(sheet: Any, at: int, column: Column) -> None:
    """Begins with 例 so that the check leaves it out when it was not deleted."""
    text = f"{EXAMPLE_MARK}{column.example}" if at == 1 else column.example
    if text:
        cell = sheet.cell(2, at, text)
        cell.font, cell.number_format = EXAMPLE, AS_TEXT


def _drop_down(sheet: Any, lists: Any, at: int, words: Sequence[str]) -> None:
    letter = get_column_letter(at)
    for row, word in enumerate(words, start=1):
        lists.cell(row, at, word)
    rule = DataValidation(
        type="list", formula1=f"'{LISTS}'!${letter}$1:${letter}${max(len(words), 1)}", allow_blank=True
    )
    rule.error, rule.errorTitle, rule.showErrorMessage = "请从下拉列表中选择", "不在列表中", True
    sheet.add_data_validation(rule)
    rule.add(f"{letter}2:{letter}{ROWS_READY}")


def _help(sheet: Any, kind: ImportKind) -> None:
    sheet.append(["列名", "必填", "怎样填", "例子", "说明", "其他认得的列名"])
    for column in kind.columns:
        also = "、".join(word for word in column.synonyms if not word.isascii())
        sheet.append(
            [
                column.title,
                "必填" if column.required else "",
                HOW.get(column.reads, ""),
                column.example,
                str(column.about),
                also,
            ]
        )
    sheet.append([])
    for line in (
        "第二行是例子，填好后可以删去；不删也不会导入。",
        "证件号码、电话请用文本格式：表格会把长数字写成 1.10E+17 并丢掉末几位。",
        "表头不必在第一行，列的次序随意，多余的列不影响。",
        "空单元格不会清掉已有的内容。",
    ):
        sheet.append([line])
    for cell in sheet[1]:
        cell.font, cell.fill = HEAD, OPTIONAL
    for letter, width in zip("ABCDEF", (18, 8, 20, 26, 36, 48), strict=True):
        sheet.column_dimensions[letter].width = width


def not_imported(kind: ImportKind, keys: Sequence[str], rows: Iterable[ImportRow], out: IO[bytes]) -> int:
    """The rows in the shape of the template, the reason first: corrected, the file can be uploaded again."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(str(kind.title)[:28])
    columns = [column for column in kind.columns if column.key in keys]
    for at, width in enumerate((40, 8, *(column.width + 2 for column in columns)), start=1):
        sheet.column_dimensions[get_column_letter(at)].width = width
    sheet.freeze_panes = "A2"
    sheet.append([_styled(sheet, title) for title in (REASON, ROW_NUMBER, *(column.title for column in columns))])
    count = 0
    for row in rows:
        cells = [WriteOnlyCell(sheet, value=_safe(row.raw.get(column.key, ""))) for column in columns]
        for cell in cells:
            cell.number_format = AS_TEXT
        sheet.append([_safe(why(kind, row)), row.number, *cells])
        count += 1
    book.save(out)
    return count


def why(kind: ImportKind, row: ImportRow) -> str:
    """Every problem of the row in words, with the column it stands in."""
    titles = {column.key: column.title for column in kind.columns}
    told = [f"{titles.get(one['column'], '')}：{one['text']}".removeprefix("：") for one in row.problems]
    return "；".join([*told, *([row.note] if row.note else [])]) or _("Left out")


def _styled(sheet: Any, title: str) -> Any:
    cell = WriteOnlyCell(sheet, value=title)
    cell.font, cell.fill = HEAD, OPTIONAL
    return cell


def _safe(text: str) -> str:
    """A value that a spreadsheet would read as a formula stays text."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@"} and not text[1:].isdigit() else text
