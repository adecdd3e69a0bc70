"""Which doors are due, by the rules of issue 4 §5 and digest §6.3 (staleness); one knock serves all."""

from datetime import date

import pytest
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied

from portal.core.errors import DomainError
from portal.org.services import system_user
from portal.org.walls.context import scoped_transaction
from residents import doorstep
from residents.doorstep import DueItem, shares_the_knock
from residents.models import Dwelling, Registration, VisitTask
from residents.services import moves
from residents.services.visits.answers import Answer, answer, undo_answer
from residents.services.visits.planning import make_tasks, open_task
from residents.services.visits.tasks import assign, close_deserted, postpone, take
from tests.factories.residents import DwellingFactory, RegistrationFactory

pytestmark = pytest.mark.django_db
HERE, THERE = "330822001001", "330822002001"
TODAY = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def friday(at):
    at("2026-11-20 09:00")
    return at


@pytest.fixture(autouse=True)
def no_departments(monkeypatch):
    monkeypatch.setattr(doorstep, "_due_items", [])
    monkeypatch.setattr(doorstep, "_due_doors", [])


@pytest.fixture
def walker(staff):
    """A co-administrator of the community."""
    user = staff(Registration, "view", "change", "deregister", "restore", "verify", "add")
    staff(Dwelling, "view", user=user)
    staff(VisitTask, "view", "work", user=user)
    return user


def living(lodging: str, seen: date, **changes) -> Registration:
    changes.setdefault("dwelling", DwellingFactory.create())
    return RegistrationFactory.create(lodging=lodging, arrived_on=seen, verified_on=seen, **changes)


def plan(actor) -> int:
    return make_tasks(day=TODAY, actor=actor)


@pytest.mark.parametrize(
    ("lodging", "last_day_not_due", "first_day_due"),
    [
        # Due 14 days ahead: 20 November + 14 = 4 December; minus 30, 90 and 180 days.
        ("04", date(2026, 11, 5), date(2026, 11, 4)),
        ("05", date(2026, 9, 6), date(2026, 9, 5)),
        ("02", date(2026, 6, 8), date(2026, 6, 7)),
    ],
)
def test_a_door_is_due_by_the_interval_of_its_kind(walker, lodging, last_day_not_due, first_day_due):
    fresh, stale = living(lodging, last_day_not_due), living(lodging, first_day_due)
    assert plan(walker) == 1
    task = VisitTask.objects.get()
    assert (task.dwelling, fresh.dwelling != stale.dwelling) == (stale.dwelling, True)
    assert (task.area_code, task.starts_on, task.assignee) == (HERE, TODAY, walker)


def test_due_is_when_the_verification_ends_but_a_backlog_gets_ten_working_days(walker):
    living("05", date(2026, 9, 5))
    plan(walker)
    assert VisitTask.objects.get().due_on == date(2026, 12, 4)  # 5 September + 90 days, also ten working days from now
    living("05", date(2025, 1, 1))
    plan(walker)
    assert set(VisitTask.objects.values_list("due_on", flat=True)) == {date(2026, 12, 4)}


def test_planning_again_changes_nothing(walker):
    living("04", date(2026, 10, 1))
    assert [plan(walker), plan(walker), plan(walker)] == [1, 0, 0]
    assert VisitTask.objects.count() == 1


def test_several_people_behind_one_door_are_one_task(walker):
    home = DwellingFactory.create()
    for _person in range(3):
        living("05", date(2026, 3, 1), dwelling=home)
    assert plan(walker) == 1


def test_the_night_gives_each_door_to_who_answers_for_it(walker):
    living("05", date(2026, 3, 1))
    living("05", date(2026, 3, 1), dwelling=DwellingFactory.create(area_code=THERE))
    with scoped_transaction(system_user()):
        assert plan(system_user()) == 2
    given = dict(VisitTask.objects.values_list("area_code", "assignee"))
    assert given == {HERE: walker.pk, THERE: None}


def test_one_building_is_one_persons_round(staff, walker):
    staff(VisitTask, "view", "work")
    staff(VisitTask, "view", "work")
    for _door in range(6):
        living("05", date(2026, 3, 1))
    with scoped_transaction(system_user()):
        plan(system_user())
    assert VisitTask.objects.values("assignee").distinct().count() == 1


def test_a_department_shares_the_knock_and_the_earlier_day_counts(walker):
    stay = living("02", date(2026, 8, 1))  # not due before 28 January
    other = DwellingFactory.create()
    due = {stay.dwelling_id: date(2026, 12, 4), other.pk: date(2026, 12, 4)}
    shares_the_knock(
        items=lambda ids, _viewer: {key: [DueItem("消防检查", due[key])] for key in ids if key in due},
        doors=lambda _until, _area: due.items(),
    )
    shares_the_knock(items=lambda ids, _viewer: {key: [DueItem("租赁备案", date(2026, 12, 1))] for key in ids})
    assert plan(walker) == 2
    assert VisitTask.objects.filter(dwelling=stay.dwelling).count() == 1
    found = doorstep.items_due([stay.dwelling_id], walker)
    assert [item.label for item in found[stay.dwelling_id]] == ["租赁备案", "消防检查"]


def test_a_department_that_is_due_sooner_pulls_an_open_task_forward(walker):
    stay = living("05", date(2026, 9, 5))
    plan(walker)
    VisitTask.objects.update(due_on=date(2027, 1, 31))
    shares_the_knock(
        items=lambda _ids, _viewer: {}, doors=lambda _until, _area: [(stay.dwelling_id, date(2026, 12, 4))]
    )
    assert plan(walker) == 0
    assert VisitTask.objects.get().due_on == date(2026, 12, 4)


def test_still_here_settles_the_door_once_everybody_was_met(walker):
    home = DwellingFactory.create()
    one, two = (living("05", date(2026, 3, 1), dwelling=home) for _n in range(2))
    plan(walker)
    task = VisitTask.objects.get()
    given = {"task_id": task.pk, "given": Answer("present"), "version": 1, "actor": walker}
    answer(registration_id=one.pk, **given)
    task.refresh_from_db()
    assert task.status == "open"
    answer(registration_id=two.pk, **given)
    task.refresh_from_db()
    assert (task.status, task.closed_on, task.closed_by) == ("done", TODAY, walker)
    assert plan(walker) == 0


def test_nobody_home_comes_back_in_three_days_and_twice_raises_the_question(walker, at):
    stay = living("05", date(2026, 3, 1))
    plan(walker)
    task = VisitTask.objects.get()
    given = {"task_id": task.pk, "registration_id": stay.pk, "given": Answer("absent"), "version": 1, "actor": walker}
    answer(**given)
    answer(**given)  # twice on one day is one miss
    task.refresh_from_db()
    stay.refresh_from_db()
    assert (task.status, task.starts_on, stay.suspected_on) == ("open", date(2026, 11, 23), None)
    at("2026-11-23 18:00")
    answer(**given)
    task.refresh_from_db()
    stay.refresh_from_db()
    assert (stay.suspected_on, stay.suspected_by, stay.status) == (date(2026, 11, 23), "missed", "active")
    assert (stay.verified_on, stay.counts_from) == (date(2026, 3, 1), date(2026, 3, 1))  # the half-year runs on
    assert task.status == "done"


def test_a_neighbours_word_raises_the_question_at_once_and_meeting_the_person_ends_it(walker):
    stay = living("05", date(2026, 3, 1))
    task = open_task(dwelling_id=stay.dwelling_id, actor=walker)
    given = {"task_id": task.pk, "registration_id": stay.pk, "version": 1, "actor": walker}
    answer(given=Answer("absent", hint=True), **given)
    stay.refresh_from_db()
    assert (stay.suspected_on, stay.suspected_by) == (TODAY, "hint")
    answer(given=Answer("present"), **given)
    stay.refresh_from_db()
    assert (stay.suspected_on, stay.suspected_by, stay.verified_on) == (None, "", TODAY)


def test_left_deregisters_in_the_same_act_and_undo_brings_everything_back(walker):
    stay = living("05", date(2026, 3, 1))
    plan(walker)
    task = VisitTask.objects.get()
    visit = answer(
        task_id=task.pk,
        registration_id=stay.pk,
        given=Answer("left", happened_on=date(2026, 11, 10), reason="01", destination="贵州桐梓"),
        version=1,
        actor=walker,
    )
    stay.refresh_from_db()
    task.refresh_from_db()
    assert (stay.status, stay.left_on, stay.left_for) == ("left", date(2026, 11, 10), "贵州桐梓")
    assert task.status == "done"
    undo_answer(visit_id=visit.pk, actor=walker)
    stay.refresh_from_db()
    task.refresh_from_db()
    assert (stay.status, stay.left_on, stay.verified_on, stay.verified_result) == ("active", None, date(2026, 3, 1), "")
    assert (task.status, task.closed_on) == ("open", None)
    with pytest.raises(DomainError) as refusal:
        undo_answer(visit_id=visit.pk, actor=walker)
    assert refusal.value.code == "already_undone"


def test_moved_within_takes_the_half_year_along_and_undo_brings_it_back(walker):
    stay, home = living("05", date(2026, 3, 1)), DwellingFactory.create()
    task = open_task(dwelling_id=stay.dwelling_id, actor=walker)
    given = Answer("moved", happened_on=TODAY, dwelling_id=home.pk, lodging="05")
    visit = answer(task_id=task.pk, registration_id=stay.pk, given=given, version=1, actor=walker)
    new = Registration.objects.active().get(person=stay.person)
    assert (new.dwelling, new.counts_from) == (home, date(2026, 3, 1))
    undo_answer(visit_id=visit.pk, actor=walker)
    assert Registration.objects.active().get(person=stay.person) == stay


def test_undo_is_for_ten_minutes_and_for_who_answered(walker, staff, at):
    stay = living("05", date(2026, 3, 1))
    task = open_task(dwelling_id=stay.dwelling_id, actor=walker)
    visit = answer(task_id=task.pk, registration_id=stay.pk, given=Answer("present"), version=1, actor=walker)
    colleague = staff(Registration, "view", "verify")
    with pytest.raises(PermissionDenied):
        undo_answer(visit_id=visit.pk, actor=colleague)
    at("2026-11-20 09:11")
    with pytest.raises(DomainError) as refusal:
        undo_answer(visit_id=visit.pk, actor=walker)
    assert refusal.value.code == "too_late"


def test_a_departure_at_the_window_ends_the_visit(walker):
    stay = living("05", date(2026, 3, 1))
    plan(walker)
    moves.deregister(registration_id=stay.pk, left_on=TODAY, reason="01", version=1, actor=walker)
    assert close_deserted([stay.dwelling_id], walker) == 1
    assert VisitTask.objects.get().status == "closed"


def test_a_visit_is_put_off_with_a_reason_twice_and_by_fourteen_days_at_most(walker):
    living("05", date(2026, 3, 1))
    plan(walker)
    task = VisitTask.objects.get()
    given = {"task_id": task.pk, "actor": walker}
    with pytest.raises(DomainError) as refusal:
        postpone(until=date(2026, 11, 25), reason=" ", version=1, **given)
    assert refusal.value.field == "reason"
    with pytest.raises(DomainError) as refusal:
        postpone(until=date(2026, 12, 5), reason="全家回乡", version=1, **given)
    assert refusal.value.field == "until"
    due = task.due_on
    for version in (1, 2):
        task = postpone(until=date(2026, 12, 4), reason="全家回乡", version=version, **given)
    assert (task.starts_on, task.due_on, task.postponed) == (date(2026, 12, 4), due, 2)
    with pytest.raises(DomainError) as refusal:
        postpone(until=date(2026, 12, 4), reason="全家回乡", version=3, **given)
    assert refusal.value.code == "too_often"


def test_a_task_is_taken_or_given_only_where_people_may_visit(walker, staff):
    living("05", date(2026, 3, 1))
    plan(walker)
    task = VisitTask.objects.get()
    second = staff(VisitTask, "view", "work")
    assert take(task_id=task.pk, actor=second).assignee == second
    boss, outsider = staff(VisitTask, "view", "assign"), staff(VisitTask, "view", "work", at=THERE)
    with pytest.raises(DomainError):
        assign(task_id=task.pk, assignee_id=outsider.pk, version=1, actor=boss)
    assert assign(task_id=task.pk, assignee_id=walker.pk, version=1, actor=boss).assignee == walker
    with pytest.raises(ObjectDoesNotExist):
        take(task_id=task.pk, actor=outsider)
