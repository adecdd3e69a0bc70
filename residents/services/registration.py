"""Logging an arrival: one person or a whole household, in one act and one transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from portal.audit import services as audit
from portal.core import clock
from portal.core.errors import DomainError
from portal.events import bus
from portal.events.idempotency import once
from portal.org.models import User
from portal.org.scoping import require, scope_of
from portal.policy.services import rule
from portal.vault.blind import blind_index
from residents.choices import ChangeKind, RegistrationStatus
from residents.events import PersonRegistered
from residents.models import Dwelling, Person, Registration, RegistrationChange
from residents.services import people
from residents.services.code_fields import require_code
from residents.services.doors import hold_door
from residents.services.duties import DutyNote, days_late, explain_duty
from residents.services.guardians import require_guardian
from residents.services.households import following
from residents.services.merging.pairs import refresh_pairs
from residents.services.people import CheckedIdentity, IdentityInput
from residents.services.versions import violated


@dataclass(frozen=True, slots=True, kw_only=True)
class StayInput:
    """Where, since when and why. `lodging`, `reason` and `channel` are codes of `dwelling_kind`, `stay_reason` and
    `channel`. `exempt_place` only chooses which exemption is explained (Z7); it is not stored."""

    dwelling_id: int
    arrived_on: date
    lodging: str
    reason: str
    channel: str
    planned_until: date | None = None
    workplace: str = ""
    occupation: str = ""
    employment: str = ""
    social_insurance: str = ""
    remark: str = ""
    exempt_place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanionInput:
    """`relation` is a code of `relationship`, seen from the first person: 10 is the first person's spouse."""

    relation: str
    identity: IdentityInput


@dataclass(frozen=True, slots=True)
class ArrivalResult:
    """`renewal`: the first person had been registered before. `repeated`: this very form was saved already and
    nothing was done now. `notes` explain the law to the clerk; they never refuse."""

    registration: Registration
    companions: list[Registration]
    renewal: bool
    repeated: bool
    notes: list[DutyNote] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Arrival:
    """Everything that is the same for each person of one act."""

    stay: StayInput
    dwelling: Dwelling
    notice_id: int | None
    actor: User
    today: date


def register_arrival(
    *,
    head: IdentityInput,
    stay: StayInput,
    companions: Sequence[CompanionInput] = (),
    notice_id: int | None = None,
    submission_key: str,
    actor: User,
    imported: bool = False,
) -> ArrivalResult:
    """Register `head` and everybody who came along, or nobody. Known people are renewed: their file is refreshed and
    a new stay begins, the half-year counting from today (Z10).

    Sending the same `submission_key` again returns the first result with `repeated=True`; do not wrap the call in
    `once()` yourself. Raises DomainError: code "already_registered" (context: person_id, registration_id, in_scope)
    offers renewal or a change of address; errors of companion number i stand at the field "companions.<i>.<field>".
    """
    body = blind_index("submission.body", repr((head, stay, tuple(companions), notice_id))).hex()
    made: list[tuple[Registration, bool]] = []

    def run() -> Registration:
        made.extend(_register(head, stay, companions, notice_id, actor, imported=imported))
        return made[0][0]

    try:
        outcome = once(actor=actor, key=f"arrival:{submission_key}", body=body, run=run)
    except IntegrityError as error:
        raise _told(error, head, actor) from error
    if outcome.repeated:
        return _first_result(int(outcome.pk))
    registration, renewal = made[0]
    return ArrivalResult(
        registration, [one for one, _known in made[1:]], renewal, repeated=False, notes=_notes(head, stay, registration)
    )


def _register(
    head: IdentityInput,
    stay: StayInput,
    companions: Sequence[CompanionInput],
    notice_id: int | None,
    actor: User,
    *,
    imported: bool,
) -> list[tuple[Registration, bool]]:
    arrival = _Arrival(stay, _dwelling(stay, actor), notice_id, actor, clock.today())
    check_stay(stay, area_code=arrival.dwelling.area_code, today=arrival.today, companions=len(companions))
    checked = people.check_identity(head, imported=imported)
    others = [_checked_companion(at, one, imported=imported) for at, one in enumerate(companions)]
    _refuse_twice_in_one_act(checked, others)
    require_guardian(
        head_born=checked.values["birth_date"],
        companions=[(one.relation, found.values["birth_date"]) for one, found in zip(companions, others, strict=True)],
        explanation=stay.remark,
        on=arrival.today,
    )
    first = _register_one(arrival, head, checked)
    made = [first]
    for at, (one, found) in enumerate(zip(companions, others, strict=True)):
        try:
            made.append(_register_one(arrival, one.identity, found, head=first[0], relation=one.relation))
        except DomainError as error:
            raise _at_companion(error, at) from error
    following.arrived(first[0], [registration for registration, _known in made[1:]], actor)
    if not imported:  # an import looks for duplicates once, when all its rows are written
        refresh_pairs(person_ids=[registration.person_id for registration, _known in made])
    return made


def _dwelling(stay: StayInput, actor: User) -> Dwelling:
    dwelling = Dwelling.objects.filter(pk=hold_door(stay.dwelling_id)).first()
    if dwelling is None:
        raise DomainError(_("Please choose an address from the list, or add the dwelling."), field="dwelling")
    require(actor, Registration, "add", at=dwelling.area_code)
    return dwelling


def check_stay(stay: StayInput, *, area_code: str, today: date, companions: int = 0) -> None:
    """The rules of a stay that need no look into the register; an import asks them for each of its rows."""
    area = area_code
    if stay.arrived_on > today:
        raise DomainError(_("The arrival date lies in the future. Register on the day of arrival."), field="arrived_on")
    oldest = today - timedelta(days=int(rule("registration.backdate_days", area_code=area).value))
    if stay.arrived_on < oldest and not stay.remark.strip():
        message = _("The arrival date lies before %(day)s. Check it, or give the reason in the remark.")
        raise DomainError(message % {"day": oldest.isoformat()}, field="arrived_on", code="backdated")
    if stay.planned_until and stay.planned_until < stay.arrived_on:
        raise DomainError(_("The intended end of the stay lies before the arrival."), field="planned_until")
    require_code("dwelling_kind", stay.lodging, field="lodging")
    require_code("stay_reason", stay.reason, field="reason")
    require_code("channel", stay.channel, field="channel")
    most = int(rule("registration.max_companions", area_code=area).value)
    if companions > most:
        raise DomainError(_("At most %(count)s people can come along in one registration.") % {"count": most})


def _checked_companion(at: int, one: CompanionInput, *, imported: bool) -> CheckedIdentity:
    try:
        require_code("relationship", one.relation, field="relation")
        return people.check_identity(one.identity, imported=imported)
    except DomainError as error:
        raise _at_companion(error, at) from error


def _refuse_twice_in_one_act(head: CheckedIdentity, others: Iterable[CheckedIdentity]) -> None:
    seen = {head.facts.number}
    for at, other in enumerate(others):
        if other.facts.number in seen:
            message = _("This document number is already in this form.")
            raise DomainError(message, field=f"companions.{at}.document_number", code="twice_in_form")
        seen.add(other.facts.number)


def _register_one(
    arrival: _Arrival,
    given: IdentityInput,
    checked: CheckedIdentity,
    *,
    head: Registration | None = None,
    relation: str = "",
) -> tuple[Registration, bool]:
    actor, area = arrival.actor, arrival.dwelling.area_code
    person = people.find_known(checked.facts.number)
    if person is not None and person.restricted_on is not None:
        raise restricted()
    last = _last_stay(person, arrival) if person else None
    if person is None:
        person = people.open_file(given, checked, area_code=area, actor=actor)
    else:
        people.refresh_file(person, given, checked, area_code=area, actor=actor)
    registration = _create_stay(arrival, person, head, relation)
    _write_trail(arrival, registration, last)
    return registration, last is not None


def _last_stay(person: Person, arrival: _Arrival) -> Registration | None:
    """The newest earlier stay. Raises when it has not ended, or ended after this one began."""
    stays = Registration.objects.standing().filter(person=person).select_related("dwelling")
    last = stays.order_by("-arrived_on", "-pk").first()
    if last is None:
        return None
    if last.status == RegistrationStatus.ACTIVE:
        raise already_registered(last, arrival.actor)
    refuse_overlap(arrival.stay.arrived_on, last.left_on, last.pk)
    return last


def refuse_overlap(arrived_on: date, left_on: date | None, registration_id: int) -> None:
    """A stay begins when the one before it has ended, or later."""
    if left_on and arrived_on < left_on:
        message = _("The person is on record elsewhere in the county until %(day)s. Check the arrival date.")
        day = left_on.isoformat()
        context = {"left_on": day, "registration_id": registration_id}
        raise DomainError(message % {"day": day}, field="arrived_on", code="overlap", context=context)


def restricted() -> DomainError:
    message = _("The use of this file is restricted. Ask the office that deals with personal data requests.")
    return DomainError(message, field="document_number", code="restricted")


def already_registered(registration: Registration, actor: User) -> DomainError:
    """The friendly answer that lets the page offer 续登 / 变更."""
    return DomainError(
        _("This person is already registered in the county. Renew or change that registration instead."),
        field="document_number",
        code="already_registered",
        context={
            "person_id": registration.person_id,
            "registration_id": registration.pk,
            "version": registration.version,
            "in_scope": registration.area_code in scope_of(actor, Registration, "view"),
        },
    )


def _create_stay(arrival: _Arrival, person: Person, head: Registration | None, relation: str) -> Registration:
    stay = arrival.stay
    working = head is None
    return Registration.objects.create(
        person=person,
        dwelling=arrival.dwelling,
        area_code=arrival.dwelling.area_code,
        arrived_on=stay.arrived_on,
        registered_on=arrival.today,
        counts_from=arrival.today,
        planned_until=stay.planned_until,
        lodging=stay.lodging,
        reason=stay.reason,
        channel=stay.channel,
        workplace=stay.workplace.strip() if working else "",
        occupation=stay.occupation if working else "",
        employment=stay.employment if working else "",
        social_insurance=stay.social_insurance if working else "",
        remark=stay.remark.strip(),
        head=head,
        relation=relation,
        notice_id=arrival.notice_id,
        registrar=arrival.actor,
    )


def _write_trail(arrival: _Arrival, registration: Registration, last: Registration | None) -> None:
    area = registration.area_code
    RegistrationChange.objects.create(
        registration=registration,
        person_id=registration.person_id,
        area_code=area,
        kind=ChangeKind.RENEWAL if last else ChangeKind.ARRIVAL,
        recorded_on=arrival.today,
        happened_on=arrival.stay.arrived_on,
        before=last.dwelling.address[:240] if last else "",
        after=arrival.dwelling.address[:240],
        actor=arrival.actor,
    )
    late = days_late(arrival.stay.arrived_on, arrival.today, area)
    audit.record(
        actor=arrival.actor,
        action="registration.renewed" if last else "registration.arrived",
        target=registration,
        late_days=late,
    )
    bus.publish(
        PersonRegistered(
            person_id=registration.person_id,
            registration_id=registration.pk,
            area_code=area,
            renewal=last is not None,
        )
    )


def _notes(head: IdentityInput, stay: StayInput, registration: Registration) -> list[DutyNote]:
    return explain_duty(
        document_kind=head.document_kind,
        nationality=head.nationality,
        lodging=stay.lodging,
        reason=stay.reason,
        arrived_on=stay.arrived_on,
        planned_until=stay.planned_until,
        exempt_place=stay.exempt_place,
        area_code=registration.area_code,
        on=registration.registered_on,
    )


def _first_result(pk: int) -> ArrivalResult:
    registration = Registration.objects.select_related("person", "dwelling").get(pk=pk)
    came_along = list(registration.companions.select_related("person").order_by("pk"))
    renewal = registration.changes.filter(kind=ChangeKind.RENEWAL).exists()
    return ArrivalResult(registration, came_along, renewal, repeated=True)


def _at_companion(error: DomainError, at: int) -> DomainError:
    field_name = f"companions.{at}.{error.field or 'document_number'}"
    return DomainError(error.message, field=field_name, code=error.code, context=error.context | {"companion": at})


def _told(error: IntegrityError, head: IdentityInput, actor: User) -> Exception:
    """Two clerks saved the same person at the same moment; the database let one of them through."""
    name = violated(error)
    if name not in {"registration_one_active", "person_document_once", "registration_no_overlap"}:
        return error
    number = people.documents.normalise_document(head.document_kind, head.document_number)
    with transaction.atomic():
        person = people.documents.find_by_document(number)
        winner = Registration.objects.active().filter(person=person).first() if person else None
    if winner is not None:
        return already_registered(winner, actor)
    message = _("A colleague registered this person a moment ago. Open the person's file to go on.")
    return DomainError(message, field="document_number", code="already_registered")
