"""Which let dwellings have to be inspected when: by the cycle of the grade of their house. And the plan of a day."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import (
    Case,
    CharField,
    DateField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from portal.audit import services as audit
from portal.core import clock
from portal.core.errors import DomainError
from portal.org.models import User
from portal.org.scoping import ScopedQuerySet, require
from portal.policy.services import due_on, rule
from portal.vault.projection import left_out
from rentals.choices import Grade, InspectionStatus
from rentals.models import HouseGrade, Inspection, RentalRegistration
from rentals.services.inspections.grading import grade_of_house, holds
from residents.models import Dwelling
from residents.services.visits.route import building_name, door_name, walking_order

AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Stop:
    inspection: Inspection
    door: str
    is_late: bool


@dataclass(slots=True)
class House:
    """A building of the plan. `free` is an inspection of it that nobody has taken yet."""

    title: str
    grade: Grade
    stops: list[Stop] = field(default_factory=list)

    @property
    def grade_label(self) -> str:
        return str(self.grade.label)

    @property
    def free(self) -> Inspection | None:
        return next((stop.inspection for stop in self.stops if stop.inspection.inspector_id is None), None)


@dataclass(frozen=True, slots=True)
class DayPlan:
    """`done` today, `left` in the plan, `more` open ones that wait for another day."""

    houses: list[House]
    done: int
    left: int
    more: int

    @property
    def total(self) -> int:
        return self.done + self.left

    @property
    def percent(self) -> int:
        return 100 * self.done // self.total if self.total else 0


@transaction.atomic
def plan_inspections(*, day: date, actor: User) -> int:
    """Open an inspection of each registered letting that is due `inspection.warn_days` from `day` on or earlier;
    returns how many were new. Due is the last inspection, or the registration, and the cycle; a backlog gets
    `inspection.backlog_days`. Repeatable."""
    horizon = day + timedelta(days=int(rule("inspection.warn_days", on=day).value))
    backlog = due_on(day, "inspection.backlog_days")
    rows = _with_due(RentalRegistration.objects.restrict(actor, "view").registered(), day)
    waiting = Inspection.objects.filter(dwelling=OuterRef("dwelling"), status=InspectionStatus.OPEN)
    rows = rows.filter(due__lte=horizon).exclude(Exists(waiting)).order_by()
    found, made = rows.values_list("dwelling", "area_code", "due", "house_grade").iterator(chunk_size=AT_ONCE), 0
    while batch := list(islice(found, AT_ONCE)):
        fresh = [
            Inspection(dwelling_id=dwelling, area_code=area, due_on=max(due, backlog), grade=grade)
            for dwelling, area, due, grade in batch
        ]
        made += len(Inspection.objects.bulk_create(fresh, ignore_conflicts=True))
    return made


@transaction.atomic
def open_inspection(*, dwelling_id: int, actor: User) -> Inspection:
    """The open inspection of a door, made today when there is none: a complaint, or somebody stands before it."""
    dwelling = Dwelling.objects.restrict(actor, "view").standing().get(pk=dwelling_id)
    require(actor, Inspection, "work", at=dwelling.area_code)
    if not RentalRegistration.objects.live().filter(dwelling=dwelling).exists():
        raise DomainError(_("No letting is registered here: register it first."), code="not_let")
    today = clock.today()
    fresh = Inspection(
        dwelling=dwelling,
        area_code=dwelling.area_code,
        due_on=today,
        grade=holds(grade_of_house(dwelling), today),
        inspector=actor,
    )
    Inspection.objects.bulk_create([fresh], ignore_conflicts=True)
    row = Inspection.objects.get(dwelling=dwelling, status=InspectionStatus.OPEN)
    audit.record(actor=actor, action="inspection.opened", target=row)
    return row


@transaction.atomic
def take_house(*, inspection_id: int, actor: User) -> int:
    """Put every free open inspection of the same house into one's own plan; returns how many."""
    rows = Inspection.objects.restrict(actor, "work").filter(status=InspectionStatus.OPEN)
    one = rows.select_related("dwelling").get(pk=inspection_id)
    same = Q(dwelling__stands_in=one.dwelling.stands_in_id) if one.dwelling.stands_in_id else Q(pk=one.pk)
    free = list(rows.filter(same, inspector=None).select_for_update(of=("self",)))
    if not free:
        raise DomainError(_("Somebody else has taken these doors already."), code="taken")
    for row in free:
        row.inspector, row.version = actor, row.version + 1
        row.save(update_fields=["inspector", "version"])
        audit.record(actor=actor, action="inspection.taken", target=row)
    return len(free)


@transaction.atomic
def drop(*, dwelling_id: int, actor: User) -> None:
    """The letting has ended: nobody has to go there any more. Hazards stay open, they belong to the house."""
    rows = Inspection.objects.restrict(actor, "work").filter(dwelling=dwelling_id, status=InspectionStatus.OPEN)
    for row in rows.select_for_update(of=("self",)):
        if row.hazards.exists():
            continue  # begun: what was found has to be finished at the door
        row.status, row.version = InspectionStatus.DROPPED, row.version + 1
        row.save(update_fields=["status", "version"])
        audit.record(actor=actor, action="inspection.dropped", target=row)


def plan_of(user: User, *, mine: bool, area_code: str = "") -> DayPlan:
    """At most `inspection.per_day` doors: the most dangerous houses and the most urgent first, put in walking order.
    Some queries, however many doors."""
    today, most = clock.today(), int(rule("inspection.per_day").value)
    rows = waiting_for(user, mine=mine)
    done = Inspection.objects.restrict(user, "view").filter(status=InspectionStatus.DONE, done_on=today)
    done = done.filter(inspector=user) if mine else done
    if area_code:
        rows, done = rows.within(area_code), done.within(area_code)
    due = rows.count()
    order = rows.select_related("dwelling", "inspector").defer(*left_out(Dwelling, prefix="dwelling__"))
    picked = list(order.order_by("due_on", "pk")[:most])
    houses: dict[tuple[Any, ...], House] = {}
    for row in sorted(picked, key=lambda one: walking_order(one.dwelling)):
        key = (row.community_code, row.dwelling.estate, row.dwelling.building)
        house = houses.setdefault(key, House(building_name(row.dwelling), Grade.LOW))
        house.grade = max(house.grade, Grade(row.grade), key=list(Grade).index)
        house.stops.append(Stop(row, door_name(row.dwelling), row.due_on < today))
    return DayPlan(list(houses.values()), done.count(), len(picked), due - len(picked))


def waiting_for(user: User, *, mine: bool) -> ScopedQuerySet:
    """Open inspections: one's own and those nobody has taken, or everybody's."""
    rows = Inspection.objects.restrict(user, "view").filter(status=InspectionStatus.OPEN)
    return rows.filter(Q(inspector=user) | Q(inspector=None)) if mine else rows


def with_grade(rows: QuerySet[Any], day: date) -> QuerySet[Any]:
    """Adds to lettings the grade that their house has on that day (`house_grade`); low where nobody counted yet."""
    grade = Coalesce(
        _grade(day, building=OuterRef("dwelling__stands_in")),
        _grade(day, dwelling=OuterRef("dwelling")),
        Value(Grade.LOW.value),
        output_field=CharField(),
    )
    return rows.annotate(house_grade=grade)


def _with_due(rows: QuerySet[Any], day: date) -> QuerySet[Any]:
    done = Inspection.objects.filter(dwelling=OuterRef("dwelling"), status=InspectionStatus.DONE)
    last = Subquery(done.order_by("-done_on").values("done_on")[:1])
    cycles = [
        When(house_grade=one, then=Value(int(rule(f"inspection.cycle_{one}_days", on=day).value))) for one in Grade
    ]
    due = ExpressionWrapper(Coalesce(last, F("registered_on")) + Case(*cycles), output_field=DateField())
    return with_grade(rows, day).annotate(due=due)


def _grade(day: date, **house: Any) -> Subquery:
    in_force = Case(When(set_until__gte=day, then=F("set_grade")), default=F("grade"))
    return Subquery(HouseGrade.objects.filter(**house).annotate(held=in_force).values("held")[:1])


def stops(houses: Iterable[House]) -> list[Stop]:
    return [stop for house in houses for stop in house.stops]
