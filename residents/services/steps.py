"""Who changed what of a person's file, from what to what: read from history, told as the viewer may read it.

One act of somebody is one context of history, however many rows it touched. A value comes from the first step that
had it and was never left since.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from portal.audit.past import history_of
from portal.org.models import User
from portal.org.services import area_path
from portal.policy import codes
from portal.policy.divisions import division_name
from portal.vault.projection import Shown, policy_of, shown
from residents.models import Dwelling, Permit, PermitApplication, Person, Registration

MOST = 200
OWNER: dict[type[models.Model], str] = {
    Person: "pgh_obj_id",
    Registration: "person_id",
    Permit: "person_id",
    PermitApplication: "person_id",
}
# Bookkeeping, what follows from another field, and tokens: nobody asks who changed them.
SILENT = frozenset(
    {
        "id", "version", "created_at", "updated_at", "county_code", "township_code", "community_code", "name_pinyin",
        "name_initials", "voucher", "previous_id", "notice_id", "registrar_id", "head_id", "photo", "person_id",
        "eligibility", "checks_passed", "due_rule", "notice_items", "registration_id", "permit_id", "end_proposed",
    }
)  # fmt: skip
TABLES: dict[tuple[type[models.Model], str], str] = {
    (Person, "education"): "education",
    (Person, "marital_status"): "marital",
    (Person, "political_status"): "political",
    (Registration, "lodging"): "dwelling_kind",
    (Registration, "reason"): "stay_reason",
    (Registration, "left_reason"): "dereg_reason",
    (Registration, "channel"): "channel",
    (Registration, "occupation"): "occupation",
    (Registration, "relation"): "relationship",
}


@dataclass(frozen=True, slots=True)
class Change:
    """`before` and `after` are texts; both are empty where the reader may know that the field changed and no more."""

    label: str
    before: str
    after: str

    @property
    def is_hidden(self) -> bool:
        return self.before == self.after


@dataclass(slots=True)
class Act:
    """What one person did to the file at one moment."""

    at: datetime
    actor_id: int | None
    purpose: str
    changes: list[Change] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Origin:
    """Which step gave a value that stands now. `made` says that the row was made with it."""

    at: datetime
    actor_id: int | None
    purpose: str
    made: bool


class FileHistory:
    """The steps of one file, read once: one query a table and one for the addresses that changed."""

    def __init__(self, person: Person, viewer: User) -> None:
        self.viewer = viewer
        self.steps = {model: _steps(model, person) for model in OWNER}
        self._addresses = self._addresses_of(self.steps[Registration])

    def acts(self) -> list[Act]:
        """Newest first. The making of a row is told by its own line of the timeline, so only changes are here."""
        found: dict[Any, Act] = {}
        for model, steps in self.steps.items():
            for before, after in _pairs(steps):
                changes = list(self._changes(model, before, after))
                if changes:
                    key = after.pgh_context_id or after.pgh_created_at
                    act = found.setdefault(key, Act(after.pgh_created_at, *_who(after)))
                    act.changes.extend(changes)
        return sorted(found.values(), key=lambda act: act.at, reverse=True)

    def origins(self, model: type[models.Model], pk: int) -> dict[str, Origin]:
        """Field name → the step that gave its present value; a field without a value is left out."""
        steps = [step for step in self.steps[model] if step.pgh_obj_id == pk]
        found: dict[str, Origin] = {}
        last: dict[str, Any] = {}
        for step in steps:
            for name in _names(model):
                value = getattr(step, name)
                if name not in last or last[name] != value:
                    found[name] = Origin(step.pgh_created_at, *_who(step), made=step.pgh_label == "insert")
                last[name] = value
        return {name: origin for name, origin in found.items() if last[name] not in {None, ""}}

    def actor_ids(self) -> set[int]:
        told = (_who(step)[0] for steps in self.steps.values() for step in steps)
        return {actor for actor in told if actor}

    def _changes(self, model: type[models.Model], before: Any, after: Any) -> Iterator[Change]:
        for name in _names(model):
            old, new = getattr(before, name), getattr(after, name)
            if old == new:
                continue
            level = shown(model, name.removesuffix("_id"), viewer=self.viewer, at=after.area_code)
            if level is not Shown.HIDDEN:
                label = _label(model, name)
                yield Change(label, self._told(model, name, old, level), self._told(model, name, new, level))

    def _told(self, model: type[models.Model], name: str, value: Any, level: Shown) -> str:
        if value in {None, ""}:
            return ""
        policy = policy_of(model)
        if level is not Shown.FULL:
            mask = policy.masks.get(name)
            return mask(value) if mask else ""
        if name == "dwelling_id":
            return self._addresses.get(value, "")
        if name in policy.words:
            return policy.words[name](value)
        return _word(model, name, value)

    @staticmethod
    def _addresses_of(steps: Iterable[Any]) -> dict[int, str]:
        wanted = {step.dwelling_id for before, after in _pairs(steps) for step in (before, after)
                  if before.dwelling_id != after.dwelling_id}  # fmt: skip
        rows = Dwelling.objects.filter(pk__in=wanted) if wanted else Dwelling.objects.none()
        return dict(rows.values_list("pk", "address"))


def _steps(model: type[models.Model], person: Person) -> list[Any]:
    """Oldest first; of a very long history the newest part."""
    events: Any = history_of(model)
    rows = events.objects.filter(**{OWNER[model]: person.pk}).exclude(pgh_label="delete").select_related("pgh_context")
    return list(reversed(rows.order_by("-pgh_id")[:MOST]))


def _pairs(steps: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
    """Each step with the one before it of the same row."""
    last: dict[int, Any] = {}
    for step in steps:
        if step.pgh_obj_id in last:
            yield last[step.pgh_obj_id], step
        last[step.pgh_obj_id] = step


def _who(step: Any) -> tuple[int | None, str]:
    told = step.pgh_context.metadata if step.pgh_context else {}
    actor = told.get("actor")
    return (int(actor) if actor else None), str(told.get("purpose", ""))


def _names(model: type[models.Model]) -> list[str]:
    events: Any = history_of(model)
    kept = {one.attname for one in events._meta.concrete_fields}
    return [one.attname for one in model._meta.concrete_fields if one.attname in kept and one.attname not in SILENT]


def _label(model: type[models.Model], name: str) -> str:
    if name == "area_code":
        return _("Office that answers for the file") if model is Person else _("Community")
    if name == "dwelling_id":
        return _("Address")
    if model is Person and name == "name":
        return _("Name")
    return str(getattr(model._meta.get_field(name.removesuffix("_id")), "verbose_name", name))


def _word(model: type[models.Model], name: str, value: Any) -> str:
    if name == "area_code":
        return area_path(value, separator=" ")
    if name == "native_code":
        return division_name(value)
    if (model, name) in TABLES:
        return codes.label(TABLES[model, name], value)
    if isinstance(value, date):
        return value.isoformat()[:10]
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    choices: Any = getattr(model._meta.get_field(name), "choices", None)
    return str(dict(choices).get(value, value)) if choices else str(value)
