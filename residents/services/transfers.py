"""Handing a stay over to the unit at whose window the person stands. Who asks learns which unit holds it, no more."""

from datetime import date, timedelta

from django.core import signing
from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit import services as audit
from portal.core import clock
from portal.core.errors import DomainError
from portal.org.models import User
from portal.org.scoping import require, scope_of
from portal.org.walls.context import admitted
from portal.policy.services import rule
from portal.policy.working_days import add_workdays
from residents.choices import TransferStatus
from residents.models import Dwelling, Registration, TransferRequest
from residents.services import moves
from residents.services.code_fields import require_code
from residents.services.versions import require_version
from residents.workflow import TRANSFER_WORKFLOW

SALT = "residents.transfer"
TICKET_SECONDS = 3600


def ticket_for(person_id: int, actor: User) -> str:
    """Proof that `actor` has just typed the whole number of this person: nobody can ask for files by counting up."""
    return signing.dumps([person_id, actor.pk], salt=SALT)


def person_of(ticket: str, actor: User) -> int | None:
    """None for a forged, stolen or old ticket."""
    try:
        person_id, user_id = signing.loads(ticket, salt=SALT, max_age=TICKET_SECONDS)
    except signing.BadSignature:
        return None
    return int(person_id) if user_id == actor.pk else None


def open_request(person_id: int) -> TransferRequest | None:
    return TransferRequest.objects.filter(person_id=person_id, status=TransferStatus.REQUESTED).first()


@transaction.atomic
def request_transfer(
    *, ticket: str, dwelling_id: int, moved_on: date, lodging: str, reason: str, actor: User
) -> TransferRequest:
    """Ask the unit that holds the active stay. Raises DomainError when there is none, when it lies in the actor's own
    areas (then the address is changed) or when an answer is awaited already."""
    person_id = person_of(ticket, actor)
    if person_id is None:
        raise DomainError(_("Please look the person up again by the whole document number."), code="ticket")
    dwelling = Dwelling.objects.restrict(actor, "view").filter(pk=dwelling_id).first()
    if dwelling is None:
        raise DomainError(_("Please choose an address from the list, or add the dwelling."), field="dwelling")
    require(actor, Registration, "add", at=dwelling.area_code)
    require_code("dwelling_kind", lodging, field="lodging")
    if not reason.strip():
        raise DomainError(_("Please write what the person says about the move."), field="reason")
    with admitted(person=person_id):
        stay = _held_stay(person_id, moved_on, actor)
        due = add_workdays(clock.today(), int(rule("transfer.answer_workdays", area_code=stay.area_code).value))
        row = TransferRequest.objects.create(
            area_code=stay.area_code,
            to_area=dwelling.area_code,
            person_id=person_id,
            registration=stay,
            dwelling=dwelling,
            moved_on=moved_on,
            lodging=lodging,
            reason=reason.strip()[:200],
            due_on=due,
            requested_by=actor,
        )
        audit.access(actor=actor, action="share", person_ids=[person_id], purpose="transfer", reason=row.reason)
        audit.record(actor=actor, action="transfer.requested", target=row, to_area=row.to_area)
    return row


@transaction.atomic
def accept_transfer(*, transfer_id: int, version: int, actor: User) -> TransferRequest:
    """The stay ends here and goes on at the new address; it is undone like any change of address."""
    row = _locked(transfer_id, version, actor)
    row.status = TRANSFER_WORKFLOW.target("accept", status=row.status, status_label=row.get_status_display())
    row.result = moves.change_address(
        registration_id=row.registration_id,
        dwelling_id=row.dwelling_id,
        moved_on=row.moved_on,
        lodging=row.lodging,
        why=row.reason,
        version=row.registration.version,
        actor=actor,
    )
    return _answered(row, "transfer.accepted", actor)


@transaction.atomic
def refuse_transfer(*, transfer_id: int, answer: str, version: int, actor: User) -> TransferRequest:
    row = _locked(transfer_id, version, actor)
    row.status = TRANSFER_WORKFLOW.target("refuse", status=row.status, status_label=row.get_status_display())
    if not answer.strip():
        raise DomainError(_("Please say why the stay is not handed over."), field="answer")
    row.answer = answer.strip()[:200]
    return _answered(row, "transfer.refused", actor)


@transaction.atomic
def reopen_transfer(*, transfer_id: int, actor: User) -> TransferRequest:
    """Take a refusal back within `undo.review_minutes`."""
    row = TransferRequest.objects.restrict(actor, "answer").select_for_update(of=("self",)).get(pk=transfer_id)
    target = TRANSFER_WORKFLOW.target("reopen", status=row.status, status_label=row.get_status_display())
    minutes = int(rule("undo.review_minutes", area_code=row.area_code).value)
    if row.answered_at is None or clock.now() > row.answered_at + timedelta(minutes=minutes):
        raise DomainError(_("The time for undoing is over. The other unit can ask again."), code="too_late")
    row.status, row.answer, row.answered_at, row.answered_by = target, "", None, None
    row.version += 1
    row.save(update_fields=["status", "answer", "answered_at", "answered_by", "version"])
    audit.record(actor=actor, action="transfer.reopened", target=row)
    return row


def _held_stay(person_id: int, moved_on: date, actor: User) -> Registration:
    stay = Registration.objects.active().select_for_update(of=("self",)).filter(person_id=person_id).first()
    if stay is None:
        raise DomainError(_("The earlier stay has ended: register the arrival as usual."), code="ended")
    if stay.area_code in scope_of(actor, Registration, "change"):
        raise DomainError(_("The person is registered in your own area: change the address there."), code="own")
    if open_request(person_id):
        raise DomainError(_("The unit has been asked already. Please wait for its answer."), code="asked")
    if not stay.arrived_on <= moved_on <= clock.today():
        raise DomainError(_("The date lies in the future or before the stay held there."), field="moved_on")
    return stay


def _locked(transfer_id: int, version: int, actor: User) -> TransferRequest:
    rows = TransferRequest.objects.restrict(actor, "answer").select_for_update(of=("self",))
    row = rows.select_related("registration").get(pk=transfer_id)
    require_version(row, version)
    return row


def _answered(row: TransferRequest, action: str, actor: User) -> TransferRequest:
    """`require_version` has raised the version already."""
    row.answered_by, row.answered_at = actor, clock.now()
    row.save(update_fields=["status", "answer", "result", "answered_by", "answered_at", "version"])
    audit.record(actor=actor, action=action, target=row, to_area=row.to_area)
    return row
