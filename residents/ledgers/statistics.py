"""S1 and S5: the monthly reports (digest §4.3). Rows are counted once, by SQL; the block sums are checked."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.db import connection

from portal.audit.past import prefixed
from portal.exchange.ledgers import Column, Kind, Ledger, LedgerParams, Row, register_ledger
from portal.exchange.periods import PeriodKind
from portal.org.areas_then import areas_on
from portal.org.models import Area
from portal.policy import codes
from portal.policy.services import rule
from residents.models import Endorsement, Permit, PermitApplication, PermitStep, Person, Registration
from residents.past import STAYS

# --- S1 -------------------------------------------------------------------------------------------------------

ORIGINS = ("省内市", "省内县", "省外市", "省外县", "港澳台", "国外", "其他")
BLOCKS = {"性别": (1, 2), "居住时间": (3, 5), "来自地区": (6, 12), "居住处所": (13, 18)}

# GB/T 2260: a county-level code ending 21–80 is a county, any other one is a city or a city's district.
S1_SQL = """
WITH one AS (
    SELECT r.reason, p.sex, r.lodging,
        CASE WHEN r.counts_from > %(day)s - interval '6 months' THEN 1
             WHEN r.counts_from > %(day)s - interval '5 years' THEN 2 ELSE 3 END AS stay,
        CASE WHEN p.document_kind IN ('516', '511', 'HMT_RP') THEN 5
             WHEN p.nationality <> 'CHN' THEN 6
             WHEN length(p.native_code) < 6 THEN 7
             ELSE (CASE WHEN left(p.native_code, 2) = %(province)s THEN 1 ELSE 3 END)
                + (CASE WHEN right(p.native_code, 2) BETWEEN '21' AND '80' THEN 1 ELSE 0 END) END AS origin
    FROM residents_registration r JOIN residents_person p ON p.id = r.person_id
    WHERE {inside} AND r.registered_on <= %(day)s AND r.status <> 'void'
      AND (r.left_on IS NULL OR r.left_on > %(day)s)
)
SELECT reason,
    count(*) FILTER (WHERE sex = '1'), count(*) FILTER (WHERE sex = '2'),
    count(*) FILTER (WHERE stay = 1), count(*) FILTER (WHERE stay = 2), count(*) FILTER (WHERE stay = 3),
    {origins}, {lodgings}
FROM one GROUP BY reason
"""


def stays_by_reason(params: LedgerParams) -> list[Row]:
    """Twelve reasons and the total; local reasons are counted in the row they are mapped to."""
    inside, values = params.scope.sql("r")
    lodgings = list(codes.items("dwelling_kind"))
    named: dict[str, Any] = {f"scope{number}": value for number, value in enumerate(values)}
    for name in named:
        inside = inside.replace("%s", f"%({name})s", 1)
    statement = S1_SQL.format(
        inside=inside,
        origins=", ".join(f"count(*) FILTER (WHERE origin = {number})" for number in range(1, len(ORIGINS) + 1)),
        lodgings=", ".join(f"count(*) FILTER (WHERE lodging = '{code}')" for code in lodgings),
    )
    width = 5 + len(ORIGINS) + len(lodgings)
    found: dict[str, list[int]] = {code: [0] * width for code in codes.items("stay_reason")}
    with connection.cursor() as cursor:
        statement = prefixed(params.past(*STAYS), statement)
        cursor.execute(statement, {"day": params.period.end, "province": params.area_code[:2], **named})
        for reason, *numbers in cursor.fetchall():
            line = found[codes.bucket("stay_reason", reason)]
            line[:] = [have + more for have, more in zip(line, numbers, strict=True)]
    rows: list[Row] = [(codes.name("stay_reason", code), *line) for code, line in found.items()]
    return [*rows, ("合计", *(sum(column) for column in zip(*found.values(), strict=True)))]


def block_sums_agree(_params: LedgerParams, rows: Sequence[Row]) -> Iterable[str]:
    """Everybody stands once in each block, so the four sums of a line are equal."""
    for row in rows:
        sums = {name: sum(int(str(n)) for n in row[first : last + 1]) for name, (first, last) in BLOCKS.items()}
        if len(set(sums.values())) > 1:
            told = "，".join(f"{name} {number}" for name, number in sums.items())
            yield f"“{row[0]}”一行各栏合计不一致：{told}。请先更正性别、居住处所不明的登记。"


def _number(key: str, title: str, *group: str) -> Column:
    return Column(key=key, title=title, group=group, width=9, kind=Kind.NUMBER)


register_ledger(
    Ledger(
        code="S1",
        title="暂住（流动）人口管理统计报表",
        about="在住人口按居住事由，分性别、居住时间、来自地区、居住处所",
        model=Person,
        unit_label="行",
        period=PeriodKind.MONTH,
        is_statistic=True,
        has_past=True,
        columns=(
            Column(key="reason", title="居住事由", width=14),
            _number("male", "男", "性别"),
            _number("female", "女", "性别"),
            _number("short", "半年以下", "居住时间"),
            _number("middle", "半年至五年", "居住时间"),
            _number("long", "五年以上", "居住时间"),
            *(_number(f"origin{number}", title, "来自地区") for number, title in enumerate(ORIGINS)),
            _number("hotel", "旅店", "居住处所"),
            _number("home", "居民家中", "居住处所"),
            _number("premises", "单位内部", "居住处所"),
            _number("site", "工地现场", "居住处所"),
            _number("rented", "租赁房屋", "居住处所"),
            _number("other", "其他", "居住处所"),
        ),
        source=stays_by_reason,
        checks=(block_sums_agree,),
        notes="期末在住且登记有效的人员，一人只计一次；居住时间自居住登记之日起算。",
        origin="居住登记",
    )
)

# --- S5 -------------------------------------------------------------------------------------------------------

VALID_STEPS = "('issued', 'late_endorsed', 'resumed')"
STATE_STEPS = "('issued', 'late_endorsed', 'resumed', 'suspended', 'terminated', 'undone')"

APPLICATIONS = """
SELECT left(a.area_code, %(width)s),
    count(*) FILTER (WHERE x.accepted BETWEEN %(first)s AND %(last)s),
    count(*) FILTER (WHERE a.notice_issued_on BETWEEN %(first)s AND %(last)s),
    count(*) FILTER (WHERE a.status = 'rejected' AND x.closed BETWEEN %(first)s AND %(last)s),
    count(*) FILTER (WHERE a.kind = 'first' AND x.signed BETWEEN %(first)s AND %(last)s),
    sum(x.signed - x.accepted) FILTER (WHERE x.signed BETWEEN %(first)s AND %(last)s),
    count(*) FILTER (WHERE x.signed BETWEEN %(first)s AND %(last)s),
    count(*) FILTER (WHERE a.due_on BETWEEN %(first)s AND %(last)s
        AND coalesce(x.signed, x.closed, %(today)s) > a.due_on),
    count(*) FILTER (WHERE a.kind <> 'first' AND x.signed BETWEEN %(first)s AND %(last)s),
    count(*) FILTER (WHERE a.kind = 'first' AND a.ground = 'job' AND x.signed BETWEEN %(first)s AND %(last)s),
    count(*) FILTER (WHERE a.kind = 'first' AND a.ground = 'dwelling' AND x.signed BETWEEN %(first)s AND %(last)s),
    count(*) FILTER (WHERE a.kind = 'first' AND a.ground = 'schooling' AND x.signed BETWEEN %(first)s AND %(last)s)
FROM residents_permitapplication a
CROSS JOIN LATERAL (SELECT (a.accepted_at AT TIME ZONE 'Asia/Shanghai')::date AS accepted,
    (a.signed_at AT TIME ZONE 'Asia/Shanghai')::date AS signed,
    (a.closed_at AT TIME ZONE 'Asia/Shanghai')::date AS closed) x
WHERE starts_with(a.area_code, %(area)s) GROUP BY 1
"""
VALID_ON = f"""
SELECT left(t.area_code, %(width)s), count(*)
FROM residents_permit t
CROSS JOIN LATERAL (SELECT s.kind FROM residents_permitstep s
    WHERE s.permit_id = t.id AND s.happened_on < %(before)s AND s.kind IN {STATE_STEPS}
    ORDER BY s.happened_on DESC, s.id DESC LIMIT 1) newest
WHERE starts_with(t.area_code, %(area)s) AND newest.kind IN {VALID_STEPS} GROUP BY 1
"""
DUE = """
SELECT unit, sum(due)::int, sum(done)::int FROM (
    SELECT left(t.area_code, %(width)s) AS unit, count(*) AS due, count(*) FILTER (WHERE NOT e.late) AS done
    FROM residents_endorsement e JOIN residents_permit t ON t.id = e.permit_id
    WHERE starts_with(t.area_code, %(area)s) AND e.previous_due BETWEEN %(first)s AND %(last)s GROUP BY 1
    UNION ALL
    SELECT left(t.area_code, %(width)s), count(*), 0 FROM residents_permit t
    WHERE starts_with(t.area_code, %(area)s) AND t.status <> 'terminated'
      AND t.endorse_by BETWEEN %(first)s AND %(last)s GROUP BY 1
) both_parts GROUP BY 1
"""
STEPS = """
SELECT left(s.area_code, %(width)s),
    count(*) FILTER (WHERE s.kind = 'suspended'),
    count(*) FILTER (WHERE s.kind IN ('late_endorsed', 'resumed')),
    count(*) FILTER (WHERE s.kind = 'terminated')
FROM residents_permitstep s
WHERE starts_with(s.area_code, %(area)s) AND s.happened_on BETWEEN %(first)s AND %(last)s GROUP BY 1
"""
HALF_YEAR = """
SELECT left(r.area_code, %(width)s), count(*) FROM residents_registration r
WHERE starts_with(r.area_code, %(area)s) AND r.status <> 'void' AND r.registered_on <= %(last)s
  AND (r.left_on IS NULL OR r.left_on > %(last)s)
  AND (r.counts_from + make_interval(months => %(months)s))::date + r.suspended_days <= %(last)s
GROUP BY 1
"""
Counted = dict[str, dict[str, list[Any]]]
COUNTED = {
    "files": (APPLICATIONS, 11),
    "due": (DUE, 2),
    "steps": (STEPS, 3),
    "half_year": (HALF_YEAR, 1),
    "start": (VALID_ON, 1),
    "end": (VALID_ON, 1),
}


def permit_business(params: LedgerParams) -> list[Row]:
    """One line for every area below the chosen one (the area itself when it has none), and the total."""
    units = _units(params)
    counted = _count(params, width=len(units[0].code))
    units = _with_newcomers(params, units, counted)
    rows: list[Row] = []
    total: dict[str, list[Any]] = {name: [0] * width for name, (_sql, width) in COUNTED.items()}
    for unit in units:
        numbers = {name: counted[name].get(unit.code, [0] * width) for name, (_sql, width) in COUNTED.items()}
        for name, values in numbers.items():
            total[name] = [have + (more or 0) for have, more in zip(total[name], values, strict=True)]
        rows.append(_line(unit.name, numbers))
    return [*rows, _line("合计", total)]


def _units(params: LedgerParams) -> list[Area]:
    """The areas below in use today, or on the day whose tree was asked for; the area itself when there are none."""
    tree = areas_on(params.area_day) if params.area_day else Area.objects.filter(valid_to=None)
    below = tree.filter(parent__code=params.area_code).order_by("code")
    units = [unit for unit in below if unit.code in params.scope or params.areas_then]
    return units or list(Area.objects.filter(code=params.area_code))


def _with_newcomers(params: LedgerParams, units: list[Area], counted: Counted) -> list[Area]:
    """By the areas of that time, a row entered after the re-organisation stands in its new area all the same."""
    if not params.areas_then:
        return units
    known = {unit.code for unit in units}
    found = {code for numbers in counted.values() for code in numbers} - known
    return [*units, *Area.objects.filter(code__in=found).order_by("code")]


def _count(params: LedgerParams, *, width: int) -> Counted:
    bindings: dict[str, Any] = {
        "area": params.area_code,
        "width": width,
        "first": params.period.start,
        "last": params.period.end,
        "today": params.today,
        "months": int(rule("permit.residence_months", on=params.period.end).value),
    }
    past = params.past(PermitApplication, Permit, PermitStep, Endorsement, Registration)
    before = {"start": params.period.start, "end": min(params.period.end, params.today)}
    found: Counted = {}
    with connection.cursor() as cursor:
        for name, (statement, _width) in COUNTED.items():
            day = before.get(name, params.period.start)
            shifted = bindings | {"before": day} if name != "end" else bindings | {"before": _day_after(day)}
            cursor.execute(prefixed(past, statement), shifted)
            found[name] = {unit: list(values) for unit, *values in cursor.fetchall()}
    return found


def _day_after(day: Any) -> Any:
    return day.fromordinal(day.toordinal() + 1)


def _line(name: str, numbers: dict[str, list[Any]]) -> Row:
    accepted, notices, refused, issued, days, signed, late, replaced, job, dwelling, school = numbers["files"]
    due, done = numbers["due"]
    suspended, resumed, ended = numbers["steps"]
    valid, eligible = numbers["end"][0], numbers["half_year"][0]
    return (
        name,
        numbers["start"][0],
        accepted,
        notices,
        refused,
        issued,
        _mean(days, signed),
        late,
        due,
        done,
        _ratio(done, due),
        suspended,
        resumed,
        ended,
        replaced,
        valid,
        _ratio(valid, eligible),
        job,
        dwelling,
        school,
    )


def _mean(days: int | None, files: int) -> Decimal | None:
    return round(Decimal(days or 0) / files, 1) if files else None


def _ratio(part: int, whole: int) -> Decimal | None:
    """Empty, not zero, when there is nothing to divide by."""
    return round(Decimal(part) / whole, 4) if whole else None


register_ledger(
    Ledger(
        code="S5",
        title="居住证业务月报",
        about="各单位受理、签发、签注、中止与持证情况",
        model=PermitApplication,
        unit_label="行",
        period=PeriodKind.MONTH,
        is_statistic=True,
        has_past=True,
        columns=(
            Column(key="unit", title="单位", width=16),
            _number("start", "期初有效证"),
            _number("accepted", "新受理"),
            _number("notices", "一次性告知"),
            _number("refused", "不予受理"),
            _number("issued", "发证"),
            _number("days", "平均办理天数"),
            _number("late", "超期数"),
            _number("due", "应办", "签注"),
            _number("done", "已办", "签注"),
            Column(key="rate", title="签注率", group=("签注",), width=9, kind=Kind.PERCENT),
            _number("suspended", "中止"),
            _number("resumed", "恢复"),
            _number("ended", "终止"),
            _number("replaced", "换补领"),
            _number("end", "期末有效证"),
            Column(key="held", title="持证率", width=9, kind=Kind.PERCENT),
            _number("job", "就业", "发证按申领条件分"),
            _number("dwelling", "住所", "发证按申领条件分"),
            _number("school", "就读", "发证按申领条件分"),
        ),
        source=permit_business,
        notes="持证率 = 期末有效证 ÷ 期末登记满半年人数；签注率 = 按期签注 ÷ 本期应签注；超期数含期末仍未办结的。",
        origin="居住证受理、签发与签注记录",
    )
)
