"""L4: the dwellings let for living (digest §4.2), with the key columns of form F-2."""

from portal.exchange.ledgers import Column, Kind, Ledger, LedgerParams, Query, register_ledger
from rentals.choices import Gas, LandlordKind, Letting, RentalStatus
from rentals.models import RentalRegistration
from residents.ledgers.words import Names

DOCUMENT, PHONE, AGENT = (
    f"rentals_rentalregistration.{name}" for name in ("document_number", "landlord_phone", "agent_phone")
)
LANDLORD = [(LandlordKind.PERSON.value, "个人"), (LandlordKind.ORGANISATION.value, "单位")]
LETTING = [(Letting.WHOLE.value, "整套"), (Letting.ROOMS.value, "按间"), (Letting.BEDS.value, "按床位")]
GAS = [(Gas.NONE.value, "无"), (Gas.PIPED.value, "管道"), (Gas.BOTTLED.value, "瓶装")]
YES = [("true", "是"), ("false", "否")]


def homes(params: LedgerParams) -> Query:
    """Every registration in force, with how many people are in residence at the dwelling: the number alone,
    asked of the database, because readers of this ledger need not see the stays."""
    inside, values = params.scope.sql("l")
    return Query(
        tables="""rentals_rentalregistration l
            JOIN residents_dwelling d ON d.id = l.dwelling_id
            JOIN org_user u ON u.id = l.submitted_by_id
            LEFT JOIN org_area c ON c.code = l.community_code
            LEFT JOIN sec.living_at(ARRAY(SELECT dwelling_id FROM rentals_rentalregistration
                WHERE status = 'registered')) n ON n.dwelling_id = l.dwelling_id
            LEFT JOIN LATERAL (SELECT count(*) AS tenants, count(*) FILTER (WHERE t.registration_id IS NULL) AS unknown
                FROM rentals_leasefiling f JOIN rentals_leasetenant t ON t.filing_id = f.id
                WHERE f.dwelling_id = l.dwelling_id AND f.status = 'filed' AND t.left_on IS NULL) k ON true""",
        where=f"{inside} AND l.status = %s",
        values=[*values, RentalStatus.REGISTERED],
        order_by="l.area_code, d.address, l.id",
    )


register_ledger(
    Ledger(
        code="L4",
        title="出租房屋台账",
        about="有效的居住出租房屋登记，一处一行，按社区和地址排列",
        model=RentalRegistration,
        unit_label="处",
        columns=(
            Column(key="serial", title="序号", width=7, kind=Kind.SERIAL),
            Column(key="dwelling", title="房屋编号", width=16, kind=Kind.CODE, sql="d.code"),
            Column(key="address", title="房屋坐落", width=34, sql="d.address"),
            Column(key="community", title="社区", width=16, sql="c.name"),
            Column(key="structure", title="房屋结构", width=12, sql="l.structure", choices=Names("house_structure")),
            Column(key="ownership", title="产权性质", width=10, sql="l.ownership", choices=Names("property_kind")),
            Column(key="title_kind", title="产权证明", width=16, sql="l.title_kind", choices=Names("title_proof")),
            Column(key="title_number", title="证明编号", width=28, sql="l.title_number"),
            Column(key="area", title="出租面积（m²）", width=13, kind=Kind.NUMBER, sql="l.floor_area"),
            Column(key="rooms", title="总间数", width=8, kind=Kind.NUMBER, sql="l.rooms_total"),
            Column(key="let", title="出租间数", width=9, kind=Kind.NUMBER, sql="l.rooms_let"),
            Column(key="letting", title="出租方式", width=10, sql="l.letting", choices=LETTING),
            Column(key="use", title="规划用途", width=10, sql="l.planned_use", choices=Names("house_use")),
            Column(key="kind", title="出租人类型", width=11, sql="l.landlord_kind", choices=LANDLORD),
            Column(key="landlord", title="出租人", width=22, sql="l.landlord_name"),
            Column(key="document", title="证件号码", width=21, kind=Kind.ID, sql="l.document_number", secret=DOCUMENT),
            Column(key="phone", title="联系电话", width=15, kind=Kind.PHONE, sql="l.landlord_phone", secret=PHONE),
            Column(key="agent", title="代管人", width=18, sql="l.agent_name"),
            Column(key="agent_phone", title="代管人电话", width=15, kind=Kind.PHONE, sql="l.agent_phone", secret=AGENT),
            Column(key="from", title="出租起始", width=12, kind=Kind.DATE, sql="l.let_from"),
            Column(key="to", title="出租截止", width=12, kind=Kind.DATE, sql="l.let_to"),
            Column(key="fire", title="消防通道畅通", width=12, sql="l.fire_passage", choices=YES),
            Column(key="exit", title="安全出口", width=10, sql="l.safety_exit", choices=YES),
            Column(key="gas", title="燃气", width=8, sql="l.gas", choices=GAS),
            Column(key="danger", title="危险等级", width=14, sql="l.danger_grade", choices=Names("danger_grade")),
            Column(key="tenants", title="承租人数", width=9, kind=Kind.NUMBER, sql="k.tenants"),
            Column(key="unknown", title="未登记人数", width=11, kind=Kind.NUMBER, sql="k.unknown"),
            Column(key="people", title="居住登记人数", width=12, kind=Kind.NUMBER, sql="coalesce(n.people, 0)"),
            Column(key="number", title="出租登记号", width=22, kind=Kind.CODE, sql="l.number"),
            Column(key="registered", title="登记日期", width=12, kind=Kind.DATE, sql="l.registered_on"),
            Column(key="clerk", title="登记人", width=10, sql="u.display_name"),
        ),
        source=homes,
        notes="仅列有效的出租登记；承租人数、未登记人数按已备案的租赁合同统计，不含已办理离开登记的承租人，未登记指合同上尚未关联居住登记的承租人；居住登记人数为截至导出时在该房屋有效的居住登记人数。",
        origin="居住房屋出租登记",
    )
)
