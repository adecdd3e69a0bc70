"""A person's file: what the clerk typed is checked against what the number says, then written once."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from portal.audit import services as audit
from portal.core import clock
from portal.core.errors import DomainError
from portal.org.models import User
from portal.org.walls.context import admit
from residents.choices import DocumentKind, Sex
from residents.models import Person
from residents.services import identity as documents
from residents.services.identity import DocumentFacts
from residents.services.merging.pairs import follow_person
from residents.services.names import check_name, check_phone, normalise_name, normalise_phone, pinyin_of

NATIVE_DIGITS = 6
SEXES = frozenset(Sex.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityInput:
    """Who it is, as typed. Sex, birth date and hukou division may be left out where the number tells them."""

    document_kind: str
    document_number: str
    name: str
    sex: str = ""
    birth_date: date | None = None
    phone: str = ""
    ethnicity: str = ""
    native_code: str = ""
    native_address: str = ""
    nationality: str = "CHN"
    education: str = ""
    marital_status: str = ""
    political_status: str = ""
    mismatch_reason: str = ""


@dataclass(frozen=True, slots=True)
class CheckedIdentity:
    """What will be stored. `mismatches` names the fields in which the clerk's word differs from the number."""

    facts: DocumentFacts
    values: dict[str, Any]
    mismatches: list[str] = field(default_factory=list)


def check_identity(given: IdentityInput, *, imported: bool = False) -> CheckedIdentity:
    """Raises DomainError beside the field. A difference from the number without a reason has the code "mismatch" and
    tells in its context what the number says."""
    number = documents.normalise_document(given.document_kind, given.document_number, imported=imported)
    facts = documents.check_document(given.document_kind, number)
    name = check_name(normalise_name(given.name))
    phone = check_phone(normalise_phone(given.phone))
    mismatches = _mismatches(given, facts)
    if mismatches and not given.mismatch_reason.strip():
        _refuse_mismatch(mismatches[0], facts)
    sex, birth_date = given.sex or facts.sex or "", given.birth_date or facts.birth_date
    if sex not in SEXES:
        raise DomainError(_("Please choose the sex."), field="sex")
    if birth_date is None or birth_date > clock.today():
        raise DomainError(_("Please enter a birth date that is not in the future."), field="birth_date")
    pinyin, initials = pinyin_of(name)
    values = {
        "name": name,
        "name_pinyin": pinyin,
        "name_initials": initials,
        "sex": sex,
        "birth_date": birth_date,
        "phone": phone,
        "native_code": given.native_code[:NATIVE_DIGITS] or facts.native_code or "",
        "nationality": given.nationality or "CHN",
        "mismatch_reason": given.mismatch_reason.strip() if mismatches else "",
        "document_note": facts.note[:120],
        "ethnicity": given.ethnicity,
        "native_address": given.native_address.strip(),
        "education": given.education,
        "marital_status": given.marital_status,
        "political_status": given.political_status,
    }
    return CheckedIdentity(facts, values, mismatches)


def find_known(number: str) -> Person | None:
    """The file with exactly this number, locked against two clerks who register the same person at once."""
    match = documents.match_document(number)
    if match is None:
        return None
    admit(person=match.person_id)
    person = Person.objects.select_for_update(of=("self",)).get(pk=match.person_id)
    return find_known(number) if person.merged_into_id else person  # merged while we waited for it


def open_file(given: IdentityInput, checked: CheckedIdentity, *, area_code: str, actor: User) -> Person:
    """A new file. The unique keyed hash refuses a second one for the same number."""
    number = checked.facts.number
    person = Person.objects.create(
        document_kind=given.document_kind,
        document_number=number,
        document_index=documents.document_index(number),
        document_tail_index=documents.document_tail_index(number),
        phone_index=documents.phone_index(checked.values["phone"]),
        area_code=area_code,
        **checked.values,
    )
    audit.record(actor=actor, action="person.opened", target=person, mismatches=checked.mismatches)
    return person


def refresh_file(
    person: Person, given: IdentityInput, checked: CheckedIdentity, *, area_code: str, actor: User
) -> None:
    """Renewal: fields that were given replace the old ones, fields left empty keep them. History keeps both."""
    wanted = refreshing(person, given.document_kind, checked)
    if person.area_code != area_code:
        wanted["area_code"] = area_code
    changed = list(wanted)
    if not changed:
        return
    for key in changed:
        setattr(person, key, wanted[key])
    person.phone_index = documents.phone_index(person.phone)
    person.version += 1
    person.save(update_fields=[*changed, "phone_index", "version"])
    if "area_code" in changed:
        follow_person(person)
    details = {"fields": changed, "mismatches": checked.mismatches}
    audit.record(actor=actor, action="person.refreshed", target=person, **details)


def refreshing(person: Person, document_kind: str, checked: CheckedIdentity) -> dict[str, Any]:
    """The fields in which what was given now differs from the file, and their new values."""
    wanted = {key: value for key, value in checked.values.items() if value or key == "mismatch_reason"}
    wanted["document_kind"] = _better_kind(person, document_kind)
    return {key: value for key, value in wanted.items() if getattr(person, key) != value}


def _better_kind(person: Person, document_kind: str) -> str:
    """A child's booklet number becomes the number of the card, not the other way round."""
    if person.document_kind == DocumentKind.RESIDENT_ID and document_kind == DocumentKind.HOUSEHOLD_BOOK:
        return person.document_kind
    return document_kind


def _mismatches(given: IdentityInput, facts: DocumentFacts) -> list[str]:
    pairs = {
        "sex": (given.sex, facts.sex),
        "birth_date": (given.birth_date, facts.birth_date),
        "native_code": (given.native_code[:NATIVE_DIGITS], facts.native_code),
    }
    return [name for name, (typed, derived) in pairs.items() if typed and derived and typed != derived]


def _refuse_mismatch(name: str, facts: DocumentFacts) -> None:
    messages = {
        "sex": _("The sex differs from the one in the document number. Correct it or give the reason."),
        "birth_date": _("The birth date differs from the one in the document number. Correct it or give the reason."),
        "native_code": _("The hukou division differs from the document number. Correct it or give the reason."),
    }
    derived = {"sex": facts.sex, "birth_date": facts.birth_date, "native_code": facts.native_code}
    raise DomainError(messages[name], field=name, code="mismatch", context={"derived": derived[name]})
