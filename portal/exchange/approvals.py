"""The second person of a large file (security design A12; digest P8). Whoever asks never decides."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from portal.audit import services as audit
from portal.core import clock
from portal.core.errors import DomainError
from portal.exchange.models import ExportRequest
from portal.exchange.services import KIND, may_still_export
from portal.jobs.services import enqueue
from portal.org.models import User
from portal.org.scoping import lenders_of

State = ExportRequest.State


def waiting_for(user: User) -> QuerySet[ExportRequest]:
    """What `user` may decide on, the oldest first."""
    rows = ExportRequest.objects.restrict(user, "approve").filter(state=State.WAITING).exclude(requested_by=user)
    return rows.select_related("requested_by").order_by("requested_at", "pk")


def asked_by(user: User) -> QuerySet[ExportRequest]:
    """The own requests without a file yet, the newest first."""
    return ExportRequest.objects.filter(requested_by=user).exclude(state=State.APPROVED)


@transaction.atomic
def approve(*, request_id: int, actor: User) -> ExportRequest:
    """The file is made for the one who asked, with that person's rights of then."""
    row = _waiting(request_id, actor)
    if not may_still_export(row.requested_by, row.order):
        raise DomainError(_("The person who asked may not export this any more. Please refuse the request."))
    row.job = enqueue(
        kind=KIND, actor=row.requested_by, title=row.title, reason=row.reason, recipient=row.recipient, **row.order
    )
    _decide(row, State.APPROVED, actor)
    audit.record(actor=actor, action="export.approved", target=row, rows=row.rows)
    return row


@transaction.atomic
def refuse(*, request_id: int, reason: str, actor: User) -> ExportRequest:
    row = _waiting(request_id, actor)
    if not reason.strip():
        raise DomainError(_("Please say why the file is not approved."), field="answer")
    row.answer = reason.strip()[:200]
    _decide(row, State.REFUSED, actor)
    audit.record(actor=actor, action="export.refused", target=row, reason=row.answer)
    return row


@transaction.atomic
def withdraw(*, request_id: int, actor: User) -> ExportRequest:
    """Raises ExportRequest.DoesNotExist for somebody else's request."""
    row = ExportRequest.objects.select_for_update(of=("self",)).get(pk=request_id, requested_by=actor)
    _require_waiting(row)
    _decide(row, State.WITHDRAWN, actor)
    audit.record(actor=actor, action="export.withdrawn", target=row)
    return row


def _waiting(request_id: int, actor: User) -> ExportRequest:
    """Raises PermissionDenied for the one who asked, also through rights on loan from that person."""
    rows = ExportRequest.objects.restrict(actor, "approve").select_related("requested_by")
    row = rows.select_for_update(of=("self",)).get(pk=request_id)
    if row.requested_by_id in {actor.pk, *lenders_of(actor)}:
        raise PermissionDenied
    _require_waiting(row)
    return row


def _require_waiting(row: ExportRequest) -> None:
    if row.state != State.WAITING:
        raise DomainError(_("This request was decided meanwhile."), code="wrong_state")


def _decide(row: ExportRequest, state: str, actor: User) -> None:
    row.state, row.decided_by, row.decided_at = state, actor, clock.now()
    row.save(update_fields=["state", "decided_by", "decided_at", "answer", "job"])
