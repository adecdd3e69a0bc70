"""What a block of rows has to know of the register, asked for all of them at once."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Q

from portal.org.codes import COMMUNITY, COUNTY, TOWNSHIP
from portal.org.models import Area, User
from portal.org.scoping import Scope, scope_of
from residents.choices import RegistrationStatus
from residents.models import Dwelling, DwellingAlias, NotSamePerson, Person, Registration
from residents.services.dwellings import shorthand_of

STANDING = "SELECT * FROM sec.import_standing(%s)"
DOORS = "SELECT address, area_code FROM sec.import_doors(%s, %s)"
NAMESAKES = """SELECT p.id, p.name, p.birth_date, p.area_code, p.document_index
    FROM json_to_recordset(%s) w (name text, born date)
    JOIN residents_person p ON p.birth_date = w.born AND p.name = w.name
    WHERE p.restricted_on IS NULL AND {scope}"""


@dataclass(frozen=True, slots=True)
class Standing:
    """The file behind a document number and its newest stay that was not undone."""

    person_id: int
    area_code: str
    restricted: bool
    registration_id: int | None
    status: str
    dwelling_id: int | None
    stay_area: str
    left_on: date | None
    address: str

    @property
    def is_active(self) -> bool:
        return self.status == RegistrationStatus.ACTIVE


def standings(indexes: Iterable[bytes]) -> dict[bytes, Standing]:
    wanted = list({bytes(index) for index in indexes})
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(STANDING, [wanted])
        return {
            bytes(row[0]): Standing(
                row[1], row[2], row[3], row[4], row[5] or "", row[6], row[7] or "", row[8], row[9] or ""
            )
            for row in cursor.fetchall()
        }


@dataclass(frozen=True, slots=True)
class Door:
    id: int
    area_code: str
    address: str


class Doors:
    """Finds the dwellings of a file by number or by the way the address is written; remembers what it has found.

    Only doors in the importer's areas are found. `elsewhere` tells which communities have the others.
    """

    MOST_KEPT = 60_000

    def __init__(self, actor: User, scope: Scope) -> None:
        self.actor, self.scope = actor, scope
        self.found: dict[str, list[Door]] = {}
        self.elsewhere: dict[str, str] = {}

    def look_up(self, wanted: Iterable[str]) -> None:
        if len(self.found) > self.MOST_KEPT:
            self.found.clear()
        missing = [text for text in dict.fromkeys(wanted) if text and text not in self.found]
        if not missing:
            return
        self._take(missing, {text: text for text in missing}, Q(address__in=missing) | Q(code__in=missing))
        left = [text for text in missing if text not in self.found]
        if left:
            short = {text: shorthand_of(text)[:80] for text in left}
            self._take(left, short, Q(shorthand__in=list(set(short.values()))), by="shorthand")
            self._aliases([text for text in left if text not in self.found])
        unknown = [text for text in missing if text not in self.found]
        if unknown:
            self._others(unknown)

    def _take(self, texts: list[str], keys: dict[str, str], condition: Q, *, by: str = "") -> None:
        rows = (
            Dwelling.objects.standing()
            .filter(condition)
            .filter(self.scope.q())
            .values_list("pk", "area_code", "address", "code", "shorthand")
        )
        by_key: dict[str, dict[int, Door]] = {}
        for pk, area, address, code, shorthand in rows:
            for key in (shorthand,) if by else (address, code):
                by_key.setdefault(key, {})[pk] = Door(pk, area, address)
        for text in texts:
            if keys[text] in by_key:
                self.found[text] = list(by_key[keys[text]].values())

    def _aliases(self, texts: list[str]) -> None:
        rows = DwellingAlias.objects.filter(text__in=texts, dwelling__merged_into=None).select_related("dwelling")
        for row in rows:
            if row.dwelling.area_code in self.scope:
                door = Door(row.dwelling_id, row.dwelling.area_code, row.dwelling.address)
                self.found.setdefault(row.text, []).append(door)

    def _others(self, texts: list[str]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(DOORS, [list({code[:COUNTY] for code in self.scope.codes}), texts])
            self.elsewhere |= dict(cursor.fetchall())


def namesakes(pairs: Iterable[tuple[str, date]], scope: Scope) -> dict[tuple[str, date], list[tuple[int, str, bytes]]]:
    """People in reach with the same name and birth date: (id, area, keyed hash of the number)."""
    wanted = [{"name": name, "born": born.isoformat()} for name, born in set(pairs)]
    if not wanted or scope.is_nowhere:
        return {}
    inside, values = scope.sql("p")
    given: list[Any] = [json.dumps(wanted), *values]
    found: dict[tuple[str, date], list[tuple[int, str, bytes]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(NAMESAKES.format(scope=inside), given)
        for pk, name, born, area, index in cursor.fetchall():
            found.setdefault((name, born), []).append((pk, area, bytes(index)))
    return found


def declared_different(pairs: Sequence[tuple[int, bytes]]) -> set[tuple[int, bytes]]:
    """Of (person, keyed hash) those that somebody has said are two people."""
    if not pairs:
        return set()
    rows = NotSamePerson.objects.filter(person_id__in={pk for pk, _index in pairs})
    return {(pk, bytes(index)) for pk, index in rows.values_list("person_id", "candidate_index")}


def stays(ids: Iterable[int]) -> dict[int, Registration]:
    rows = Registration.objects.filter(pk__in=list(ids)).select_related("person")
    return {row.pk: row for row in rows}


def people(ids: Iterable[int]) -> dict[int, Person]:
    return {person.pk: person for person in Person.objects.filter(pk__in=list(ids))}


class Offices:
    """Township and community by name."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def of(self, area_code: str) -> str:
        wanted = [area_code[:length] for length in (TOWNSHIP, COMMUNITY)]
        if any(code not in self._names for code in wanted):
            found: dict[str, Any] = dict(Area.objects.filter(code__in=wanted).values_list("code", "name"))
            self._names |= {code: found.get(code, "") for code in wanted}
        return " ".join(self._names[code] for code in wanted if self._names[code])


class Communities:
    """Names of communities in reach, to tell equal addresses apart."""

    def __init__(self, scope: Scope) -> None:
        rows = Area.objects.filter(valid_to=None).values_list("code", "name")
        self.codes: dict[str, list[str]] = {}
        for code, name in rows:
            if len(code) >= COMMUNITY and code in scope:
                self.codes.setdefault(name, []).append(code)

    def matches(self, text: str, area_code: str) -> bool:
        told = text.replace(" ", "")
        return (
            area_code.startswith(told)
            if told.isdigit()
            else any(
                area_code.startswith(code)
                for name, found in self.codes.items()
                if told.endswith(name)
                for code in found
            )
        )


def scopes(actor: User) -> dict[str, Scope]:
    """Where rows may be imported: `import` together with the right that the screen asks for."""
    imports = scope_of(actor, Registration, "import")
    return {
        "import": imports,
        "add": meet(imports, scope_of(actor, Registration, "add")),
        "change": meet(imports, scope_of(actor, Registration, "change")),
        "view": scope_of(actor, Person, "view"),
    }


def meet(one: Scope, other: Scope) -> Scope:
    """What lies in both."""
    codes = [code for own in one.codes for code in other.narrowed_to(own).codes]
    return Scope.over(codes)
