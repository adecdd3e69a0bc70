"""The work of the day: areas, rows, rights and figures in one transaction, so nothing is ever half done."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from portal.administration.services.reorganisation import grants, rows
from portal.administration.services.reorganisation.services import check_codes, is_under_way, plan_of, start
from portal.administration.services.reorganisation.tree import Plan
from portal.audit import services as audit
from portal.core import clock
from portal.core.errors import DomainError
from portal.jobs.models import Job
from portal.org.choices import CODE_LENGTHS
from portal.org.codes import parent_candidates
from portal.org.middleware import scoped_transaction
from portal.org.models import Area, AreaChange, Delegation, User
from portal.org.reorganisation import ChangeKind, ChangeState
from portal.org.services import initials_of


def carry_out(*, change_id: int, job: Job, actor: User) -> None:
    """Repeatable: a change that is done stays as it is. A killed worker leaves nothing; the next one begins anew.

    The tree is changed for whoever planned it, rows and rights for whoever released it: each by their own right,
    asked for again today. Raises DomainError when the plan no longer fits the tree.
    """
    change = AreaChange.objects.select_for_update().get(pk=change_id)
    if change.state != ChangeState.RELEASED or change.released_by_id != actor.pk:
        return
    if change.effective_on > clock.today():
        raise DomainError(_("The day of the re-organisation has not come yet."))
    check_codes(change)
    plan = plan_of(change)
    total = sum(number for _model, number in rows.counts(sorted({part.before for part in plan.parts})))
    with scoped_transaction(change.planned_by):
        _begin_areas(change, plan)
    looked_at = 0

    def told(number: int) -> None:
        nonlocal looked_at
        looked_at += number
        job.advance(min(looked_at, total), total)

    done = rows.recode(change, told=told)
    followed, waiting = grants.carry_out(change, plan)
    _follow_delegations(change, plan)
    with scoped_transaction(change.planned_by):
        _end_areas(change, plan)
    change.state, change.done_at = ChangeState.DONE, clock.now()
    change.version += 1
    change.save(update_fields=["state", "done_at", "version"])
    job.advance(total, total)
    audit.record(
        actor=actor,
        action="reorganisation.done",
        target=change,
        rows=done,
        grants_followed=followed,
        grants_waiting=waiting,
    )


@transaction.atomic
def start_due() -> int:
    """Queue what was released and whose day has come; returns how many."""
    due = AreaChange.objects.select_for_update().filter(state=ChangeState.RELEASED, effective_on__lte=clock.today())
    changes = [change for change in due.select_related("released_by") if not is_under_way(change)]
    for change in changes:
        start(change)
    return len(changes)


def _begin_areas(change: AreaChange, plan: Plan) -> None:
    """From the top down, so that every parent stands."""
    known = {area.code: area for area in Area.objects.filter(code__in=_with_parents(plan))}
    names = {part.after: part.name for part in plan.parts}
    for code in sorted(names, key=len):
        area = known.get(code)
        if area is None:
            parent = next((known[above] for above in parent_candidates(code) if above in known), None)
            known[code] = Area.objects.create(
                code=code,
                name=names[code],
                level=CODE_LENGTHS[len(code)],
                parent=parent,
                initials=initials_of(names[code]),
                valid_from=change.effective_on,
            )
        elif area.name != names[code]:
            area.name, area.initials = names[code], initials_of(names[code])
            area.save(update_fields=["name", "initials"])


def _end_areas(change: AreaChange, plan: Plan) -> None:
    rest = {part.before: part.after for part in plan.parts if part.is_rest}
    found = {area.code: area for area in Area.objects.filter(code__in=[*rest, *rest.values()])}
    for code in plan.ended:
        area = found[code]
        area.valid_to, area.successor = change.effective_on - timedelta(days=1), found[rest[code]]
        area.save(update_fields=["valid_to", "successor"])


def _follow_delegations(change: AreaChange, plan: Plan) -> None:
    """A commission of police matters goes on where it reaches no new rows; else it ends and has to be given anew."""
    today = clock.today()
    for row in Delegation.objects.filter(area_code__in={part.before for part in plan.parts}):
        if row.valid_to is not None and row.valid_to < today:
            continue
        targets = {part.after for part in plan.parts if part.before == row.area_code}
        alone = change.kind in {ChangeKind.RENAME, ChangeKind.MOVE, ChangeKind.SPLIT}
        fed = {part.before for part in plan.parts if part.after in targets}
        if alone or fed == {row.area_code}:
            _copy_delegation(row, targets - {row.area_code})
        if row.area_code in plan.ended or not (alone or fed == {row.area_code}):
            row.valid_to = max(row.valid_from, change.effective_on - timedelta(days=1))
            row.save(update_fields=["valid_to"])


def _copy_delegation(row: Delegation, targets: set[str]) -> None:
    values: dict[str, Any] = {
        "delegator_id": row.delegator_id,
        "matters": row.matters,
        "basis": row.basis,
        "valid_from": max(row.valid_from, clock.today()),
        "valid_to": row.valid_to,
    }
    Delegation.objects.bulk_create(Delegation(area_code=code, **values) for code in sorted(targets))


def _with_parents(plan: Plan) -> set[str]:
    codes = {part.after for part in plan.parts}
    return codes | {above for code in codes for above in parent_candidates(code)}
