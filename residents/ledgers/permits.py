"""L3: every permit file with its legal clock (digest §4.2)."""

from datetime import date

from portal.exchange.ledgers import Column, Kind, Ledger, LedgerParams, Query, register_ledger
from portal.exchange.periods import PeriodKind
from portal.policy.services import rule
from residents.choices import ProofKind
from residents.ledgers.registers import ID_BINDING
from residents.ledgers.words import BUSINESS, FILE_STATUS, GROUND, PERMIT_STATUS
from residents.models import Endorsement, Permit, PermitApplication, PermitMaterial
from residents.past import STAYS

PROOFS = {
    ProofKind.ID_CARD: "居民身份证",
    ProofKind.PHOTO: "近期照片",
    ProofKind.LEASE: "房屋租赁合同",
    ProofKind.TITLE: "房屋产权证明",
    ProofKind.PURCHASE: "购房合同",
    ProofKind.LODGING: "住宿证明",
    ProofKind.LABOUR_CONTRACT: "劳动合同",
    ProofKind.BUSINESS_LICENCE: "营业执照",
    ProofKind.EMPLOYER_CERTIFICATE: "用人单位证明",
    ProofKind.STUDENT_CARD: "学生证",
    ProofKind.SCHOOL_CERTIFICATE: "就读证明",
    ProofKind.GUARDIAN_ID: "代办人身份证",
    ProofKind.OLD_CARD: "交回旧证",
}
LOCAL_DAY = "({column} AT TIME ZONE 'Asia/Shanghai')::date"
PROOF_NAMES = " ".join(f"WHEN '{code.value}' THEN '{name}'" for code, name in PROOFS.items())
MATERIALS = f"""(SELECT string_agg(CASE m.kind {PROOF_NAMES} ELSE m.kind END, '、' ORDER BY m.id)
    FROM residents_permitmaterial m WHERE m.application_id = a.id AND m.received_on IS NOT NULL)"""
ENDORSEMENTS = """(SELECT string_agg(
    to_char(e.endorsed_on, 'YYYY-MM-DD') || CASE WHEN e.late THEN '（补签）' ELSE '' END, '、' ORDER BY e.endorsed_on)
    FROM residents_endorsement e WHERE e.permit_id = t.id)"""
WINDOW = "CASE WHEN t.status <> 'terminated' THEN concat(t.endorse_from, ' 至 ', t.endorse_by - 1) END"


def half_year_day(on: date) -> str:
    """The day the half-year is reached, from the policy row; suspended days do not count (H4)."""
    term = rule("permit.residence_months", on=on)
    return f"(r.counts_from + interval '{int(term.value)} months')::date + r.suspended_days"


def files(params: LedgerParams) -> Query:
    inside, values = params.scope.sql("a")
    return Query(
        tables=f"""residents_permitapplication a
            JOIN residents_person p ON p.id = a.person_id
            JOIN residents_registration r ON r.id = a.registration_id
            LEFT JOIN residents_permit t ON t.id = a.permit_id
            CROSS JOIN LATERAL (SELECT {half_year_day(params.today)} AS half_year_on, %s::date AS today,
                {LOCAL_DAY.format(column="a.accepted_at")} AS accepted_on,
                {LOCAL_DAY.format(column="a.signed_at")} AS signed_on,
                {LOCAL_DAY.format(column="a.closed_at")} AS closed_on) x""",
        where=f"{inside} AND p.restricted_on IS NULL AND a.submitted_on BETWEEN %s AND %s",
        values=[params.today, *values, params.period.start, params.period.end],
        order_by="a.submitted_on, a.id",
        past=params.past(PermitApplication, Permit, PermitMaterial, Endorsement, *STAYS),
    )


LATE = """CASE WHEN a.due_on IS NULL THEN '' WHEN coalesce(x.signed_on, x.closed_on, x.today) > a.due_on
    THEN '是' ELSE '否' END"""

register_ledger(
    Ledger(
        code="L3",
        title="居住证业务台账",
        about="本期受理的每一件居住证业务及其法定时限",
        model=PermitApplication,
        person="p.id",
        has_past=True,
        law="《居住证暂行条例》（国务院令第663号）",
        unit_label="件",
        period=PeriodKind.RANGE,
        columns=(
            Column(key="number", title="受理号", width=20, kind=Kind.CODE, sql="a.number"),
            Column(key="accepted", title="受理日期", width=12, kind=Kind.DATE, sql="x.accepted_on"),
            Column(key="name", title="姓名", width=12, sql="p.name"),
            Column(
                key="document",
                title="证件号码",
                width=21,
                kind=Kind.ID,
                sql="p.document_number",
                secret=ID_BINDING,
            ),
            Column(key="kind", title="业务类型", width=11, sql="a.kind", choices=BUSINESS),
            Column(key="registered", title="居住登记日期", width=13, kind=Kind.DATE, sql="r.counts_from"),
            Column(key="half_year", title="满半年日期", width=12, kind=Kind.DATE, sql="x.half_year_on"),
            Column(key="ground", title="申领条件", width=14, sql="a.ground", choices=GROUND),
            Column(key="materials", title="材料清单", width=34, sql=MATERIALS),
            Column(key="notice", title="一次性告知日期", width=14, kind=Kind.DATE, sql="a.notice_issued_on"),
            Column(key="result", title="审核结果", width=11, sql="a.status", choices=FILE_STATUS),
            Column(key="due", title="法定期限", width=12, kind=Kind.DATE, sql="a.due_on"),
            Column(
                key="done",
                title="办结日期",
                width=12,
                kind=Kind.DATE,
                sql="coalesce(x.signed_on, x.closed_on)",
            ),
            Column(
                key="late",
                title="是否超期",
                width=9,
                sql=LATE,
            ),
            Column(key="permit", title="证号", width=22, kind=Kind.CODE, sql="t.number"),
            Column(key="issued", title="签发日期", width=12, kind=Kind.DATE, sql="x.signed_on"),
            Column(
                key="delivered",
                title="领证日期",
                width=12,
                kind=Kind.DATE,
                sql="CASE WHEN a.status = 'delivered' THEN x.closed_on END",
            ),
            Column(key="window", title="下次签注窗口", width=24, sql=WINDOW),
            Column(key="endorsements", title="签注记录", width=24, sql=ENDORSEMENTS),
            Column(key="status", title="证件状态", width=10, sql="t.status", choices=PERMIT_STATUS),
        ),
        source=files,
        notes="按申请日期统计；法定期限自受理次日起算，末日为法定休假日的顺延；办结以签发日为准。",
        origin="居住证受理与签发记录",
    )
)
