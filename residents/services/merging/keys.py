"""Which files may be of one person: a handful of keys, each answered by an index, and points for what agrees.

Nothing is scanned and nothing is decrypted but the number of the file that is asked about: phone and documents are
compared by their keyed hashes, a number with one wrong digit by the hashes of all numbers it can have been meant for.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connection
from stdnum.cn import ric

from portal.policy.services import rule
from portal.vault.blind import blind_index
from residents.choices import DocumentKind, RegistrationStatus
from residents.models import Person, Registration
from residents.services.identity import DOCUMENT, document_index, normalise_document

SAME_DOCUMENT, NEAR_DOCUMENT, SAME_PHONE = "document", "document_near", "phone"
SAME_NAME, SAME_PINYIN, SAME_BIRTH, NEAR_BIRTH = "name", "pinyin", "birth", "birth_near"
SAME_NATIVE, SAME_DWELLING = "native", "dwelling"
OTHER_NUMBER, OTHER_SEX = "other_number", "other_sex"
NAMED, NAMED_POINTS = "named", 100
"""Somebody says so; the pair stands on top of the list until it is decided."""
DEDUCTED = frozenset({OTHER_NUMBER, OTHER_SEX})
REASONS = (
    SAME_DOCUMENT,
    NEAR_DOCUMENT,
    SAME_PHONE,
    SAME_NAME,
    SAME_PINYIN,
    SAME_BIRTH,
    NEAR_BIRTH,
    SAME_NATIVE,
    SAME_DWELLING,
    OTHER_NUMBER,
    OTHER_SEX,
)
NUMBERED = frozenset({DocumentKind.RESIDENT_ID, DocumentKind.HOUSEHOLD_BOOK})
LENGTH, BODY, CENTURY = 18, 17, slice(6, 8)
CHARACTERS = "0123456789X"

Reason = tuple[str, int]
"""A code of `REASONS` and its points, negative for what speaks against it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What is known of somebody: a file, or what was typed so far. Empty fields ask nothing."""

    person_id: int = 0
    document_kind: str = ""
    documents: frozenset[bytes] = frozenset()
    near: frozenset[bytes] = frozenset()
    phone_index: bytes = b""
    name: str = ""
    pinyin: str = ""
    birth_date: date | None = None
    native_code: str = ""
    sex: str = ""
    dwellings: frozenset[int] = frozenset()


@dataclass(slots=True)
class Match:
    person: Person
    reasons: list[Reason] = field(default_factory=list)

    @property
    def score(self) -> int:
        return sum(points for _code, points in self.reasons)

    @property
    def codes(self) -> list[str]:
        return [code for code, _points in self.reasons]


def probe_of(person: Person, dwellings: Iterable[int] = ()) -> Probe:
    """Of a file; decrypts its number."""
    return Probe(
        person_id=person.pk,
        document_kind=person.document_kind,
        documents=document_indexes(person.document_kind, person.document_number),
        near=near_indexes(person.document_kind, person.document_number),
        phone_index=bytes(person.phone_index or b""),
        name=person.name,
        pinyin=person.name_pinyin,
        birth_date=person.birth_date,
        native_code=person.native_code,
        sex=person.sex,
        dwellings=frozenset(dwellings),
    )


def near_indexes(kind: str, number: str) -> frozenset[bytes]:
    """Keyed hashes of the numbers this one can have been meant for; none for documents without a check digit."""
    if kind not in NUMBERED:
        return frozenset()
    return frozenset(blind_index(DOCUMENT, near) for near in neighbours(_new_form(kind, number)))


def document_indexes(kind: str, number: str) -> frozenset[bytes]:
    """Of the number and of its other form: 15 digits on the old card, 18 on the new one."""
    if kind not in NUMBERED or not number:
        return frozenset({document_index(number)} if number else ())
    new = _new_form(kind, number)
    return frozenset(document_index(form) for form in {number, new, _old_form(new)} if form)


def neighbours(number: str) -> set[str]:
    """Numbers with a right check digit and a real birth date that differ from `number` in one digit before the check
    digit, or in the order of two digits side by side. Of a number whose own check digit is wrong: what one digit puts
    right. At most 169."""
    if not re.fullmatch(r"\d{17}[\dX]", number):
        return set()
    body = number[:BODY]
    if ric.calc_check_digit(number) != number[-1]:
        return {near for near in _one_character_off(number) if _is_right(near)}
    bodies = {body[:at] + digit + body[at + 1 :] for at in range(BODY) for digit in CHARACTERS[:10]}
    bodies |= {body[:at] + body[at + 1] + body[at] + body[at + 2 :] for at in range(BODY - 1)}
    found = {one + ric.calc_check_digit(one + "0") for one in bodies - {body} if _has_date(one)}
    return found - {number}


def matches(probes: Sequence[Probe], *, also: Mapping[int, Iterable[int]] | None = None) -> dict[int, list[Match]]:
    """By position in `probes`: who else it may be, best first, with every reason that holds; two queries and one for
    the dwellings, however many probes. `also` names files to be compared whatever the keys say.

    Sees what the present user sees behind the wall; merged and anonymous files never come up. Each key
    brings at most `duplicates.block_limit` files: a landlord's phone number stands in hundreds.
    """
    found = _candidates(probes)
    for n, person_ids in (also or {}).items():
        found[n].update(person_ids)
    people = _people({pk for ids in found.values() for pk in ids})
    homes = dwellings_of(people) if any(probe.dwellings for probe in probes) else {}
    points = _points()
    result: dict[int, list[Match]] = {}
    for n, probe in enumerate(probes):
        rows = [
            Match(people[pk], compare(probe, people[pk], homes.get(pk, frozenset()), points))
            for pk in found[n]
            if pk in people and pk != probe.person_id
        ]
        result[n] = sorted(rows, key=lambda one: (-one.score, one.person.pk))
    return result


def compare(probe: Probe, person: Person, dwellings: frozenset[int], points: Mapping[str, int]) -> list[Reason]:
    """What agrees and what differs. A number that is only one digit off says most of the birth date and the native
    county by itself: these are not counted again."""
    codes: list[str] = []
    other = bytes(person.document_index)
    same, near = other in probe.documents, other in probe.near
    codes += [SAME_DOCUMENT] if same else [NEAR_DOCUMENT] if near else []
    if probe.phone_index and bytes(person.phone_index or b"") == probe.phone_index:
        codes.append(SAME_PHONE)
    if probe.name and person.name == probe.name:
        codes.append(SAME_NAME)
    elif probe.pinyin and person.name_pinyin == probe.pinyin:
        codes.append(SAME_PINYIN)
    if not same and not near:
        codes += _birth(probe.birth_date, person.birth_date)
        codes += [SAME_NATIVE] if probe.native_code and probe.native_code == person.native_code else []
        both = probe.documents and {probe.document_kind, person.document_kind} <= NUMBERED
        codes += [OTHER_NUMBER] if both else []
    if probe.dwellings & dwellings:
        codes.append(SAME_DWELLING)
    if probe.sex and probe.sex != person.sex:
        codes.append(OTHER_SEX)
    return [(code, points[code]) for code in sorted(codes, key=REASONS.index)]


def _birth(one: date | None, other: date) -> list[str]:
    if one is None:
        return []
    if one == other:
        return [SAME_BIRTH]
    agreeing = (one.year == other.year) + (one.month == other.month) + (one.day == other.day)
    swapped = one.year == other.year and (one.month, one.day) == (other.day, other.month)
    return [NEAR_BIRTH] if agreeing == 2 or swapped else []  # noqa: PLR2004 - two of year, month and day


def _points() -> dict[str, int]:
    return {
        code: -int(rule(f"duplicates.deduct_{code}").value)
        if code in DEDUCTED
        else int(rule(f"duplicates.points_{code}").value)
        for code in REASONS
    }


KEY_COLUMNS = "near_n near_v phone_n phone_v birth_n birth_v birth_d native_n native_v native_c home_n home_v home_d"
_KEYS = """
SELECT p.n, c.id FROM unnest(%(near_n)s::int[], %(near_v)s::bytea[]) AS p(n, v)
    JOIN residents_person c ON c.document_index = p.v
UNION ALL
SELECT p.n, c.id FROM unnest(%(phone_n)s::int[], %(phone_v)s::bytea[]) AS p(n, v) CROSS JOIN LATERAL (
    SELECT id FROM residents_person WHERE phone_index = p.v AND merged_into_id IS NULL LIMIT %(most)s) c
UNION ALL
SELECT p.n, c.id FROM unnest(%(birth_n)s::int[], %(birth_v)s::text[], %(birth_d)s::date[]) AS p(n, v, d)
    CROSS JOIN LATERAL (
        SELECT id FROM residents_person
        WHERE birth_date = p.d AND name_pinyin = p.v AND merged_into_id IS NULL LIMIT %(most)s) c
UNION ALL
SELECT p.n, c.id FROM unnest(%(native_n)s::int[], %(native_v)s::text[], %(native_c)s::text[]) AS p(n, v, c)
    CROSS JOIN LATERAL (
        SELECT id FROM residents_person
        WHERE name = p.v AND native_code = p.c AND merged_into_id IS NULL LIMIT %(most)s) c
UNION ALL
SELECT p.n, c.id FROM unnest(%(home_n)s::int[], %(home_v)s::text[], %(home_d)s::bigint[]) AS p(n, v, d)
    CROSS JOIN LATERAL (
        SELECT person_id FROM residents_registration WHERE dwelling_id = p.d AND status = 'active'
        LIMIT %(beds)s) r
    JOIN residents_person c ON c.id = r.person_id AND c.name = p.v
"""


def _candidates(probes: Sequence[Probe]) -> dict[int, set[int]]:
    lists: dict[str, list[object]] = defaultdict(list)

    def ask(key: str, n: int, **values: object) -> None:
        lists[f"{key}_n"].append(n)
        for letter, value in values.items():
            lists[f"{key}_{letter}"].append(value)

    for n, probe in enumerate(probes):
        for index in probe.documents | probe.near:
            ask("near", n, v=index)
        if probe.phone_index:
            ask("phone", n, v=probe.phone_index)
        if probe.pinyin and probe.birth_date:
            ask("birth", n, v=probe.pinyin, d=probe.birth_date)
        if probe.name and probe.native_code:
            ask("native", n, v=probe.name, c=probe.native_code)
        for dwelling in probe.dwellings if probe.name else ():
            ask("home", n, v=probe.name, d=dwelling)
    names = [
        "near_n",
        "near_v",
        "phone_n",
        "phone_v",
        "birth_n",
        "birth_v",
        "birth_d",
        "native_n",
        "native_v",
        "native_c",
        "home_n",
        "home_v",
        "home_d",
    ]
    params: dict[str, Any] = {name: lists[name] for name in names}
    params["most"] = int(rule("duplicates.block_limit").value)
    params["beds"] = int(rule("duplicates.dwelling_limit").value)
    found: dict[int, set[int]] = defaultdict(set)
    with connection.cursor() as cursor:
        cursor.execute(_KEYS, params)
        for n, person_id in cursor.fetchall():
            found[n].add(person_id)
    return found


def _people(ids: set[int]) -> dict[int, Person]:
    rows = Person.objects.filter(pk__in=ids, merged_into=None, forgotten_on=None)
    return rows.defer("document_number", "phone", "ethnicity").in_bulk()


def dwellings_of(person_ids: Iterable[int]) -> dict[int, frozenset[int]]:
    """Where these people live now."""
    rows = Registration.objects.filter(person_id__in=list(person_ids), status=RegistrationStatus.ACTIVE)
    found: dict[int, set[int]] = defaultdict(set)
    for person_id, dwelling_id in rows.values_list("person_id", "dwelling_id"):
        found[person_id].add(dwelling_id)
    return {pk: frozenset(homes) for pk, homes in found.items()}


def _new_form(kind: str, number: str) -> str:
    return normalise_document(kind, number, imported=True)


def _old_form(number: str) -> str:
    """Empty for those born in this century: they never had one."""
    return number[:6] + number[8:BODY] if len(number) == LENGTH and number[CENTURY] == "19" else ""


def _one_character_off(number: str) -> Iterable[str]:
    for at in range(LENGTH):
        for character in CHARACTERS if at == BODY else CHARACTERS[:10]:
            if character != number[at]:
                yield number[:at] + character + number[at + 1 :]


def _is_right(number: str) -> bool:
    return _has_date(number) and ric.calc_check_digit(number) == number[-1]


def _has_date(number: str) -> bool:
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    return True
