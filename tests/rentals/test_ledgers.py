"""L4 and L5 on rows made by hand, counted by hand."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection

from portal.org.walls import context
from rentals.models import HazardStep, Inspection, RentalRegistration
from tests.behind_the_wall import real_seconds
from tests.factories.files import scan_of
from tests.factories.inspections import DoneFactory, HazardFactory, InspectionFactory, ReferralFactory
from tests.factories.letters import LetterFactory
from tests.factories.org import StaffFactory
from tests.factories.rentals import COMPANY, LANDLORD, LeaseFactory, RentalFactory
from tests.factories.residents import DwellingFactory, RegistrationFactory
from tests.residents.test_ledgers import COUNTY, ELSEWHERE, HERE, county, statistic, table
from tests.walls.test_agreement import behind_the_wall

pytestmark = pytest.mark.django_db
__all__ = ["county"]


@pytest.fixture
def three(county):
    """One in force with two people, one of a company elsewhere with nobody, and two that are not in force."""
    home = DwellingFactory.create(area_code=HERE, address="锦绣花园1幢101室", code="330822001001000001")
    RentalFactory.create(
        dwelling=home,
        number="330822F2026000001",
        status="registered",
        registered_on=date(2026, 11, 3),
        letting="rooms",
        spaces=["01"],
        rooms_let=2,
        danger_grade="B",
        fire_passage=True,
        agent_name="乐居中介",
        agent_phone="13900001111",
        let_to=date(2027, 10, 31),
    )
    stay, _other = RegistrationFactory.create_batch(2, dwelling=home)
    filed = LeaseFactory.create(dwelling=home, room="A", status="filed", filed_on=date(2026, 11, 5), tenant=stay)
    filed.tenants.create(name="吴租客")
    LeaseFactory.create(dwelling=home, room="B", status="refused", refusal_reason="合同未签字")
    RegistrationFactory.create(dwelling=home, status="left", left_on=date(2026, 11, 10))
    RentalFactory.create(
        dwelling=DwellingFactory.create(area_code=ELSEWHERE),
        status="registered",
        registered_on=date(2026, 11, 4),
        landlord_kind="org",
        landlord_name="公房公司",
        document_kind="",
        document_number=COMPANY,
    )
    RentalFactory.create(dwelling=DwellingFactory.create(area_code=HERE))
    RentalFactory.create(dwelling=DwellingFactory.create(area_code=HERE), status="ended", ended_on=date(2026, 11, 5))


def test_L4_has_a_line_for_each_registration_in_force_with_its_people(three):
    first, second = table("L4")
    assert {
        title: first[title]
        for title in ("房屋编号", "房屋坐落", "出租方式", "出租间数", "总间数", "出租面积（m²）", "危险等级")
    } == {
        "房屋编号": "330822001001000001",
        "房屋坐落": "锦绣花园1幢101室",
        "出租方式": "按间",
        "出租间数": 2,
        "总间数": 3,
        "出租面积（m²）": Decimal(90),
        "危险等级": "B 级（有危险点）",
    }
    assert (first["居住登记人数"], second["居住登记人数"]) == (2, 0)
    assert (first["承租人数"], first["未登记人数"]) == (2, 1)
    assert (second["承租人数"], second["未登记人数"]) == (0, 0)
    assert (first["消防通道畅通"], first["安全出口"], first["燃气"]) == ("是", "否", "管道")
    assert (first["代管人"], first["出租起始"], first["出租截止"]) == (
        "乐居中介",
        date(2026, 11, 1),
        date(2027, 10, 31),
    )
    assert (second["出租人类型"], second["出租人"]) == ("单位", "公房公司")


def test_L4_masks_numbers_unless_whole_ones_are_granted(three):
    assert LANDLORD not in {row["证件号码"] for row in table("L4")}
    whole = table("L4", masked=False)
    assert [row["证件号码"] for row in whole] == [LANDLORD, COMPANY]
    assert [row["代管人电话"] for row in whole] == ["13900001111", ""]


def test_L4_keeps_to_the_areas_of_the_reader(three):
    assert len(table("L4", scope=(ELSEWHERE,))) == 1
    assert len(table("L4", scope=(COUNTY,))) == 2


@pytest.fixture
def rounds(county, settings, tmp_path, monkeypatch):
    """In November: one inspection by two with three hazards, one without any. One of October and an open one."""
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(context, "seconds_now", real_seconds)  # the database's clock goes on
    first, second = StaffFactory.create(display_name="王巡查"), StaffFactory.create(display_name="李民警")
    home = DwellingFactory.create(area_code=HERE, address="锦绣花园1幢101室", code="330822001001000001")
    fifteen = [f"{number:02d}" for number in range(1, 16)]
    seen = DoneFactory.create(
        dwelling=home,
        done_on=date(2026, 11, 2),
        number="330822X2026000001",
        inspector=first,
        companion=second,
        passed=fifteen[:10],
        skipped=["15"],
    )
    spot = HazardFactory.create(inspection=seen, item="11", disposal="on_spot", status="closed")
    HazardStep.objects.create(hazard=spot, kind="closed", actor=first)
    again = HazardFactory.create(inspection=seen, item="12", hazard_class="order", level="serious")
    HazardStep.objects.create(hazard=again, kind="failed", actor=first)
    sent = HazardFactory.create(
        inspection=seen, item="14", hazard_class="building", disposal="referral", status="closed"
    )
    ReferralFactory.create(hazard=sent, recipient="fire", status="returned", answer="属住建", answered_on="2026-11-03")
    ReferralFactory.create(hazard=sent, recipient="housing")
    for kind in ("failed", "closed"):
        HazardStep.objects.create(hazard=sent, kind=kind, actor=first)
    for number in range(2):
        scan_of(sent, kind="hazard_found" if number else "hazard_mended")
    scan_of(sent, removed_at="2026-11-03T09:00+08:00", removed_by=first)
    DoneFactory.create(
        dwelling=DwellingFactory.create(area_code=ELSEWHERE),
        done_on=date(2026, 11, 30),
        number="330822X2026000002",
        inspector=second,
        passed=fifteen,
    )
    DoneFactory.create(dwelling=DwellingFactory.create(area_code=HERE), done_on=date(2026, 10, 31))
    InspectionFactory.create(dwelling=home)
    return sent


def test_L5_has_a_line_for_each_hazard_and_one_for_an_inspection_without(rounds):
    spot, again, sent, nothing = table("L5")
    told = ("巡查日期", "巡查编号", "房屋编号", "房屋坐落", "巡查人", "已查项数", "是否有隐患")
    shared = (
        date(2026, 11, 2),
        "330822X2026000001",
        "330822001001000001",
        "锦绣花园1幢101室",
        "王巡查、李民警",
        13,
        "是",
    )
    assert [tuple(row[title] for title in told) for row in (spot, again, sent)] == [shared] * 3
    assert (nothing["巡查日期"], nothing["巡查人"], nothing["已查项数"], nothing["是否有隐患"]) == (
        date(2026, 11, 30),
        "李民警",
        15,
        "否",
    )
    assert not any(nothing[title] for title in ("隐患检查项", "隐患类别", "照片（张）", "处置", "整改期限", "销号日期"))


def test_L5_tells_class_level_disposal_term_second_look_and_end_of_each_hazard(rounds):
    found = (
        "隐患检查项",
        "隐患类别",
        "隐患等级",
        "照片（张）",
        "处置",
        "抄告单位",
        "整改期限",
        "复查日期",
        "复查结果",
        "销号日期",
    )
    spot, again, sent = (tuple(row[title] or None for title in found) for row in table("L5")[:3])
    term, looked, closed = date(2026, 11, 17), date(2026, 11, 20), date(2026, 11, 10)
    kitchen, crowd, cracks = (
        "厨房、卫生间、车库、地下室无人居住",
        "单间人数、人均面积符合要求",
        "结构无裂缝变形，自建房已鉴定",
    )
    assert spot == (kitchen, "消防", "一般", None, "现场整改", None, None, None, None, closed)
    assert again == (crowd, "治安", "严重", None, "限期整改", None, term, looked, "未整改", None)
    assert sent == (cracks, "建筑", "一般", 2, "抄告", "住建部门", term, looked, "已整改", closed)


def test_L5_keeps_to_the_areas_of_the_reader(rounds):
    assert [row["巡查编号"] for row in table("L5", scope=(ELSEWHERE,))] == ["330822X2026000002"]


def test_L5_counts_photos_for_whoever_exports_inspections_there_and_tells_nobody_else(rounds, staff):
    told = {}
    for name, user in (
        ("exporter", staff(Inspection, "export")),
        ("elsewhere", staff(Inspection, "export", at=ELSEWHERE)),
        ("nobody", staff(RentalRegistration, "view")),
    ):
        with behind_the_wall(user), connection.cursor() as cursor:
            cursor.execute("SELECT sec.photos_of_hazard(%s)", [rounds.pk])
            told[name] = cursor.fetchone()[0]
    assert told == {"exporter": 2, "elsewhere": 0, "nobody": 0}


def test_L5_is_given_whole_to_whoever_exports_inspections_alone(rounds, staff):
    """The wall opens hazards, work orders, doors and steps of one's area to the ledger."""
    user = staff(Inspection, "export", at=COUNTY)
    with behind_the_wall(user):
        assert len(table("L5")) == 4


def test_L14_has_a_line_for_each_letting_in_force_with_its_newest_letter(county):
    """Signed on paper; to be signed again after last year's; never issued. The ended letting is not in it."""
    doors = [DwellingFactory.create(area_code=HERE, address=f"锦绣花园{number}幢") for number in range(1, 5)]
    rows = [RentalFactory.create(dwelling=door, status="registered", registered_on=date(2026, 11, 3)) for door in doors]
    RentalRegistration.objects.filter(pk=rows[3].pk).update(status="ended", ended_on=date(2026, 11, 10))
    LetterFactory.create(rental=rows[0], signed=True, manner="paper", number="330822Z2026000001")
    LetterFactory.create(rental=rows[1], signed=True, year=2025)
    LetterFactory.create(rental=rows[1], number="330822Z2026000002")
    LetterFactory.create(rental=rows[3])
    found = table("L14")
    assert [(row["年度"], row["应签"], row["已签"], row["责任书编号"], row["扫描件"]) for row in found] == [
        (2026, 1, 1, "330822Z2026000001", "有"),
        (2026, 1, 0, "330822Z2026000002", ""),
        (None, 1, 0, None, None),
    ]
    assert (found[0]["签订日期"], found[0]["有效期止"]) == (date(2026, 11, 12), date(2027, 11, 11))


def test_S2_counts_the_lettings_of_each_unit_by_hand(county):
    """Here two: a public one lived in by five in two rooms (over), its letter signed, a lease with one tenant filed,
    inspected with two hazards of which one is mended; a private one with a village paper. Elsewhere a company's."""
    given = {"status": "registered", "registered_on": date(2026, 11, 3)}
    full = RentalFactory.create(
        dwelling=DwellingFactory.create(area_code=HERE), ownership="1", rooms_total=2, rooms_let=2, **given
    )
    stay, *_others = RegistrationFactory.create_batch(5, dwelling=full.dwelling)
    LeaseFactory.create(dwelling=full.dwelling, status="filed", filed_on=date(2026, 11, 5), tenant=stay)
    LetterFactory.create(rental=full, signed=True)
    done = DoneFactory.create(dwelling=full.dwelling)
    for item, status in (("04", "open"), ("05", "closed")):
        HazardFactory.create(inspection=done, item=item, status=status)
    RentalFactory.create(dwelling=DwellingFactory.create(area_code=HERE), title_kind="5", **given)
    RentalFactory.create(dwelling=DwellingFactory.create(area_code=ELSEWHERE), ownership="3", **given)
    RentalFactory.create(dwelling=DwellingFactory.create(area_code=HERE))
    found = statistic("S2")
    assert found["合计"] == (3, 1, 1, 1, 1, 1, 2, 1, 1, 2, 1, 1)
    assert sorted(line for unit, line in found.items() if unit != "合计" and any(line)) == [
        (1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0),
        (2, 1, 1, 1, 1, 1, 1, 1, 1, 2, 1, 1),
    ]
