"""The past on a person's page: who changed what, masked as the page is masked; where a value comes from; a past day."""

from datetime import date

import pghistory
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.audit.models import AccessEvent
from portal.core import clock
from portal.org.models import User
from residents import timeline
from residents.models import (
    Dwelling,
    Permit,
    PermitApplication,
    PermitStep,
    Person,
    PersonCorrection,
    Registration,
    RegistrationChange,
    Visit,
)
from residents.services.corrections import CorrectionInput, correct_person
from residents.services.moves import change_address
from residents.services.steps import FileHistory
from residents.timeline import Line, Source, add_source
from residents.views.timeline import LINES, page_of, people_in
from tests.factories.org import AreaFactory, StaffFactory
from tests.factories.past import stamp
from tests.factories.residents import DwellingFactory, PersonFactory, RegistrationFactory, id_number

pytestmark = pytest.mark.django_db
HERE, FAR = "330822001001", "330822002001"


@pytest.fixture
def clerk(staff, at) -> User:
    at("2026-05-01 09:00")
    for code in ("330822", "330822001", HERE, FAR):
        AreaFactory.create(code=code)
    return reader(staff, "330822", "correct", "reveal")


def reader(staff, area: str, *more: str) -> User:
    user = staff(Registration, "view", "change", at=area)
    for model in (RegistrationChange, Visit, Permit, PermitStep, PermitApplication, PersonCorrection):
        staff(model, "view", at=area, user=user)
    staff(Person, "view", *more, at=area, user=user)
    found: User = staff(Dwelling, "view", at=area, user=user)
    return found


@pytest.fixture
def stay(at, clerk) -> Registration:
    """Registered on 1 May by the clerk."""
    home = DwellingFactory.create(area_code=HERE)
    with pghistory.context(actor=clerk.pk, purpose="residents:arrival_new"):
        person = PersonFactory.create(area_code=HERE, document_number=id_number(sequence=321), phone="13800005621")
        made = RegistrationFactory.create(dwelling=home, person=person, arrived_on=date(2026, 5, 1))
    stamp()
    return made


def corrected(at, stay, clerk, **given) -> None:
    at("2026-05-10 10:00")
    with pghistory.context(actor=clerk.pk, purpose="residents:person_correct"):
        correct_person(
            person_id=stay.person_id,
            given=CorrectionInput(**given),
            reason="录入错误",
            evidence="居民身份证",
            version=stay.person.version,
            actor=clerk,
        )
    stamp()


def show(client, user, name: str, pk: int, **query) -> str:
    client.force_login(user)
    response = client.get(reverse(f"residents:{name}", args=[pk]), query)
    assert response.status_code == 200
    return str(response.content.decode())


class TestDiff:
    def test_who_changed_what_stands_with_the_line_of_the_same_act(self, at, client, stay, clerk):
        corrected(at, stay, clerk, name="汪建国")
        at("2026-05-20 10:00")
        person = Person.objects.get(pk=stay.person_id)
        history = FileHistory(person, clerk)
        items = page_of(person, clerk, history, people_in(history)).items
        lines = [item for item in items if "year" not in item]
        assert [len(line["changes"]) for line in lines] == [1]
        (change,) = lines[0]["changes"]
        assert (change.label, change.before, change.after) == ("姓名", "王建国", "汪建国")
        assert lines[0]["by"] == str(clerk)

    def test_P13_a_changed_number_is_told_masked_on_both_sides(self, at, client, stay, clerk):
        old, new = stay.person.document_number, id_number(sequence=741)
        corrected(at, stay, clerk, document_number=new)
        text = show(client, clerk, "person_detail", stay.person_id, tab="record", show="change")
        assert f"{old[:3]}***********{old[-4:]}" in text
        assert f"{new[:3]}***********{new[-4:]}" in text
        assert old not in text
        assert new not in text

    def test_a_change_behind_the_mask_is_told_without_content(self, at, client, stay, clerk):
        corrected(at, stay, clerk, birth_date=date(1990, 6, 2), mismatch_reason="户口簿为准")
        history = FileHistory(Person.objects.get(pk=stay.person_id), clerk)
        born = [change for act in history.acts() for change in act.changes if change.label == "出生日期"]
        assert [(change.before, change.after, change.is_hidden) for change in born] == [("1990", "1990", True)]
        assert "1990-06-02" not in show(client, clerk, "person_detail", stay.person_id, tab="record")

    def test_what_the_policy_hides_is_no_line_at_all(self, at, stay, clerk):
        with pghistory.context(actor=clerk.pk, purpose="residents:arrival_new"):
            Person.objects.filter(pk=stay.person_id).update(ethnicity="HA")
        stamp()
        plain = StaffFactory.create()
        assert FileHistory(stay.person, plain).acts() == []

    def test_a_change_that_belongs_to_no_line_is_one_of_its_own(self, at, client, stay, clerk):
        at("2026-05-12 10:00")
        with pghistory.context(actor=clerk.pk, purpose="residents:arrival_new"):
            Person.objects.filter(pk=stay.person_id).update(education="20")
        stamp()
        text = show(client, clerk, "person_detail", stay.person_id, tab="record")
        assert "档案变更" in text
        assert "文化程度" in text

    def test_the_file_tells_that_it_moved_and_the_fields_of_a_stay_elsewhere_stay_there(
        self, at, client, staff, stay, clerk
    ):
        far = DwellingFactory.create(area_code=FAR)
        at("2026-05-12 10:00")
        change_address(
            registration_id=stay.pk,
            dwelling_id=far.pk,
            moved_on=date(2026, 5, 11),
            lodging="05",
            version=1,
            actor=clerk,
        )
        stamp()
        text = show(client, reader(staff, FAR), "person_detail", stay.person_id, tab="record", show="change")
        assert "档案主管单位" in text
        assert "注销原因" not in text


class TestSources:
    def test_each_value_names_the_step_that_gave_it(self, at, stay, clerk):
        corrected(at, stay, clerk, name="汪建国")
        origins = FileHistory(Person.objects.get(pk=stay.person_id), clerk).origins(Person, stay.person_id)
        told = {name: (origin.purpose, clock.local_date(origin.at), origin.made) for name, origin in origins.items()}
        assert told["name"] == ("residents:person_correct", date(2026, 5, 10), False)
        assert told["phone"] == ("residents:arrival_new", date(2026, 5, 1), True)
        assert "education" not in told
        assert origins["name"].actor_id == clerk.pk

    def test_it_stands_beside_the_value_in_words(self, at, client, stay, clerk):
        text = show(client, clerk, "person_detail", stay.person_id)
        assert "这项内容的来源" in text
        assert "到达登记" in text
        assert "2026-05-01" in text


class TestTimeline:
    def test_lines_before_a_moment_are_another_page_and_none_is_lost(self, at, client, stay, clerk):
        for day in range(1, LINES + 6):
            at(f"2026-05-01 {9 + day // 60:02d}:{day % 60:02d}")
            Visit.objects.create(
                registration=stay, person=stay.person, area_code=HERE, visited_on=clock.today(), result="present",
                note=f"第{day}次", visitor=clerk,
            )  # fmt: skip
        history = FileHistory(stay.person, clerk)
        first = page_of(stay.person, clerk, history, {})
        second = page_of(stay.person, clerk, history, {}, before=first.earlier)
        notes = [item["note"] for page in (first, second) for item in page.items if "note" in item]
        assert notes == [f"第{day}次" for day in range(LINES + 5, 0, -1)]
        assert second.earlier == ""

    @pytest.mark.parametrize("nonsense", ["yesterday", "2026-13-45T00:00:00", "2026-05-01"])
    def test_a_moment_that_is_none_shows_the_newest(self, client, stay, clerk, nonsense):
        show(client, clerk, "person_detail", stay.person_id, tab="record", before=nonsense)

    def test_a_page_costs_the_same_queries_for_1_and_40_steps(self, at, client, stay, clerk):
        def visit() -> None:
            Visit.objects.create(
                registration=stay, person=stay.person, area_code=HERE, visited_on=clock.today(), result="present",
                visitor=StaffFactory.create(),
            )  # fmt: skip
            with pghistory.context(actor=StaffFactory.create().pk, purpose="residents:person_workplace"):
                Registration.objects.filter(pk=stay.pk).update(workplace=f"单位{Visit.objects.count()}")

        def queries() -> int:
            with CaptureQueriesContext(connection) as asked:
                show(client, clerk, "person_detail", stay.person_id, tab="record")
            return len(asked)

        visit()
        queries()
        for_one = queries()
        for _more in range(39):
            visit()
        assert queries() == for_one

    def test_a_department_puts_its_lines_in_through_the_door(self, client, stay, clerk, monkeypatch):
        monkeypatch.setattr(timeline, "_sources", list(timeline._sources))
        add_source(
            Source(
                kind="school",
                label="入学",
                model=Dwelling,
                rows=lambda person, viewer: Dwelling.objects.restrict(viewer).filter(registrations__person=person),
                line=lambda row, viewer: Line(at=row.created_at, title=f"入学：{row.address}"),
            )
        )
        assert f"入学：{stay.dwelling.address}" in show(client, clerk, "person_detail", stay.person_id, show="school")
        assert "入学：" not in show(client, clerk, "person_detail", stay.person_id, show="visit")
        nobody = StaffFactory.create()
        assert timeline.sources_for(nobody) == []


class TestThenPages:
    def test_the_address_of_a_day_as_known_on_another(self, at, client, stay, clerk):
        at("2026-05-20 10:00")
        ask = {"tab": "stays", "on": "2026-05-01", "known": "2026-04-30"}
        assert "当时没有该日的登记" in show(client, clerk, "person_detail", stay.person_id, **ask)
        text = show(client, clerk, "person_detail", stay.person_id, **(ask | {"known": "2026-05-01"}))
        assert "截至 2026-05-01 日终" in text
        assert "当时没有该日的登记" not in text

    def test_who_lived_here_that_day_and_what_came_to_light_since(self, at, client, stay, clerk):
        at("2026-05-06 10:00")
        late = PersonFactory.create(area_code=HERE, name="赵补登")
        RegistrationFactory.create(dwelling=stay.dwelling, person=late, arrived_on=date(2026, 5, 1))
        stamp()
        at("2026-05-20 10:00")
        text = show(client, clerk, "dwelling_then", stay.dwelling_id, on="2026-05-01", known="2026-05-05", reach="unit")
        then, _found, since = text.partition("事后才知道的")
        assert "王建国" in then
        assert "赵补登" not in then
        assert "赵补登" in since
        row = AccessEvent.objects.filter(purpose="as_of").get()
        assert (row.person_ids, row.actor) == (sorted([stay.person_id, late.pk]), clerk)

    def test_a_stay_taken_back_since_is_marked(self, at, client, stay, clerk):
        at("2026-05-10 10:00")
        stay.status = "void"
        stay.save(update_fields=["status"])
        stamp()
        text = show(client, clerk, "dwelling_then", stay.dwelling_id, on="2026-05-01", known="2026-05-05")
        assert "现已不成立" in text

    def test_the_page_costs_the_same_queries_for_1_and_40_people(self, at, client, stay, clerk):
        def queries() -> int:
            with CaptureQueriesContext(connection) as asked:
                show(client, clerk, "dwelling_then", stay.dwelling_id, on="2026-05-01", reach="building")
            return len(asked)

        queries()
        for_one = queries()
        for _more in range(39):
            RegistrationFactory.create(dwelling=DwellingFactory.create(area_code=HERE), arrived_on=date(2026, 5, 1))
        stamp()
        assert queries() == for_one

    def test_a_day_that_has_not_come_is_told_beside_the_field(self, at, client, stay, clerk):
        text = show(client, clerk, "dwelling_then", stay.dwelling_id, on="2026-05-02")
        assert "这一天还没有到" in text

    def test_a_foreign_office_does_not_find_the_page(self, client, staff, stay):
        client.force_login(reader(staff, FAR))
        assert client.get(reverse("residents:dwelling_then", args=[stay.dwelling_id])).status_code == 404
