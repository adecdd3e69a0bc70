"""Undoing what an import did to the register: records it made go, records it changed get their old values."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import connection, models
from django.utils.translation import gettext as _

from portal.events.bus import DomainEvent, publish_many
from portal.imports import bulk
from portal.imports.kinds import Effect
from portal.imports.models import ImportBatch
from portal.org.models import User
from portal.org.walls.context import admit_all
from residents.choices import ChangeKind
from residents.events import RegistrationRestored, RegistrationUndone
from residents.models import (
    Building,
    Dwelling,
    Household,
    HouseholdAct,
    HouseholdMember,
    Person,
    Registration,
    RegistrationChange,
)
from residents.services.identity import phone_index

OBSTACLES = "SELECT row_number, reason, found FROM sec.import_obstacles(%s)"
DERIVED = "SELECT residents_import_derived(%s, %s::bigint[], %s::bigint[])"
HOUSES = "SELECT residents_import_houses(%s, %s::bigint[])"
BEGINNINGS = f"kind IN ('{ChangeKind.ARRIVAL.value}', '{ChangeKind.RENEWAL.value}')"
MODELS: dict[str, type[models.Model]] = {
    model._meta.db_table: model for model in (Person, Registration, RegistrationChange, Dwelling, Building, Household)
}


def reasons() -> dict[str, str]:
    return {
        "person_changed": _("The person's file was changed afterwards."),
        "stay_changed": _("The registration was changed or verified afterwards."),
        "book_changed": _("The household book was changed afterwards."),
        "door_changed": _("The dwelling was changed afterwards."),
        "later_stay": _("The person has another registration."),
        "companion": _("Somebody was registered as a companion of this person."),
        "next_stay": _("The stay went on at another address."),
        "change": _("A change of this registration was recorded."),
        "visit": _("The dwelling was visited for this person."),
        "application": _("A residence permit was applied for."),
        "permit": _("The person holds a residence permit."),
        "merge": _("Another file was merged with this one."),
        "stay_there": _("Somebody is registered at this dwelling."),
    }


def obstacles(batch: ImportBatch) -> list[dict[str, Any]]:
    told = reasons()
    with connection.cursor() as cursor:
        cursor.execute(OBSTACLES, [batch.pk])
        return [{"row": row, "text": told[reason], "count": count} for row, reason, count in cursor.fetchall()]


def take_back(batch: ImportBatch, effects: Sequence[Effect], actor: User) -> None:
    """A block, newest first."""
    made: dict[str, list[int]] = defaultdict(list)
    events: list[DomainEvent] = []
    for effect in effects:
        if effect.before is None:
            made[effect.table].append(effect.object_id)
    _admit(made, effects)
    for effect in effects:
        if effect.before is not None:
            events += _restore(effect)
    events += _drop(batch, made)
    publish_many(events)


def _admit(made: dict[str, list[int]], effects: Sequence[Effect]) -> None:
    """Files that came from another office stood in reach when they were imported."""
    changed = [one.object_id for one in effects if one.before is not None and one.table == Person._meta.db_table]
    admit_all("person", changed)


def _restore(effect: Effect) -> list[DomainEvent]:
    model: Any = MODELS[effect.table]
    record = model.objects.get(pk=effect.object_id)
    values = {name: _typed(model, name, value) for name, value in (effect.before or {}).items()}
    if "phone" in values:
        values["phone_index"] = phone_index(values["phone"])
    if hasattr(record, "version"):
        values["version"] = effect.version - 1
    model.objects.filter(pk=record.pk).update(**values)
    if isinstance(record, Registration) and "left_on" in values:
        return [RegistrationRestored(person_id=record.person_id, registration_id=record.pk, area_code=record.area_code)]
    return []


def _drop(batch: ImportBatch, made: dict[str, list[int]]) -> list[DomainEvent]:
    people, stays = made[Person._meta.db_table], made[Registration._meta.db_table]
    doors, changes = made[Dwelling._meta.db_table], made[RegistrationChange._meta.db_table]
    _drop_books(made)
    bulk.delete(RegistrationChange, changes)
    events: list[DomainEvent] = []
    if stays:
        gone = Registration.objects.filter(pk__in=stays)
        events = [
            RegistrationUndone(person_id=person, registration_id=pk, area_code=area)
            for pk, person, area in gone.values_list("pk", "person_id", "area_code")
        ]
        bulk.delete(RegistrationChange, stays, column="registration_id", more=BEGINNINGS)
        bulk.delete(Registration, stays)
    if people or doors:
        with connection.cursor() as cursor:
            cursor.execute(DERIVED, [batch.pk, people, doors])
        bulk.delete(Person, people)
        bulk.delete(Dwelling, doors)
    houses = made[Building._meta.db_table]
    if houses:
        with connection.cursor() as cursor:
            cursor.execute(HOUSES, [batch.pk, houses])
    return events


def _drop_books(made: dict[str, list[int]]) -> None:
    """Lines of household books that the import began, then the acts, then books that it opened."""
    acts = made[HouseholdAct._meta.db_table]
    if acts:
        bulk.delete(HouseholdMember, acts, column="begun_by_id")
        bulk.delete(HouseholdAct, acts)
    books = made[Household._meta.db_table]
    if books:
        bulk.delete(Household, books)


def _typed(model: type[models.Model], name: str, value: Any) -> Any:
    field = model._meta.get_field(name)
    if value and isinstance(field, models.DateTimeField):
        return datetime.fromisoformat(value)
    if value and isinstance(field, models.DateField):
        return date.fromisoformat(value)
    return value
