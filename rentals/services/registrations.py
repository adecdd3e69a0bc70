"""The life of a rental registration: handed in, reviewed by the police, renewed, ended. Free of charge."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from portal.audit import services as audit
from portal.core import clock
from portal.core.errors import DomainError
from portal.events import bus
from portal.org.models import User
from portal.org.scoping import require
from rentals.choices import Gas, RentalStatus, RentalStepKind
from rentals.events import RentalAccepted, RentalEnded
from rentals.models import RentalRegistration, RentalStep
from rentals.services import letting_rules, numbers
from rentals.services.landlords import landlord_index, landlord_of, phone_index
from rentals.workflow import RENTAL_WORKFLOW
from residents.models import Dwelling
from residents.services.code_fields import require_code
from residents.services.names import check_phone, normalise_phone
from residents.services.versions import require_version, violated

NOTE_LENGTH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class RentalInput:
    """What form F-2 asks for. Codes: `property_kind`, `title_proof`, `house_structure`, `house_use`, `danger_grade`,
    `letting_space`. An empty `document_number` or `landlord_phone` of an amendment leaves the stored one."""

    landlord_kind: str
    landlord_name: str
    document_kind: str = ""
    document_number: str = ""
    landlord_phone: str = ""
    contact_address: str = ""
    agent_name: str = ""
    agent_phone: str = ""
    ownership: str
    title_kind: str
    title_number: str
    structure: str
    planned_use: str
    self_built: bool = False
    danger_grade: str = ""
    appraisal_number: str = ""
    floor_area: Decimal
    rooms_total: int
    rooms_let: int
    letting: str
    spaces: tuple[str, ...] = ()
    let_from: date
    let_to: date | None = None
    monthly_rent: Decimal | None = None
    fire_passage: bool = False
    safety_exit: bool = False
    gas: str


@transaction.atomic
def submit(*, dwelling_id: int, given: RentalInput, actor: User) -> RentalRegistration:
    """Hand a registration in for review (decree 281 of Zhejiang, HL8). Raises DomainError for what must not be let,
    and code="live" when the dwelling has a live registration already."""
    row = _begun(dwelling_id, given, actor)
    _save_new(row)
    _step(row, RentalStepKind.SUBMITTED, actor)
    audit.record(actor=actor, action="rental.submitted", target=row)
    return row


def check(given: RentalInput, *, area_code: str) -> None:
    """Whether form F-2 may be handed in like this, without writing anything. Raises DomainError beside the field."""
    _fill(RentalRegistration(area_code=area_code), given)


def _begun(dwelling_id: int, given: RentalInput, actor: User) -> RentalRegistration:
    dwelling = Dwelling.objects.restrict(actor, "view").standing().filter(pk=dwelling_id).first()
    if dwelling is None:
        raise DomainError(_("Please choose an address from the list, or add the dwelling."), field="dwelling")
    return entered(dwelling, given, actor)


def entered(dwelling: Dwelling, given: RentalInput, actor: User) -> RentalRegistration:
    """Form F-2 for a dwelling, checked by every rule and not saved. Raises DomainError beside the field."""
    require(actor, RentalRegistration, "add", at=dwelling.area_code)
    row = RentalRegistration(dwelling=dwelling, area_code=dwelling.area_code, submitted_by=actor)
    _fill(row, given)
    return row


def _save_new(row: RentalRegistration) -> None:
    """Nothing can be asked of the database after the refusal; whoever called is taken back to the beginning."""
    row.number = numbers.next_number(numbers.RENTAL, area_code=row.area_code)
    try:
        row.save(force_insert=True)
    except IntegrityError as error:
        if violated(error) != "rental_one_live":
            raise
        raise registered_already() from error


def registered_already() -> DomainError:
    words = _("This dwelling has a rental registration already: open it and change or renew it there.")
    return DomainError(words, field="dwelling", code="live")


@transaction.atomic
def amend(*, rental_id: int, given: RentalInput, version: int, actor: User) -> RentalRegistration:
    """Complete what was returned, or change what is in force; the rules before letting apply anew."""
    row = _locked(rental_id, "add", version, actor)
    move = "change" if row.status == RentalStatus.REGISTERED else "complete"
    row.status = _target(row, move)
    _fill(row, given)
    row.return_reason = ""
    row.save()
    _step(row, RentalStepKind.CHANGED, actor)
    audit.record(actor=actor, action="rental.changed", target=row)
    return row


@transaction.atomic
def accept(*, rental_id: int, version: int, actor: User) -> RentalRegistration:
    """The police enter it in the register; the address master learns of it by an event."""
    row = _locked(rental_id, "review", version, actor)
    row.status = _target(row, "accept")
    row.registered_on, row.decided_by = row.registered_on or clock.today(), actor
    row.save(update_fields=["status", "registered_on", "decided_by", "version"])
    _step(row, RentalStepKind.ACCEPTED, actor)
    audit.record(actor=actor, action="rental.accepted", target=row)
    bus.publish(RentalAccepted(rental_id=row.pk, dwelling_id=row.dwelling_id, area_code=row.area_code))
    return row


@transaction.atomic
def give_back(*, rental_id: int, reason: str, version: int, actor: User) -> RentalRegistration:
    """Return it with everything that is missing, said at once."""
    row = _locked(rental_id, "review", version, actor)
    row.status = _target(row, "return")
    row.return_reason = _reason(reason, _("Please say what has to be completed: the landlord is told."))
    row.decided_by = actor
    row.save(update_fields=["status", "return_reason", "decided_by", "version"])
    _step(row, RentalStepKind.RETURNED, actor, row.return_reason)
    audit.record(actor=actor, action="rental.returned", target=row)
    return row


@transaction.atomic
def renew(*, rental_id: int, let_to: date, version: int, actor: User) -> RentalRegistration:
    """Let on until a later day."""
    row = _locked(rental_id, "add", version, actor)
    row.status = _target(row, "renew")
    if let_to <= max(row.let_to or row.let_from, clock.today()):
        raise DomainError(_("The new end lies after the present one and after today."), field="let_to")
    row.let_to = let_to
    row.save(update_fields=["let_to", "version"])
    _step(row, RentalStepKind.RENEWED, actor, let_to.isoformat())
    audit.record(actor=actor, action="rental.renewed", target=row, let_to=let_to.isoformat())
    return row


@transaction.atomic
def end(*, rental_id: int, ended_on: date, reason: str, version: int, actor: User) -> RentalRegistration:
    """Let no longer, or withdrawn before it was accepted. The row and its history stay."""
    row = _locked(rental_id, "add", version, actor)
    was_in_force = row.status == RentalStatus.REGISTERED
    row.status = _target(row, "end")
    if ended_on > clock.today() or (was_in_force and ended_on < row.let_from):
        raise DomainError(_("The day lies before the letting began, or in the future."), field="ended_on")
    row.end_reason = _reason(reason, _("Please say why the letting ended."))
    row.ended_on = ended_on
    row.save(update_fields=["status", "ended_on", "end_reason", "version"])
    _step(row, RentalStepKind.ENDED, actor, row.end_reason)
    audit.record(actor=actor, action="rental.ended", target=row)
    if was_in_force:
        bus.publish(RentalEnded(rental_id=row.pk, dwelling_id=row.dwelling_id, area_code=row.area_code))
    return row


def _fill(row: RentalRegistration, given: RentalInput) -> None:
    area = row.area_code
    landlord = landlord_of(
        kind=given.landlord_kind,
        name=given.landlord_name,
        document_kind=given.document_kind or row.document_kind,
        document_number=given.document_number or row.document_number,
        phone=given.landlord_phone or row.landlord_phone,
    )
    letting_rules.check_use(given.planned_use, area_code=area)
    letting_rules.check_safety(
        danger_grade=given.danger_grade,
        self_built=given.self_built,
        appraisal_number=given.appraisal_number,
        area_code=area,
    )
    row.spaces = letting_rules.check_spaces(given.letting, given.spaces, area_code=area)
    _check_house(given)
    row.landlord_kind, row.landlord_name = landlord.kind, landlord.name
    row.document_kind, row.document_number = landlord.document_kind, landlord.document_number
    row.document_index = landlord_index(landlord.document_number)
    row.landlord_phone = landlord.phone
    row.agent_name = given.agent_name.strip()
    row.agent_phone = check_phone(normalise_phone(given.agent_phone), field="agent_phone")
    if row.agent_phone and not row.agent_name:
        raise DomainError(_("Whose number is this? Please enter the agent or broker."), field="agent_name")
    row.landlord_phone_index, row.agent_phone_index = phone_index(row.landlord_phone), phone_index(row.agent_phone)
    for name in ("contact_address", "title_number", "appraisal_number"):
        setattr(row, name, getattr(given, name).strip())
    for name in COPIED:
        setattr(row, name, getattr(given, name))


COPIED = (
    "ownership", "title_kind", "structure", "planned_use", "self_built", "danger_grade", "floor_area", "rooms_total",
    "rooms_let", "letting", "let_from", "let_to", "monthly_rent", "fire_passage", "safety_exit", "gas",
)  # fmt: skip


def _check_house(given: RentalInput) -> None:
    for table, field in (
        ("property_kind", "ownership"),
        ("title_proof", "title_kind"),
        ("house_structure", "structure"),
    ):
        require_code(table, getattr(given, field), field=field)
    if not given.title_number.strip():
        raise DomainError(_("Please enter the number of the proof of title."), field="title_number")
    if given.gas not in Gas.values:
        raise DomainError(_("Please choose the kind of gas."), field="gas")
    if given.floor_area <= 0:
        raise DomainError(_("Please enter the floor area in square metres."), field="floor_area")
    if not 1 <= given.rooms_let <= given.rooms_total:
        raise DomainError(_("At least one room is let, and no more than there are."), field="rooms_let")
    if given.let_to is not None and given.let_to < given.let_from:
        raise DomainError(_("The letting cannot end before it begins."), field="let_to")
    if given.monthly_rent is not None and given.monthly_rent < 0:
        raise DomainError(_("The rent cannot be negative."), field="monthly_rent")


def _reason(text: str, missing: str) -> str:
    if not text.strip():
        raise DomainError(missing, field="reason")
    return text.strip()[:NOTE_LENGTH]


def _locked(rental_id: int, action: str, version: int, actor: User) -> RentalRegistration:
    rows = RentalRegistration.objects.restrict(actor, action).select_for_update(of=("self",))
    row: RentalRegistration = require_version(rows.get(pk=rental_id), version)
    return row


def _target(row: RentalRegistration, move: str) -> str:
    return RENTAL_WORKFLOW.target(move, status=row.status, status_label=str(row.get_status_display()))


def _step(row: RentalRegistration, kind: str, actor: User, note: str = "") -> None:
    RentalStep.objects.create(rental=row, kind=kind, note=note, actor=actor)
