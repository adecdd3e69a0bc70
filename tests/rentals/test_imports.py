"""Issue 5 §7: an old ledger of rented homes, through the shared engine and the rules of form F-2."""

import io
from datetime import date
from decimal import Decimal

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.imports.models import BatchState
from portal.imports.workbooks import template
from portal.org.models import User
from portal.org.walls.context import scoped_transaction
from rentals.choices import RentalStatus
from rentals.imports.registrations import RentalLedger
from rentals.models import RentalRegistration, RentalStep
from rentals.services import registrations
from residents.models import Dwelling
from tests.factories.org import AreaFactory
from tests.factories.rentals import COMPANY, LANDLORD, RentalFactory
from tests.factories.residents import COMMUNITY, DwellingFactory
from tests.imports import books

pytestmark = pytest.mark.django_db
FAR = "330822002001"
ROW = {
    "房屋坐落": "锦绣花园3幢2单元501室",
    "出租人类型": "",
    "出租人": "陈国强",
    "证件号码": LANDLORD,
    "联系电话": "13957000001",
    "产权性质": "私房",
    "产权证明": "不动产权证书",
    "证明编号": "浙（2019）常山县不动产权第0001号",
    "房屋结构": "混合结构",
    "规划用途": "住宅",
    "出租面积（m²）": "90",
    "总间数": "3",
    "出租间数": "",
    "出租方式": "整套",
    "出租部位": "",
    "出租起始": "2026-03-01",
    "出租截止": "",
    "消防通道畅通": "是",
    "燃气": "管道",
    "危险等级": "",
    "无证自建": "",
    "安全鉴定编号": "",
    "登记日期": "",
}


@pytest.fixture(autouse=True)
def on_20_november(at) -> None:
    at("2026-11-20 09:00")


@pytest.fixture
def police(staff) -> User:
    user = staff(RentalRegistration, "view", "add", "review", role="police", at=COMMUNITY)
    return staff(Dwelling, "view", at=COMMUNITY, user=user)


@pytest.fixture
def door() -> Dwelling:
    return DwellingFactory.create(room="501", address="锦绣花园3幢2单元501室", shorthand="jxhy3-2-501")


def ledger(*rows: dict[str, object]) -> io.BytesIO:
    return books.book([list(ROW), *([{**ROW, **row}[title] for title in ROW] for row in rows)])


def problems(police: User, **changes: object) -> list[dict[str, str]]:
    row = books.only(books.checked(ledger(changes), police, "rentals"))
    assert row.decision == "error"
    return row.problems


def test_a_row_of_an_old_ledger_becomes_a_registration_in_force(police, door):
    batch = books.applied(ledger({"登记日期": "2026-03-02", "出租面积（m²）": "86.5 平方米"}), police, "rentals")
    assert (batch.created, batch.rejected) == (1, 0)
    row = RentalRegistration.objects.get()
    assert (row.dwelling, row.status, row.registered_on) == (door, RentalStatus.REGISTERED, date(2026, 3, 2))
    assert (row.landlord_name, row.document_number, row.landlord_phone) == ("陈国强", LANDLORD, "13957000001")
    assert (row.floor_area, row.rooms_total, row.rooms_let, row.letting) == (Decimal("86.50"), 3, 3, "whole")
    assert (row.fire_passage, row.safety_exit, row.gas) == (True, False, "piped")
    assert (row.submitted_by, row.decided_by) == (police, police)
    assert [step.kind for step in row.steps.all()] == ["accepted"]
    assert RentalRegistration.objects.get().number == "330822F2026000001"


def test_without_a_day_of_registration_the_beginning_of_the_letting_counts(police, door):
    books.applied(ledger({}), police, "rentals")
    assert RentalRegistration.objects.get().registered_on == date(2026, 3, 1)


def test_an_organisation_is_told_by_its_credit_code_and_needs_no_kind_of_document(police, door):
    books.applied(ledger({"出租人类型": "单位", "出租人": "常山安居公司", "证件号码": COMPANY}), police, "rentals")
    row = RentalRegistration.objects.get()
    assert (row.landlord_kind, row.document_kind, row.document_number) == ("org", "", COMPANY)


@pytest.mark.parametrize(
    ("changes", "column", "said"),
    [
        ({"出租方式": "按间", "出租部位": "卧室、厨房"}, "spaces", "厨房不得单独出租用于居住"),
        ({"出租方式": "按间", "出租部位": "卧室、暗室"}, "spaces", "暗室"),
        ({"规划用途": "仓储"}, "planned_use", "仓储"),
        ({"危险等级": "D"}, "danger_grade", "D"),
        ({"无证自建": "是"}, "appraisal_number", "鉴定"),
        ({"证件号码": LANDLORD[:-1] + ("1" if LANDLORD[-1] != "1" else "2")}, "document_number", "校验"),
        ({"出租面积（m²）": "很大"}, "floor_area", "平方米"),
        ({"出租起始": ""}, "let_from", "起"),
        ({"登记日期": "2027-01-01"}, "registered_on", "尚未到来"),
        ({"房屋坐落": "没有的小区1幢"}, "address", "房屋台账"),
        ({"出租间数": "4"}, "rooms_let", "间"),
    ],
)
def test_HL2_HL6_row_74_what_the_screen_refuses_the_ledger_does_too(police, door, changes, column, said):
    [problem] = problems(police, **changes)
    assert problem["column"] == column
    assert said in problem["text"]


def test_several_mistakes_of_a_row_are_told_at_once(police, door):
    told = problems(police, 房屋坐落="没有的小区1幢", 出租起始="", 总间数="三间")
    assert {one["column"] for one in told} == {"address", "let_from", "rooms_total"}


def test_a_dwelling_of_another_community_is_refused_and_its_office_named(police, door):
    AreaFactory.create(code=FAR[:9], name="招贤镇")
    AreaFactory.create(code=FAR, name="古县村")
    DwellingFactory.create(area_code=FAR, address="招贤路8号", shorthand="zxl8")
    [problem] = problems(police, 房屋坐落="招贤路8号")
    assert (problem["code"], "招贤镇 古县村" in problem["text"]) == ("foreign_area", True)


def test_whoever_may_not_accept_registrations_is_not_offered_the_ledger(staff):
    assert not RentalLedger().may(staff(RentalRegistration, "view", "add"))
    assert not RentalLedger().may(staff(RentalRegistration, "view", "review"))
    assert RentalLedger().may(staff(RentalRegistration, "view", "add", "review"))


def test_a_dwelling_registered_already_is_left_as_it_is(police, door):
    RentalFactory.create(dwelling=door, number="330822F2025000009")
    row = books.only(books.checked(ledger({}), police, "rentals"))
    assert (row.decision, "330822F2025000009" in row.note) == ("unchanged", True)


def test_the_same_dwelling_twice_in_a_file_is_taken_once(police, door):
    batch = books.applied(ledger({}, {"出租人": "陈国弱"}), police, "rentals")
    assert (batch.created, batch.skipped) == (1, 1)


def test_forty_homes_cost_no_more_statements_than_four(police):
    def cost(first: int, last: int) -> int:
        rooms = [str(room) for room in range(first, last)]
        addresses = [f"锦绣花园3幢2单元{room}室" for room in rooms]
        for room, address in zip(rooms, addresses, strict=True):
            DwellingFactory.create(room=room, address=address)
        rows: list[dict[str, object]] = [{"房屋坐落": one} for one in addresses]
        batch = books.checked(ledger(*rows), police, "rentals")
        with scoped_transaction(police):
            books.services.apply(batch_id=batch.pk, actor=police)
        with CaptureQueriesContext(connection) as written:
            books.work(police)
        return len(written)

    cost(101, 103)
    assert cost(201, 205) == cost(301, 341)
    assert RentalRegistration.objects.count() == 46


def test_registered_by_somebody_else_between_check_and_import_is_left_out_with_the_reason(police, door):
    batch = books.checked(ledger({}), police, "rentals")
    RentalFactory.create(dwelling=door)
    with scoped_transaction(police):
        books.services.apply(batch_id=batch.pk, actor=police)
    books.work(police)
    batch = books.fresh(batch)
    assert (batch.created, batch.skipped) == (0, 1)
    assert "已有出租登记" in books.only(batch).note


def test_undone_and_imported_again(police, door):
    other = DwellingFactory.create(room="502", address="锦绣花园3幢2单元502室", shorthand="jxhy3-2-502")
    source = ledger({}, {"房屋坐落": other.address})
    batch = books.applied(source, police, "rentals")
    assert RentalRegistration.objects.count() == 2
    assert books.undone(batch, police).state == BatchState.UNDONE
    assert not RentalRegistration.objects.exists()
    assert not RentalStep.objects.exists()
    source.seek(0)
    again = books.applied(source, police, "rentals")
    assert again.created == 2
    assert set(RentalRegistration.objects.values_list("dwelling", flat=True)) == {door.pk, other.pk}


def test_what_was_renewed_since_keeps_the_whole_ledger_where_it_is(police, door):
    batch = books.applied(ledger({"出租截止": "2026-12-31"}), police, "rentals")
    row = RentalRegistration.objects.get()
    with scoped_transaction(police):
        registrations.renew(rental_id=row.pk, let_to=date(2027, 12, 31), version=row.version, actor=police)
    batch = books.undone(batch, police)
    assert batch.state == BatchState.DONE
    assert [one["row"] for one in batch.obstacles] == [2]
    assert RentalRegistration.objects.count() == 1


def test_the_template_has_a_column_for_everything_that_form_F_2_must_have(police):
    out = io.BytesIO()
    template(RentalLedger(), out)
    sheet = openpyxl.load_workbook(io.BytesIO(out.getvalue())).active
    titles = [cell.value for cell in sheet[1]]
    assert set(ROW) <= set(titles)
    assert len(titles) == len(set(titles))
