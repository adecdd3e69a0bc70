"""The pages of visits, mass departures and field tests."""

from datetime import date
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.audit.models import AccessEvent
from portal.core import clock
from portal.files.models import Attachment
from residents import doorstep
from residents.models import (
    DepartureItem,
    DepartureRequest,
    Dwelling,
    Permit,
    Person,
    Registration,
    RegistrationChange,
    SampleItem,
    SamplingCampaign,
    Visit,
    VisitTask,
)
from residents.panels import endorsements_due
from residents.services.sampling.campaigns import conduct
from residents.services.visits.planning import open_task
from tests.factories.org import StaffFactory
from tests.factories.permits import PermitFactory
from tests.factories.residents import DwellingFactory, RegistrationFactory

pytestmark = pytest.mark.django_db
HERE = "330822001001"


@pytest.fixture
def officer(staff):
    user = staff(Registration, "view", "add", "change", "deregister", "restore", "verify")
    for model, *actions in (
        (Person, "view"),
        (Dwelling, "view"),
        (Visit, "view"),
        (RegistrationChange, "view"),
        (VisitTask, "view", "work", "assign"),
        (DepartureRequest, "view", "ask", "approve"),
        (SamplingCampaign, "view", "conduct"),
        (SampleItem, "view", "check"),
        (Attachment, "view", "add"),
    ):
        staff(model, *actions, user=user)
    return user


@pytest.fixture
def logged_in(client, officer):
    client.force_login(officer)
    return client


def page(client, name, *args, **query) -> str:
    response = client.get(reverse(f"residents:{name}", args=args), query)
    assert response.status_code == 200
    return response.content.decode()


def queries_of(client, url: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


def due(officer, count: int) -> None:
    for _door in range(count):
        open_task(dwelling_id=RegistrationFactory.create().dwelling_id, actor=officer)


def suspected(_officer, count: int) -> None:
    RegistrationFactory.create_batch(count, suspected_on=clock.today(), suspected_by="missed")


def asked(_officer, count: int) -> None:
    for _request in range(count):
        row = DepartureRequest.objects.create(
            area_code=HERE,
            left_on=clock.today(),
            reason="01",
            explanation="工地完工",
            requested_by=StaffFactory.create(),
        )
        stay = RegistrationFactory.create()
        DepartureItem.objects.create(request=row, registration=stay, person=stay.person, area_code=HERE)


def examined(officer, count: int) -> None:
    DwellingFactory.create()
    for _campaign in range(count):
        today = clock.today()
        conduct(name="抽查", method="doors", area_code=HERE, starts_on=today, ends_on=today, actor=officer)


@pytest.mark.parametrize(
    ("name", "fill"),
    [
        ("visit_plan", due),
        ("visit_sheet", due),
        ("suspected_list", suspected),
        ("departure_request_list", asked),
        ("sampling_list", examined),
        ("sample_list", examined),
    ],
)
def test_each_list_costs_the_same_queries_for_1_and_40_rows(logged_in, officer, name, fill):
    url = reverse(f"residents:{name}")
    fill(officer, 1)
    logged_in.get(url)
    for_one = queries_of(logged_in, url)
    fill(officer, 39)
    logged_in.get(url)  # the rules may have to be read again meanwhile
    assert queries_of(logged_in, url) == for_one


def test_the_plan_walks_from_door_to_door_and_building_to_building(logged_in, officer):
    for building, room in (("10", "201"), ("9", "1002"), ("9", "301"), ("10", "101")):
        home = DwellingFactory.create(building=building, room=room)
        open_task(dwelling_id=RegistrationFactory.create(dwelling=home).dwelling_id, actor=officer)
    text = page(logged_in, "visit_plan")
    order = [
        text.index(f"锦绣花园{building}幢2单元{room}室")
        for building, room in (("9", "301"), ("9", "1002"), ("10", "101"), ("10", "201"))
    ]
    assert order == sorted(order)


def test_a_department_stands_beside_the_door(logged_in, officer, monkeypatch):
    stay = RegistrationFactory.create()
    task = open_task(dwelling_id=stay.dwelling_id, actor=officer)
    item = doorstep.DueItem("消防安全检查", clock.today(), "/fire/7/")
    monkeypatch.setattr(doorstep, "_due_items", [lambda ids, _viewer: {key: [item] for key in ids}])
    assert "消防安全检查" in page(logged_in, "visit_plan")
    assert '<a href="/fire/7/">消防安全检查</a>' in page(logged_in, "visit_door", task.pk)


def test_P13_door_and_sheet_never_show_a_full_number_and_leave_a_trace(logged_in, officer):
    stay = RegistrationFactory.create()
    task = open_task(dwelling_id=stay.dwelling_id, actor=officer)
    for text in (page(logged_in, "visit_door", task.pk), page(logged_in, "visit_sheet")):
        assert stay.person.name in text
        assert stay.person.document_number not in text
    rows = AccessEvent.objects.order_by("pk").values_list("action", "purpose", "person_ids")
    assert list(rows) == [("list", "visit", [stay.person_id]), ("print", "visit_sheet", [stay.person_id])]


def send(client, task, stay, **data):
    given = {"version": stay.version, "submission_id": uuid4()} | data
    return client.post(reverse("residents:visit_answer", args=[task.pk, stay.pk]), given, follow=True)


def test_the_same_press_sent_twice_is_one_answer(logged_in, officer):
    stay = RegistrationFactory.create()
    task, key = open_task(dwelling_id=stay.dwelling_id, actor=officer), uuid4()
    for _try in range(2):
        assert send(logged_in, task, stay, result="present", submission_id=key).status_code == 200
    assert Visit.objects.count() == 1
    send(logged_in, task, stay, result="absent", submission_id=key)
    assert Visit.objects.count() == 1  # another answer under the old key is refused, not taken for the first


def test_an_answer_can_be_taken_back_from_its_message(logged_in, officer):
    stay = RegistrationFactory.create()
    task = open_task(dwelling_id=stay.dwelling_id, actor=officer)
    answered = send(logged_in, task, stay, result="left", reason="01", happened_on=clock.today())
    stay.refresh_from_db()
    undo = reverse("residents:visit_undo", args=[Visit.objects.get().pk])
    assert (stay.status, undo in answered.content.decode()) == ("left", True)
    logged_in.post(undo)
    stay.refresh_from_db()
    task.refresh_from_db()
    assert (stay.status, task.status) == ("active", "open")


def test_moved_without_an_address_says_what_is_missing(logged_in, officer):
    stay = RegistrationFactory.create()
    task = open_task(dwelling_id=stay.dwelling_id, actor=officer)
    url = reverse("residents:visit_answer", args=[task.pk, stay.pk])
    data = {"version": 1, "submission_id": uuid4(), "result": "moved"}
    answer = logged_in.post(url, data, headers={"hx-request": "true"})
    assert answer.status_code == 422
    assert "请从候选中选择地址" in answer.content.decode()
    assert Visit.objects.count() == 0


def test_ticked_people_are_asked_about_and_the_supervisor_decides(logged_in, officer, staff):
    suspected(officer, 2)
    ids = list(Registration.objects.values_list("pk", flat=True))
    form = logged_in.post(reverse("residents:departure_ask"), {"ids": ids})
    assert form.status_code == 200
    assert DepartureRequest.objects.count() == 0
    data = {"ids": ",".join(map(str, ids)), "reason": "01", "left_on": clock.today(), "explanation": "邻居证实"}
    assert logged_in.post(reverse("residents:departure_ask"), data).status_code == 302
    request = DepartureRequest.objects.get()
    decide = {"decision": "approve", "answer": "已核实", "version": 1}
    own = logged_in.post(request.get_absolute_url(), decide)
    assert own.status_code == 403
    assert Registration.objects.active().count() == 2
    boss = staff(DepartureRequest, "view", "approve")
    staff(Registration, "view", "deregister", user=boss)
    logged_in.force_login(boss)
    assert logged_in.post(request.get_absolute_url(), decide).status_code == 302
    assert Registration.objects.active().count() == 0


def test_a_field_test_shows_its_draw_and_its_rates(logged_in, officer):
    examined(officer, 1)
    item, campaign = SampleItem.objects.get(), SamplingCampaign.objects.get()
    data = {
        "version": 1,
        "outcome": "checked",
        "people_found": 4,
        "people_registered": 3,
        "people_here": 2,
        "left_found": 0,
        "left_closed": 0,
    }
    assert logged_in.post(item.get_absolute_url(), data).status_code == 302
    text = page(logged_in, "sampling_campaign", campaign.pk)
    assert "75.0%" in text
    assert "66.7%" in text
    assert campaign.seed in text
    assert "重新抽取，结果一致" in text


def test_an_endorsement_that_is_due_shares_the_knock(officer, staff, at):
    at("2026-11-20 09:00")
    staff(Permit, "view", user=officer)
    stay = RegistrationFactory.create(arrived_on=date(2025, 3, 1))
    elsewhere = RegistrationFactory.create()
    PermitFactory.create(person=stay.person, endorse_by=date(2026, 12, 5))
    PermitFactory.create(person=elsewhere.person, endorse_by=date(2027, 8, 1))
    found = endorsements_due([stay.dwelling_id, elsewhere.dwelling_id], officer)
    assert {key: [item.due_on for item in items] for key, items in found.items()} == {
        stay.dwelling_id: [date(2026, 12, 5)]
    }


def test_who_seems_to_have_left_is_marked_in_the_list_of_people(logged_in, officer):
    suspected(officer, 1)
    assert "疑似离开</span>" in page(logged_in, "person_list")
