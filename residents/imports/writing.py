"""Writing checked rows: the same rows that `residents.services.registration` writes, a block in each statement.

History, walls, counters and constraints are the database's and work as ever. One entry of the audit log speaks for a
block; whose row it was is told by the effects, why and by whom by the context of the history.
"""

import uuid
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from portal.audit import services as audit
from portal.core import clock
from portal.events.bus import publish_many
from portal.imports import bulk
from portal.imports.kinds import Applied, Effect, Staged
from portal.imports.models import Decision, ImportBatch, Outcome
from portal.org.models import User
from portal.org.walls.context import admit_all
from residents.choices import ChangeKind
from residents.events import PersonRegistered
from residents.imports import lookups
from residents.imports.lookups import Standing
from residents.models import Notice, Person, Registration, RegistrationChange
from residents.services.identity import document_index, document_tail_index, phone_index
from residents.services.people import CheckedIdentity, DocumentFacts, refreshing

PERSON, REGISTRATION = Person._meta.db_table, Registration._meta.db_table
PERSON_PLAIN = (
    "name", "name_pinyin", "name_initials", "sex", "birth_date", "native_code", "nationality", "mismatch_reason",
    "document_note", "native_address", "education", "marital_status", "political_status",
)  # fmt: skip
PERSON_COLUMNS = (
    "area_code", "document_kind", "document_number", "document_index", "document_tail_index", "phone", "phone_index",
    "ethnicity", *PERSON_PLAIN,
)  # fmt: skip
REFRESHED = (
    "updated_at", "version", "area_code", "document_kind", "phone", "phone_index", "ethnicity", *PERSON_PLAIN,
)  # fmt: skip
STAY_CHANGED = ("lodging", "reason", "channel", "workplace", "occupation", "planned_until", "remark")
STAY_COLUMNS = (
    "area_code",
    "person_id",
    "dwelling_id",
    "arrived_on",
    "planned_until",
    "lodging",
    "reason",
    "workplace",
    "occupation",
    "channel",
    "head_id",
    "relation",
    "voucher",
    "remark",
)
CHANGE_COLUMNS = ("area_code", "registration_id", "person_id", "kind", "happened_on", "before", "after")


class Block:
    """One block of rows on its way into the register."""

    def __init__(self, batch: ImportBatch, rows: Sequence[Staged], actor: User) -> None:
        self.batch, self.rows, self.actor = batch, rows, actor
        self.now, self.today = clock.now(), clock.today()
        self.scopes = lookups.scopes(actor)
        self.applied: list[Applied] = []
        self.effects: list[Effect] = []
        self.changed: dict[tuple[str, int], Person | Registration] = {}
        self.seal_number = bulk.sealed(Person, "document_number")
        self.seal_phone, self.seal_ethnicity = bulk.sealed(Person, "phone"), bulk.sealed(Person, "ethnicity")

    def run(self) -> tuple[list[Applied], list[Effect]]:
        creating = [row for row in self.rows if "number" in row.cleaned]
        self.create(creating)
        self.update([row for row in self.rows if row.decision == Decision.UPDATE])
        if self.effects:
            made = sum(one.before is None and one.table == REGISTRATION for one in self.effects)
            audit.record(
                actor=self.actor,
                action="import.rows_written",
                target=self.batch,
                rows=[self.rows[0].number, self.rows[-1].number],
                registered=made,
            )
        return self.applied, self.effects

    def left_out(self, row: Staged, why: str) -> None:
        self.applied.append(Applied(row.number, Outcome.SKIPPED, why))

    # --- new registrations

    def create(self, rows: Sequence[Staged]) -> None:
        indexes = {row.number: document_index(row.cleaned["number"]) for row in rows}
        standing = lookups.standings(indexes.values())
        kept: list[tuple[Staged, bytes, Standing | None]] = []
        taken: set[bytes] = set()
        for row in rows:
            index = indexes[row.number]
            why = self._refusal(row, standing.get(index), repeated=index in taken)
            if why:
                self.left_out(row, why)
            else:
                taken.add(index)
                kept.append((row, index, standing.get(index)))
        people = self._refresh([one for one in kept if one[2]]) | self._open([one for one in kept if not one[2]])
        self._register(kept, people)

    def _refusal(self, row: Staged, standing: Standing | None, *, repeated: bool) -> str:
        """The register may have moved on since the check."""
        if row.cleaned["area"] not in self.scopes["add"]:
            return _("You may no longer import here.")
        if repeated or (standing and standing.is_active):
            return _("Registered by somebody else since the check.")
        if standing and standing.restricted:
            return _("The use of this file was restricted since the check.")
        if standing and standing.left_on and row.cleaned["stay"]["arrived_on"] < standing.left_on.isoformat():
            return _("Another stay of this person was recorded since the check.")
        return ""

    def _open(self, rows: Sequence[tuple[Staged, bytes, Standing | None]]) -> dict[bytes, int]:
        made = bulk.insert(
            Person,
            PERSON_COLUMNS,
            [self._person(row.cleaned, index) for row, index, _standing in rows],
            same={"created_at": self.now, "updated_at": self.now},
            returning=("id", "document_index"),
        )
        people = {bytes(index): pk for pk, index in made}
        for row, index, _standing in rows:
            self.effects.append(Effect(row.number, PERSON, people[index], 1))
        return people

    def _person(self, cleaned: dict[str, Any], index: bytes) -> tuple[Any, ...]:
        values = cleaned["person"]
        return (
            cleaned["area"], cleaned["kind"],
            self.seal_number(cleaned["number"]), index, document_tail_index(cleaned["number"]),
            self.seal_phone(values["phone"]), phone_index(values["phone"]),
            self.seal_ethnicity(values["ethnicity"]), *(values[name] for name in PERSON_PLAIN),
        )  # fmt: skip

    def _refresh(self, rows: Sequence[tuple[Staged, bytes, Standing | None]]) -> dict[bytes, int]:
        """People who come back: their file is refreshed as at the window, and follows them to the new area."""
        ids = [standing.person_id for _row, _index, standing in rows if standing]
        admit_all("person", ids)  # an exact number opened these files
        files = {person.pk: person for person in Person.objects.select_for_update(of=("self",)).filter(pk__in=ids)}
        found: dict[bytes, int] = {}
        for row, index, standing in rows:
            person = files[standing.person_id] if standing else None
            if person is None:
                continue
            found[index] = person.pk
            checked = CheckedIdentity(DocumentFacts(row.cleaned["number"]), _dated(row.cleaned["person"]))
            wanted = refreshing(person, row.cleaned["kind"], checked)
            if person.area_code != row.cleaned["area"]:
                wanted["area_code"] = row.cleaned["area"]
            self._change(person, wanted, row.number)
        self.save()
        return found

    def _register(self, rows: Sequence[tuple[Staged, bytes, Standing | None]], people: dict[bytes, int]) -> None:
        if not rows:
            return
        notice = Notice.objects.filter(code="registration", effective_from__lte=self.today)
        notice_id = notice.order_by("-effective_from").values_list("pk", flat=True).first()
        vouchers = [str(uuid.uuid4()) for _row in rows]
        made = bulk.insert(
            Registration,
            STAY_COLUMNS,
            [
                self._stay(row.cleaned, people[index], voucher)
                for (row, index, _standing), voucher in zip(rows, vouchers, strict=True)
            ],
            same={
                "created_at": self.now,
                "updated_at": self.now,
                "registered_on": self.today,
                "counts_from": self.today,
                "notice_id": notice_id,
                "registrar_id": self.actor.pk,
            },
            returning=("id", "voucher"),
        )
        by_voucher = {str(voucher): pk for pk, voucher in made}
        stays = [by_voucher[voucher] for voucher in vouchers]
        self._trail(rows, stays, people)
        for (row, _index, _standing), pk in zip(rows, stays, strict=True):
            self.effects.append(Effect(row.number, REGISTRATION, pk, 1))
            self.applied.append(Applied(row.number, Outcome.CREATED))

    @staticmethod
    def _stay(cleaned: dict[str, Any], person: int, voucher: str) -> tuple[Any, ...]:
        stay = cleaned["stay"]
        return (
            cleaned["area"], person, cleaned["dwelling"], stay["arrived_on"], stay["planned_until"], stay["lodging"],
            stay["reason"], stay["workplace"].strip(), stay["occupation"], stay["channel"], cleaned["head"],
            cleaned["relation"], voucher, stay["remark"].strip(),
        )  # fmt: skip

    def _trail(
        self, rows: Sequence[tuple[Staged, bytes, Standing | None]], stays: Sequence[int], people: dict[bytes, int]
    ) -> None:
        lines: list[tuple[Any, ...]] = []
        events: list[PersonRegistered] = []
        for (row, index, standing), stay in zip(rows, stays, strict=True):
            cleaned, back = row.cleaned, bool(standing and standing.registration_id)
            lines.append(
                (
                    cleaned["area"],
                    stay,
                    people[index],
                    ChangeKind.RENEWAL if back else ChangeKind.ARRIVAL,
                    cleaned["stay"]["arrived_on"],
                    standing.address[:240] if standing else "",
                    cleaned["address"][:240],
                )
            )
            events.append(
                PersonRegistered(person_id=people[index], registration_id=stay, area_code=cleaned["area"], renewal=back)
            )
        bulk.insert(
            RegistrationChange,
            CHANGE_COLUMNS,
            lines,
            same={
                "created_at": self.now,
                "updated_at": self.now,
                "recorded_on": self.today,
                "actor_id": self.actor.pk,
            },
        )
        publish_many(events)

    # --- known people in residence

    def update(self, rows: Sequence[Staged]) -> None:
        stays = Registration.objects.select_for_update(of=("self",)).select_related("person")
        found = {stay.pk: stay for stay in stays.filter(pk__in=[row.cleaned["registration_id"] for row in rows])}
        for row in rows:
            stay = found.get(row.cleaned["registration_id"])
            versions = [stay.person.version, stay.version] if stay else None
            if stay is None or versions != row.cleaned["versions"] or stay.area_code not in self.scopes["change"]:
                self.left_out(row, _("Changed by somebody else since the check."))
                continue
            self._change(stay.person, _dated(row.cleaned["person"]), row.number)
            self._change(stay, _dated(row.cleaned["stay"]), row.number)
            self.applied.append(Applied(row.number, Outcome.UPDATED))
        self.save()

    def _change(self, record: Person | Registration, wanted: dict[str, Any], row: int) -> None:
        """Remembers the old values; `save` writes all changed records of the block together."""
        if not wanted:
            return
        before = {name: _plain(getattr(record, name)) for name in (*wanted, "updated_at")}
        for name, value in wanted.items():
            setattr(record, name, value)
        record.version += 1
        record.updated_at = self.now
        self.changed[record._meta.db_table, record.pk] = record
        self.effects.append(Effect(row, record._meta.db_table, record.pk, record.version, before))

    def save(self) -> None:
        changed = list(self.changed.values())
        people = [one for one in changed if isinstance(one, Person)]
        stays = [one for one in changed if isinstance(one, Registration)]
        bulk.update(
            Person,
            REFRESHED,
            [
                (
                    one.pk,
                    self.now,
                    one.version,
                    one.area_code,
                    one.document_kind,
                    self.seal_phone(one.phone),
                    phone_index(one.phone),
                    self.seal_ethnicity(one.ethnicity),
                    *(getattr(one, name) for name in PERSON_PLAIN),
                )
                for one in people
            ],
        )
        bulk.update(
            Registration,
            ("updated_at", "version", *STAY_CHANGED),
            [(one.pk, self.now, one.version, *(getattr(one, name) for name in STAY_CHANGED)) for one in stays],
        )
        self.changed.clear()


def _dated(values: dict[str, Any]) -> dict[str, Any]:
    return {
        key: date.fromisoformat(value) if key in {"birth_date", "planned_until"} and value else value
        for key, value in values.items()
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
