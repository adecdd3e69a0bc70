"""L16 and S13: what a field test found, door by door and record by record, and the indicators Q1–Q8 (digest §6.3)."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from portal.exchange.ledgers import Column, Kind, Ledger, LedgerParams, Query, Row, Value, register_ledger
from portal.org.models import Area, User
from portal.org.scoping import scope_of
from portal.policy.services import rule
from residents.ledgers.words import METHOD, SAMPLE, SAMPLE_ITEMS
from residents.models import Person, SampleItem, SamplingCampaign
from residents.services.sampling.rates import Rate, field_rates, ledger_rates

OFFERED = 100
ID_BINDING = "residents_person.document_number"
ITEMS = """residents_sampleitem i
    JOIN residents_samplingcampaign k ON k.id = i.campaign_id
    JOIN residents_dwelling d ON d.id = i.dwelling_id
    LEFT JOIN residents_registration r ON r.id = i.registration_id
    LEFT JOIN residents_person p ON p.id = r.person_id
    LEFT JOIN org_user u ON u.id = i.checked_by_id
    LEFT JOIN org_area c ON c.code = i.community_code"""
FOUND = "residents_sampleitem."
INDICATORS = ("Q1", "Q2", "Q3", "Q4", "Q5", "Q6", "Q7", "Q8")
NAMES = {
    "Q1": "居住登记率",
    "Q2": "人户一致率",
    "Q3": "信息准确率",
    "Q4": "注销率",
    "Q5": "手工注销率",
    "Q6": "及时率",
    "Q7": "出租房屋登记率",
    "Q8": "责任书签订率",
}


def campaigns_of(user: User) -> Sequence[tuple[str, str]]:
    """The newest field tests of which the reader may see a part."""
    seen = SampleItem.objects.restrict(user, "view").filter(campaign=OuterRef("pk"))
    rows = SamplingCampaign.objects.filter(Exists(seen)).order_by("-created_at", "-pk")[:OFFERED]
    return [(str(row.pk), f"{row.name}（{row.starts_on} 至 {row.ends_on}）") for row in rows]


def items(params: LedgerParams) -> Query:
    """In the order of the draw. What may be exported and what may be seen of field tests, both."""
    inside, values = params.scope.sql("i")
    seen, seen_values = scope_of(params.actor, SampleItem, "view").sql("i")
    one, chosen = ("i.campaign_id = %s", [int(params.subject)]) if params.subject else ("TRUE", [])
    return Query(
        tables=ITEMS,
        where=f"{inside} AND {seen} AND {one} AND (p.id IS NULL OR p.restricted_on IS NULL)",
        values=[*values, *seen_values, *chosen],
        order_by="i.campaign_id, i.position",
    )


def _wrong(codes: str) -> str:
    """At most seven words."""
    return "、".join(SAMPLE_ITEMS.get(code, code) for code in codes.split(",") if code)


def _yes(column: str) -> str:
    """Doors alone are let; what was not checked is neither yes nor no."""
    told = f"CASE WHEN i.{column} THEN '是' ELSE '否' END"
    return f"CASE WHEN i.outcome = 'checked' AND k.method = 'doors' THEN {told} END"


def _count(column: str) -> str:
    return f"CASE WHEN i.outcome = 'checked' THEN i.{column} END"


def _found(key: str, title: str, width: int = 9) -> Column:
    return Column(
        key=key, title=title, group=("核查情况",), width=width, kind=Kind.NUMBER, sql=_count(key), field=FOUND + key
    )


def _let(key: str, title: str) -> Column:
    return Column(key=key, title=title, group=("出租情况",), width=11, sql=_yes(key))


register_ledger(
    Ledger(
        code="L16",
        title="抽样核查台账",
        about="顺查、倒查抽中的房屋和登记及核查结果，一户（条）一行",
        model=Person,
        person="p.id",
        unit_label="户（条）",
        subjects=campaigns_of,
        subject_label=_("Field test"),
        columns=(
            Column(key="serial", title="序号", width=7, kind=Kind.SERIAL),
            Column(key="campaign", title="抽查名称", width=20, sql="k.name"),
            Column(key="method", title="抽查方式", width=16, sql="k.method", choices=METHOD),
            Column(key="position", title="抽样号", width=8, kind=Kind.NUMBER, sql="i.position"),
            Column(key="community", title="社区", width=14, sql="c.name"),
            Column(
                key="address", title="抽中住所", width=34, sql="d.address", field="residents_sampleitem.dwelling_id"
            ),
            Column(key="name", title="抽中登记", width=12, sql="p.name"),
            Column(
                key="document",
                title="证件号码",
                width=21,
                kind=Kind.ID,
                sql="p.document_number",
                secret=ID_BINDING,
            ),
            Column(key="outcome", title="核查结果", width=10, sql="i.outcome", choices=SAMPLE),
            _found("people_found", "应登记"),
            _found("people_registered", "已登记"),
            _found("people_here", "人户一致"),
            _found("left_found", "已离开"),
            _found("left_closed", "已注销"),
            _let("is_rented", "出租"),
            _let("rental_registered", "出租已登记"),
            _let("undertaking_signed", "已签责任书"),
            Column(
                key="wrong_items",
                title="差错项目",
                width=24,
                sql="array_to_string(i.wrong_items, ',')",
                transform=_wrong,
                field="residents_sampleitem.wrong_items",
            ),
            Column(key="checked_by", title="核查人", width=10, sql="u.display_name"),
            Column(key="checked_on", title="核查日期", width=12, kind=Kind.DATE, sql="i.checked_on"),
        ),
        source=items,
        notes="顺查由抽中房屋核对登记，倒查由抽中登记核对住所；未见到人的不计入各项指标。",
        origin="抽样核查",
    )
)

# --- S13 ------------------------------------------------------------------------------------------------------------


def indicators(params: LedgerParams) -> list[Row]:
    """One line for every community of the field test, and the total; Q5 and Q6 come from the ledger of changes."""
    rows = SampleItem.objects.restrict(params.actor, "view").filter(params.scope.q())
    if params.subject:
        rows = rows.filter(campaign=int(params.subject))
    found = field_rates(rows)
    codes = sorted(rows.order_by().values_list("area_code", flat=True).distinct())
    names = dict(Area.objects.filter(code__in=codes).values_list("code", "name"))
    first, last = _period(rows, params)
    nothing = [Rate(code, 0, 0) for code in INDICATORS]
    lines = [
        (
            names.get(code, code),
            found.get(code, nothing),
            ledger_rates(params.actor, area_code=code, first=first, last=last),
        )
        for code in codes
    ]
    return [
        *(_line(name, field, ledger) for name, field, ledger in lines),
        _total(found[""], [ledger for _name, _field, ledger in lines]),
    ]


def _period(rows: QuerySet[SampleItem], params: LedgerParams) -> tuple[date, date]:
    """The days before the end of the newest field test that the campaign page reads the ledger of changes for."""
    newest = SamplingCampaign.objects.filter(items__in=rows).order_by("-ends_on").first()
    last = min(newest.ends_on, params.today) if newest else params.today
    return last - timedelta(days=int(rule("quality.period_days").value)), last


def _total(field: Sequence[Rate], ledger: Sequence[Sequence[Rate]]) -> Row:
    """Q5 and Q6 of all communities together."""
    summed = {code: [0, 0] for code in INDICATORS}
    for rates in ledger:
        for rate in rates:
            if rate.code in summed:
                summed[rate.code][0] += rate.hits
                summed[rate.code][1] += rate.of
    return _line("合计", field, [Rate(code, hits, of) for code, (hits, of) in summed.items() if code in {"Q5", "Q6"}])


def _line(name: str, field: Sequence[Rate], ledger: Sequence[Rate]) -> Row:
    rates = {rate.code: rate for rate in (*field, *ledger)}
    cells: list[Value] = []
    for code in INDICATORS:
        rate = rates[code]
        cells += [rate.hits, rate.of, rate.percent / 100 if rate.percent is not None else None]
    return (name, *cells)


def columns() -> Iterable[Column]:
    yield Column(key="community", title="社区", width=16)
    for code in INDICATORS:
        group = (f"{code} {NAMES[code]}",)
        yield Column(key=f"{code}_hits", title="符合", group=group, width=8, kind=Kind.NUMBER)
        yield Column(key=f"{code}_of", title="总数", group=group, width=8, kind=Kind.NUMBER)
        yield Column(key=f"{code}_rate", title="比率", group=group, width=9, kind=Kind.PERCENT)


def sums_agree(_params: LedgerParams, rows: Sequence[Row]) -> Iterable[str]:
    """The total of every count is the sum of the communities, and no part is larger than its whole."""
    *lines, total = rows
    for place, column in enumerate(tuple(columns())):
        if column.kind is Kind.NUMBER and sum(int(str(row[place])) for row in lines) != total[place]:
            yield f"“{column.group[0]}”的“{column.title}”合计与各社区之和不一致。"


register_ledger(
    Ledger(
        code="S13",
        title="抽样核查指标表",
        about="顺查、倒查得出的 Q1–Q8 各项指标，一个社区一行",
        model=Person,
        unit_label="行",
        is_statistic=True,
        subjects=campaigns_of,
        subject_label=_("Field test"),
        columns=tuple(columns()),
        source=indicators,
        checks=(sums_agree,),
        notes="Q1–Q4、Q7、Q8 取自抽样核查，Q5、Q6 取自抽查期内的登记变更；没有可计数的，比率留空。",
        origin="抽样核查、登记变更",
    )
)
