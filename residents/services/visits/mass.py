"""Many departures at once: asked for with a reason, decided by somebody else, done one by one."""

from collections.abc import Iterable
from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit import services as audit
from portal.core import clock
from portal.core.errors import DomainError
from portal.org.codes import COMMUNITY, COUNTY, TOWNSHIP
from portal.org.models import User
from portal.org.scoping import lenders_of, require
from portal.policy.services import rule
from residents.choices import DiscoveredBy, RequestStatus
from residents.models import DepartureItem, DepartureRequest, Registration
from residents.services import moves
from residents.services.code_fields import require_code
from residents.services.versions import require_version

LEVELS = (COMMUNITY, TOWNSHIP, COUNTY)


@transaction.atomic
def ask(
    *, registration_ids: Iterable[int], left_on: date, reason: str, explanation: str, actor: User
) -> DepartureRequest:
    """Nothing ends yet. Raises DomainError for an empty choice, for people who are asked about already, or more than
    `bulk.limit`."""
    wanted = set(registration_ids)
    rows = Registration.objects.restrict(actor, "deregister").active().filter(pk__in=wanted).order_by("pk")
    stays = list(rows.select_for_update(of=("self",)))
    _check_choice(stays, wanted)
    require_code("dereg_reason", reason, field="reason")
    if not explanation.strip():
        raise DomainError(_("Please say how it is known that these people have left."), field="explanation")
    if left_on > clock.today():
        raise DomainError(_("The date lies in the future. Record it when it has happened."), field="left_on")
    area = _area_of(stays)
    require(actor, DepartureRequest, "ask", at=stays[0].area_code)
    request = DepartureRequest.objects.create(
        area_code=area, left_on=left_on, reason=reason, explanation=explanation.strip()[:200], requested_by=actor
    )
    DepartureItem.objects.bulk_create(
        [
            DepartureItem(request=request, registration=stay, person_id=stay.person_id, area_code=stay.area_code)
            for stay in stays
        ]
    )
    audit.record(actor=actor, action="departure.asked", target=request, people=len(stays), reason=reason)
    return request


@transaction.atomic
def approve(*, request_id: int, answer: str, version: int, actor: User) -> DepartureRequest:
    """End the stays. One that ended meanwhile, or that a department objects to, stays as it is and says why; each of
    the others can be restored like any deregistration, with the half-year going on (Z10)."""
    request = _decided(request_id, RequestStatus.APPROVED, answer, version, actor)
    done = 0
    for item in request.items.select_related("registration").order_by("pk"):
        item.refusal = _end(item, request, actor)
        item.done = not item.refusal
        item.save(update_fields=["done", "refusal"])
        done += item.done
    audit.record(actor=actor, action="departure.approved", target=request, done=done, reason=request.answer)
    return request


@transaction.atomic
def refuse(*, request_id: int, answer: str, version: int, actor: User) -> DepartureRequest:
    request = _decided(request_id, RequestStatus.REFUSED, answer, version, actor)
    audit.record(actor=actor, action="departure.refused", target=request, reason=request.answer)
    return request


def may_decide(request: DepartureRequest, user: User) -> bool:
    """Somebody else than who asked, also when the right is on loan from them."""
    return request.requested_by_id not in {user.pk, *lenders_of(user)}


def _decided(request_id: int, status: str, answer: str, version: int, actor: User) -> DepartureRequest:
    rows = DepartureRequest.objects.restrict(actor, "approve").select_for_update(of=("self",))
    request: DepartureRequest = rows.get(pk=request_id)
    if not may_decide(request, actor):
        raise PermissionDenied
    require_version(request, version)
    if request.status != RequestStatus.ASKED:
        raise DomainError(_("This request has been decided already."), code="wrong_state")
    if not answer.strip():
        raise DomainError(_("Please give the reason for the decision."), field="answer")
    request.status, request.answer = status, answer.strip()[:200]
    request.decided_by, request.decided_at = actor, clock.now()
    request.save(update_fields=["status", "answer", "decided_by", "decided_at", "version"])
    return request


def _end(item: DepartureItem, request: DepartureRequest, actor: User) -> str:
    """Why it could not be ended; "" when it was."""
    try:
        with transaction.atomic():
            moves.deregister(
                registration_id=item.registration_id,
                left_on=max(request.left_on, item.registration.arrived_on),
                reason=request.reason,
                discovered_by=DiscoveredBy.VISIT,
                approved=True,
                version=item.registration.version,
                actor=actor,
            )
    except DomainError as error:
        return str(error.message)[:200]
    except Registration.DoesNotExist:
        return _("This stay lies outside the areas of whoever approved.")
    return ""


def _check_choice(stays: list[Registration], wanted: set[int]) -> None:
    if not wanted:
        raise DomainError(_("Please choose at least one person."))
    most = int(rule("bulk.limit").value)
    if len(wanted) > most:
        raise DomainError(_("At most %(most)s people at once. Please choose fewer.") % {"most": most})
    asked = DepartureItem.objects.filter(registration__in=wanted, request__status=RequestStatus.ASKED)
    if len(stays) != len(wanted) or asked.exists():
        raise DomainError(_("Some of these people have left or are asked about already. Please choose again."))


def _area_of(stays: list[Registration]) -> str:
    """The smallest area that holds all of them."""
    codes = {stay.area_code for stay in stays}
    if len(codes) == 1:
        return codes.pop()
    return next(beginning.pop() for level in LEVELS if len(beginning := {code[:level] for code in codes}) == 1)
