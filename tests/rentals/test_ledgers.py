"""L4 on rentals made by hand, counted by hand."""

from datetime import date
from decimal import Decimal

import pytest

from tests.factories.rentals import COMPANY, LANDLORD, LeaseFactory, RentalFactory
from tests.factories.residents import DwellingFactory, RegistrationFactory
from tests.residents.test_ledgers import COUNTY, ELSEWHERE, HERE, county, table

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
