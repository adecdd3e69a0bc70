"""Checking rows that register people: the rules are the services', the register is asked block by block."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from portal.core import clock
from portal.core.errors import DomainError
from portal.imports.kinds import Checker, Given, Verdict, problem, refused
from portal.imports.models import Decision, ImportBatch
from portal.org.models import User
from portal.policy.divisions import division_name
from residents.choices import DocumentKind
from residents.imports import lookups
from residents.imports.doors import DoorFinder
from residents.imports.lookups import Door, Standing
from residents.models import Person, Registration
from residents.services.guardians import require_guardian
from residents.services.identity import document_index
from residents.services.people import CheckedIdentity, IdentityInput, check_identity, refreshing
from residents.services.registration import StayInput, check_stay, refuse_overlap, restricted

IMPORTED = "import"
MASKED = "*"
GROWN_UP = 30
IDENTITY = tuple(IdentityInput.__dataclass_fields__)
STAY = ("workplace", "occupation", "planned_until", "remark", "lodging", "reason")
CORRECTED = ("name", "sex", "birth_date")  # a correction asks for evidence and another right


@dataclass(slots=True)
class Row:
    """A row on its way to a verdict."""

    given: Given
    identity: IdentityInput | None = None
    checked: CheckedIdentity | None = None
    index: bytes | None = None
    door: Door | None = None
    head: Registration | None = None
    relation: str = ""
    stay: StayInput | None = None
    standing: Standing | None = None

    def wrong(self, error: DomainError, column: str = "") -> None:
        self.given.problems.append(problem(error, column or error.field or ""))


@dataclass(frozen=True, slots=True)
class Around:
    """What the register knows near a block: people with the same name and birth date, and stays by key."""

    alike: dict[tuple[str, date], list[tuple[int, str, bytes]]]
    stays: dict[int, Registration]


class ArrivalChecker(Checker):
    """One run over a file."""

    def __init__(self, _batch: ImportBatch, actor: User) -> None:
        self.actor, self.today = actor, clock.today()
        self.scopes = lookups.scopes(actor)
        self.offices = lookups.Offices()
        self.doors = DoorFinder(actor, self.scopes["import"], self.offices)
        self.judged: dict[Any, DomainError | None] = {}

    def check(self, rows: Sequence[Given]) -> Iterator[Verdict]:
        block = [Row(given) for given in rows]
        for row in block:
            self.identify(row)
        self.place(block)
        for row in block:
            self.judge_stay(row)
        standing = lookups.standings(row.index for row in block if row.index)
        around = Around(
            lookups.namesakes(self._names(block, standing), self.scopes["view"]), self._known(block, standing)
        )
        for row in block:
            row.standing = standing.get(row.index) if row.index else None
            yield self.verdict(row, around)

    # --- what the row says of itself

    def identify(self, row: Row) -> None:
        values, unread = row.given.values, {one["column"] for one in row.given.problems}
        number = values.get("document_number", "")
        if MASKED in number:
            message = _("The document number is masked. Export the full numbers to import them again.")
            row.wrong(DomainError(message, code="masked"), "document_number")
            return
        row.identity = IdentityInput(
            **{name: values[name] for name in IDENTITY if values.get(name)}
            | {
                "document_kind": values.get("document_kind") or DocumentKind.RESIDENT_ID.value,
                "document_number": number,
                "name": values.get("name", ""),
            }
        )
        if unread & {"document_number", "birth_date", "sex"}:
            return
        try:
            row.checked = check_identity(row.identity, imported=True)
            row.index = document_index(row.checked.facts.number)
        except DomainError as error:
            row.wrong(error)

    def place(self, block: Sequence[Row]) -> None:
        self.doors.look_up(row.given.values for row in block)
        for row in block:
            try:
                row.door = self.doors.door_of(row.given.values)
            except DomainError as error:
                row.wrong(error)

    def judge_stay(self, row: Row) -> None:
        values, door = row.given.values, row.door
        arrived = values.get("arrived_on")
        unread = {one["column"] for one in row.given.problems}
        if arrived is None and "arrived_on" not in unread:
            row.wrong(DomainError(_("Please enter the arrival date."), field="arrived_on"))
        if door is None or arrived is None or unread & {"lodging", "reason", "channel", "planned_until"}:
            return
        row.stay = StayInput(
            dwelling_id=door.id,
            arrived_on=arrived,
            lodging=values.get("lodging", ""),
            reason=values.get("reason", ""),
            channel=values.get("channel") or IMPORTED,
            planned_until=values.get("planned_until"),
            workplace=values.get("workplace", ""),
            occupation=values.get("occupation", ""),
            remark=values.get("remark", ""),
        )
        try:
            self.judge_rules(row.stay, door.area_code)
            if row.checked:
                self.judge_guardian(row, row.checked)
        except DomainError as error:
            row.wrong(error)

    def judge_rules(self, stay: StayInput, area_code: str) -> None:
        """The rules look at dates and codes only: a file has few of them, so each combination is asked once."""
        key = (stay.arrived_on, stay.planned_until, stay.lodging, stay.reason, stay.channel, area_code, stay.remark)
        if key not in self.judged:
            try:
                check_stay(stay, area_code=area_code, today=self.today)
                self.judged[key] = None
            except DomainError as error:
                # Its frames would keep all rows of the block in memory, and so the whole file.
                self.judged[key] = error.with_traceback(None)
        if (known := self.judged[key]) is not None:
            raise DomainError(known.message, field=known.field, code=known.code)

    def judge_guardian(self, row: Row, checked: CheckedIdentity) -> None:
        born = checked.values["birth_date"]
        if born.year + GROWN_UP < self.today.year:
            return  # far beyond every age that the rule may name
        explanation = row.stay.remark if row.stay else ""
        require_guardian(head_born=born, companions=(), explanation=explanation, on=self.today)

    # --- what the register says

    def verdict(self, row: Row, around: Around) -> Verdict:
        if row.given.problems or row.checked is None or row.door is None or row.stay is None or row.index is None:
            return refused(*row.given.problems, key=row.index)
        try:
            return self._against(row, row.checked, row.stay, around)
        except DomainError as error:
            return refused(problem(error), key=row.index)

    def _against(self, row: Row, checked: CheckedIdentity, stay: StayInput, around: Around) -> Verdict:
        standing = row.standing
        if standing and standing.restricted:
            raise restricted()
        if row.given.values.get("status") == "left" and not (standing and standing.is_active):
            return Verdict(Decision.UNCHANGED, row.index, None, note=_("Deregistered in the export and here."))
        if standing and standing.is_active:
            return self._in_residence(row, checked, stay, around.stays)
        door = row.door
        if door is None:
            return refused(key=row.index)
        self._may("add", door.area_code)
        if standing:
            refuse_overlap(stay.arrived_on, standing.left_on, standing.registration_id or 0)
        cleaned = self.creation(row, checked, door, stay)
        namesake = None if standing else self._namesake(checked, row.index or b"", around.alike)
        if namesake:
            return Verdict(Decision.DUPLICATE, row.index, cleaned, note=namesake)
        return Verdict(Decision.CREATE, row.index, cleaned)

    def _in_residence(
        self, row: Row, checked: CheckedIdentity, stay: StayInput, known: dict[int, Registration]
    ) -> Verdict:
        standing = row.standing
        registration = known.get(standing.registration_id or 0) if standing else None
        if standing is None:
            return refused(key=row.index)
        if registration is None or standing.stay_area not in self.scopes["view"]:
            message = _("Registered already at %(office)s. Ask that office to hand the person over.")
            note = message % {"office": self.offices.of(standing.area_code)}
            return Verdict(Decision.DUPLICATE, row.index, None, note=note)
        if registration.dwelling_id != stay.dwelling_id:
            message = _("In residence at another address of yours already. Record a change of address instead.")
            return Verdict(Decision.DUPLICATE, row.index, None, note=message)
        self._may("change", standing.stay_area)
        person_changes, stay_changes = differences(row, checked, registration)
        for name in CORRECTED:
            if name in person_changes:
                message = _("The file says something else. If the file is wrong, correct it there, with the evidence.")
                raise DomainError(message, field=name, code="identity_differs")
        if not person_changes and not stay_changes:
            return Verdict(Decision.UNCHANGED, row.index, None)
        cleaned = {
            "person_id": registration.person_id,
            "registration_id": registration.pk,
            "versions": [registration.person.version, registration.version],
            "person": person_changes,
            "stay": stay_changes,
            "changes": told_changes(registration, person_changes, stay_changes),
        }
        return Verdict(Decision.UPDATE, row.index, cleaned)

    def creation(self, row: Row, checked: CheckedIdentity, door: Door, stay: StayInput) -> dict[str, Any]:
        return {
            "number": checked.facts.number,
            "kind": row.identity.document_kind if row.identity else "",
            "person": checked.values,
            "stay": {name: getattr(stay, name) for name in ("arrived_on", "channel", *STAY)},
            "dwelling": door.id,
            "area": door.area_code,
            "address": door.address,
            "head": row.head.pk if row.head else None,
            "relation": row.relation,
        }

    def _may(self, action: str, area_code: str) -> None:
        if area_code not in self.scopes[action]:
            message = _("You may not import this at %(office)s.") % {"office": self.offices.of(area_code)}
            raise DomainError(message, field="address", code="foreign_area")

    def _namesake(self, checked: CheckedIdentity, index: bytes, alike: dict[Any, Any]) -> str:
        """The same words as on the screen: that somebody is alike and where, never the number."""
        found = alike.get((checked.values["name"], checked.values["birth_date"]), [])
        others = [(pk, area) for pk, area, other in found if other != index]
        told = lookups.declared_different([(pk, index) for pk, _area in others])
        for pk, area in others:
            if (pk, index) not in told:
                message = _("Somebody of the same name and birth date is on file at %(office)s under another number.")
                return message % {"office": self.offices.of(area)}
        return ""

    def _names(self, block: Sequence[Row], standing: dict[bytes, Standing]) -> list[tuple[str, date]]:
        return [
            (row.checked.values["name"], row.checked.values["birth_date"])
            for row in block
            if row.checked and row.index not in standing
        ]

    def _known(self, block: Sequence[Row], standing: dict[bytes, Standing]) -> dict[int, Registration]:
        found = (standing.get(row.index) for row in block if row.index)
        return lookups.stays(one.registration_id for one in found if one and one.is_active and one.registration_id)


def differences(
    row: Row, checked: CheckedIdentity, registration: Registration
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the file would change: an empty cell changes nothing, and a file never takes a value away."""
    person = registration.person
    changes = refreshing(person, row.identity.document_kind if row.identity else "", checked)
    given = row.given.values
    for name in list(changes):
        told = name in given or name in {"name_pinyin", "name_initials", "document_note"}
        if not told or (name == "native_address" and same_address(person, changes[name])):
            del changes[name]
    if "name" not in changes:
        changes = {key: value for key, value in changes.items() if key not in {"name_pinyin", "name_initials"}}
    changes.pop("document_note", None)
    stay = {
        name: given[name]
        for name in (*STAY, "channel")
        if given.get(name) not in (None, "") and given[name] != getattr(registration, name)
    }
    return changes, stay


def same_address(person: Person, written: str) -> bool:
    """A ledger writes the county before the hukou address; that alone is no difference."""
    county = division_name(person.native_code)
    return written.removeprefix(county) == person.native_address.removeprefix(county)


def told_changes(registration: Registration, person: dict[str, Any], stay: dict[str, Any]) -> list[list[str]]:
    """(field, before, after) for the clerk's eye; document numbers and phones are masked where they are shown."""
    pairs = [(name, getattr(registration.person, name), value) for name, value in person.items()]
    pairs += [(name, getattr(registration, name), value) for name, value in stay.items()]
    hidden = {"name_pinyin", "name_initials"}
    return [[name, _text(before), _text(after)] for name, before, after in pairs if name not in hidden]


def _text(value: Any) -> str:
    return "" if value is None else value.isoformat() if isinstance(value, date) else str(value)
