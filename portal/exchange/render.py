"""One ledger, in one format, for one person. What somebody may ask about later stands on the last sheet."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from portal.core import clock
from portal.core.errors import DomainError
from portal.exchange import sql
from portal.exchange.csvout import write_csv
from portal.exchange.granted import as_granted
from portal.exchange.layout import Facts, header_merges
from portal.exchange.ledgers import Kind, Ledger, LedgerParams, Query, Row, Value
from portal.exchange.xlsx import XlsxWriter

CHINESE = "zh-hans"
PREVIEW_ROWS = 30
PAST_EXPLAINED = (
    "按该时点系统中已登记的内容重现：之后补登、变更、更正的不计入，之后撤销的仍计入。"
    "地区、单位和经办人的名称为现名；现已限制处理或匿名化的人员不列出。"
)
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Rendered:
    """`sha256` is the hash of the data rows alone: the same data gives the same value at any time."""

    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Header:
    text: str
    columns: int
    rows: int


@dataclass(frozen=True, slots=True)
class Preview:
    headers: list[list[Header]]
    kinds: list[str]
    rows: list[list[Value]]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    reason: str
    recipient: str = ""
    full: bool = False


def render(
    ledger: Ledger, params: LedgerParams, out: IO[bytes], *, fmt: str, purpose: Purpose, progress: Progress
) -> Rendered:
    """Write the file. `progress` gets rows done and rows in all, and may raise to stop.

    Labels come in Chinese whatever the language of the page: it is an official form. Raises DomainError when a check
    of the ledger finds that it does not add up.
    """
    ledger = as_granted(ledger, full=purpose.full)
    with override(CHINESE):
        source = ledger.source(params)
        readers = sql.Readers(ledger.columns, masked=not purpose.full)
        total = sql.count(source) if isinstance(source, Query) else len(source)
        _check(ledger, params, () if isinstance(source, Query) else source)

        def step(done: int) -> None:
            progress(done, max(total, done))

        progress(0, total)
        if fmt == "csv":
            rows = _values(ledger, source, readers)
            count, digest = write_csv(out, ledger.columns, rows, progress=step)
            return Rendered(count, digest)
        facts = facts_of(ledger, params, purpose)

        def about(count: int, digest: str) -> Sequence[tuple[str, str]]:
            return _about(ledger, params, purpose, Rendered(count, digest), readers.damaged)

        writer = XlsxWriter(out, ledger, facts, about=about, progress=step)
        if isinstance(source, Query):
            poured = writer.pour_query(source, readers, total)
        else:
            poured = writer.pour_rows(_values(ledger, source, readers), total)
        return Rendered(poured.rows, poured.sha256)


def preview(ledger: Ledger, params: LedgerParams, *, limit: int = PREVIEW_ROWS) -> Preview:
    """The first rows for the screen, always masked, under the official headers."""
    ledger = as_granted(ledger, full=False)
    with override(CHINESE):
        source = ledger.source(params)
        readers = sql.Readers(ledger.columns, masked=True)
        total = sql.count(source) if isinstance(source, Query) else len(source)
        rows = [list(row) for row, _n in zip(_values(ledger, source, readers, limit), range(limit), strict=False)]
    return Preview(headers_of(ledger), [column.kind.value for column in ledger.columns], rows, total)


def headers_of(ledger: Ledger) -> list[list[Header]]:
    """The rows of `<th>` with their spans."""
    depth = ledger.header_depth
    spans = {(top, left): (bottom, right) for top, bottom, left, right in header_merges(ledger.columns, depth)}
    covered: set[tuple[int, int]] = set()
    lines: list[list[Header]] = []
    for level in range(depth):
        line: list[Header] = []
        for number, column in enumerate(ledger.columns, start=1):
            words = (*column.group, column.title)
            if (level, number) in covered or level >= len(words):
                continue
            bottom, right = spans.get((level, number), (level, number))
            covered |= {(row, col) for row in range(level, bottom + 1) for col in range(number, right + 1)}
            line.append(Header(words[level], right - number + 1, bottom - level + 1))
        lines.append(line)
    return lines


def facts_of(ledger: Ledger, params: LedgerParams, purpose: Purpose) -> Facts:
    moment = timezone.localtime(clock.now()).strftime("%Y-%m-%d %H:%M")
    actor = params.actor
    to = f" 接收：{purpose.recipient}" if purpose.recipient else ""
    return Facts(
        place=params.area_name,
        unit=str(actor.department) if actor.department else params.area_name,
        period=f"{params.period.label}{_as_known(params)}",
        operator=str(actor),
        day=clock.today().isoformat(),
        watermark=f"导出：{actor}（{actor.username}） {moment} 用途：{purpose.reason}{to}",
    )


def _as_known(params: LedgerParams) -> str:
    moment = timezone.localtime(params.known_at).strftime("%Y-%m-%d %H:%M:%S") if params.known_at else ""
    told = f"（按 {moment} 已登记的情况）" if moment else ""
    return f"{told}（按当时区划）" if params.areas_then else told


def _known(params: LedgerParams) -> list[tuple[str, str]]:
    if params.known_at is None:
        return []
    return [
        ("数据时点", timezone.localtime(params.known_at).strftime("%Y-%m-%d %H:%M:%S")),
        ("时点说明", PAST_EXPLAINED),
    ]


def _values(
    ledger: Ledger, source: Query | Sequence[Row], readers: sql.Readers, limit: int | None = None
) -> Iterator[Row]:
    if isinstance(source, Query):
        yield from sql.rows(ledger.columns, source, readers, limit=limit)
        return
    masks = [
        (number, sql.MASKS[column.kind])
        for number, column in enumerate(ledger.columns)
        if column.kind in sql.MASKS and readers.masked
    ]
    serials = [number for number, column in enumerate(ledger.columns) if column.kind == Kind.SERIAL]
    for done, given in enumerate(source, start=1):
        row = list(given)
        for number, mask in masks:
            row[number] = mask(str(row[number] or ""))
        for number in serials:
            row[number] = done if row[number] is None else row[number]
        yield row


def _check(ledger: Ledger, params: LedgerParams, rows: Sequence[Row]) -> None:
    found = [sentence for check in ledger.checks for sentence in check(params, rows)]
    if found:
        raise DomainError(
            _("The ledger does not add up and was not made: %(problem)s") % {"problem": found[0]}, code="check_failed"
        )


def _about(
    ledger: Ledger, params: LedgerParams, purpose: Purpose, result: Rendered, damaged: int
) -> Sequence[tuple[str, str]]:
    masked = "不含证件号码和电话"
    if ledger.has_masked_columns:
        masked = "未脱敏（经授权）" if purpose.full else "已脱敏（证件号码、电话部分遮盖）"
    lines = [
        ("台账名称", ledger.title),
        ("台账代码", ledger.code),
        ("统计范围", f"{params.area_name}（{params.area_code}）"),
        ("统计时间", params.period.label),
        *_known(params),
        ("口径说明", ledger.notes),
        ("数据来源", ledger.origin),
        ("数据行数", f"{result.rows} {ledger.unit_label}"),
        ("内容校验值", result.sha256),
        ("校验值说明", "SHA-256，只对数据行计算；数据相同则校验值相同，与打印人、打印时间无关。"),
        ("脱敏情况", masked),
        ("表内校验", "已通过" if ledger.checks else "本表无表内校验"),
        ("导出用途", purpose.reason),
        ("接收单位", purpose.recipient or "本单位留用"),
        ("导出人", f"{params.actor}（{params.actor.username}）"),
        ("导出时间", timezone.localtime(clock.now()).strftime("%Y-%m-%d %H:%M:%S")),
    ]
    if damaged:
        lines.append(("数据警示", f"有 {damaged} 个加密值损坏，表中以“{sql.DAMAGED}”标出，请联系管理员。"))
    return lines
