"""Identity documents: one form of writing, a check that never refuses a genuine number, and what the number tells."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.utils.translation import gettext as _
from stdnum.cn import ric

from portal.core import clock
from portal.core.errors import DomainError
from portal.org.walls.context import admit, admitted
from portal.policy.divisions import is_known_division
from portal.vault.blind import blind_index
from residents.choices import DocumentKind, Sex
from residents.models import Person

DOCUMENT, DOCUMENT_TAIL, PHONE = "person.document", "person.document_tail", "person.phone"
FIELD = "document_number"
RIC_LENGTH, OLD_RIC_LENGTH = 18, 15
BORN_IN_THE_1800S = {"996", "997", "998", "999"}
HMT_PREFIXES = ("81", "82", "83")
NOISE = re.compile(r"[\s\-‐‑–—−_.]")


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """What the number itself says; None where this kind of document says nothing. `note` is for the clerk's eye."""

    number: str
    birth_date: date | None = None
    sex: str | None = None
    native_code: str | None = None
    note: str = ""


def normalise_document(kind: str, raw: str, *, imported: bool = False) -> str:
    """Full-width characters, blanks, hyphens, lower case and × for X are put right; nothing else is guessed.

    A 15-digit number of the old resident ID card becomes one of 18 only with `imported=True`: at the window the card
    in force has 18. The last two of the eleven characters of an older Hong Kong/Macau permit count its renewals and
    are dropped, so that a person keeps one number.
    """
    number = _put_right(raw)
    if kind in (DocumentKind.RESIDENT_ID, DocumentKind.HOUSEHOLD_BOOK) and imported and _is_old(number):
        return _upgraded(number)
    if kind == DocumentKind.HK_MACAU_PERMIT and re.fullmatch(r"[HM]\d{10}", number):
        return number[:9]
    return number


def _put_right(raw: str) -> str:
    if raw.isascii() and raw.isalnum():
        return raw.upper()  # as nearly every number is written
    return NOISE.sub("", unicodedata.normalize("NFKC", raw).upper().replace("×", "X"))


def check_document(kind: str, number: str) -> DocumentFacts:
    """Takes a normalised number. Check digit and birth date decide; an unknown division is only a note, because
    numbers keep the code of a county long after it was abolished. Raises DomainError(field="document_number")."""
    if not number:
        raise DomainError(_("Please enter the document number."), field=FIELD, code="empty")
    return _CHECKS[DocumentKind(kind)](number)


def document_index(number: str) -> bytes:
    return blind_index(DOCUMENT, number)


def document_tail_index(number: str) -> bytes:
    """Of the last four characters; to be searched only together with an area or a name (security design §2.3)."""
    return blind_index(DOCUMENT_TAIL, number[-4:], size=8)


def phone_index(phone: str) -> bytes | None:
    return blind_index(PHONE, phone) if phone else None


@dataclass(frozen=True, slots=True)
class Match:
    """Somebody with exactly this number is on file: which file, and where the office is that answers for it."""

    person_id: int
    area_code: str


def match_document(number: str) -> Match | None:
    """Over the whole register, whatever the areas of the user; tells no more than `Match` holds (design §2.3)."""
    if not number:
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, area_code FROM sec.match_person(%s)", [document_index(number)])
        row = cursor.fetchone()
    return Match(*row) if row else None


def find_by_document(number: str) -> Person | None:
    """The file with exactly this number, which opens it to the rest of the transaction wherever it is kept (the wall
    admits it): the caller has asked for the right to register, and decides what may be shown."""
    match = match_document(number)
    if match is None:
        return None
    admit(person=match.person_id)
    return Person.objects.get(pk=match.person_id)


@contextmanager
def opened(number: str) -> Iterator[None]:
    """The same for a block: rows about the holder of this number are in reach, and of nobody else."""
    match = match_document(number)
    if match is None:
        yield
        return
    with admitted(person=match.person_id):
        yield


def _is_old(number: str) -> bool:
    return len(number) == OLD_RIC_LENGTH and number.isdigit()


def _upgraded(number: str) -> str:
    century = "18" if number[-3:] in BORN_IN_THE_1800S else "19"
    body = number[:6] + century + number[6:]
    return body + ric.calc_check_digit(body + "0")


def _resident(number: str) -> DocumentFacts:
    """GB 11643-1999."""
    if _is_old(number):
        raise DomainError(
            _("This is an old 15-digit number. Please enter the 18-digit number of the card."), field=FIELD
        )
    facts = _numbered_by_gb11643(number)
    if number.startswith(HMT_PREFIXES):
        note = _("A residence permit number of a Hong Kong, Macau or Taiwan resident: check the kind of document.")
    elif not is_known_division(number[:6]):
        note = _("The division %(code)s is not in the code table; the number itself is in order.") % {
            "code": number[:6]
        }
    else:
        note = ""
    return DocumentFacts(number, facts.birth_date, facts.sex, number[:6], note)


def _hmt_residence(number: str) -> DocumentFacts:
    facts = _numbered_by_gb11643(number)
    if not number.startswith(HMT_PREFIXES):
        raise DomainError(
            _("The number of this permit starts with 81, 82 or 83. Check the kind of document."), field=FIELD
        )
    return DocumentFacts(number, facts.birth_date, facts.sex, number[:6])


def _foreign_permanent(number: str) -> DocumentFacts:
    """Cards since 2023: 18 digits starting with 9, numbered like GB 11643. Before: three letters and 12 digits."""
    if re.fullmatch(r"[A-Z]{3}\d{12}", number):
        return DocumentFacts(number)
    if not number.startswith("9"):
        raise DomainError(
            _("The number of this card has 18 digits starting with 9, or three letters and 12 digits."), field=FIELD
        )
    facts = _numbered_by_gb11643(number)
    return DocumentFacts(number, facts.birth_date, facts.sex)


def _numbered_by_gb11643(number: str) -> DocumentFacts:
    if len(number) != RIC_LENGTH:
        message = _("The number has 18 characters; this one has %(count)s.") % {"count": len(number)}
        raise DomainError(message, field=FIELD, code="length")
    if not re.fullmatch(r"\d{17}[\dX]", number):
        raise DomainError(_("The number consists of 17 digits and a last digit or X."), field=FIELD, code="characters")
    born = _date(number[6:14])
    if born is None or born > clock.today():
        raise DomainError(_("Digits 7 to 14 are not a valid birth date."), field=FIELD, code="birth_date")
    if ric.calc_check_digit(number) != number[-1]:
        message = _("The check digit is wrong. Please compare the last character.")
        raise DomainError(message, field=FIELD, code="check_digit")
    return DocumentFacts(number, born, Sex.MALE if int(number[16]) % 2 else Sex.FEMALE)


def _date(digits: str) -> date | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


def _passport(number: str) -> DocumentFacts:
    if not re.fullmatch(r"(?=.*\d)[A-Z0-9]{6,9}", number):
        raise DomainError(_("A passport number has 6 to 9 letters and digits."), field=FIELD)
    return DocumentFacts(number)


def _hk_macau(number: str) -> DocumentFacts:
    if not re.fullmatch(r"[HM]\d{8}", number):
        raise DomainError(_("The number of this permit is H or M and 8 digits."), field=FIELD)
    return DocumentFacts(number)


def _taiwan(number: str) -> DocumentFacts:
    if not re.fullmatch(r"\d{8}", number):
        raise DomainError(_("The number of this permit has 8 digits."), field=FIELD)
    return DocumentFacts(number)


_CHECKS: dict[DocumentKind, Callable[[str], DocumentFacts]] = {
    DocumentKind.RESIDENT_ID: _resident,
    DocumentKind.HOUSEHOLD_BOOK: _resident,
    DocumentKind.PASSPORT: _passport,
    DocumentKind.TAIWAN_PERMIT: _taiwan,
    DocumentKind.HK_MACAU_PERMIT: _hk_macau,
    DocumentKind.FOREIGN_PERMANENT: _foreign_permanent,
    DocumentKind.HMT_RESIDENCE: _hmt_residence,
}
