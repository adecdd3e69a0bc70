"""L1 and L2: who lives or lived here, and what was recorded about it (digest §4.2)."""

from portal.exchange.ledgers import Column, Kind, Ledger, LedgerParams, Query, register_ledger
from portal.exchange.periods import PeriodKind
from residents.choices import RegistrationStatus
from residents.ledgers.words import CHANGE, DISCOVERY, SEX, STATUS, VISIT, Names
from residents.models import Dwelling, Permit, Person, RegistrationChange
from residents.past import STAYS

ID_BINDING = "residents_person.document_number"
PHONE_BINDING = "residents_person.phone"
# An ID card prints the address with its division, a clerk types it without: the division stands once in either case.
HUKOU = """CASE WHEN starts_with(p.native_address, v.full_name) THEN p.native_address
    ELSE concat(v.full_name, p.native_address) END"""
PEOPLE = """residents_registration r
    JOIN residents_person p ON p.id = r.person_id
    JOIN residents_dwelling d ON d.id = r.dwelling_id
    JOIN org_user u ON u.id = r.registrar_id
    LEFT JOIN org_area c ON c.code = r.community_code
    LEFT JOIN LATERAL (SELECT full_name FROM policy_division WHERE code = p.native_code
                       ORDER BY valid_from DESC NULLS LAST LIMIT 1) v ON true
    LEFT JOIN residents_permit t ON t.person_id = p.id AND t.status <> 'terminated'"""


def people(params: LedgerParams) -> Query:
    """Everybody in residence on the day, and everybody who left in the current calendar year."""
    inside, values = params.scope.sql("r")
    return Query(
        tables=PEOPLE,
        where=f"""{inside} AND p.restricted_on IS NULL
            AND (r.status = %s OR (r.status = %s AND r.left_on >= %s AND r.left_reason <> %s))""",
        values=[
            *values,
            RegistrationStatus.ACTIVE,
            RegistrationStatus.LEFT,
            params.today.replace(month=1, day=1),
            "02",
        ],
        order_by="r.area_code, d.address, r.id",
        past=params.past(*STAYS, Dwelling, Permit),
    )


register_ledger(
    Ledger(
        code="L1",
        title="流动人口台账",
        about="在住人员与本年度离开人员，一人一行，按社区和地址排列",
        model=Person,
        person="p.id",
        has_past=True,
        unit_label="人",
        columns=(
            Column(key="serial", title="序号", width=7, kind=Kind.SERIAL),
            Column(key="name", title="姓名", width=12, sql="p.name"),
            Column(key="sex", title="性别", width=6, sql="p.sex", choices=SEX),
            Column(
                key="born",
                title="出生日期",
                width=12,
                kind=Kind.DATE,
                sql="p.birth_date",
                field="residents_person.birth_date",
                masked_sql="to_char(p.birth_date, 'YYYY')",
            ),
            Column(
                key="document",
                title="证件号码",
                width=21,
                kind=Kind.ID,
                sql="p.document_number",
                secret=ID_BINDING,
            ),
            Column(key="ethnicity", title="民族", width=8, sql="''"),
            Column(
                key="hukou",
                title="户籍地址",
                width=30,
                sql=HUKOU,
                field="residents_person.native_address",
                masked_sql="v.full_name",
            ),
            Column(key="address", title="现住地址", width=34, sql="d.address"),
            Column(key="dwelling", title="房屋编号", width=16, kind=Kind.CODE, sql="d.code"),
            Column(key="lodging", title="居住处所", width=11, sql="r.lodging", choices=Names("dwelling_kind")),
            Column(key="reason", title="居住事由", width=10, sql="r.reason", choices=Names("stay_reason")),
            Column(key="arrived", title="入住日期", width=12, kind=Kind.DATE, sql="r.arrived_on"),
            Column(key="registered", title="登记日期", width=12, kind=Kind.DATE, sql="r.registered_on"),
            Column(key="channel", title="登记方式", width=12, sql="r.channel", choices=Names("channel")),
            Column(key="workplace", title="服务处所", width=24, sql="r.workplace"),
            Column(key="occupation", title="职业", width=12, sql="r.occupation"),
            Column(key="education", title="文化程度", width=12, sql="p.education", choices=Names("education")),
            Column(key="marital", title="婚姻状况", width=10, sql="p.marital_status", choices=Names("marital")),
            Column(key="phone", title="联系电话", width=15, kind=Kind.PHONE, sql="p.phone", secret=PHONE_BINDING),
            Column(key="permit", title="居住证号", width=22, kind=Kind.CODE, sql="t.number"),
            Column(key="verified", title="最近核实日期", width=13, kind=Kind.DATE, sql="r.verified_on"),
            Column(key="result", title="核实结果", width=10, sql="r.verified_result", choices=VISIT),
            Column(key="status", title="状态", width=8, sql="r.status", choices=STATUS),
            Column(key="closed", title="注销日期", width=12, kind=Kind.DATE, sql="r.closed_on"),
            Column(key="left_reason", title="注销原因", width=12, sql="r.left_reason", choices=Names("dereg_reason")),
            Column(key="collector", title="采集人", width=10, sql="u.display_name"),
            Column(key="community", title="社区", width=16, sql="c.name"),
            Column(key="remark", title="备注", width=20, sql="r.remark"),
        ),
        source=people,
        notes="在住：登记有效且未注销；已离开：本年度注销（不含县内变更住址）。民族仅用于居住证证面，本台账不导出。"
        "脱敏文件中出生日期只列年份、户籍地址只列到县，否则可与证件号码末四位拼出全号。",
        origin="居住登记",
    )
)


def changes(params: LedgerParams) -> Query:
    inside, values = params.scope.sql("g")
    return Query(
        tables="""residents_registrationchange g
            JOIN residents_person p ON p.id = g.person_id
            JOIN org_user u ON u.id = g.actor_id
            LEFT JOIN org_area c ON c.code = g.community_code""",
        where=f"{inside} AND p.restricted_on IS NULL AND g.recorded_on BETWEEN %s AND %s",
        values=[*values, params.period.start, params.period.end],
        order_by="g.recorded_on, g.id",
        past=params.past(RegistrationChange, Person),
    )


register_ledger(
    Ledger(
        code="L2",
        title="居住登记变更、注销台账",
        about="本期新增、变更、注销、恢复的每一次登记",
        model=Person,
        person="p.id",
        has_past=True,
        unit_label="条",
        period=PeriodKind.RANGE,
        columns=(
            Column(key="serial", title="序号", width=7, kind=Kind.SERIAL),
            Column(key="day", title="日期", width=12, kind=Kind.DATE, sql="g.recorded_on"),
            Column(key="name", title="姓名", width=12, sql="p.name"),
            Column(
                key="document",
                title="证件号码",
                width=21,
                kind=Kind.ID,
                sql="p.document_number",
                secret=ID_BINDING,
            ),
            Column(key="kind", title="类型", width=16, sql="g.kind", choices=CHANGE),
            Column(key="before", title="变更前", width=34, sql="g.before"),
            Column(key="after", title="变更后", width=34, sql="g.after"),
            Column(key="reason", title="事由", width=22, sql="g.reason"),
            Column(
                key="left",
                title="离开日期",
                width=12,
                kind=Kind.DATE,
                sql="CASE WHEN g.kind = 'departure' THEN g.happened_on END",
            ),
            Column(key="destination", title="去向", width=18, sql="g.destination"),
            Column(key="found", title="发现方式", width=10, sql="g.discovered_by", choices=DISCOVERY),
            Column(key="delay", title="距发生天数", width=11, kind=Kind.NUMBER, sql="g.recorded_on - g.happened_on"),
            Column(key="actor", title="经办人", width=10, sql="u.display_name"),
            Column(key="community", title="社区", width=16, sql="c.name"),
            Column(
                key="undone",
                title="备注",
                width=12,
                sql="CASE WHEN g.undone_by_id IS NOT NULL THEN '已撤销' ELSE '' END",
            ),
        ),
        source=changes,
        notes="按登记日期统计；撤销的记录保留并在备注中注明。",
        origin="居住登记变更记录",
    )
)
