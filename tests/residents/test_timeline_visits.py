"""Visits in a person's timeline: every answer at the door, and the tasks to go there."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.org.models import User
from residents.models import Dwelling, Person, Registration, RegistrationChange, Visit, VisitTask
from residents.services.visits.answers import Answer, answer, undo_answer
from residents.services.visits.planning import open_task
from residents.services.visits.tasks import postpone
from tests.factories.org import AreaFactory, StaffFactory
from tests.factories.residents import DwellingFactory, RegistrationFactory

pytestmark = pytest.mark.django_db
HERE, FAR = "330822001001", "330822002001"


@pytest.fixture(autouse=True)
def friday(at) -> None:
    at("2026-06-05 10:00")
    for code in ("330822", "330822001", HERE, "330822002", FAR):
        AreaFactory.create(code=code)


@pytest.fixture
def walker(staff) -> User:
    return reader(staff, HERE, "work")


def reader(staff, area: str, *on_tasks: str) -> User:
    user = staff(Person, "view", at=area)
    staff(Registration, "view", "change", "deregister", "restore", "verify", at=area, user=user)
    staff(RegistrationChange, "view", at=area, user=user)
    staff(Dwelling, "view", at=area, user=user)
    staff(Visit, "view", at=area, user=user)
    found: User = staff(VisitTask, "view", *on_tasks, at=area, user=user)
    return found


@pytest.fixture
def stay() -> Registration:
    return RegistrationFactory.create(
        dwelling=DwellingFactory.create(area_code=HERE), arrived_on=date(2026, 3, 1), verified_on=date(2026, 3, 1)
    )


def told(client, viewer: User, person_id: int) -> list[tuple[str, str]]:
    client.force_login(viewer)
    response = client.get(reverse("residents:person_detail", args=[person_id]), {"tab": "record", "show": "visit"})
    assert response.status_code == 200
    return [(item["title"], item["note"]) for item in response.context["timeline"] if "title" in item]


def seen(task: VisitTask, stay: Registration, result: str, actor: User, **more) -> Visit:
    stay.refresh_from_db()
    given = Answer(result=result, **more)
    return answer(task_id=task.pk, registration_id=stay.pk, given=given, version=stay.version, actor=actor)


def test_a_task_is_told_until_somebody_asked_about_the_person_then_the_answer_is(client, walker, stay, at):
    task = open_task(dwelling_id=stay.dwelling_id, actor=walker)
    due = task.due_on.isoformat()
    assert told(client, walker, stay.person_id) == [("入户任务：待走访", f"最迟 {due}")]
    postpone(task_id=task.pk, until=date(2026, 6, 9), reason="住户出差", version=task.version, actor=walker)
    [(_title, note)] = told(client, walker, stay.person_id)
    assert note == f"最迟 {due} · 已推迟 1 次"
    at("2026-06-09 10:00")
    seen(task, stay, "absent", walker)
    assert [title for title, _note in told(client, walker, stay.person_id)] == ["走访：未遇"]
    at("2026-06-12 10:00")
    seen(task, stay, "present", walker)
    assert [title for title, _note in told(client, walker, stay.person_id)] == ["走访：在住", "走访：未遇"]


def test_left_and_moved_are_told_and_an_answer_taken_back_is_marked(client, walker, stay):
    other = DwellingFactory.create(area_code=HERE)
    task = open_task(dwelling_id=stay.dwelling_id, actor=walker)
    visit = seen(task, stay, "left", walker, happened_on=date(2026, 6, 4), reason="01")
    assert told(client, walker, stay.person_id) == [("走访：已离开本县", "")]
    undo_answer(visit_id=visit.pk, actor=walker)
    assert [title for title, _note in told(client, walker, stay.person_id)] == [
        "走访：已离开本县（已撤销）",
        "入户任务：待走访",
    ]
    seen(task, stay, "moved", walker, happened_on=date(2026, 6, 4), dwelling_id=other.pk, lodging="05")
    assert told(client, walker, stay.person_id)[0][0] == "走访：县内搬迁"


def test_a_task_of_another_time_or_another_door_is_not_the_persons(client, walker, stay, at):
    gone = RegistrationFactory.create(
        dwelling=stay.dwelling, arrived_on=date(2026, 1, 1), left_on=date(2026, 5, 1), status="left"
    )
    open_task(dwelling_id=stay.dwelling_id, actor=walker)
    neighbour = RegistrationFactory.create(dwelling=DwellingFactory.create(area_code=HERE))
    assert len(told(client, walker, stay.person_id)) == 1
    assert told(client, walker, gone.person_id) == []
    assert told(client, walker, neighbour.person_id) == []


def test_a_task_that_ended_before_the_person_came_is_not_told(client, walker, stay, at):
    task = open_task(dwelling_id=stay.dwelling_id, actor=walker)
    seen(task, stay, "present", walker)
    at("2026-06-20 10:00")
    newcomer = RegistrationFactory.create(dwelling=stay.dwelling, arrived_on=date(2026, 6, 20))
    assert told(client, walker, newcomer.person_id) == []


def test_tasks_beyond_ones_areas_are_not_told(client, staff, walker, stay):
    open_task(dwelling_id=stay.dwelling_id, actor=walker)
    stranger = reader(staff, FAR)
    staff(Person, "view", at=HERE, user=stranger)
    staff(Registration, "view", at=HERE, user=stranger)
    staff(Dwelling, "view", at=HERE, user=stranger)
    assert told(client, stranger, stay.person_id) == []


def test_the_page_asks_as_often_for_forty_tasks_as_for_one(client, walker, stay):
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            told(client, walker, stay.person_id)
        return len(asked)

    def ended(number: int) -> None:
        for _one in range(number):
            VisitTask.objects.create(
                dwelling=stay.dwelling, area_code=HERE, assignee=StaffFactory.create(), starts_on=date(2026, 6, 5),
                due_on=date(2026, 6, 30), status="closed", closed_on=date(2026, 6, 5), closed_by=StaffFactory.create(),
            )  # fmt: skip

    ended(1)
    queries()
    for_one = queries()
    ended(38)
    assert queries() == for_one
    assert len(told(client, walker, stay.person_id)) == 39
