"""One answer at the door: what was seen, and at once what follows from it. Each can be taken back for some minutes."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit import services as audit
from portal.core import clock
from portal.core.errors import DomainError
from portal.org.models import User
from portal.policy.services import rule
from residents.choices import DiscoveredBy, TaskStatus, VisitResult
from residents.models import Registration, RegistrationChange, Visit, VisitTask
from residents.services import moves
from residents.services.verification import put_back, verify
from residents.services.visits.tasks import settle


@dataclass(frozen=True, slots=True)
class Answer:
    """`happened_on`, `reason` (a code of `dereg_reason`) and `destination` go with "left"; `dwelling_id`, `lodging`,
    `why` and `with_companions` with "moved"; `hint` with "nobody home": a landlord or neighbour says they are gone."""

    result: str
    happened_on: date | None = None
    reason: str = ""
    destination: str = ""
    dwelling_id: int | None = None
    lodging: str = ""
    why: str = ""
    with_companions: bool = False
    hint: bool = False


@transaction.atomic
def answer(*, task_id: int, registration_id: int, given: Answer, version: int, actor: User) -> Visit:
    """Record what was seen and, for "left" and "moved", deregister or change the address in the same act.

    Raises DomainError as `verify`, `moves.deregister` and `moves.change_address` do; then nothing was recorded.
    """
    task = _task(task_id, actor)
    stays = Registration.objects.active().filter(dwelling=task.dwelling_id)
    if not stays.filter(pk=registration_id).exists():
        raise DomainError(_("This person is not registered at this address any more. Please reload the page."))
    visit = verify(registration_id=registration_id, result=given.result, hint=given.hint, task=task, actor=actor)
    if given.result in _FOLLOWS:
        stay = _FOLLOWS[VisitResult(given.result)](visit, given, version, actor)
        visit.change = RegistrationChange.objects.filter(registration=stay, actor=actor).latest("pk")
        visit.save(update_fields=["change"])
    settle(task, actor)
    return visit


@transaction.atomic
def undo_answer(*, visit_id: int, actor: User) -> Visit:
    """Everything is as before the answer, the task included. For whoever gave it, within `visit.undo_minutes`, unless
    something was built upon it."""
    visit = Visit.objects.select_for_update(of=("self",)).get(pk=visit_id)
    if visit.visitor_id != actor.pk:
        raise PermissionDenied
    minutes = int(rule("visit.undo_minutes", area_code=visit.area_code).value)
    if visit.undone_at is not None:
        raise DomainError(_("This answer has already been taken back."), code="already_undone")
    if clock.now() > visit.created_at + timedelta(minutes=minutes):
        raise DomainError(_("The time for undoing is over. Record the present state as a new answer."), code="too_late")
    if Visit.objects.filter(registration=visit.registration_id, undone_at=None, pk__gt=visit.pk).exists():
        raise DomainError(_("A later answer stands. Take that one back first."), code="later_step")
    visit.undone_at = clock.now()
    visit.save(update_fields=["undone_at"])
    if visit.change_id:
        moves.undo(change_id=visit.change_id, actor=actor)
    put_back(visit)
    if visit.task_id:
        settle(VisitTask.objects.select_for_update(of=("self",)).get(pk=visit.task_id), actor)
    audit.record(actor=actor, action="visit.undone", target=visit, result=visit.result)
    return visit


def _task(task_id: int, actor: User) -> VisitTask:
    task: VisitTask = VisitTask.objects.restrict(actor, "work").select_for_update(of=("self",)).get(pk=task_id)
    if task.status == TaskStatus.CLOSED:
        raise DomainError(_("This visit is no longer to be made: the task has ended."), code="wrong_state")
    return task


def _leaves(visit: Visit, given: Answer, version: int, actor: User) -> Registration:
    return moves.deregister(
        registration_id=visit.registration_id,
        left_on=given.happened_on or clock.today(),
        reason=given.reason,
        destination=given.destination,
        discovered_by=DiscoveredBy.VISIT,
        version=version,
        actor=actor,
    )


def _moves(visit: Visit, given: Answer, version: int, actor: User) -> Registration:
    return moves.change_address(
        registration_id=visit.registration_id,
        dwelling_id=given.dwelling_id or 0,
        moved_on=given.happened_on or clock.today(),
        lodging=given.lodging,
        with_companions=given.with_companions,
        discovered_by=DiscoveredBy.VISIT,
        why=given.why,
        version=version,
        actor=actor,
    )


_FOLLOWS = {VisitResult.LEFT: _leaves, VisitResult.MOVED: _moves}
