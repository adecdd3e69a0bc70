"""L5: what the inspections of let dwellings found and what became of it (digest §4.2)."""

from portal.exchange.ledgers import Column, Kind, Ledger, LedgerParams, Query, register_ledger
from portal.exchange.periods import PeriodKind
from rentals.choices import Disposal, HazardClass, HazardLevel, HazardStepKind, InspectionStatus, Recipient
from rentals.models import Inspection
from residents.ledgers.words import Names

FOUND = [("true", "是"), ("false", "否")]
CLASSES = [
    (HazardClass.FIRE.value, "消防"),
    (HazardClass.BUILDING.value, "建筑"),
    (HazardClass.ORDER.value, "治安"),
    (HazardClass.NUISANCE.value, "扰民"),
]
LEVELS = [(HazardLevel.ORDINARY.value, "一般"), (HazardLevel.SERIOUS.value, "严重")]
DISPOSALS = [
    (Disposal.ON_SPOT.value, "现场整改"),
    (Disposal.DEADLINE.value, "限期整改"),
    (Disposal.REFERRAL.value, "抄告"),
]
RECIPIENTS = [
    (Recipient.HOUSING.value, "住建部门"),
    (Recipient.FIRE.value, "消防救援机构"),
    (Recipient.MARKET.value, "市场监管部门"),
    (Recipient.TOWNSHIP.value, "乡镇（街道）"),
]
RESULTS = [(HazardStepKind.CLOSED.value, "已整改"), (HazardStepKind.FAILED.value, "未整改")]


def inspections(params: LedgerParams) -> Query:
    """A line for each hazard of the finished inspections of the period, and one for each inspection that found none.
    The second look is the last one; what was mended on the spot has none."""
    inside, values = params.scope.sql("i")
    return Query(
        tables="""rentals_inspection i
            JOIN residents_dwelling d ON d.id = i.dwelling_id
            JOIN org_user a ON a.id = i.inspector_id
            LEFT JOIN org_user b ON b.id = i.companion_id
            LEFT JOIN org_area c ON c.code = i.community_code
            LEFT JOIN rentals_hazard h ON h.inspection_id = i.id
            LEFT JOIN LATERAL (SELECT o.recipient FROM rentals_hazardreferral o WHERE o.hazard_id = h.id
                ORDER BY o.id DESC LIMIT 1) o ON true
            LEFT JOIN LATERAL (SELECT s.kind, (s.created_at AT TIME ZONE 'Asia/Shanghai')::date AS looked_on
                FROM rentals_hazardstep s
                WHERE s.hazard_id = h.id AND s.kind IN ('closed', 'failed') AND h.disposal <> 'on_spot'
                ORDER BY s.id DESC LIMIT 1) s ON true""",
        where=f"{inside} AND i.status = %s AND i.done_on BETWEEN %s AND %s",
        values=[*values, InspectionStatus.DONE, params.period.start, params.period.end],
        order_by="i.done_on, i.number, h.item",
    )


CHECKED = "(cardinality(i.passed) + (SELECT count(*) FROM rentals_hazard n WHERE n.inspection_id = i.id))"

register_ledger(
    Ledger(
        code="L5",
        title="出租房屋巡查（隐患整改）台账",
        about="期间内完成的出租房屋巡查，一处隐患一行，未发现隐患的巡查也列一行，按巡查日期排列",
        model=Inspection,
        unit_label="条",
        period=PeriodKind.RANGE,
        columns=(
            Column(key="serial", title="序号", width=7, kind=Kind.SERIAL),
            Column(key="done", title="巡查日期", width=12, kind=Kind.DATE, sql="i.done_on"),
            Column(key="number", title="巡查编号", width=22, kind=Kind.CODE, sql="i.number"),
            Column(key="dwelling", title="房屋编号", width=16, kind=Kind.CODE, sql="d.code"),
            Column(key="address", title="房屋坐落", width=34, sql="d.address"),
            Column(key="community", title="社区", width=16, sql="c.name"),
            Column(key="who", title="巡查人", width=16, sql="concat_ws('、', a.display_name, b.display_name)"),
            Column(key="checked", title="已查项数", width=9, kind=Kind.NUMBER, sql=CHECKED),
            Column(key="found", title="是否有隐患", width=11, sql="(h.id IS NOT NULL)", choices=FOUND),
            Column(key="item", title="隐患检查项", width=28, sql="h.item", choices=Names("inspection_item")),
            Column(key="class", title="隐患类别", width=10, sql="h.hazard_class", choices=CLASSES),
            Column(key="level", title="隐患等级", width=10, sql="h.level", choices=LEVELS),
            Column(key="hazard", title="隐患编号", width=22, kind=Kind.CODE, sql="h.number"),
            Column(
                key="photos",
                title="照片（张）",
                width=10,
                kind=Kind.NUMBER,
                sql="CASE WHEN h.id IS NOT NULL THEN sec.photos_of_hazard(h.id) END",
            ),
            Column(key="disposal", title="处置", width=10, sql="h.disposal", choices=DISPOSALS),
            Column(key="recipient", title="抄告单位", width=16, sql="o.recipient", choices=RECIPIENTS),
            Column(key="mend", title="整改期限", width=12, kind=Kind.DATE, sql="h.mend_by"),
            Column(key="looked", title="复查日期", width=12, kind=Kind.DATE, sql="s.looked_on"),
            Column(key="result", title="复查结果", width=10, sql="s.kind", choices=RESULTS),
            Column(key="closed", title="销号日期", width=12, kind=Kind.DATE, sql="h.closed_on"),
        ),
        source=inspections,
        notes="已查项数为判定合格与发现隐患的检查项之和，不含现场不适用的项；整改期限为最近一次给定的期限；复查为最近一次复查，现场整改的不另行复查。",
        origin="出租房屋巡查",
    )
)
