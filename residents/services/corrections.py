"""Putting a wrong fact of a person's file right: upon a paper, with a reason, undoable while nothing followed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit import services as audit
from portal.core import clock
from portal.core.errors import DomainError
from portal.events import bus
from portal.org.models import User
from portal.vault.masks import mask_id_number
from residents.choices import ChangeKind
from residents.events import PersonCorrected
from residents.models import Person, PersonCorrection, Registration, RegistrationChange
from residents.selectors import current_stay
from residents.services import identity as documents
from residents.services.merging.pairs import refresh_pairs
from residents.services.people import CheckedIdentity, IdentityInput, check_identity
from residents.services.trail import write_change
from residents.services.versions import require_version

# What a correction may change, and what follows from it. Everything else has its own step (address, workplace …).
CORRECTABLE = ("name", "document_kind", "document_number", "sex", "birth_date")
DERIVED = ("name_pinyin", "name_initials", "native_code", "document_note", "mismatch_reason")
INDEXES = ("document_index", "document_tail_index")


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionInput:
    """What is right, as typed; a field left empty stays as it is. A new number brings its own birth date and sex,
    unless they are given too and `mismatch_reason` says why they differ."""

    name: str = ""
    document_kind: str = ""
    document_number: str = ""
    sex: str = ""
    birth_date: date | None = None
    mismatch_reason: str = ""


@transaction.atomic
def correct_person(
    *, person_id: int, given: CorrectionInput, reason: str, evidence: str, version: int, actor: User
) -> PersonCorrection:
    """Correct name, document or birth date and everything derived from them: pinyin, initials and blind indexes.

    `evidence` names the paper that was seen. Raises DomainError beside the field, with code "already_registered"
    when another file holds the number, and StaleRecordError when somebody saved in between. Departments hear
    `PersonCorrected`; the line in ledger L2 tells numbers and birth dates masked.
    """
    person = Person.objects.restrict(actor, "correct").select_for_update(of=("self",)).get(pk=person_id)
    _require_grounds(reason, evidence)
    require_version(person, version)
    checked = check_identity(_as_it_should_be(person, given))
    wanted = _wanted(person, given, checked)
    before = {key: getattr(person, key) for key in wanted if getattr(person, key) != wanted[key]}
    facts = [key for key in CORRECTABLE if key in before]
    if not facts:
        raise DomainError(_("Nothing differs from what is on file. Enter what should be corrected."))
    _refuse_number_of_another(person, checked.facts.number)
    after = {key: wanted[key] for key in before}
    _store(person, after)
    change = _tell_ledger(person, (before, after), f"{reason.strip()}（{evidence.strip()}）", actor)
    correction = PersonCorrection.objects.create(
        person=person,
        area_code=person.area_code,
        change=change,
        fields=facts,
        before=_plain(before),
        after=_plain(after),
        reason=reason.strip()[:200],
        evidence=evidence.strip()[:200],
        actor=actor,
    )
    audit.record(actor=actor, action="person.corrected", target=person, fields=facts, correction_id=correction.pk)
    bus.publish(PersonCorrected(person_id=person.pk, area_code=person.area_code, fields=tuple(facts)))
    refresh_pairs(person_ids=[person.pk])
    return correction


def take_back(_registration: Registration, change: RegistrationChange) -> None:
    """The undoing of `correct_person`, called by `undo` which has checked that it may be undone."""
    correction = PersonCorrection.objects.get(change=change)
    person = Person.objects.select_for_update(of=("self",)).get(pk=correction.person_id)
    person.version += 1
    before = _from_plain(correction.before)
    if "document_number" in before:
        _refuse_number_of_another(person, before["document_number"])
    _store(person, before)
    bus.publish(PersonCorrected(person_id=person.pk, area_code=person.area_code, fields=tuple(correction.fields)))
    refresh_pairs(person_ids=[person.pk])


def _require_grounds(reason: str, evidence: str) -> None:
    if not reason.strip():
        raise DomainError(_("Please say what was wrong and how it came about."), field="reason")
    if not evidence.strip():
        raise DomainError(_("Please name the paper that you have seen."), field="evidence")


def _as_it_should_be(person: Person, given: CorrectionInput) -> IdentityInput:
    """Sex and birth date come from the new number when it tells them; a mismatch on file keeps its reason."""
    kind = given.document_kind or person.document_kind
    new_number = bool(given.document_number.strip()) or kind != person.document_kind
    facts = None
    if new_number:
        number = documents.normalise_document(kind, given.document_number or person.document_number)
        facts = documents.check_document(kind, number)
    return IdentityInput(
        document_kind=kind,
        document_number=given.document_number or person.document_number,
        name=given.name or person.name,
        sex=given.sex or ("" if facts and facts.sex else person.sex),
        birth_date=given.birth_date or (None if facts and facts.birth_date else person.birth_date),
        mismatch_reason=given.mismatch_reason or ("" if new_number else person.mismatch_reason),
    )


def _wanted(person: Person, given: CorrectionInput, checked: CheckedIdentity) -> dict[str, Any]:
    values = checked.values
    wanted = {key: values[key] for key in ("name", "name_pinyin", "name_initials", "sex", "birth_date")}
    wanted |= {
        "document_kind": given.document_kind or person.document_kind,
        "document_number": checked.facts.number,
        "document_note": values["document_note"],
        "mismatch_reason": values["mismatch_reason"],
    }
    if checked.facts.number != person.document_number and checked.facts.native_code:
        wanted["native_code"] = checked.facts.native_code
    return wanted


def _refuse_number_of_another(person: Person, number: str) -> None:
    others = Person.objects.filter(document_index=documents.document_index(number)).exclude(pk=person.pk)
    if others.exists():
        message = _("Another file holds this number already. Compare the two files; one person has one file.")
        raise DomainError(message, field="document_number", code="already_registered")


def _store(person: Person, values: Mapping[str, Any]) -> None:
    for key, value in values.items():
        setattr(person, key, value)
    person.document_index = documents.document_index(person.document_number)
    person.document_tail_index = documents.document_tail_index(person.document_number)
    person.save(update_fields=[*values, *INDEXES, "version"])


def _tell_ledger(
    person: Person, states: tuple[Mapping[str, Any], Mapping[str, Any]], reason: str, actor: User
) -> RegistrationChange | None:
    stay = current_stay(person)
    if stay is None:
        return None
    return write_change(
        stay,
        ChangeKind.CORRECTION,
        clock.today(),
        actor,
        before=_told(states[0]),
        after=_told(states[1]),
        reason=reason,
    )


def _told(values: Mapping[str, Any]) -> str:
    """For the ledger: what changed, without giving away a number or a birth date."""
    words = []
    if "name" in values:
        words.append(values["name"])
    if "document_number" in values:
        words.append(mask_id_number(values["document_number"]))
    if "birth_date" in values:
        words.append(f"{values['birth_date'].year}-**-**")
    return "，".join(words)


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value.isoformat() if isinstance(value, date) else value for key, value in values.items()}


def _from_plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: date.fromisoformat(value) if key == "birth_date" else value for key, value in values.items()}
