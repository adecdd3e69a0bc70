"""The window: taking an application in, telling once what is missing, taking the rest in, giving the permit out."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit import services as audit
from portal.core import clock
from portal.core.errors import DomainError
from portal.org.delegation import require_police_matter
from portal.org.models import User
from portal.org.scoping import require
from portal.policy.services import rule
from residents.choices import ApplicationKind, ApplicationStatus, Ground, PermitStatus, PermitStepKind, ProofKind
from residents.models import OPEN_APPLICATION, Permit, PermitApplication, Person, Registration
from residents.permit_workflow import APPLICATION_WORKFLOW
from residents.services.permits import deadlines, materials, numbers
from residents.services.permits.eligibility import Eligibility, active_registration, eligibility, require_eligible
from residents.services.permits.records import locked_permit, log, one_at_a_time

ACCEPT, DELIVER = "permit.accept", "permit.deliver"


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """Who applies for the holder. `relation` is a code of `relationship`; 99 (no relative) may not apply (R4).

    From sixteen on only a holder of reduced mobility may send a relative: `reduced_mobility` says so.
    """

    name: str
    relation: str
    reduced_mobility: bool = False


NO_RELATIVE = "99"


@transaction.atomic
def apply(
    *,
    person_id: int,
    ground: str,
    papers: Collection[str],
    kind: str = ApplicationKind.FIRST,
    agent: Agent | None = None,
    fee: Decimal = Decimal(0),
    actor: User,
) -> PermitApplication:
    """Take an application in. With every paper there it is accepted and its clock starts; otherwise it is returned
    with the one-time notice (decree 663 art. 9, R5; Zhejiang art. 18, Z11).

    `papers` are the `ProofKind`s handed in. Raises DomainError with the reasons when the person is not eligible.
    """
    person = Person.objects.get(pk=person_id)
    registration = active_registration(person)
    area_code = registration.area_code if registration else person.area_code
    require(actor, PermitApplication, "accept", at=area_code)
    require_police_matter(actor, matter=ACCEPT, at=area_code)
    permit, found = _entitled(person, kind)
    if registration is None:
        raise DomainError(_("There is no current residence registration. Register first."), field="person")
    _check_shape(kind, ground, papers, fee, area_code)
    _check_agent(agent, found)
    with one_at_a_time():
        application = PermitApplication.objects.create(
            number=numbers.next_number(numbers.FILE, area_code=area_code),
            kind=kind,
            person=person,
            registration=registration,
            permit=permit,
            ground=permit.ground if permit else ground,
            status=ApplicationStatus.RETURNED,
            applicant=agent.name if agent else "",
            applicant_relation=agent.relation if agent else "",
            submitted_on=clock.today(),
            eligibility=found.snapshot() | {"reduced_mobility": bool(agent and agent.reduced_mobility)},
            checks_passed=found.all_passed,
            registrar=actor,
            area_code=area_code,
            fee=fee,
        )
    materials.receive(application, papers)
    _accept_or_return(application, actor)
    return application


@transaction.atomic
def complete(*, application_id: int, papers: Collection[str], actor: User) -> PermitApplication:
    """Take in what was missing. Still incomplete: refused, because a second notice is not allowed (R5)."""
    application = _locked(application_id, "accept", actor)
    require_police_matter(actor, matter=ACCEPT, at=application.area_code)
    status = APPLICATION_WORKFLOW.target("complete", status=application.status, status_label=_label(application))
    materials.require_known(papers)
    materials.receive(application, papers)
    left = _missing(application)
    if left:
        raise DomainError(
            _("Still missing: %(papers)s. The one-time notice was given on %(day)s; a second one is not allowed.")
            % {"papers": materials.words(left), "day": application.notice_issued_on},
            field="papers",
            code="second_notice",
        )
    application.status = status
    if application.accepted_at:
        deadlines.resume_clock(application)
    else:
        deadlines.start_clock(application, clock.now())
    application.save(update_fields=["status", "accepted_at", "due_on", "due_rule"])
    audit.record(actor=actor, action="application.completed", target=application, due_on=application.due_on)
    return application


@transaction.atomic
def deliver(*, application_id: int, actor: User) -> PermitApplication:
    """The holder takes the card. Police, or a station under a delegation."""
    application = _locked(application_id, "deliver", actor)
    require_police_matter(actor, matter=DELIVER, at=application.area_code)
    application.status = APPLICATION_WORKFLOW.target(
        "deliver", status=application.status, status_label=_label(application)
    )
    application.closed_at = clock.now()
    application.save(update_fields=["status", "closed_at"])
    permit = locked_permit(application)
    permit.delivered_on = clock.today()
    permit.save(update_fields=["delivered_on"])
    log(permit, PermitStepKind.DELIVERED, on=clock.today(), actor=actor)
    audit.record(actor=actor, action="application.delivered", target=application)
    return application


@transaction.atomic
def withdraw(*, application_id: int, reason: str, actor: User) -> PermitApplication:
    """The applicant takes the application back."""
    application = _locked(application_id, "withdraw", actor)
    application.status = APPLICATION_WORKFLOW.target(
        "withdraw", status=application.status, status_label=_label(application)
    )
    application.closed_at = clock.now()
    application.decision_reason = reason
    application.save(update_fields=["status", "closed_at", "decision_reason"])
    audit.record(actor=actor, action="application.withdrawn", target=application)
    return application


def _locked(application_id: int, action: str, actor: User) -> PermitApplication:
    rows = PermitApplication.objects.restrict(actor, action).select_for_update(of=("self",))
    return rows.get(pk=application_id)


def _label(application: PermitApplication) -> str:
    return str(application.get_status_display())


def _missing(application: PermitApplication) -> list[ProofKind]:
    lines = materials.check_list(application)
    return [kind for line in lines if not line.received for kind in line.kinds]


def _accept_or_return(application: PermitApplication, actor: User) -> None:
    left = _missing(application)
    if left:
        application.notice_issued_on = clock.today()
        application.notice_items = list(left)
        action = "application.returned_once"
    else:
        application.status = ApplicationStatus.ACCEPTED
        deadlines.start_clock(application, clock.now())
        action = "application.accepted"
    application.save(update_fields=["status", "notice_issued_on", "notice_items", "accepted_at", "due_on", "due_rule"])
    audit.record(actor=actor, action=action, target=application, due_on=application.due_on)


def _entitled(person: Person, kind: str) -> tuple[Permit | None, Eligibility]:
    """First issue: the eligibility rules. Replacement: the living permit that is replaced (R10)."""
    found = eligibility(person, clock.today())
    if kind == ApplicationKind.FIRST:
        require_eligible(found)
        return None, found
    permit = Permit.objects.filter(person=person).exclude(status=PermitStatus.TERMINATED).first()
    if permit is None:
        raise DomainError(_("There is no living permit to replace. Apply for a first issue."), field="kind")
    if PermitApplication.objects.filter(person=person, status__in=OPEN_APPLICATION).exists():
        raise DomainError(_("Another file of this person is still open: go on with that one."), field="person")
    return permit, found


def _check_shape(kind: str, ground: str, papers: Collection[str], fee: Decimal, area_code: str) -> None:
    if kind not in ApplicationKind.values or (kind == ApplicationKind.FIRST and ground not in Ground.values):
        raise DomainError(_("Please choose the condition that the person applies by."), field="ground")
    materials.require_known(papers)
    if fee < 0:
        raise DomainError(_("The fee cannot be negative."), field="fee")
    if fee and kind == ApplicationKind.FIRST:
        raise DomainError(_("The first permit is free: no fee may be entered."), field="fee", code="free")
    highest = rule("permit.replace_fee_max", area_code=area_code).value if fee else 0
    if fee > highest:
        raise DomainError(_("The fee may be at most %(limit)s yuan.") % {"limit": highest}, field="fee")


def _check_agent(agent: Agent | None, found: Eligibility) -> None:
    if agent is None:
        if found.by_guardian:
            raise DomainError(
                _("Under 16: please enter the guardian or close relative who applies."), field="applicant"
            )
        return
    if not agent.name:
        raise DomainError(_("Please enter the name of the person who applies."), field="applicant")
    if not agent.relation or agent.relation == NO_RELATIVE:
        raise DomainError(_("Only a guardian or a close relative may apply for somebody."), field="applicant_relation")
    if not found.by_guardian and not agent.reduced_mobility:
        raise DomainError(
            _("Somebody else may apply only for a child under 16 or a person of reduced mobility."),
            field="reduced_mobility",
        )


def registration_of(application: PermitApplication) -> Registration:
    """The stay that counts today: the person may have moved since the file was opened."""
    return active_registration(application.person) or application.registration
