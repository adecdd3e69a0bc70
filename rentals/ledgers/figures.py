"""S2: the report of rented homes (digest §4.3). Rows are counted once, by SQL."""

from typing import Any

from django.db import connection

from portal.exchange.ledgers import Column, Kind, Ledger, LedgerParams, Row, register_ledger
from portal.exchange.periods import PeriodKind
from portal.org.areas_then import areas_on
from portal.org.models import Area
from rentals.models import RentalRegistration

# Certificates of title; contracts and village papers are none (`title_proof`).
FIGURES = """
SELECT left(l.area_code, %(width)s), count(*),
    count(*) FILTER (WHERE l.ownership = '1'), count(*) FILTER (WHERE l.ownership = '2'),
    count(*) FILTER (WHERE f.lived_in),
    count(*) FILTER (WHERE EXISTS (SELECT FROM rentals_responsibilityletter r
        WHERE r.rental_id = l.id AND r.valid_to >= %(today)s)),
    count(*) FILTER (WHERE f.filed), count(*) FILTER (WHERE l.title_kind IN ('1', '2', '3')),
    coalesce(sum(f.tenants), 0)::int, coalesce(sum(f.inspected), 0)::int, coalesce(sum(f.hazards), 0)::int,
    coalesce(sum(f.mended), 0)::int, count(*) FILTER (WHERE f.crowded)
FROM rentals_rentalregistration l
JOIN sec.letting_figures(%(first)s, %(last)s) f ON f.rental_id = l.id
WHERE {inside} AND l.status = 'registered' GROUP BY 1
"""
TITLES = (
    "出租房总数",
    "公房",
    "私房",
    "已出租数",
    "签订治安责任书数",
    "有备案证数",
    "有产权证数",
    "登记承租人数",
    "巡查数",
    "隐患数",
    "已整改数",
    "超员数",
)


def figures(params: LedgerParams) -> list[Row]:
    """One line for every area below the chosen one (the area itself when it has none), and the total."""
    units = _units(params)
    inside, values = params.scope.sql("l")
    named: dict[str, Any] = {f"scope{number}": value for number, value in enumerate(values)}
    for name in named:
        inside = inside.replace("%s", f"%({name})s", 1)
    bindings = {"first": params.period.start, "last": params.period.end, "today": params.today} | named
    with connection.cursor() as cursor:
        cursor.execute(FIGURES.format(inside=inside), bindings | {"width": len(units[0].code)})
        counted = {unit: numbers for unit, *numbers in cursor.fetchall()}
    nothing = [0] * len(TITLES)
    lines = [counted.get(unit.code, nothing) for unit in units]
    rows: list[Row] = [(unit.name, *numbers) for unit, numbers in zip(units, lines, strict=True)]
    return [*rows, ("合计", *(sum(column) for column in zip(*lines, strict=True)))]


def _units(params: LedgerParams) -> list[Area]:
    tree = areas_on(params.area_day) if params.area_day else Area.objects.filter(valid_to=None)
    below = tree.filter(parent__code=params.area_code).order_by("code")
    return [unit for unit in below if unit.code in params.scope] or list(Area.objects.filter(code=params.area_code))


register_ledger(
    Ledger(
        code="S2",
        title="出租房屋统计报表",
        about="各单位出租房屋的登记、产权、责任书、备案、巡查与超员情况",
        model=RentalRegistration,
        unit_label="行",
        period=PeriodKind.RANGE,
        is_statistic=True,
        columns=(
            Column(key="unit", title="单位", width=20),
            *(Column(key=f"n{number}", title=title, width=11, kind=Kind.NUMBER) for number, title in enumerate(TITLES)),
        ),
        source=figures,
        notes=(
            "仅计有效的出租登记，企业产房计入总数；已出租指现有人员居住登记；责任书、备案、承租人、超员按导出时的状态统计，"
            "巡查数、隐患数按期间统计，已整改数为期间内发现的隐患中已销号的。"
        ),
        origin="居住房屋出租登记",
    )
)
