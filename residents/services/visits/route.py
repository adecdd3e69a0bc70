"""The plan of the day: the doors of today in the order in which one walks."""

import re
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q

from portal.core import clock
from portal.org.models import User
from portal.org.scoping import ScopedQuerySet
from portal.policy.services import rule
from residents.choices import TaskStatus
from residents.doorstep import DueItem, items_due
from residents.models import Dwelling, Registration, Visit, VisitTask
from residents.selectors import living_in

MINE, FREE, EVERYBODY = "mine", "free", "all"
WHOSE = (MINE, FREE, EVERYBODY)
NUMBER = re.compile(r"(\d+)")


@dataclass(slots=True)
class Stop:
    """One door of the plan."""

    task: VisitTask
    people: int
    also: list[DueItem]
    is_late: bool


@dataclass(slots=True)
class Building:
    title: str
    stops: list[Stop] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Plan:
    """`done` doors were answered for today, `left` are in the plan, `more` are due and wait for another day."""

    buildings: list[Building]
    done: int
    left: int
    more: int

    @property
    def total(self) -> int:
        return self.done + self.left

    @property
    def percent(self) -> int:
        return 100 * self.done // self.total if self.total else 0


def plan_of(user: User, *, whose: str = MINE, area_code: str = "") -> Plan:
    """At most `visit.per_day` doors, the most urgent ones, then put in walking order. Some queries, however many."""
    today = clock.today()
    rows = waiting_for(user, whose, today)
    rows = rows.within(area_code) if area_code else rows
    most = int(rule("visit.per_day").value)
    due = rows.count()
    tasks = list(rows.select_related("dwelling", "assignee").order_by("due_on", "pk")[:most])
    doors = [task.dwelling_id for task in tasks]
    people, also = living_in(doors), items_due(doors, user)
    buildings: dict[tuple[str, str], Building] = {}
    for task in sorted(tasks, key=lambda one: walking_order(one.dwelling)):
        home = task.dwelling
        building = buildings.setdefault((home.estate, home.building), Building(building_name(home)))
        stop = Stop(task, people.get(home.pk, 0), also.get(home.pk, []), task.due_on < today)
        building.stops.append(stop)
    return Plan(list(buildings.values()), _done_today(user, whose, today, area_code), len(tasks), due - len(tasks))


def waiting_for(user: User, whose: str, day: date) -> ScopedQuerySet:
    """Open tasks that are in the plan on `day`."""
    rows = VisitTask.objects.restrict(user, "view").filter(status=TaskStatus.OPEN, starts_on__lte=day)
    chosen = {MINE: Q(assignee=user), FREE: Q(assignee=None)}
    return rows.filter(chosen[whose]) if whose in chosen else rows


def due_for(user: User) -> int:
    """The number in the menu: doors of one's own plan."""
    return min(waiting_for(user, MINE, clock.today()).count(), int(rule("visit.per_day").value))


def walking_order(dwelling: Dwelling) -> tuple[list[tuple[int, str]], ...]:
    """Estate, building, unit, room: 9 before 10, the floor stands at the front of a room's number."""
    return tuple(_natural(part) for part in (dwelling.estate, dwelling.building, dwelling.unit, dwelling.room))


def building_name(dwelling: Dwelling) -> str:
    """The address without unit and room."""
    if not dwelling.building:
        return dwelling.estate or dwelling.address
    start = dwelling.address.find(dwelling.building, len(dwelling.estate))
    end = start + len(dwelling.building)
    return dwelling.address[: end + 1] if start >= 0 else f"{dwelling.estate} {dwelling.building}"


def door_name(dwelling: Dwelling) -> str:
    """What stands on the door below the building: 2 单元 501 室."""
    return dwelling.address.removeprefix(building_name(dwelling)).strip() or dwelling.address


def residents_at(doors: list[int], viewer: User) -> dict[int, list[Registration]]:
    """For the sheet to print, in one query."""
    rows = Registration.objects.restrict(viewer, "view").active().filter(dwelling__in=doors)
    found: dict[int, list[Registration]] = {}
    for stay in rows.select_related("person").order_by("head_id", "pk"):
        found.setdefault(stay.dwelling_id, []).append(stay)
    return found


def _done_today(user: User, whose: str, today: date, area_code: str) -> int:
    answered = Visit.objects.restrict(user, "view").filter(visited_on=today, undone_at=None, task__isnull=False)
    if whose == MINE:
        answered = answered.filter(visitor=user)
    if area_code:
        answered = answered.within(area_code)
    tasks = answered.order_by().values("task").distinct()
    still = Q(task__status=TaskStatus.OPEN, task__starts_on__lte=today)
    return 0 if whose == FREE else tasks.exclude(still).count()


def _natural(text: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (0, part) for part in NUMBER.split(text) if part]
