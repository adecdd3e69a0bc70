"""What was typed into a search box, read as keys of the register: who carries them, which permit, which employer."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Case, Q, When
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.core.pinyin import readings
from portal.vault.blind import blind_index
from residents.choices import DocumentKind
from residents.models import Permit, PermitApplication, Person
from residents.models.person import PersonalQuerySet, PersonQuerySet
from residents.services.identity import normalise_document

FULL_NUMBER = re.compile(r"(\d{17}[\dX]|\d{15})")
MOBILE = re.compile(r"1\d{10}")
NAME_AND_TAIL = re.compile(r"(?P<name>[^\d]+?) ?(?P<tail>\d{3}[\dX])")
TAIL_AND_NAME = re.compile(r"(?P<tail>\d{3}[\dX]) ?(?P<name>[^\d]+)")
DIGIT = re.compile(r"\d")
LATIN = re.compile(r"[A-Z][A-Z '.·-]*")
PAPER_NUMBER = re.compile(r"\d{6}S?\d{10}")
OTHER_DOCUMENT = re.compile(r"[A-Z]{1,3}\d{5,12}")
INITIALS_AT_MOST, LATIN_AT_LEAST = 5, 3
NEWEST, BY_SOUND = ("-updated_at", "-pk"), ("name_pinyin", "-pk")
BY_INITIALS = ("name_initials", *BY_SOUND)  # whose initials are these and no more come first, and their index is read


@dataclass(frozen=True, slots=True)
class Key:
    """One way to read what was typed: the people it finds (not restricted yet), the best ones first, and its name for
    the reader. `rare`: worth asking only when the keys before found nobody."""

    why: str | Promise
    people: PersonQuerySet
    order: tuple[Any, ...] = NEWEST
    rare: bool = False


def people_keys(text: str, *, former: bool = False, best: int = 0) -> list[Key]:
    """One box, routed by the shape of what was typed (performance design §1.6): a full number or phone exactly, a
    whole name with the last four characters of the number, Latin letters as pinyin, otherwise a part of the name.

    Any other run of digits finds nobody: beginnings and ends of numbers would let a mask be walked digit by digit
    (security design §2.3). Empty for text that is too short to search. `best`: no more than so many are shown, in the
    order of the key.
    """
    plain = " ".join(unicodedata.normalize("NFKC", text).upper().split())
    bare = re.sub(r"[\s-]", "", plain)
    if not bare:
        return []
    if DIGIT.search(bare):
        return _with_number(plain, bare)
    letters = plain.replace("Ü", "V")
    if LATIN.fullmatch(letters):
        return _with_letters(text.strip(), letters.lower(), former=former)
    part = text.strip()
    closeness = Case(When(name=part, then=0), When(name__begins=part, then=1), default=2)
    named = Person.objects.name_contains_best(part, best) if best else Person.objects.name_contains(part, former=former)
    return [Key(_("name of the person"), named, (closeness, *NEWEST))]


def people_matching(text: str) -> PersonQuerySet | None:
    """Everybody whom a list finds that narrows and sorts by itself; also people whose file has moved on from the
    reader's areas, whom lists of stays show. None for no text at all. Not restricted yet: always add `restrict`.

    A part of a Latin name is looked for only where the letters are neither initials nor pinyin: joined with OR, that
    search would keep the others from their indexes."""
    keys = people_keys(text, former=True)
    if not keys:
        return Person.objects.none() if text.strip() else None
    if keys[-1].rare and len(text.strip()) > INITIALS_AT_MOST and not readings(text.strip().lower()):
        return keys[-1].people
    found = keys[0].people
    for key in keys[1:]:
        found = found if key.rare else found | key.people
    return found


def _with_number(plain: str, bare: str) -> list[Key]:
    if FULL_NUMBER.fullmatch(bare) or OTHER_DOCUMENT.fullmatch(bare):
        written = {bare, normalise_number(bare)}
        indexes = [blind_index("person.document", one) for one in sorted(written)]
        return [Key(_("document number"), Person.objects.filter(document_index__in=indexes))]
    if MOBILE.fullmatch(bare):
        phone = blind_index("person.phone", bare)
        return [Key(_("mobile number"), Person.objects.filter(phone_index=phone))]
    named = NAME_AND_TAIL.fullmatch(plain) or TAIL_AND_NAME.fullmatch(plain)
    if named is None:
        return []
    tail = blind_index("person.document_tail", named["tail"], size=8)
    name = named["name"]
    people = Person.objects.filter(document_tail_index=tail, name__in=sorted({name, name.title(), name.lower()}))
    return [Key(_("name and last four of the number"), people)]


def _with_letters(typed: str, letters: str, *, former: bool) -> list[Key]:
    """Initials, syllables (so that all who sound alike are found), and names that are written in Latin letters.

    A key for each reading: joined with OR, the database leaves the index of one's township in order of sound for the
    one of the whole county.
    """
    keys = []
    joined = letters.replace(" ", "")
    if joined.isalpha() and len(joined) <= INITIALS_AT_MOST:
        keys.append(Key(_("initials of the name"), Person.objects.filter(name_initials__begins=joined), BY_INITIALS))
    for reading in dict.fromkeys([*readings(letters), letters]):
        sounding = Person.objects.filter(name_pinyin__begins=reading)
        keys.append(Key(_("pinyin of the name"), sounding, BY_SOUND))
    if len(joined) >= LATIN_AT_LEAST:
        written = Person.objects.name_contains(typed, typed.title(), typed.upper(), former=former)
        keys.append(Key(_("name of the person"), written, rare=True))
    return keys


def is_exact(text: str) -> bool:
    """Does the text ask for a number? Such a search is recorded even when it finds nobody."""
    return bool(DIGIT.search(unicodedata.normalize("NFKC", text)))


def normalise_number(bare: str) -> str:
    """A resident number of the old card (15 digits) as it is kept: with the century and the check digit."""
    return normalise_document(DocumentKind.RESIDENT_ID, bare, imported=True)


def whole_number(text: str) -> str:
    return re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text).upper())


def is_only_a_number(text: str) -> bool:
    """Of a document, a phone or a paper: no address, name or employer reads so."""
    bare = whole_number(text)
    return any(shape.fullmatch(bare) for shape in (FULL_NUMBER, OTHER_DOCUMENT, MOBILE, PAPER_NUMBER))


def is_whole_number(text: str) -> bool:
    bare = whole_number(text)
    return bool(FULL_NUMBER.fullmatch(bare) or OTHER_DOCUMENT.fullmatch(bare))


def permits_numbered(text: str) -> PersonalQuerySet:
    """The permit with exactly this number, or the one that came of the file with it. Not restricted yet."""
    number = whole_number(text)
    if not PAPER_NUMBER.fullmatch(number):
        return Permit.objects.none()
    of_file = PermitApplication.objects.filter(number=number).values("permit_id")
    return Permit.objects.filter(Q(number=number) | Q(pk__in=of_file))


@dataclass(frozen=True, slots=True)
class Employer:
    """An employer or school as it stands in registrations; `people` in residence, counted up to a bound."""

    name: str
    people: int


def employers_named(part: str, *, most: int) -> list[Employer]:
    """Where people of one's areas work or learn: names that contain `part`, those with most people first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT workplace, people FROM sec.workplaces(%s, %s)", [part, most])
        return [Employer(*row) for row in cursor.fetchall()]
