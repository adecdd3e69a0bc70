"""Any ledger again as the register knew it: the file of that day and the file made from history are the same."""

import io
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from python_calamine import CalamineWorkbook

from portal.audit.past import as_known, end_of, prefixed
from portal.core.errors import DomainError
from portal.exchange.ledgers import LedgerParams, ledger_of
from portal.exchange.periods import PeriodKind, month_of, period_of
from portal.exchange.render import Purpose, Rendered, preview, render
from portal.exchange.services import Order, file_name, params_of
from portal.exports.forms import ExportForm
from portal.org.scoping import Scope
from residents.models import Dwelling, Person, Registration
from residents.services.corrections import CorrectionInput, correct_person
from residents.services.moves import change_address, deregister, undo, verify
from residents.services.permits import decisions
from residents.services.permits.cards import terminate
from residents.services.restriction import restrict_use
from tests.factories.org import AreaFactory, StaffFactory
from tests.factories.past import stamp
from tests.factories.permits import ApplicationFactory, PermitFactory, officer
from tests.factories.residents import DwellingFactory, PersonFactory, RegistrationFactory

pytestmark = pytest.mark.django_db
COUNTY, HERE, ELSEWHERE = "330822", "330822001001", "330822002001"
SHANGHAI = ZoneInfo("Asia/Shanghai")
BEFORE = datetime(2026, 11, 10, 18, 0, tzinfo=SHANGHAI)
CODES = ("L1", "L2", "L3", "S1", "S5")
EVERYTHING = ("view", "add", "change", "correct", "restrict", "deregister", "restore", "verify")


@pytest.fixture
def clerk(staff, at):
    at("2026-11-02 09:00")
    areas = {}
    for code, parent in ((COUNTY, None), ("330822001", COUNTY), (HERE, "330822001"), ("330822002", COUNTY)):
        areas[code] = AreaFactory.create(code=code, parent=areas.get(parent))
    AreaFactory.create(code=ELSEWHERE, parent=areas["330822002"])
    user = staff(Registration, "view", "change", "deregister", "restore", "verify", at=COUNTY)
    staff(Person, "view", "correct", "restrict", at=COUNTY, user=user)
    return staff(Dwelling, "view", at=COUNTY, user=user)


def live(at, moment: str, area: str = HERE, **changes) -> Registration:
    at(moment)
    home = DwellingFactory.create(area_code=area)
    person = PersonFactory.create(area_code=area, name=changes.pop("name", "王建国"))
    stay = RegistrationFactory.create(
        dwelling=home, person=person, arrived_on=date.fromisoformat(moment[:10]), **changes
    )
    stamp()
    return stay


def made(code: str, *, today: date, known_at: datetime | None = None, full: bool = False) -> Rendered:
    ledger = ledger_of(code)
    period = month_of(date(2026, 11, 1))
    if ledger.period == PeriodKind.RANGE:
        period = period_of(PeriodKind.RANGE, date(2026, 11, 1), date(2026, 11, 30))
    params = LedgerParams(
        actor=StaffFactory.create(),
        scope=Scope((COUNTY,)),
        area_code=COUNTY,
        area_name="常山县",
        period=period,
        today=today,
        known_at=known_at,
    )
    purpose = Purpose(reason="核对", full=full)
    return render(ledger, params, io.BytesIO(), fmt="csv", purpose=purpose, progress=lambda _done, _total: None)


@pytest.fixture
def register(at, clerk):
    """Four people, one permit and one file, as they stood at 18:00 on 10 November."""
    stays = {
        "moves": live(at, "2026-11-02 09:10", name="王移"),
        "leaves": live(at, "2026-11-02 09:20", name="李离"),
        "wrong": live(at, "2026-11-02 09:30", name="张错"),
        "void": live(at, "2026-11-10 15:00", name="赵撤"),
    }
    at("2026-11-03 09:00")
    chief = officer()
    permit = PermitFactory.create(
        person=stays["moves"].person, issued_on=date(2026, 11, 3), counted_from=date(2026, 5, 1)
    )
    permit.steps.create(area_code=HERE, kind="issued", happened_on=date(2026, 11, 3), actor=chief)
    file = ApplicationFactory.create(
        person=stays["leaves"].person,
        submitted_on=date(2026, 11, 4),
        accepted_at=datetime(2026, 11, 4, tzinfo=SHANGHAI),
    )
    stamp()
    at("2026-11-10 16:00")
    verify(registration_id=stays["wrong"].pk, result="present", actor=clerk)
    stamp()
    return stays | {"permit": permit, "file": file, "chief": chief}


def life_goes_on(at, register, clerk) -> None:
    """A move, a departure, a correction, a step taken back, an ended permit, a decided file, a new arrival."""
    at("2026-11-11 09:00")
    undo(change_id=arrival_line(register["void"], clerk).pk, actor=clerk)
    stamp()
    at("2026-11-12 09:00")
    far = DwellingFactory.create(area_code=ELSEWHERE)
    moved: dict[str, Any] = {"moved_on": date(2026, 11, 9), "lodging": "05", "version": 1}
    change_address(registration_id=register["moves"].pk, dwelling_id=far.pk, actor=clerk, **moved)
    stamp()
    at("2026-11-13 09:00")
    deregister(registration_id=register["leaves"].pk, left_on=date(2026, 11, 8), reason="01", version=1, actor=clerk)
    stamp()
    at("2026-11-14 09:00")
    person = register["wrong"].person
    told: dict[str, Any] = {"reason": "录入错误", "evidence": "居民身份证", "version": person.version}
    correct_person(person_id=person.pk, given=CorrectionInput(name="张对"), actor=clerk, **told)
    stamp()
    at("2026-11-16 09:00")
    terminate(permit_id=register["permit"].pk, reason="left", actor=register["chief"])
    decisions.reject(application_id=register["file"].pk, reason="不符合申领条件", actor=register["chief"])
    stamp()
    live(at, "2026-11-17 09:00", name="新来")


def arrival_line(stay: Registration, clerk):
    return stay.changes.create(
        person=stay.person, area_code=stay.area_code, kind="arrival", actor=clerk,
        recorded_on=stay.registered_on, happened_on=stay.arrived_on,
    )  # fmt: skip


@pytest.mark.parametrize("code", CODES)
def test_the_ledger_of_a_past_moment_has_the_content_hash_of_the_file_made_then(at, clerk, register, code):
    at("2026-11-10 18:00")
    then = made(code, today=date(2026, 11, 10))
    life_goes_on(at, register, clerk)
    at("2026-11-20 09:00")
    again = made(code, today=date(2026, 11, 10), known_at=BEFORE)
    now = made(code, today=date(2026, 11, 20))
    assert (again.sha256, again.rows) == (then.sha256, then.rows)
    assert now.sha256 != then.sha256


def test_the_rows_counted_by_hand(at, clerk, register):
    life_goes_on(at, register, clerk)
    at("2026-11-20 09:00")
    assert made("L1", today=date(2026, 11, 10), known_at=BEFORE).rows == 4
    # 王移 at the new door, 张对 and 新来 live here, 李离 left this year; a move and an undone step do not count
    assert made("L1", today=date(2026, 11, 20)).rows == 4
    assert made("L1", today=date(2026, 11, 1), known_at=datetime(2026, 11, 1, tzinfo=SHANGHAI)).rows == 0


def test_encrypted_columns_of_history_are_read_like_those_of_today(at, clerk, register):
    at("2026-11-10 18:00")
    then = made("L1", today=date(2026, 11, 10), full=True)
    life_goes_on(at, register, clerk)
    assert made("L1", today=date(2026, 11, 10), known_at=BEFORE, full=True).sha256 == then.sha256
    assert then.sha256 != made("L1", today=date(2026, 11, 10), known_at=BEFORE).sha256


def test_P11_whoever_is_restricted_since_is_left_out_of_the_past_as_well(at, clerk, register):
    at("2026-11-18 09:00")
    restrict_use(person_id=register["leaves"].person_id, reason="本人申请", actor=clerk)
    stamp()
    assert made("L1", today=date(2026, 11, 10), known_at=BEFORE).rows == 3


def test_P7_whoever_was_forgotten_since_is_nowhere(at, clerk, register):
    Person.objects.filter(pk=register["leaves"].person_id).update(name="已匿名", forgotten_on=date(2026, 11, 18))
    at("2026-11-20 09:00")
    assert made("L1", today=date(2026, 11, 10), known_at=BEFORE).rows == 3
    assert made("L3", today=date(2026, 11, 10), known_at=BEFORE).rows == 0


class TestOrder:
    @pytest.fixture
    def exporter(self, staff, clerk):
        return staff(Person, "view", "export", at=COUNTY)

    def order(self, **changes) -> Order:
        day = date(2026, 11, 10)
        return replace(Order(code="L1", area_code=COUNTY, start=day, end=day, known_at=BEFORE), **changes)

    def test_the_moment_survives_the_way_through_the_job(self, exporter):
        order = self.order()
        assert Order.from_json(order.as_json()) == order
        assert Order.from_json({key: value for key, value in order.as_json().items() if key != "known_at"}) == replace(
            order, known_at=None
        )

    def test_the_file_says_so_in_its_name_and_on_its_last_sheet(self, at, exporter, register):
        at("2026-11-20 09:00")
        params = params_of(self.order(), actor=exporter)
        assert params.today == date(2026, 11, 10)
        assert file_name(ledger_of("L1"), params, "xlsx").endswith("流动人口台账_2026-11-10_截至20261110-1800.xlsx")
        out = io.BytesIO()
        purpose = Purpose(reason="核对")
        render(ledger_of("L1"), params, out, fmt="xlsx", purpose=purpose, progress=lambda _done, _total: None)
        book = CalamineWorkbook.from_filelike(io.BytesIO(out.getvalue()))
        told = dict(row[:2] for row in book.get_sheet_by_index(len(book.sheet_names) - 1).to_python() if len(row) > 1)
        assert told["数据时点"] == "2026-11-10 18:00:00"
        assert "之后撤销的仍计入" in told["时点说明"]
        assert preview(ledger_of("L1"), params).total == 4

    def test_a_moment_that_has_not_come_is_refused(self, at, exporter):
        at("2026-11-10 17:59")
        with pytest.raises(DomainError) as caught:
            params_of(self.order(), actor=exporter)
        assert caught.value.field == "known_on"

    def form(self, exporter, **changes) -> ExportForm:
        data = {"area_code": COUNTY, "format": "csv", "reason": "analysis", "destination": "inside"} | changes
        return ExportForm(data, ledger=ledger_of("L1"), user=exporter)

    def test_a_day_alone_means_its_end_and_today_means_now(self, at, exporter):
        at("2026-11-20 09:00")
        form = self.form(exporter, known_on="2026-11-10")
        assert form.is_valid(), form.errors
        assert form.order().known_at == end_of(date(2026, 11, 10))
        assert form.order().start == date(2026, 11, 10)
        form = self.form(exporter, known_on="2026-11-10", known_time="18:00")
        assert form.is_valid(), form.errors
        assert form.order().known_at == BEFORE
        form = self.form(exporter, known_on="2026-11-20")
        assert form.is_valid(), form.errors
        assert form.order().known_at == datetime(2026, 11, 20, 9, 0, tzinfo=SHANGHAI)
        form = self.form(exporter)
        assert form.is_valid(), form.errors
        assert form.order().known_at is None

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"known_time": "18:00"}, "known_on"),
            ({"known_on": "2026-11-21"}, "known_on"),
            ({"known_on": "2026-11-20", "known_time": "09:01"}, "known_time"),
        ],
    )
    def test_what_makes_no_moment_is_told_beside_its_field(self, at, exporter, given, field):
        at("2026-11-20 09:00")
        assert list(self.form(exporter, **given).errors) == [field]


class TestClause:
    def test_a_row_deleted_later_is_back_and_one_deleted_before_is_gone(self, at, clerk):
        home = DwellingFactory.create(area_code=HERE)
        stamp()
        at("2026-11-05 09:00")
        key = home.pk
        home.delete()
        stamp()
        for moment, found in ((BEFORE.replace(day=4), [key]), (BEFORE, [])):
            clause = as_known([Dwelling], moment)
            rows = Dwelling.objects.raw(
                prefixed(clause, "SELECT id, address FROM residents_dwelling WHERE id = %s"), [key]
            )
            assert [row.pk for row in rows] == found

    def test_two_clauses_become_one(self):
        assert prefixed("WITH a AS (x)", "\nWITH b AS (y) SELECT 1") == "WITH a AS (x), b AS (y) SELECT 1"
        assert prefixed("", " SELECT 1") == " SELECT 1"

    def test_a_table_without_moment_and_history_is_refused(self):
        model = type("Bare", (), {"_meta": type("M", (), {"concrete_fields": [], "db_table": "x", "label": "Bare"})})
        with pytest.raises(LookupError):
            as_known([model], BEFORE)
