"""L1, L2, L3, S1 and S5 on a population made by hand, with results counted by hand."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from portal.exchange.granted import as_granted
from portal.exchange.ledgers import LedgerParams, ledger_of
from portal.exchange.periods import PeriodKind, period_of
from portal.exchange.sql import Readers, rows
from portal.org.scoping import Scope
from residents.choices import ApplicationKind, ApplicationStatus, ChangeKind, PermitStatus, PermitStepKind
from residents.ledgers.statistics import block_sums_agree
from residents.models import (
    Endorsement,
    Permit,
    PermitApplication,
    PermitMaterial,
    PermitStep,
    RegistrationChange,
)
from tests.factories.org import AreaFactory, StaffFactory
from tests.factories.residents import DwellingFactory, PersonFactory, RegistrationFactory

pytestmark = pytest.mark.django_db
COUNTY, TOWN, HERE, ELSEWHERE = "330822", "330822001", "330822001001", "330822002001"


@pytest.fixture
def county(at):
    at("2026-11-20 09:00")
    areas = {}
    for code, parent in ((COUNTY, None), (TOWN, COUNTY), ("330822002", COUNTY), (HERE, TOWN), (ELSEWHERE, "330822002")):
        areas[code] = AreaFactory.create(code=code, parent=areas.get(parent))
    return areas


def params(code: str, *, area: str = COUNTY, scope: tuple[str, ...] = (COUNTY,), month: date = date(2026, 11, 1)):
    ledger = ledger_of(code)
    return LedgerParams(
        actor=StaffFactory.create(),
        scope=Scope(scope),
        area_code=area,
        area_name="常山县",
        period=period_of(ledger.period, month, date(2026, 11, 30)),
        today=date(2026, 11, 20),
    )


def table(code, *, masked=True, **options):
    """The rows of a register as dictionaries by column title."""
    ledger = as_granted(ledger_of(code), full=not masked)
    query = ledger.source(params(code, **options))
    titles = [column.title for column in ledger.columns]
    return [
        dict(zip(titles, row, strict=True))
        for row in rows(ledger.columns, query, Readers(ledger.columns, masked=masked))
    ]


def statistic(code, **options):
    ledger = ledger_of(code)
    found = ledger.source(params(code, **options))
    return {row[0]: row[1:] for row in found}


def live(area: str = HERE, **changes):
    person = {key.removeprefix("person__"): changes.pop(key) for key in list(changes) if key.startswith("person__")}
    return RegistrationFactory.create(
        dwelling=DwellingFactory.create(area_code=area),
        person=PersonFactory.create(area_code=area, **person),
        arrived_on=changes.pop("arrived_on", date(2026, 11, 2)),
        **changes,
    )


class TestL1:
    def test_it_has_the_28_official_columns_in_order(self):
        assert [column.title for column in ledger_of("L1").columns] == [
            "序号",
            "姓名",
            "性别",
            "出生日期",
            "证件号码",
            "民族",
            "户籍地址",
            "现住地址",
            "房屋编号",
            "居住处所",
            "居住事由",
            "入住日期",
            "登记日期",
            "登记方式",
            "服务处所",
            "职业",
            "文化程度",
            "婚姻状况",
            "联系电话",
            "居住证号",
            "最近核实日期",
            "核实结果",
            "状态",
            "注销日期",
            "注销原因",
            "采集人",
            "社区",
            "备注",
        ]

    def test_one_line_by_hand(self, county):
        stay = live(workplace="常山胡柚加工厂", person__education="70", person__phone="13800005621")
        number = stay.person.document_number
        (line,) = table("L1")
        assert line["证件号码"] == number[:3] + "*" * 11 + number[-4:]
        assert line["联系电话"] == "138****5621"
        assert line["户籍地址"] == "贵州省遵义市桐梓县"
        told = {key: line[key] for key in ("姓名", "性别", "居住处所", "居住事由", "登记方式", "服务处所", "状态")}
        assert told == {
            "姓名": "王建国",
            "性别": "男",
            "居住处所": "租赁房屋",
            "居住事由": "务工",
            "登记方式": "窗口登记",
            "服务处所": "常山胡柚加工厂",
            "状态": "在住",
        }
        assert (line["出生日期"], line["入住日期"]) == ("1990", date(2026, 11, 2))

    def test_the_full_number_only_when_asked_and_approved(self, county):
        stay = live()
        (line,) = table("L1", masked=False)
        assert (line["证件号码"], line["联系电话"]) == (stay.person.document_number, "13800005621")
        assert line["出生日期"] == date(1990, 5, 17)

    def test_P7_a_masked_file_does_not_tell_the_number_in_parts(self, county):
        """County, whole birth date and the last four digits together would be the number."""
        stay = live(person__native_address="娄山关街道武胜路18号")
        (line,) = table("L1")
        number = stay.person.document_number
        assert line["户籍地址"] == "贵州省遵义市桐梓县"
        assert number[10:14] not in "".join(str(value) for key, value in line.items() if key != "证件号码")

    @pytest.mark.parametrize("typed", ["娄山关街道武胜路18号", "贵州省遵义市桐梓县娄山关街道武胜路18号"])
    def test_the_division_stands_once_in_the_hukou_address(self, county, typed):
        live(person__native_address=typed)
        assert table("L1", masked=False)[0]["户籍地址"] == "贵州省遵义市桐梓县娄山关街道武胜路18号"

    def test_ethnicity_is_never_exported(self, county):
        live(person__ethnicity="05")
        assert table("L1", masked=False)[0]["民族"] == ""

    def test_those_who_left_this_year_stay_on_it_and_moves_do_not(self, county):
        gone = {"status": "left", "closed_on": date(2026, 6, 30), "left_on": date(2026, 6, 30)}
        live(arrived_on=date(2025, 1, 1), left_reason="01", **gone)
        live(arrived_on=date(2025, 1, 1), left_reason="02", **gone)
        live(
            arrived_on=date(2024, 1, 1),
            status="left",
            left_on=date(2025, 12, 31),
            closed_on=date(2025, 12, 31),
            left_reason="01",
        )
        live(status="void")
        assert [(line["状态"], line["注销原因"]) for line in table("L1")] == [("已离开", "离开本地")]

    def test_only_the_exporter_s_areas(self, county):
        live(HERE)
        live(ELSEWHERE)
        assert [line["社区"] for line in table("L1", scope=(TOWN,))] == [county[HERE].name]


class TestL2:
    def test_changes_of_the_period_with_their_delay(self, county):
        stay = live()
        for recorded, happened, kind in (
            (date(2026, 11, 5), date(2026, 11, 2), ChangeKind.ARRIVAL),
            (date(2026, 11, 18), date(2026, 11, 18), ChangeKind.DEPARTURE),
            (date(2026, 10, 31), date(2026, 10, 31), ChangeKind.RENEWAL),
        ):
            RegistrationChange.objects.create(
                registration=stay,
                person=stay.person,
                area_code=HERE,
                kind=kind,
                recorded_on=recorded,
                happened_on=happened,
                destination="贵州省" if kind == ChangeKind.DEPARTURE else "",
                discovered_by="landlord",
                actor=stay.registrar,
            )
        told = [
            (line["类型"], line["距发生天数"], line["离开日期"], line["去向"], line["发现方式"]) for line in table("L2")
        ]
        assert told == [
            ("新增", 3, None, "", "房东"),
            ("注销", 0, date(2026, 11, 18), "贵州省", "房东"),
        ]


def moment(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 2, tzinfo=UTC)


def file(stay, *, accepted: date, due: date, signed: date | None = None, **changes) -> PermitApplication:
    status = changes.pop("status", ApplicationStatus.ISSUED if signed else ApplicationStatus.ACCEPTED)
    return PermitApplication.objects.create(
        number=f"L{PermitApplication.objects.count():05}",
        person=stay.person,
        registration=stay,
        area_code=stay.area_code,
        ground=changes.pop("ground", "job"),
        status=status,
        submitted_on=accepted,
        accepted_at=moment(accepted),
        due_on=due,
        registrar=stay.registrar,
        signer=StaffFactory.create() if signed else None,
        signed_at=moment(signed) if signed else None,
        **changes,
    )


def permit(stay, *, issued: date, endorse_by: date, status: str = PermitStatus.ACTIVE, **changes) -> Permit:
    found = Permit.objects.create(
        number=f"P{Permit.objects.count():05}",
        person=stay.person,
        dwelling=stay.dwelling,
        area_code=stay.area_code,
        ground="job",
        status=status,
        issued_on=issued,
        counted_from=issued,
        endorse_from=date(endorse_by.year, endorse_by.month, 1),
        endorse_by=endorse_by,
        **changes,
    )
    step(found, PermitStepKind.ISSUED, issued)
    return found


def step(found: Permit, kind: str, day: date) -> None:
    PermitStep.objects.create(permit=found, kind=kind, happened_on=day, area_code=found.area_code, actor=None)


class TestL3:
    def test_a_file_in_time_and_one_overdue(self, county):
        first = live(arrived_on=date(2026, 3, 2))
        done = file(first, accepted=date(2026, 11, 3), due=date(2026, 11, 18), signed=date(2026, 11, 10))
        PermitMaterial.objects.create(application=done, kind="id_card", received_on=date(2026, 11, 3))
        PermitMaterial.objects.create(application=done, kind="lease", received_on=date(2026, 11, 3))
        PermitMaterial.objects.create(application=done, kind="photo")
        file(live(), accepted=date(2026, 11, 4), due=date(2026, 11, 19))
        in_time, overdue = table("L3")
        assert (in_time["是否超期"], overdue["是否超期"]) == ("否", "是")  # today is the 20th
        assert in_time["满半年日期"] == date(2026, 9, 2)
        assert in_time["材料清单"] == "居民身份证、房屋租赁合同"
        assert (in_time["审核结果"], overdue["审核结果"]) == ("待领证", "审核中")
        assert (in_time["办结日期"], overdue["办结日期"]) == (date(2026, 11, 10), None)


class TestS1:
    def test_twelve_reasons_and_the_total_with_equal_block_sums(self, county):
        live(person__sex="1", person__native_code="520322")  # 省外县, short stay
        live(person__sex="2", person__native_code="330802", reason="09", lodging="02")  # 省内市
        live(person__sex="1", person__native_code="360103", arrived_on=date(2026, 3, 1))  # 省外市, half a year
        live(
            person__sex="2", person__native_code="330825", arrived_on=date(2020, 1, 5), lodging="03"
        )  # 省内县, > 5 years
        live(arrived_on=date(2026, 1, 1), status="left", left_on=date(2026, 11, 1), closed_on=date(2026, 11, 1))
        found = statistic("S1")
        assert list(found) == [
            "务工",
            "务农",
            "经商",
            "服务",
            "因公出差",
            "借读培训",
            "治病疗养",
            "保姆",
            "投靠亲友",
            "探亲访友",
            "旅游观光",
            "其他",
            "合计",
        ]
        # 男 女 | <½ ½–5 >5 | 省内市 省内县 省外市 省外县 港澳台 国外 其他 | 旅店 家中 单位 工地 租赁 其他
        assert found["务工"] == (2, 1, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 0, 0, 1, 0, 2, 0)
        assert found["投靠亲友"] == (0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0)
        assert found["合计"] == (2, 2, 2, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 0, 2, 0)
        assert list(block_sums_agree(params("S1"), ledger_of("S1").source(params("S1")))) == []

    def test_hong_kong_and_foreign_people_have_their_own_columns(self, county):
        live(person__document_kind="516", person__document_number="H12345678", person__native_code="")
        live(person__document_kind="414", person__document_number="E1234567", person__nationality="VNM")
        assert statistic("S1")["合计"][5:12] == (0, 0, 0, 0, 1, 1, 0)

    def test_a_block_that_does_not_add_up_stops_the_report(self, county):
        live(person__sex="9")
        (sentence,) = set(block_sums_agree(params("S1"), ledger_of("S1").source(params("S1"))[:1]))
        assert "务工" in sentence
        assert "性别 0" in sentence


class TestS5:
    def test_a_month_by_hand(self, county):
        old = permit(live(), issued=date(2025, 11, 15), endorse_by=date(2027, 11, 15))
        Endorsement.objects.create(
            permit=old,
            endorsed_on=date(2026, 11, 3),
            previous_due=date(2026, 11, 15),
            next_due=date(2027, 11, 15),
            ground="job",
            actor=StaffFactory.create(),
        )
        lapsed = permit(
            live(),
            issued=date(2025, 11, 10),
            endorse_by=date(2026, 11, 10),
            status=PermitStatus.SUSPENDED,
            suspended_on=date(2026, 11, 10),
        )
        step(lapsed, PermitStepKind.SUSPENDED, date(2026, 11, 10))
        stay = live(arrived_on=date(2026, 1, 5))
        file(stay, accepted=date(2026, 11, 2), due=date(2026, 11, 17), signed=date(2026, 11, 12))
        permit(stay, issued=date(2026, 11, 12), endorse_by=date(2027, 11, 12))
        file(
            live(ELSEWHERE),
            accepted=date(2026, 11, 3),
            due=date(2026, 11, 18),
            kind=ApplicationKind.FIRST,
            ground="dwelling",
        )
        titles = [column.title for column in ledger_of("S5").columns][1:]
        found = {unit: dict(zip(titles, line, strict=True)) for unit, line in statistic("S5").items()}
        town, other, total = found[county[TOWN].name], found[county["330822002"].name], found["合计"]
        assert (town["期初有效证"], town["期末有效证"]) == (2, 2)  # one lapsed, one new
        assert (town["新受理"], town["发证"], town["平均办理天数"], town["超期数"]) == (1, 1, Decimal("10.0"), 0)
        assert (town["应办"], town["已办"], town["签注率"]) == (2, 1, Decimal("0.5"))
        assert (town["中止"], town["就业"], town["住所"]) == (1, 1, 0)
        assert town["持证率"] == Decimal(2)  # 2 valid permits, 1 person registered for half a year
        assert (other["新受理"], other["超期数"], other["发证"], other["签注率"]) == (1, 1, 0, None)
        assert (total["新受理"], total["期末有效证"], total["超期数"]) == (2, 2, 1)


def test_the_first_ledgers_have_their_official_titles():
    assert {code: ledger_of(code).title for code in ("L1", "L2", "L3", "S1", "S5")} == {
        "L1": "流动人口台账",
        "L2": "居住登记变更、注销台账",
        "L3": "居住证业务台账",
        "S1": "暂住（流动）人口管理统计报表",
        "S5": "居住证业务月报",
    }
    assert ledger_of("S1").period == PeriodKind.MONTH
