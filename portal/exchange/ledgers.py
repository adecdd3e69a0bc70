"""Ledgers are declared once, in `<app>/ledgers.py` (or a package of that name), and rendered to every format.

    register_ledger(
        Ledger(
            code="L1",
            title="流动人口台账",
            about="在住和已离开的登记，一人一行，按社区排列",
            model=Person,                       # whose "export" and "export_full" grants decide
            unit_label="人",
            period=PeriodKind.NONE,
            columns=(
                Column(key="serial", title="序号", width=6, kind=Kind.SERIAL),
                Column(key="name", title="姓名", width=10, sql="p.name"),
                Column(key="sex", title="性别", width=6, sql="p.sex", choices=Sex.choices),
                Column(key="born", title="出生日期", width=12, kind=Kind.DATE, sql="p.birth_date"),
                Column(key="id", title="证件号码", width=21, kind=Kind.ID, sql="p.document_number",
                       secret="residents_person.document_number"),
                Column(key="phone", title="联系电话", width=14, kind=Kind.PHONE, sql="p.phone",
                       secret="residents_person.phone"),
            ),
            source=source_of_l1,
            notes="统计口径：……",
            origin="居住登记库",
        )
    )

    def source_of_l1(params: LedgerParams) -> Query:
        inside, values = params.scope.sql("r")     # the row scope: never leave it out
        return Query(
            tables="residents_registration r JOIN residents_person p ON p.id = r.person_id",
            where=f"{inside} AND r.status = %s",
            values=[*values, "active"],
            order_by="r.area_code, r.id",
        )

A statistical report returns rows instead (`Sequence[tuple]`, one value a column, total row included) and may name
`checks`, each `(params, rows) -> sentences`; any sentence stops the report: a wrong sum must not leave the house.
In a `Query` every value goes through `values`; write a literal per cent sign as `%%`. Titles, notes and labels of
columns are Chinese, they are the wording of the official form.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from portal.audit.past import as_known
from portal.core.errors import DomainError
from portal.exchange.periods import Period, PeriodKind
from portal.org.areas_then import clause
from portal.org.models import User
from portal.org.scoping import Scope, ScopedModel

Value = str | int | float | Decimal | date | datetime | None
Row = Sequence[Value]


class Kind(StrEnum):
    """How a column is stored in the file. ID, PHONE and CODE are text, whatever their digits look like."""

    TEXT = "text"
    DATE = "date"
    DATETIME = "datetime"
    NUMBER = "number"
    PERCENT = "percent"
    ID = "id"
    PHONE = "phone"
    CODE = "code"
    SERIAL = "serial"


MASKED = frozenset({Kind.ID, Kind.PHONE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column. `group` are the merged headers above the title, outermost first.

    `secret` is the "table.column" binding of an encrypted column, `sql` then yields its bytes.
    `choices` turns stored codes into words; `transform` does so with any function of the text (slower).
    `field` is the "table.column" of a protected value that is not encrypted. Where the field policy masks it, the file
    has `masked_sql` in its place, or nothing; see `granted`.
    """

    key: str
    title: str
    width: int = 12
    kind: Kind = Kind.TEXT
    group: tuple[str, ...] = ()
    sql: str = ""
    secret: str = ""
    choices: Iterable[tuple[Any, Any]] = ()
    transform: Callable[[str], str] | None = None
    field: str = ""
    masked_sql: str = ""
    masked: bool = False

    @property
    def speaks_of(self) -> str:
        """The stored column whose policy decides about this one; "" when any holder of the export may have it."""
        return self.secret or self.field

    @property
    def in_python(self) -> bool:
        """Must the value pass through Python (to be decrypted, masked or transformed)?"""
        return bool(self.secret or self.transform or self.kind in MASKED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Where the rows come from; the select list is made from the columns. `where` holds %s for each of `values`.

    `tables` may hold placeholders too: `values` are taken in the order of tables, where, order_by.
    `past` is the clause of `LedgerParams.past` and holds none.
    """

    tables: str
    where: str = "TRUE"
    values: Sequence[Any] = ()
    order_by: str = ""
    past: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerParams:
    """What was asked for. `scope` is already narrowed to `area_code` and to what the actor may export.

    `known_at` asks for the rows as the register knew them at that moment; `today` is then the day of the moment.
    `areas_then` counts by the areas in use on the last day of the period instead of those of today.
    """

    actor: User
    scope: Scope
    area_code: str
    area_name: str
    period: Period
    today: date
    extra: Mapping[str, Any] = field(default_factory=dict)
    known_at: datetime | None = None
    areas_then: bool = False
    subject: str = ""

    @property
    def area_day(self) -> date | None:
        """Whose tree the lines follow; None: that of today."""
        if self.areas_then:
            return self.period.end
        return timezone.localtime(self.known_at).date() if self.known_at else None

    def past(self, *tables: type[models.Model]) -> str:
        """What goes before a statement so that these tables are as they were; "" for the register as it stands."""
        if self.known_at:
            return as_known(tables, self.known_at)
        return clause(tables, self.period.end) if self.areas_then else ""


Source = Callable[[LedgerParams], "Query | Sequence[Row]"]
Check = Callable[[LedgerParams, Sequence[Row]], Iterable[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """An official register or report. `unit_label` counts its rows (人, 条, 件). `law` is the ground on which it may be
    handed on; a ledger of data without personal content (`is_statistic`) needs none in the record of provisions.

    `has_past` says that the source honours `LedgerParams.known_at`.

    `subjects` offers (key, name) of the things that a file may be narrowed to, of those the reader may see; the source
    finds the chosen key in `LedgerParams.subject`, "" for all of them. `subject_label` is the name of that field.

    `person` is the SQL of the person's key in the rows of the source: whose data the file held is written to the
    access log, a thousand keys a row.
    """

    code: str
    title: str
    model: type[ScopedModel]
    columns: tuple[Column, ...]
    source: Source
    about: str = ""
    unit_label: str = "条"
    period: PeriodKind = PeriodKind.NONE
    checks: tuple[Check, ...] = ()
    notes: str = ""
    origin: str = "安居 · 流动人口服务管理平台"
    law: str = "《浙江省流动人口居住登记条例》"
    signoff: tuple[str, ...] = ("填表人", "审核人", "填报日期")
    is_statistic: bool = False
    person: str = ""
    has_past: bool = False
    subjects: Callable[[User], Sequence[tuple[str, str]]] | None = None
    subject_label: str | Promise = ""
    action: str = "export"
    action_full: str = "export_full"

    @property
    def has_masked_columns(self) -> bool:
        return any(column.kind in MASKED for column in self.columns)

    @property
    def header_depth(self) -> int:
        return 1 + max(len(column.group) for column in self.columns)


_ledgers: dict[str, Ledger] = {}


def register_ledger(ledger: Ledger) -> Ledger:
    """Raises ValueError when the code is taken or a column key stands twice."""
    keys = [column.key for column in ledger.columns]
    if len(keys) != len(set(keys)):
        raise ValueError(f"{ledger.code}: column keys are not unique")
    if ledger.code in _ledgers:
        raise ValueError(f"{ledger.code} is registered already")
    _ledgers[ledger.code] = ledger
    return ledger


def all_ledgers() -> list[Ledger]:
    """Registers first, then statistics, each by code (L2 before L10)."""
    return sorted(_ledgers.values(), key=lambda one: (one.is_statistic, len(one.code), one.code))


def ledger_of(code: str) -> Ledger:
    try:
        return _ledgers[code]
    except KeyError:
        raise DomainError(_("There is no ledger “%(code)s”.") % {"code": code}, code="ledger_unknown") from None
