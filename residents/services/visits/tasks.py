"""What happens to a visit task between two knocks: taken, given to somebody, put off, ended."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from portal.audit import services as audit
from portal.core import clock
from portal.core.errors import DomainError
from portal.org.models import User
from portal.policy.services import rule
from residents.choices import TaskStatus, VisitResult
from residents.models import Registration, Visit, VisitTask
from residents.services.versions import require_version
from residents.services.visits.answerable import workers_at


@transaction.atomic
def take(*, task_id: int, actor: User) -> VisitTask:
    """Make the task one's own, also when it stood in somebody else's plan: whoever passes by may knock."""
    task = _open_one(task_id, "work", actor)
    task.assignee = actor
    return _saved(task, "visit.taken", actor, ["assignee"])


@transaction.atomic
def assign(*, task_id: int, assignee_id: int, version: int, actor: User) -> VisitTask:
    """A supervisor gives the task to somebody who may work at that door."""
    task = _open_one(task_id, "assign", actor)
    require_version(task, version)
    if assignee_id not in {user.pk for user in workers_at(task.area_code)}:
        raise DomainError(_("Please choose somebody who visits in this community."), field="assignee")
    task.assignee_id = assignee_id
    return _saved(task, "visit.assigned", actor, ["assignee", "version"], assignee=assignee_id)


@transaction.atomic
def postpone(*, task_id: int, until: date, reason: str, version: int, actor: User) -> VisitTask:
    """Out of the plan until that day. The last day stays as it is: an overdue task put off is an overdue task."""
    task = _open_one(task_id, "work", actor)
    require_version(task, version)
    if not reason.strip():
        raise DomainError(_("Please say why the visit is put off."), field="reason")
    most, times = (int(rule(f"visit.postpone_{name}", area_code=task.area_code).value) for name in ("days", "times"))
    last = clock.today() + timedelta(days=most)
    if not clock.today() < until <= last:
        message = _("A visit can be put off by up to %(days)s days, until %(last)s.")
        raise DomainError(message % {"days": most, "last": last.isoformat()}, field="until")
    if task.postponed >= times:
        message = _("This visit was put off %(times)s times already. Please go, or ask your supervisor.")
        raise DomainError(message % {"times": times}, code="too_often")
    task.starts_on, task.postponed, task.postpone_reason = until, task.postponed + 1, reason.strip()[:200]
    fields = ["starts_on", "postponed", "postpone_reason", "version"]
    return _saved(task, "visit.postponed", actor, fields, until=until)


def waiting_stays(task: VisitTask) -> QuerySet[Registration]:
    """Who has still to be asked about at this door: neither met since the task began nor thought to have left."""
    met = Visit.objects.filter(
        registration=OuterRef("pk"), result=VisitResult.PRESENT, undone_at=None, created_at__gte=task.created_at
    )
    return Registration.objects.active().filter(dwelling=task.dwelling_id, suspected_on=None).exclude(Exists(met))


def settle(task: VisitTask, actor: User) -> VisitTask:
    """After an answer: done when nobody is left to ask about, back in some days when nobody opened, open again when
    an answer was taken back. Call it inside the transaction of the answer."""
    waiting = list(waiting_stays(task).values_list("pk", flat=True))
    today = clock.today()
    if not waiting:
        task.status, task.closed_on, task.closed_by = TaskStatus.DONE, today, actor
    elif task.status == TaskStatus.OPEN and _all_missed(waiting, today):
        task.starts_on = today + timedelta(days=int(rule("visit.retry_days", area_code=task.area_code).value))
    elif task.status == TaskStatus.OPEN or not _another_open(task):
        task.status, task.closed_on, task.closed_by = TaskStatus.OPEN, None, None
        task.starts_on = min(task.starts_on, today)
    task.save(update_fields=["status", "closed_on", "closed_by", "starts_on"])
    return task


def close_deserted(dwelling_ids: Iterable[int], actor: User) -> int:
    """People left or moved without a visit: doors behind which nobody is registered any more need no knock, and
    where all the others have been met the task is done. Returns how many tasks ended."""
    rows = VisitTask.objects.select_for_update(of=("self",)).filter(dwelling__in=dwelling_ids, status=TaskStatus.OPEN)
    ended = 0
    for task in rows:
        if waiting_stays(task).exists():
            continue
        deserted = not Registration.objects.active().filter(dwelling=task.dwelling_id).exists()
        task.status = TaskStatus.CLOSED if deserted else TaskStatus.DONE
        task.closed_on, task.closed_by = clock.today(), actor
        task.save(update_fields=["status", "closed_on", "closed_by"])
        ended += 1
    return ended


def _all_missed(stays: list[int], today: date) -> bool:
    missed = Visit.objects.filter(registration__in=stays, visited_on=today, result=VisitResult.ABSENT, undone_at=None)
    return missed.values("registration").distinct().count() == len(stays)


def _another_open(task: VisitTask) -> bool:
    return VisitTask.objects.filter(dwelling=task.dwelling_id, status=TaskStatus.OPEN).exclude(pk=task.pk).exists()


def _open_one(task_id: int, action: str, actor: User) -> VisitTask:
    task: VisitTask = VisitTask.objects.restrict(actor, action).select_for_update(of=("self",)).get(pk=task_id)
    if task.status != TaskStatus.OPEN:
        raise DomainError(_("This visit is no longer to be made: the task has ended."), code="wrong_state")
    return task


def _saved(task: VisitTask, action: str, actor: User, fields: list[str], **details: object) -> VisitTask:
    task.save(update_fields=fields)
    audit.record(actor=actor, action=action, target=task, **details)
    return task
