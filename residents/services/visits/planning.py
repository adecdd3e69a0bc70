"""Which doors have to be knocked at: made every night and on demand, each open door once."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import Case, DateField, Exists, ExpressionWrapper, F, Min, OuterRef, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from portal.audit import services as audit
from portal.core import clock
from portal.core.errors import DomainError
from portal.org.models import User
from portal.org.scoping import require
from portal.policy import codes
from portal.policy.services import rule
from portal.policy.working_days import add_workdays
from residents.choices import TaskStatus, VisitResult
from residents.doorstep import doors_due
from residents.models import Dwelling, Registration, VisitTask
from residents.services.visits.answerable import Answerable, answerable
from residents.verification import verify_interval_days

AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Door:
    dwelling_id: int
    area_code: str
    building: str
    due_on: date


@transaction.atomic
def make_tasks(*, day: date, actor: User, area_code: str = "") -> int:
    """Open a task for each door that is due `visit.warn_days` from `day` on or earlier; returns how many were new.

    Due is the last day on which a verification still counts (interval by kind of lodging), or what a department says;
    a backlog gets `verify.due_days` working days. Repeatable: a door with an open task keeps it, with the earlier of
    the two days.
    """
    who, made = answerable(), 0
    doors = _due_doors(day, actor, area_code)
    while batch := list(islice(doors, AT_ONCE)):
        made += _open(batch, day, who)
    return made


@transaction.atomic
def open_task(*, dwelling_id: int, actor: User) -> VisitTask:
    """The open task of a door, made today when there is none: somebody stands before it."""
    dwelling = Dwelling.objects.restrict(actor, "view").get(pk=dwelling_id)
    require(actor, VisitTask, "work", at=dwelling.area_code)
    if not Registration.objects.active().filter(dwelling=dwelling).exists():
        raise DomainError(_("Nobody is registered here, so there is nobody to look up."), code="empty")
    today = clock.today()
    door = Door(dwelling.pk, dwelling.area_code, "", today)
    VisitTask.objects.bulk_create([_task(door, today, actor.pk)], ignore_conflicts=True)
    task = VisitTask.objects.get(dwelling=dwelling, status=TaskStatus.OPEN)
    audit.record(actor=actor, action="visit.opened", target=task)
    return task


def stale_on(rows: QuerySet[Registration]) -> QuerySet[Any]:
    """Adds `stale_on`: the day from which the last verification no longer counts. Found moved or left: at once."""
    intervals = [
        When(lodging=lodging, then=Value(verify_interval_days(lodging))) for lodging in codes.items("dwelling_kind")
    ]
    seen = Coalesce("verified_on", "registered_on")
    interval = Case(*intervals, default=Value(verify_interval_days("")))
    unfinished = When(verified_result__in=[VisitResult.MOVED, VisitResult.LEFT], then=F("verified_on"))
    stale = ExpressionWrapper(seen + interval, output_field=DateField())
    return rows.annotate(stale_on=Case(unfinished, default=stale, output_field=DateField()))


def _due_doors(day: date, actor: User, area_code: str) -> Iterator[Door]:
    horizon = day + timedelta(days=int(rule("visit.warn_days", on=day).value))
    stays = Registration.objects.restrict(actor, "view").active().filter(suspected_on=None)
    if area_code:
        stays = stays.within(area_code)
    waiting = VisitTask.objects.filter(dwelling=OuterRef("dwelling"), status=TaskStatus.OPEN)
    found = stale_on(stays).filter(stale_on__lte=horizon).exclude(Exists(waiting)).order_by()
    doors = found.values_list("dwelling", "dwelling__area_code", "dwelling__estate", "dwelling__building")
    for key, area, estate, building, first in doors.annotate(Min("stale_on")).iterator(chunk_size=AT_ONCE):
        yield Door(key, area, f"{estate} {building}", first)
    dues = {dwelling: due for dwelling, due in doors_due(horizon, area_code) if due <= horizon}
    asked = Dwelling.objects.restrict(actor, "view").filter(pk__in=dues).order_by()
    for key, area, estate, building in asked.values_list("pk", "area_code", "estate", "building"):
        yield Door(key, area, f"{estate} {building}", dues[key])


def _open(doors: Iterable[Door], day: date, who: Answerable) -> int:
    backlog = add_workdays(day, int(rule("verify.due_days", on=day).value))
    wanted = {door.dwelling_id: door for door in doors}
    open_ones = VisitTask.objects.filter(dwelling__in=wanted, status=TaskStatus.OPEN)
    standing = dict(open_ones.values_list("dwelling", "due_on"))
    fresh = [door for key, door in wanted.items() if key not in standing]
    tasks = [_task(door, day, who.for_door(door.area_code, door.building), backlog) for door in fresh]
    VisitTask.objects.bulk_create(tasks, ignore_conflicts=True)
    for dwelling, due in standing.items():
        sooner = max(wanted[dwelling].due_on, backlog)
        if sooner < due:
            VisitTask.objects.filter(dwelling=dwelling, status=TaskStatus.OPEN).update(
                due_on=sooner, updated_at=clock.now()
            )
    return len(tasks)


def _task(door: Door, day: date, assignee: int | None, not_before: date | None = None) -> VisitTask:
    due = max(door.due_on, not_before) if not_before else door.due_on
    return VisitTask(
        dwelling_id=door.dwelling_id, area_code=door.area_code, starts_on=day, due_on=due, assignee_id=assignee
    )
