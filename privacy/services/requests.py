"""The course of a request of the person: received, identity checked, in progress, answered or refused (P10)."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit import services as audit
from portal.core import clock
from portal.core.errors import DomainError
from portal.org.models import User
from portal.org.scoping import require
from portal.policy.services import add_term, rule
from privacy.choices import Requester, RequestKind, RequestStatus, StepKind
from privacy.models import SubjectRequest, SubjectRequestStep
from privacy.selectors import corrected_since, printed_since
from privacy.services.numbers import next_request_number
from privacy.workflow import REQUEST_WORKFLOW
from residents.models import Person
from residents.services.restriction import restrict_use
from residents.services.versions import require_version

ANSWER_TERM = "privacy.subject_request_days"
OF_RELATIVES = {RequestKind.SEE, RequestKind.COPY, RequestKind.CORRECT, RequestKind.DELETE}


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestInput:
    """What stands on the form. `requester_name` and `relation_proof` are for requests that others bring."""

    kind: str
    requester: str = Requester.SELF
    requester_name: str = ""
    relation_proof: str = ""
    requester_contact: str = ""
    wish: str = ""
    received_on: date | None = None


@transaction.atomic
def receive_request(*, person_id: int, given: RequestInput, actor: User) -> SubjectRequest:
    """Put a request on file; the clock starts on the day of receipt, counted in working days by the rule of that day.

    Near relatives may ask for a deceased person: see, copy, correct and delete only (PIPL art. 49).
    """
    person = Person.objects.restrict(actor, "view").get(pk=person_id)
    require(actor, SubjectRequest, "add", at=person.area_code)
    received_on = given.received_on or clock.today()
    _check(given, received_on)
    term = rule(ANSWER_TERM, on=received_on, area_code=person.area_code)
    made = SubjectRequest.objects.create(
        number=next_request_number(person.area_code),
        person=person,
        area_code=person.area_code,
        kind=given.kind,
        requester=given.requester,
        requester_name=given.requester_name.strip(),
        relation_proof=given.relation_proof.strip(),
        requester_contact=given.requester_contact.strip(),
        wish=given.wish.strip(),
        received_on=received_on,
        due_on=add_term(received_on, int(term.value), term.unit),
        due_rule={"code": ANSWER_TERM, "value": int(term.value), "unit": term.unit, "basis": term.basis},
        registrar=actor,
    )
    _step(made, StepKind.RECEIVED, actor)
    audit.record(actor=actor, action="subject_request.received", target=made, kind=made.kind)
    return made


@transaction.atomic
def check_identity(*, request_id: int, means: str, version: int, actor: User) -> SubjectRequest:
    """`means` says how it was made sure who asks, and for others that they may: ID card seen, power of attorney …"""
    request = _take(request_id, actor, "check", version)
    if not means.strip():
        raise DomainError(_("Please say how you made sure who is asking."), field="means")
    request.identity_means = means.strip()[:200]
    request.checked_by, request.checked_at = actor, clock.now()
    _save(request, "identity_means", "checked_by", "checked_at")
    _step(request, StepKind.CHECKED, actor, note=request.identity_means)
    return request


@transaction.atomic
def start_work(*, request_id: int, version: int, actor: User) -> SubjectRequest:
    """Take the request up: from now on it has a handler."""
    request = _take(request_id, actor, "start", version)
    request.handler = actor
    _save(request, "handler")
    _step(request, StepKind.STARTED, actor)
    return request


@transaction.atomic
def carry_out_restriction(*, request_id: int, version: int, actor: User) -> SubjectRequest:
    """Restrict the use of the data as asked: from now on it is stored and nothing else (P11)."""
    request = _take(request_id, actor, "act", version)
    _require_kind(request, RequestKind.RESTRICT)
    restrict_use(person_id=request.person_id, reason=request.number, actor=actor)
    return carried_out(request, actor)


@transaction.atomic
def answer(*, request_id: int, text: str, version: int, actor: User) -> SubjectRequest:
    """Close it with what the person is told. What was asked for has to be done first."""
    request = _take(request_id, actor, "answer", version)
    if not text.strip():
        raise DomainError(_("Please write what the person is told."), field="text")
    _require_done(request)
    request.answer, request.closed_at = text.strip()[:2000], clock.now()
    _save(request, "answer", "closed_at")
    _step(request, StepKind.ANSWERED, actor)
    audit.record(actor=actor, action="subject_request.answered", target=request, kind=request.kind)
    return request


@transaction.atomic
def refuse(*, request_id: int, reason: str, version: int, actor: User) -> SubjectRequest:
    """A refusal has its reason, which stands on the sheet for the person (PIPL art. 50)."""
    request = _take(request_id, actor, "refuse", version)
    if not reason.strip():
        raise DomainError(_("Please give the reason: the person is told why."), field="reason")
    request.refusal_reason, request.closed_at = reason.strip()[:1000], clock.now()
    _save(request, "refusal_reason", "closed_at")
    _step(request, StepKind.REFUSED, actor)
    audit.record(actor=actor, action="subject_request.refused", target=request, kind=request.kind)
    return request


def carried_out(request: SubjectRequest, actor: User) -> SubjectRequest:
    """What was asked for has been done; only the answer is missing."""
    request.acted_at = clock.now()
    _save(request, "acted_at")
    _step(request, StepKind.ACTED, actor)
    return request


def printed(request: SubjectRequest, actor: User, *, note: str) -> None:
    """A sheet of the request was printed; it may be printed again."""
    _step(request, StepKind.PRINTED, actor, note=note)


def open_for_work(*, request_id: int, actor: User) -> SubjectRequest:
    """The request, if its identity was checked and it is being dealt with. Raises DomainError otherwise."""
    rows = SubjectRequest.objects.restrict(actor, "handle").select_related("person")
    request: SubjectRequest = rows.get(pk=request_id)
    if request.status != RequestStatus.STARTED:
        message = _("Check the identity and take the request up first: before that nothing is told.")
        raise DomainError(message, code="wrong_state")
    return request


def take_for(request_id: int, actor: User, version: int, kind: str) -> SubjectRequest:
    """The locked request for carrying out what `kind` asks for."""
    request = _take(request_id, actor, "act", version)
    _require_kind(request, kind)
    return request


def _check(given: RequestInput, received_on: date) -> None:
    if given.kind not in RequestKind.values:
        raise DomainError(_("Please choose what is asked for."), field="kind")
    if received_on > clock.today():
        raise DomainError(_("The day of receipt lies in the future."), field="received_on")
    if given.requester != Requester.SELF and not given.requester_name.strip():
        raise DomainError(_("Please enter who brings the request."), field="requester_name")
    if given.requester != Requester.SELF and not given.relation_proof.strip():
        message = _("Please name the paper that allows it: power of attorney, proof of kinship, death certificate …")
        raise DomainError(message, field="relation_proof")
    if given.requester == Requester.RELATIVE and given.kind not in OF_RELATIVES:
        message = _("Relatives of a deceased person may see, copy, correct or delete; nothing else.")
        raise DomainError(message, field="kind", code="not_for_relatives")
    if given.kind in {RequestKind.CORRECT, RequestKind.EXPLAIN} and not given.wish.strip():
        raise DomainError(_("Please write down what exactly is asked for."), field="wish")


def _take(request_id: int, actor: User, move: str, version: int) -> SubjectRequest:
    rows = SubjectRequest.objects.restrict(actor, "handle").select_for_update(of=("self",)).select_related("person")
    request: SubjectRequest = rows.get(pk=request_id)
    request.status = REQUEST_WORKFLOW.target(
        move, status=request.status, status_label=str(RequestStatus(request.status).label)
    )
    return require_version(request, version)


def _require_kind(request: SubjectRequest, kind: str) -> None:
    if request.kind != kind:
        raise DomainError(_("This was not asked for in the request."), code="wrong_kind")


def _require_done(request: SubjectRequest) -> None:
    """Seeing and copying leave a printed sheet, correcting a correction, deleting and restricting their own act."""
    done = {
        RequestKind.SEE: lambda: printed_since(request),
        RequestKind.COPY: lambda: printed_since(request),
        RequestKind.CORRECT: lambda: corrected_since(request),
        RequestKind.DELETE: lambda: request.acted_at is not None,
        RequestKind.RESTRICT: lambda: request.acted_at is not None,
        RequestKind.EXPLAIN: lambda: True,
    }
    if not done[RequestKind(request.kind)]():
        message = _("What was asked for has not been done yet. Do it first, or refuse with the reason.")
        raise DomainError(message, code="not_done")


def _save(request: SubjectRequest, *fields: str) -> None:
    request.save(update_fields=[*fields, "status", "version"])


def _step(request: SubjectRequest, kind: str, actor: User, *, note: str = "") -> None:
    SubjectRequestStep.objects.create(request=request, kind=kind, note=note[:300], actor=actor)
