"""Visits that are due, a round that was walked, a question for the supervisor and one field test."""

from datetime import timedelta

from portal.core import clock
from portal.org.middleware import scoped_transaction
from portal.org.models import User
from portal.org.services import system_user
from residents.models import Registration, SampleItem, Visit, VisitTask
from residents.services.sampling.campaigns import Finding, conduct, enter
from residents.services.visits import mass
from residents.services.visits.answers import Answer, answer
from residents.services.visits.planning import make_tasks
from residents.services.visits.route import MINE, plan_of

WALKER, SUPERVISOR = "coadmin", "police"
ROUND, MINUTES_A_DOOR = 8, 9
GONE_QUIET, ASKED_ABOUT = 14, 12
SEED = "a3f1c0de5eed4b1ea3f1c0de5eed4b1e"


def fill_visits() -> None:
    """Repeatable: nothing is added when there are tasks already."""
    system = system_user()
    with scoped_transaction(system):
        if VisitTask.objects.exists():
            return
        make_tasks(day=clock.today(), actor=system)
        VisitTask.objects.update(created_at=clock.now() - timedelta(days=1))
    walker, supervisor = (User.objects.get(username=name) for name in (WALKER, SUPERVISOR))
    _round(walker)
    _questions(walker)
    _field_test(supervisor)


def _round(walker: User) -> None:
    """Doors of this morning: most people are there, some doors stay shut."""
    with scoped_transaction(walker):
        stops = [stop for building in plan_of(walker, whose=MINE).buildings for stop in building.stops][:ROUND]
        begun = clock.now() - timedelta(minutes=MINUTES_A_DOOR * len(stops))
        for number, stop in enumerate(stops):
            seen = "absent" if number % 4 == 3 else "present"
            for stay in Registration.objects.active().filter(dwelling=stop.task.dwelling_id).order_by("pk"):
                visit = answer(
                    task_id=stop.task.pk,
                    registration_id=stay.pk,
                    given=Answer(seen),
                    version=stay.version,
                    actor=walker,
                )
                at = begun + timedelta(minutes=MINUTES_A_DOOR * number)
                Visit.objects.filter(pk=visit.pk).update(created_at=at, in_bulk=False)


def _questions(walker: User) -> None:
    """Some people have not been met for long; about most of them the supervisor is asked."""
    today = clock.today()
    with scoped_transaction(walker):
        rows = Registration.objects.restrict(walker, "deregister").active().filter(head=None, companions=None)
        quiet = list(rows.order_by("verified_on", "registered_on", "pk").values_list("pk", flat=True)[:GONE_QUIET])
        Registration.objects.filter(pk__in=quiet).update(
            suspected_on=today - timedelta(days=32), suspected_by="missed", verified_result="absent"
        )
        if len(quiet) >= ASKED_ABOUT:
            mass.ask(
                registration_ids=quiet[:ASKED_ABOUT],
                left_on=today,
                reason="01",
                explanation="项目部证实工地已完工，工人集体离开。",
                actor=walker,
            )


def _field_test(supervisor: User) -> None:
    """From the door to the register, in the township of the first accounts; the first community is done."""
    walker = User.objects.get(username=WALKER)
    with scoped_transaction(supervisor):
        campaign = conduct(
            name="四季度登记质量抽查",
            method="doors",
            area_code=walker.area_code[:9],
            starts_on=clock.today(),
            ends_on=clock.today() + timedelta(days=14),
            seed=SEED,
            actor=supervisor,
        )
        for item in SampleItem.objects.filter(campaign=campaign, area_code__startswith=walker.area_code):
            enter(item_id=item.pk, outcome="checked", found=_found(item), version=1, actor=supervisor)


def _found(item: SampleItem) -> Finding:
    living = Registration.objects.active().filter(dwelling=item.dwelling_id).count()
    missing = int(item.position % 5 == 0)
    return Finding(
        people_found=living + missing,
        people_registered=living,
        people_here=max(living - int(item.position % 3 == 0), 0),
        left_found=int(item.position % 4 == 0),
        left_closed=int(item.position % 8 == 0),
        is_rented=living > 0,
        undertaking_signed=item.position % 6 != 0,
    )
