"""An old ledger of rented homes: what it has as in force goes through the same rules as form F-2 on the screen."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.audit import services as audit
from portal.core import clock
from portal.core.errors import DomainError
from portal.events.bus import publish_many
from portal.imports import bulk
from portal.imports.kinds import Applied, Checker, Effect, Given, ImportKind, Staged, Verdict, problem, refused
from portal.imports.models import Decision, ImportBatch, ImportEffect, Outcome
from portal.org.models import User
from portal.org.scoping import can, scope_of
from portal.policy import codes
from portal.vault.blind import blind_index
from rentals.choices import LandlordKind
from rentals.events import RentalEnded
from rentals.imports.columns import COLUMNS
from rentals.models import RentalRegistration, RentalStep
from rentals.services.registrations import RentalInput, check
from rentals.services.taking_over import Home, take_over
from residents.choices import DocumentKind
from residents.imports import lookups
from residents.imports.doors import DoorFinder
from residents.imports.lookups import Door

TABLE = RentalRegistration._meta.db_table
SPLIT = re.compile(r"[、,，;；/\s]+")
UNIT = re.compile(r"\s*(?:m²|m2|㎡|平方米|平方|平米)$", re.IGNORECASE)
TEXTS = (
    "landlord_name",
    "document_number",
    "landlord_phone",
    "agent_name",
    "agent_phone",
    "title_number",
    "ownership",
    "title_kind",
    "structure",
    "planned_use",
    "danger_grade",
    "appraisal_number",
    "letting",
    "gas",
)
TRUTHS = ("fire_passage", "safety_exit", "self_built")
DAYS = ("let_from", "let_to")


class RentalChecker(Checker):
    def __init__(self, actor: User) -> None:
        self.scope = lookups.meet(
            scope_of(actor, RentalRegistration, "review"), scope_of(actor, RentalRegistration, "add")
        )
        self.doors = DoorFinder(actor, self.scope, lookups.Offices())
        self.spaces = {entry.name: code for code, entry in codes.items("letting_space").items()}

    def check(self, rows: Sequence[Given]) -> Iterator[Verdict]:
        self.doors.look_up(row.values for row in rows)
        judged = [self._judged(row) for row in rows]
        doors = [one[0].id for one in judged if one is not None]
        live = RentalRegistration.objects.live().filter(dwelling__in=doors)
        taken = dict(live.values_list("dwelling_id", "number"))
        for row, one in zip(rows, judged, strict=True):
            yield self._verdict(row, one, taken)

    def _verdict(self, row: Given, one: tuple[Door, dict[str, Any]] | None, taken: dict[int, str]) -> Verdict:
        if one is None:
            return refused(*row.problems)
        door, cleaned = one
        key = blind_index("import.rental", str(door.id))
        if door.id in taken:
            note = _("Registered already: %(number)s.") % {"number": taken[door.id]}
            return Verdict(Decision.UNCHANGED, key, None, note=note)
        return Verdict(Decision.CREATE, key, cleaned)

    def _judged(self, row: Given) -> tuple[Door, dict[str, Any]] | None:
        door, given = self._tried(row, self.doors.door_of), self._tried(row, self._given)
        if row.problems or door is None or given is None:
            return None
        try:
            check(given, area_code=door.area_code)
            registered = self._registered(row.values, given)
        except DomainError as error:
            row.problems.append(problem(error))
            return None
        return door, {"dwelling_id": door.id, "registered_on": registered.isoformat(), "given": _kept(given)}

    def _tried(self, row: Given, judge: Any) -> Any:
        """What `judge` makes of the values; None after a problem, which the row keeps."""
        try:
            return judge(row.values)
        except DomainError as error:
            row.problems.append(problem(error))
            return None

    def _given(self, values: dict[str, Any]) -> RentalInput:
        is_company = values.get("landlord_kind") == LandlordKind.ORGANISATION
        let_from = values.get("let_from")
        if let_from is None:
            raise DomainError(_("Please enter the day from which the dwelling is let."), field="let_from")
        rooms = values.get("rooms_total") or 0
        told: dict[str, Any] = {name: str(values.get(name) or "") for name in TEXTS}
        told |= {name: bool(values.get(name)) for name in TRUTHS}
        return RentalInput(
            **told,
            landlord_kind=values.get("landlord_kind") or LandlordKind.PERSON.value,
            document_kind="" if is_company else values.get("document_kind") or DocumentKind.RESIDENT_ID.value,
            floor_area=_square_metres(values.get("floor_area")),
            rooms_total=rooms,
            rooms_let=rooms if values.get("rooms_let") is None else values["rooms_let"],
            spaces=self._spaces(str(values.get("spaces") or "")),
            let_from=let_from,
            let_to=values.get("let_to"),
        )

    def _spaces(self, told: str) -> tuple[str, ...]:
        words = [word for word in SPLIT.split(told) if word]
        unknown = [word for word in words if word not in self.spaces]
        if unknown:
            raise DomainError(
                _("“%(word)s” is no kind of room. Known are: %(known)s.")
                % {"word": unknown[0], "known": "、".join(self.spaces)},
                field="spaces",
            )
        return tuple(self.spaces[word] for word in words)

    def _registered(self, values: dict[str, Any], given: RentalInput) -> date:
        day: date = values.get("registered_on") or min(given.let_from, clock.today())
        if day > clock.today():
            raise DomainError(_("This day has not come yet."), field="registered_on")
        return day


class RentalLedger(ImportKind):
    """Undone, the registrations are gone as if they had never been entered; their numbers stay used."""

    code = "rentals"
    title = gettext_lazy("Rental registrations")
    about = gettext_lazy("A ledger of homes that are let and registered, taken over as it stands.")
    icon = "house"
    grant = (RentalRegistration, "review")
    columns = COLUMNS
    rows_a_step = 200

    def may(self, user: User) -> bool:
        return super().may(user) and can(user, RentalRegistration, "add")

    def checker(self, _batch: ImportBatch, actor: User) -> Checker:
        return RentalChecker(actor)

    def apply(
        self, batch: ImportBatch, rows: Sequence[Staged], actor: User
    ) -> tuple[Sequence[Applied], Sequence[Effect]]:
        applied: list[Applied] = []
        effects: list[Effect] = []
        for row, made in zip(rows, take_over([_home(row.cleaned) for row in rows], actor=actor), strict=True):
            if isinstance(made, DomainError):
                applied.append(Applied(row.number, Outcome.SKIPPED, made.message))
            else:
                effects.append(Effect(row.number, TABLE, made.pk, made.version))
                applied.append(Applied(row.number, Outcome.CREATED))
        if effects:
            told = [rows[0].number, rows[-1].number]
            audit.record(actor=actor, action="import.rows_written", target=batch, rows=told, registered=len(effects))
        return applied, effects

    def obstacles(self, batch: ImportBatch, _actor: User) -> list[dict[str, Any]]:
        made = {
            pk: (row, version)
            for pk, row, version in ImportEffect.objects.filter(batch=batch, table=TABLE).values_list(
                "object_id", "row_number", "version"
            )
        }
        standing = dict(RentalRegistration.objects.filter(pk__in=made).values_list("pk", "version"))
        text = _("The registration was changed, renewed or ended afterwards.")
        return [
            {"row": row, "text": text, "count": 1} for pk, (row, version) in made.items() if standing.get(pk) != version
        ]

    def undo(self, _batch: ImportBatch, effects: Sequence[Effect], _actor: User) -> None:
        ids = [effect.object_id for effect in effects if effect.table == TABLE]
        rows = RentalRegistration.objects.filter(pk__in=ids).values_list("pk", "dwelling_id", "area_code")
        events = [RentalEnded(rental_id=pk, dwelling_id=door, area_code=area) for pk, door, area in rows]
        bulk.delete(RentalStep, ids, column="rental_id")
        bulk.delete(RentalRegistration, ids)
        publish_many(events)


def _square_metres(cell: Any) -> Decimal:
    """Raises DomainError for what is no number; at most two decimals are kept."""
    try:
        return Decimal(UNIT.sub("", str(cell or "")).replace(",", "")).quantize(Decimal("0.01"))
    except InvalidOperation:
        raise DomainError(_("Please enter the floor area in square metres."), field="floor_area") from None


def _kept(given: RentalInput) -> dict[str, Any]:
    """As JSON: days and decimals as text."""
    told = asdict(given)
    return {
        name: value.isoformat() if isinstance(value, date) else str(value) if isinstance(value, Decimal) else value
        for name, value in told.items()
    }


def _home(cleaned: dict[str, Any]) -> Home:
    registered = date.fromisoformat(cleaned["registered_on"])
    return Home(cleaned["dwelling_id"], _restored(cleaned["given"]), registered)


def _restored(kept: dict[str, Any]) -> RentalInput:
    days = {name: date.fromisoformat(kept[name]) if kept[name] else None for name in DAYS}
    return RentalInput(**{**kept, **days, "spaces": tuple(kept["spaces"]), "floor_area": Decimal(kept["floor_area"])})
