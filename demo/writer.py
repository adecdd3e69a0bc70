"""The register's rows: turns what `people`, `stays` and `permits` tell into table rows, batch by batch."""

from datetime import date, datetime
from random import Random

from django.db import connection
from django.db.models import Model

from demo.houses import House
from demo.load import Keys, Table
from demo.people import Someone
from demo.places import Place
from demo.records import Change, Look, Stay, office_hour
from residents.choices import HouseholdActKind, RegistrationStatus
from residents.models import (
    HEAD,
    Building,
    Dwelling,
    DwellingAlias,
    Household,
    HouseholdAct,
    HouseholdMember,
    Person,
    Registration,
    RegistrationChange,
    Visit,
)
from residents.services.addresses import address_key
from residents.services.dwellings import shorthand_of
from residents.services.identity import document_index, document_tail_index, phone_index
from residents.services.names import pinyin_of

RELATIVE = "97"
ADULT, GUARDED = 18, 16
STAMPS = ("created_at", "updated_at")


class Writer:
    """Keys are dealt when a batch is written: dwellings first, then people, stays and what hangs on them."""

    def __init__(self, rng: Random, now: datetime, notice_id: int | None) -> None:
        self.rng = rng
        self.now = now
        self.notice_id = notice_id
        self.buildings = Table(Building, "id", "area_code", "estate", "number", "key", "floors", "units", *STAMPS)
        self.dwellings = Table(
            Dwelling, "id", "area_code", "code", "plate", "estate", "building", "unit", "room", "address", "shorthand",
            "key", "stands_in_id", "kind", "rental_registered", "landlord_name", "landlord_phone", "capacity",
            "area_square_metres", *STAMPS,
        )  # fmt: skip
        self.aliases = Table(DwellingAlias, "dwelling_id", "text", "shorthand")
        self.people = Table(
            Person, "id", "area_code", "document_kind", "document_number", "document_index", "document_tail_index",
            "name", "name_pinyin", "name_initials", "sex", "birth_date", "ethnicity", "nationality", "native_code",
            "native_address", "phone", "phone_index", "education", "marital_status", "political_status",
            "mismatch_reason", *STAMPS,
        )  # fmt: skip
        self.stays = Table(
            Registration, "id", "area_code", "person_id", "dwelling_id", "status", "arrived_on", "registered_on",
            "counts_from", "suspended_days", "planned_until", "lodging", "reason", "workplace", "occupation", "channel",
            "head_id", "relation", "notice_id", "voucher", "previous_id", "left_on", "left_reason", "left_for",
            "closed_on", "verified_on", "verified_result", "registrar_id", *STAMPS,
        )  # fmt: skip
        self.changes = Table(
            RegistrationChange, "id", "area_code", "registration_id", "person_id", "kind", "recorded_on",
            "happened_on", "before", "after", "reason", "destination", "discovered_by", "actor_id", "undone_by_id",
            *STAMPS,
        )  # fmt: skip
        self.visits = Table(
            Visit, "area_code", "registration_id", "person_id", "visited_on", "result", "visitor_id", *STAMPS
        )
        self.households = Table(Household, "id", "area_code", "dwelling_id", "head_id", "formed_on", *STAMPS)
        self.acts = Table(HouseholdAct, "id", "household_id", "kind", "happened_on", "actor_id", *STAMPS)
        self.members = Table(
            HouseholdMember, "household_id", "person_id", "relation", "joined_on", "guardian_id", "begun_by_id", *STAMPS
        )
        self.tables = [
            self.buildings, self.dwellings, self.aliases, self.people, self.stays, self.changes, self.visits,
            self.households, self.acts, self.members,
        ]  # fmt: skip
        self._keys: dict[type[Model], Keys] = {
            model: Keys(model)
            for model in (Building, Dwelling, Person, Registration, RegistrationChange, Household, HouseholdAct)
        }

    def key(self, model: type[Model]) -> int:
        return self._keys[model].next()

    def moment(self, day: date) -> datetime:
        return office_hour(self.rng, day, self.now)

    def dwelling(self, place: Place, *, since: date) -> None:
        place.pk = self.key(Dwelling)
        built = self.moment(since)
        self.dwellings.add(
            place.pk, place.area_code, place.code, place.plate, place.estate, place.building, place.unit, place.room,
            place.address, place.shorthand, address_key(place.address), self.building(place.house, built),
            place.lodging, place.registered, place.landlord, place.landlord_phone, place.capacity,
            place.square_metres, built, built,
        )  # fmt: skip
        for alias in place.aliases:
            self.aliases.add(place.pk, alias, shorthand_of(alias))

    def building(self, house: House | None, built: datetime) -> int | None:
        """The row of a house is written with its first door."""
        if house is None:
            return None
        if not house.pk:
            house.pk = self.key(Building)
            units = max(house.units, 1)
            self.buildings.add(
                house.pk, house.area_code, house.estate, house.number, house.key, house.floors, units, built, built
            )
        return house.pk

    def person(self, someone: Someone, stays: list[Stay]) -> None:
        someone.pk = self.key(Person)
        pinyin, initials = pinyin_of(someone.name)
        self.people.add(
            someone.pk,
            stays[-1].place.area_code,
            someone.document_kind,
            someone.number,
            document_index(someone.number),
            document_tail_index(someone.number),
            someone.name,
            pinyin,
            initials,
            someone.sex,
            someone.birth,
            someone.ethnicity,
            someone.nationality,
            someone.native_code,
            someone.native_address,
            someone.phone,
            phone_index(someone.phone) if someone.phone else None,
            someone.education,
            someone.marital,
            someone.political,
            someone.mismatch,
            self.moment(stays[0].registered),
            self.moment(max(stay.touched for stay in stays)),
        )

    def stay(self, stay: Stay) -> None:
        stay.pk = self.key(Registration)
        self.stays.add(
            stay.pk,
            stay.place.area_code,
            stay.person.pk,
            stay.place.pk,
            stay.status,
            stay.arrived,
            stay.registered,
            stay.counts_from,
            stay.suspended_days,
            stay.planned_until,
            stay.place.lodging,
            stay.reason,
            stay.workplace,
            stay.occupation,
            stay.channel,
            stay.head.pk if stay.head else None,
            stay.person.relation if stay.head else "",
            self.notice_id,
            stay.voucher,
            stay.previous.pk if stay.previous else None,
            stay.left,
            stay.left_reason,
            stay.left_for,
            stay.closed,
            stay.verified_on,
            stay.verified_result,
            stay.registrar,
            self.moment(stay.registered),
            self.moment(stay.touched),
        )

    def change(self, change: Change) -> None:
        change.pk = change.pk or self.key(RegistrationChange)
        undoing = change.undone_by
        if undoing:
            undoing.pk = undoing.pk or self.key(RegistrationChange)
        moment = self.moment(change.recorded)
        self.changes.add(
            change.pk,
            change.stay.place.area_code,
            change.stay.pk,
            change.stay.person.pk,
            change.kind,
            change.recorded,
            change.happened,
            change.before,
            change.after,
            change.reason,
            change.destination,
            change.discovered_by,
            change.actor,
            undoing.pk if undoing else None,
            moment,
            moment,
        )

    def household(self, together: list[Stay]) -> None:
        """Those of one act who still live at its door, the first of them at the head; whoever is alone has no book."""
        living = [stay for stay in together if stay.status == RegistrationStatus.ACTIVE]
        if len(living) < 2:
            return
        first = next((stay for stay in living if stay.head is None), living[0])
        book, act = self.key(Household), self.key(HouseholdAct)
        moment = self.moment(max(stay.registered for stay in living))
        door, since = first.place, min(stay.arrived for stay in living)
        self.households.add(book, door.area_code, door.pk, first.person.pk, since, moment, moment)
        self.acts.add(act, book, HouseholdActKind.FORMED.value, since, first.registrar, moment, moment)
        for stay in living:
            relation = HEAD if stay is first else stay.person.relation if first.head is None else RELATIVE
            guardian = None if stay is first else self._guardian(stay.person, first.person)
            self.members.add(book, stay.person.pk, relation, stay.arrived, guardian, act, moment, moment)

    def _guardian(self, child: Someone, head: Someone) -> int | None:
        today = self.now.date()
        return head.pk if child.age(today) < GUARDED and head.age(today) >= ADULT else None

    def look(self, look: Look) -> None:
        moment = self.moment(look.day)
        self.visits.add(
            look.stay.place.area_code,
            look.stay.pk,
            look.stay.person.pk,
            look.day,
            look.result,
            look.visitor,
            moment,
            moment,
        )

    def flush(self) -> None:
        """A household book is written before its lines, so its guard looks when both are there."""
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS residents_household_guard DEFERRED")
            for table in self.tables:
                table.flush()
            cursor.execute("SET CONSTRAINTS residents_household_guard IMMEDIATE")
