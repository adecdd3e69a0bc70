"""The official look of a ledger, laid out once with openpyxl: title, merged headers, widths, sign-off, print set-up.

The data rows are not written here: the layout leaves a marker row whose place the streaming writer takes.
"""

import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from xml.sax.saxutils import unescape

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from portal.exchange.cells import escape
from portal.exchange.ledgers import Column, Kind, Ledger

TITLE_ROW, FACTS_ROW, FIRST_HEADER_ROW = 1, 2, 3
MARKER_HEIGHT = 15
NAME_CHARS = 25
WIDE_SHEET = 12
THIN = Side(style="thin", color="FF7F7F7F")
GRID = Border(left=THIN, right=THIN, top=THIN, bottom=THIN)
BODY = Font(name="宋体", size=10)
CENTRED = Alignment(horizontal="center", vertical="center", wrap_text=True)
LEFT = Alignment(horizontal="left", vertical="center")
FORMATS = {
    Kind.DATE: "yyyy-mm-dd",
    Kind.DATETIME: "yyyy-mm-dd hh:mm",
    Kind.PERCENT: "0.0%",
    Kind.ID: "@",
    Kind.PHONE: "@",
    Kind.CODE: "@",
}
CELL_STYLE = re.compile(r'<c r="[A-Z]+\d+" s="(\d+)"')
SHARED = re.compile(r'(<c r="[A-Z]+\d+"(?: s="\d+")?) t="s"><v>(\d+)</v></c>')
STRING = re.compile(r"<si>(.*?)</si>", re.DOTALL)
STRING_TEXT = re.compile(r"<t[^>]*>(.*?)</t>", re.DOTALL)
ROW_NUMBER = re.compile(r'(<row r="|<c r="[A-Z]+)(\d+)"')
MERGE = re.compile(r'<mergeCell ref="([A-Z]+)(\d+):([A-Z]+)(\d+)"\s*/>')
DIMENSION = re.compile(r"<dimension [^>]*/>")


@dataclass(frozen=True, slots=True)
class Facts:
    """The wording of one print-out: everything on the sheet that is not a row."""

    place: str
    unit: str
    period: str
    operator: str
    day: str
    watermark: str
    about: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class SheetTemplate:
    head: str
    foot: str
    styles: tuple[int, ...]
    first_row: int

    def foot_after(self, rows: int, *, signed: bool) -> str:
        """The end of the sheet XML when `rows` rows stand in it; `signed` keeps the sign-off block."""
        shift = rows - 1

        def move(match: re.Match[str]) -> str:
            return f'{match[1]}{int(match[2]) + shift}"'

        def move_merge(match: re.Match[str]) -> str:
            first, last = int(match[2]), int(match[4])
            if first <= self.first_row:
                return match[0]
            if not signed:
                return ""
            return f'<mergeCell ref="{match[1]}{first + shift}:{match[3]}{last + shift}"/>'

        block, rest = self.foot.split("</sheetData>", 1)
        block = ROW_NUMBER.sub(move, block) if signed else ""
        rest = MERGE.sub(move_merge, rest)
        merges = len(MERGE.findall(rest))
        rest = re.sub(r'<mergeCells count="\d+"', f'<mergeCells count="{merges}"', rest)
        return f"{block}</sheetData>{rest}"


def first_data_row(ledger: Ledger) -> int:
    return FIRST_HEADER_ROW + ledger.header_depth


def sheet_names(ledger: Ledger, sheets: int) -> list[str]:
    name = re.sub(r"[\[\]:*?/\\']", "", ledger.title)[:NAME_CHARS]
    return [name] + [f"{name}（{number}）" for number in range(2, sheets + 1)]


def template(ledger: Ledger, facts: Facts) -> SheetTemplate:
    """The sheet's XML before and after the rows, and the style number of each column."""
    parts = saved(workbook(ledger, facts, sheets=1))
    xml = parts["xl/worksheets/sheet1.xml"].decode()
    strings = [unescape("".join(STRING_TEXT.findall(one))) for one in STRING.findall(_shared(parts))]
    xml = SHARED.sub(lambda m: f'{m[1]} t="inlineStr"><is><t>{escape(strings[int(m[2])])}</t></is></c>', xml)
    xml = DIMENSION.sub("", xml)
    row = first_data_row(ledger)
    start = xml.index(f'<row r="{row}"')
    end = xml.index("</row>", start) + len("</row>")
    styles = tuple(int(style) for style in CELL_STYLE.findall(xml[start:end]))
    return SheetTemplate(xml[:start], xml[end:], styles, row)


def saved(book: Workbook) -> dict[str, bytes]:
    out = BytesIO()
    book.save(out)
    with zipfile.ZipFile(out) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _shared(parts: dict[str, bytes]) -> str:
    return parts.get("xl/sharedStrings.xml", b"").decode()


def workbook(ledger: Ledger, facts: Facts, *, sheets: int) -> Workbook:
    """The whole workbook but the rows: `sheets` data sheets and the sheet 说明.

    The same sheets are laid out in the same order each time, so the style numbers stay the same.
    """
    book = Workbook()
    book.properties.title = f"{facts.place}{ledger.title}"
    book.properties.creator = facts.operator
    book.properties.description = facts.watermark
    book.properties.keywords = ledger.code
    for number, name in enumerate(sheet_names(ledger, sheets)):
        sheet = book.active if number == 0 else book.create_sheet()
        sheet.title = name
        _lay_out(sheet, ledger, facts)
    _about_sheet(book.create_sheet("说明"), ledger, facts)
    return book


def _lay_out(sheet: Worksheet, ledger: Ledger, facts: Facts) -> None:
    columns, last = ledger.columns, len(ledger.columns)
    for number, column in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = column.width
    sheet.merge_cells(start_row=TITLE_ROW, end_row=TITLE_ROW, start_column=1, end_column=last)
    sheet.cell(TITLE_ROW, 1, f"{facts.place}{ledger.title}").font = Font(name="方正小标宋简体", size=18)
    sheet.cell(TITLE_ROW, 1).alignment = CENTRED
    sheet.row_dimensions[TITLE_ROW].height = 34
    _facts_row(sheet, ledger, facts)
    _headers(sheet, columns, ledger.header_depth)
    row = first_data_row(ledger)
    for number, column in enumerate(columns, start=1):
        _style_of(sheet.cell(row, number), column)
    _sign_off(sheet, ledger, facts, row + 1)
    sheet.freeze_panes = sheet.cell(row, min(3, last) if last > WIDE_SHEET else 1)
    _print_set_up(sheet, ledger, facts, row)


def _facts_row(sheet: Worksheet, ledger: Ledger, facts: Facts) -> None:
    """填报单位 on the left, 统计时间 in the middle, the counting unit on the right, as on the paper form."""
    last = len(ledger.columns)
    texts = [f"填报单位：{facts.unit}", f"统计时间：{facts.period}", f"计量单位：{ledger.unit_label}"]
    if last < len(texts):
        texts = ["　　".join(texts)]
    edges = [round(last * part / len(texts)) + 1 for part in range(len(texts) + 1)]
    for number, text in enumerate(texts):
        start, end = edges[number], edges[number + 1] - 1
        cell = sheet.cell(FACTS_ROW, start, text)
        cell.font, cell.alignment = BODY, Alignment(horizontal=("left", "center", "right")[number], vertical="center")
        if end > start:
            sheet.merge_cells(start_row=FACTS_ROW, end_row=FACTS_ROW, start_column=start, end_column=end)
    sheet.row_dimensions[FACTS_ROW].height = 20


def _headers(sheet: Worksheet, columns: Sequence[Column], depth: int) -> None:
    fill = PatternFill("solid", fgColor="FFE8EEF4")
    levels = [(*column.group, column.title) for column in columns]
    for number, words in enumerate(levels, start=1):
        for level in range(depth):
            cell = sheet.cell(FIRST_HEADER_ROW + level, number)
            cell.font, cell.alignment, cell.border, cell.fill = Font(name="黑体", size=10), CENTRED, GRID, fill
        for level, word in enumerate(words):
            sheet.cell(FIRST_HEADER_ROW + level, number).value = word
    for first_row, last_row, first, last in header_merges(columns, depth):
        sheet.merge_cells(
            start_row=FIRST_HEADER_ROW + first_row,
            end_row=FIRST_HEADER_ROW + last_row,
            start_column=first,
            end_column=last,
        )
    for level in range(depth):
        sheet.row_dimensions[FIRST_HEADER_ROW + level].height = 30 if level == depth - 1 else 20


def header_merges(columns: Sequence[Column], depth: int) -> list[tuple[int, int, int, int]]:
    """(first level, last level, first column, last column) of every header that spans more than one cell."""
    merges = []
    for level in range(depth - 1):
        start = 0
        for number in range(1, len(columns) + 1):
            same = number < len(columns) and columns[number].group[: level + 1] == columns[start].group[: level + 1]
            if same and len(columns[start].group) > level:
                continue
            if len(columns[start].group) > level and number - start > 1:
                merges.append((level, level, start + 1, number))
            start = number
    for number, column in enumerate(columns, start=1):
        if len(column.group) < depth - 1:
            merges.append((len(column.group), depth - 1, number, number))
    return merges


def _style_of(cell: object, column: Column) -> None:
    cell.font, cell.border = BODY, GRID  # type: ignore[attr-defined]
    centred = column.kind in {Kind.DATE, Kind.DATETIME, Kind.SERIAL}
    right = column.kind in {Kind.NUMBER, Kind.PERCENT}
    cell.alignment = Alignment(  # type: ignore[attr-defined]
        horizontal="center" if centred else "right" if right else "left", vertical="center"
    )
    cell.number_format = FORMATS.get(column.kind, "General")  # type: ignore[attr-defined]


def _sign_off(sheet: Worksheet, ledger: Ledger, facts: Facts, row: int) -> None:
    """The block under the rows: who filled it in, who checked it, when; then how the figures are defined."""
    last = len(ledger.columns)
    filled = {"填表人": facts.operator, "填报日期": facts.day}
    line = "　　　　".join(f"{word}：{filled.get(word, '　　　　　　')}" for word in ledger.signoff)
    for offset, text in enumerate([line, f"口径说明：{ledger.notes}", f"数据来源：{ledger.origin}　{facts.watermark}"]):
        cell = sheet.cell(row + offset, 1, text)
        cell.font = BODY
        cell.alignment = Alignment(horizontal="left", vertical="center", wrap_text=True)
        if last > 1:
            sheet.merge_cells(start_row=row + offset, end_row=row + offset, start_column=1, end_column=last)
        sheet.row_dimensions[row + offset].height = 22


def _print_set_up(sheet: Worksheet, ledger: Ledger, facts: Facts, first_row: int) -> None:
    sheet.print_title_rows = f"{TITLE_ROW}:{first_row - 1}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A3 if len(ledger.columns) > WIDE_SHEET else sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_options.horizontalCentered = True
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    sheet.page_margins.top, sheet.page_margins.bottom = 0.6, 0.7
    sheet.oddFooter.left.text = facts.watermark.replace("&", "＆")
    sheet.oddFooter.left.size = 8
    sheet.oddFooter.right.text = "第 &P 页　共 &N 页"


def _about_sheet(sheet: Worksheet, ledger: Ledger, facts: Facts) -> None:
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 18, 90
    sheet.cell(1, 1, f"{ledger.title} · 说明").font = Font(name="黑体", size=14)
    for row, (word, text) in enumerate(facts.about, start=3):
        sheet.cell(row, 1, word).font = Font(name="黑体", size=10)
        cell = sheet.cell(row, 2)
        cell.value, cell.data_type = text, "s"  # never a formula, whatever the text begins with
        cell.font = BODY
        for one in (sheet.cell(row, 1), cell):
            one.border = GRID
            one.alignment = Alignment(vertical="center", wrap_text=True)
