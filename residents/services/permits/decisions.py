"""The desk: review, signature, refusal, the single return for papers, and taking one's own last step back."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit import services as audit
from portal.core import clock
from portal.core.errors import DomainError
from portal.events import bus
from portal.org.choices import Duty
from portal.org.duties import require_other_person
from portal.org.models import User
from portal.org.scoping import scope_of
from portal.policy.services import rule
from residents.choices import ApplicationKind, ApplicationStatus, PermitStatus, PermitStepKind
from residents.events import PermitIssued
from residents.models import PermitApplication
from residents.permit_workflow import APPLICATION_WORKFLOW
from residents.services.permits import deadlines, materials
from residents.services.permits.cards import issue, replace_card, void_card
from residents.services.permits.eligibility import eligibility, require_eligible
from residents.services.permits.records import locked_permit, log, one_at_a_time

S = ApplicationStatus


@transaction.atomic
def review(*, application_id: int, actor: User) -> PermitApplication:
    """Police find the file in order. Eligibility is computed anew; whoever took the file in may not review it."""
    application = _for_decision(application_id, "review", "review", actor)
    if application.kind == ApplicationKind.FIRST:
        found = eligibility(application.person, clock.today(), except_file=application.pk)
        require_eligible(found)
        application.checks_passed = found.all_passed
    application.status = S.REVIEWED
    application.reviewer, application.reviewed_at = actor, clock.now()
    application.save(update_fields=["status", "reviewer", "reviewed_at", "checks_passed"])
    audit.record(actor=actor, action="application.reviewed", target=application)
    return application


@transaction.atomic
def sign(*, application_id: int, actor: User) -> PermitApplication:
    """The county police sign and the permit comes into being (decree 663 art. 10, R7).

    The grant must stand on the county itself: a township's grant is refused, and no delegation helps.
    """
    application = _for_decision(application_id, "sign", "sign", actor)
    with one_at_a_time():
        first = application.kind == ApplicationKind.FIRST
        permit = issue(application, actor) if first else replace_card(application, actor)
    application.status = S.ISSUED
    application.permit = permit
    application.signer, application.signed_at = actor, clock.now()
    application.save(update_fields=["status", "permit", "signer", "signed_at"])
    audit.record(actor=actor, action="application.signed", target=application, permit=permit.number)
    if first:
        bus.publish(PermitIssued(person_id=permit.person_id, permit_id=permit.pk, area_code=permit.area_code))
    return application


@transaction.atomic
def reject(*, application_id: int, reason: str, actor: User) -> PermitApplication:
    """Not eligible: the applicant is told so with the reason (Zhejiang art. 18, Z11)."""
    if not reason.strip():
        raise DomainError(_("Please write the reason: the applicant has to be told."), field="reason")
    application = _for_decision(application_id, "reject", "review", actor)
    if application.status == S.REVIEWED:
        _require_county_signer(application, actor)
        application.signer, application.signed_at = actor, clock.now()
    else:
        application.reviewer, application.reviewed_at = actor, clock.now()
    application.status, application.decision_reason, application.closed_at = S.REJECTED, reason.strip(), clock.now()
    application.save(
        update_fields=[
            "status", "decision_reason", "closed_at", "reviewer", "reviewed_at", "signer", "signed_at"
        ]
    )  # fmt: skip
    audit.record(actor=actor, action="application.rejected", target=application)
    return application


@transaction.atomic
def return_once(*, application_id: int, missing: Collection[str], actor: User) -> PermitApplication:
    """Ask for papers, everything at once and only once in the life of a file (decree 663 art. 9, R5).

    The clock stands still until they arrive.
    """
    application = _for_decision(application_id, "return", "review", actor)
    if application.notice_issued_on is not None:
        raise DomainError(
            _("The one-time notice was already given on %(day)s. Decide on the papers there are.")
            % {"day": application.notice_issued_on},
            field="missing",
            code="second_notice",
        )
    materials.require_known(missing)
    if not missing:
        raise DomainError(_("Please tick every paper that is missing or not valid."), field="missing")
    application.materials.filter(kind__in=missing).update(received_on=None)
    application.status = S.RETURNED
    application.notice_issued_on, application.notice_items = clock.today(), sorted(missing)
    application.reviewer, application.reviewed_at = actor, clock.now()
    deadlines.pause_clock(application)
    application.save(
        update_fields=["status", "notice_issued_on", "notice_items", "due_rule", "reviewer", "reviewed_at"]
    )
    audit.record(actor=actor, action="application.returned_once", target=application, missing=sorted(missing))
    return application


@transaction.atomic
def undo_decision(*, application_id: int, actor: User) -> PermitApplication:
    """Take one's own last step back while nobody went on from it, within `undo.review_minutes`."""
    rows = PermitApplication.objects.restrict(actor, "review").select_for_update(of=("self",))
    application = rows.get(pk=application_id)
    if application.status == S.ISSUED:
        _undo_signature(application, actor)
    elif application.status == S.REVIEWED:
        _undo_step(application, actor, "reviewer", back_to=S.ACCEPTED)
    elif application.status == S.REJECTED:
        signed = application.signer_id is not None
        _undo_step(application, actor, "signer" if signed else "reviewer", back_to=S.REVIEWED if signed else S.ACCEPTED)
    elif application.status == S.RETURNED and application.accepted_at:
        _undo_return(application, actor)
    else:
        raise DomainError(_("There is no step to take back: the file has gone on."), code="wrong_state")
    audit.record(actor=actor, action="application.undone", target=application, now=application.status)
    return application


def may_sign(user: User, application: PermitApplication) -> bool:
    """For showing the button; `sign` asks again."""
    return user.has_duty(Duty.POLICE) and application.county_code in scope_of(user, PermitApplication, "sign")


def _for_decision(application_id: int, step: str, action: str, actor: User) -> PermitApplication:
    rows = PermitApplication.objects.restrict(actor, action).select_for_update(of=("self",)).select_related("person")
    application = rows.get(pk=application_id)
    if not actor.has_duty(Duty.POLICE):
        raise PermissionDenied
    if action == "sign":
        _require_county_signer(application, actor)
    APPLICATION_WORKFLOW.target(step, status=application.status, status_label=str(application.get_status_display()))
    require_other_person(actor, than_id=application.registrar_id)
    return application


def _require_county_signer(application: PermitApplication, actor: User) -> None:
    if not may_sign(actor, application):
        raise PermissionDenied


def _undo_step(application: PermitApplication, actor: User, who: str, *, back_to: str) -> None:
    _require_own_and_fresh(application, actor, who)
    application.status, application.closed_at, application.decision_reason = back_to, None, ""
    _clear(application, who)
    with one_at_a_time():
        application.save(update_fields=["status", "closed_at", "decision_reason", who, _moment_field(who)])


def _undo_signature(application: PermitApplication, actor: User) -> None:
    _require_own_and_fresh(application, actor, "signer")
    permit = locked_permit(application)
    void_card(permit, first=application.kind == ApplicationKind.FIRST, actor=actor)
    if permit.status == PermitStatus.TERMINATED:
        application.permit = None
    application.status = S.REVIEWED
    _clear(application, "signer")
    application.save(update_fields=["status", "permit", "signer", "signed_at"])
    log(permit, PermitStepKind.UNDONE, on=clock.today(), actor=actor)


def _undo_return(application: PermitApplication, actor: User) -> None:
    _require_own_and_fresh(application, actor, "reviewer")
    deadlines.resume_clock(application)
    application.materials.filter(kind__in=application.notice_items).update(received_on=clock.today())
    application.status, application.notice_issued_on, application.notice_items = S.ACCEPTED, None, []
    _clear(application, "reviewer")
    application.save(
        update_fields=["status", "notice_issued_on", "notice_items", "due_on", "due_rule", "reviewer", "reviewed_at"]
    )


def _require_own_and_fresh(application: PermitApplication, actor: User, who: str) -> None:
    minutes = int(rule("undo.review_minutes", area_code=application.area_code).value)
    moment: datetime | None = getattr(application, _moment_field(who))
    if getattr(application, f"{who}_id") != actor.pk:
        raise DomainError(_("Only the person who took this step can take it back."), code="not_yours")
    if moment is None or clock.now() - moment > timedelta(minutes=minutes):
        raise DomainError(_("The %(minutes)s minutes for undoing are over.") % {"minutes": minutes}, code="too_late")


def _moment_field(who: str) -> str:
    return {"reviewer": "reviewed_at", "signer": "signed_at"}[who]


def _clear(application: PermitApplication, who: str) -> None:
    setattr(application, who, None)
    setattr(application, _moment_field(who), None)
