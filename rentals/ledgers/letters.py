"""L14: the letters of responsibility of the let dwellings (digest §4.2)."""

from portal.exchange.ledgers import Column, Kind, Ledger, LedgerParams, Query, register_ledger
from rentals.choices import RentalStatus, SignedHow
from rentals.models import RentalRegistration

NUMBER_OF = "CASE WHEN {} THEN 1 ELSE 0 END"
SCANS = [(SignedHow.PAPER.value, "有"), (SignedHow.SCREEN.value, "屏幕签名")]


def letters(params: LedgerParams) -> Query:
    """A line for each registration in force, with its newest letter: each of them should have one."""
    inside, values = params.scope.sql("l")
    return Query(
        tables="""rentals_rentalregistration l
            JOIN residents_dwelling d ON d.id = l.dwelling_id
            LEFT JOIN org_area c ON c.code = l.community_code
            LEFT JOIN LATERAL (SELECT r.* FROM rentals_responsibilityletter r WHERE r.rental_id = l.id
                ORDER BY r.year DESC LIMIT 1) r ON true
            LEFT JOIN org_user u ON u.id = r.issued_by_id""",
        where=f"{inside} AND l.status = %s",
        values=[*values, RentalStatus.REGISTERED],
        order_by="l.area_code, d.address, l.id",
    )


register_ledger(
    Ledger(
        code="L14",
        title="责任书签订台账",
        about="有效的居住出租房屋登记及其最近一份治安责任书，一处一行，按社区和地址排列",
        model=RentalRegistration,
        unit_label="处",
        columns=(
            Column(key="serial", title="序号", width=7, kind=Kind.SERIAL),
            Column(key="year", title="年度", width=8, kind=Kind.NUMBER, sql="r.year"),
            Column(key="level", title="层级", width=12, sql="'出租房屋'"),
            Column(key="community", title="社区", width=16, sql="c.name"),
            Column(key="address", title="房屋坐落", width=34, sql="d.address"),
            Column(key="issuer", title="签发人", width=12, sql="u.display_name"),
            Column(key="landlord", title="出租人", width=22, sql="l.landlord_name"),
            Column(key="due", title="应签", width=7, kind=Kind.NUMBER, sql="1"),
            Column(
                key="done", title="已签", width=7, kind=Kind.NUMBER, sql=NUMBER_OF.format("r.signed_on IS NOT NULL")
            ),
            Column(key="number", title="责任书编号", width=22, kind=Kind.CODE, sql="r.number"),
            Column(key="issued", title="签发日期", width=12, kind=Kind.DATE, sql="r.issued_on"),
            Column(key="signed", title="签订日期", width=12, kind=Kind.DATE, sql="r.signed_on"),
            Column(key="signer", title="签订人", width=14, sql="r.signer_name"),
            Column(key="from", title="有效期起", width=12, kind=Kind.DATE, sql="r.valid_from"),
            Column(key="to", title="有效期止", width=12, kind=Kind.DATE, sql="r.valid_to"),
            Column(key="scan", title="扫描件", width=10, sql="r.manner", choices=SCANS),
        ),
        source=letters,
        notes="仅列有效的出租登记；责任书为该登记最近年度的一份，已续签发而未签订的，已签为 0。",
        origin="出租房屋治安责任书",
    )
)
