"""The department's side of a referred hazard: taken on, dealt with, or sent back because it is another one's matter."""

from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit import services as audit
from portal.core import clock
from portal.core.errors import DomainError
from portal.org.models import User
from portal.org.scoping import ScopedQuerySet
from portal.policy.services import due_on
from rentals.choices import HazardStepKind, ReferralStatus
from rentals.models import Hazard, HazardReferral
from rentals.services.inspections.hazards import TEXT, step, target
from rentals.workflow import REFERRAL_WORKFLOW
from residents.services.versions import require_version


def desk_of(user: User, action: str = "view") -> ScopedQuerySet:
    """The work orders of one's own department: the right in the area, and the duty that the order was sent to."""
    duties = user.department.duties if user.department else []
    return HazardReferral.objects.restrict(user, action).filter(recipient__in=duties)


@transaction.atomic
def take(*, referral_id: int, version: int, actor: User) -> HazardReferral:
    order = _locked(referral_id, version, actor)
    order.status = _target(order, "take")
    order.taken_on, order.handled_by = clock.today(), actor
    order.save(update_fields=["status", "taken_on", "handled_by", "version"])
    step(order.hazard, HazardStepKind.TAKEN, actor)
    audit.record(actor=actor, action="referral.taken", target=order)
    return order


@transaction.atomic
def answer(*, referral_id: int, text: str, version: int, actor: User) -> HazardReferral:
    """The department has dealt with it; the inspectors look at it again within `hazard.recheck_days` working days."""
    order = _answered(referral_id, "answer", text, version, actor)
    hazard = _hazard(order)
    hazard.status = target(hazard, "answer")
    hazard.due_on = due_on(clock.today(), "hazard.recheck_days", area_code=hazard.area_code)
    hazard.save(update_fields=["status", "due_on", "version"])
    step(hazard, HazardStepKind.ANSWERED, actor, order.answer)
    audit.record(actor=actor, action="referral.answered", target=order)
    return order


@transaction.atomic
def give_back(*, referral_id: int, text: str, version: int, actor: User) -> HazardReferral:
    """Not this department's matter: the inspectors decide anew within `hazard.returned_days` working days."""
    order = _answered(referral_id, "return", text, version, actor)
    hazard = _hazard(order)
    hazard.status = target(hazard, "return")
    hazard.due_on = due_on(clock.today(), "hazard.returned_days", area_code=hazard.area_code)
    hazard.save(update_fields=["status", "due_on", "version"])
    step(hazard, HazardStepKind.RETURNED, actor, order.answer)
    audit.record(actor=actor, action="referral.returned", target=order)
    return order


def _answered(referral_id: int, move: str, text: str, version: int, actor: User) -> HazardReferral:
    order = _locked(referral_id, version, actor)
    order.status = _target(order, move)
    if not text.strip():
        missing = _("Please say what was done.") if move == "answer" else _("Please say whose matter it is.")
        raise DomainError(missing, field="text")
    order.answer, order.answered_on, order.handled_by = text.strip()[:TEXT], clock.today(), actor
    order.save(update_fields=["status", "answer", "answered_on", "handled_by", "version"])
    return order


def _hazard(order: HazardReferral) -> Hazard:
    hazard: Hazard = Hazard.objects.select_for_update(of=("self",)).get(pk=order.hazard_id)
    hazard.version += 1
    return hazard


def _locked(referral_id: int, version: int, actor: User) -> HazardReferral:
    rows = desk_of(actor, "handle").select_for_update(of=("self",))
    order: HazardReferral = require_version(rows.get(pk=referral_id), version)
    return order


def _target(order: HazardReferral, move: str) -> str:
    label = str(order.get_status_display())
    return ReferralStatus(REFERRAL_WORKFLOW.target(move, status=order.status, status_label=label))
