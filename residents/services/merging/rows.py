"""Rows about a person go over from one file to another and back, column by column as the apps declared them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.db.models import F

from portal.core.models import Versioned
from portal.org.walls.context import admit
from residents.choices import RegistrationStatus
from residents.extension import PersonLink, person_links
from residents.models import PersonMerge, Registration
from residents.services.merging.values import Plain, plain, to_plain

VOID = RegistrationStatus.VOID.value
Adjusted = dict[str, dict[str, dict[str, Plain]]]
"""By link and key of the row: its columns "before" and "after"."""


@dataclass
class Moved:
    """What became of the rows of both files. By link: keys of rows that went over, that were there, that stayed."""

    rows: dict[str, dict[str, list[Any]]] = field(default_factory=dict)
    adjusted: Adjusted = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(len(keys["moved"]) for keys in self.rows.values())


def admit_with_absorbed(person_id: int) -> None:
    """The rest of the transaction reaches everything about this person and about the files that went up in it. Only
    after wall 1 has opened the file."""
    admit(person=person_id)
    for absorbed_id in PersonMerge.objects.filter(survivor=person_id, undone_at=None).values_list(
        "absorbed", flat=True
    ):
        admit_with_absorbed(absorbed_id)


def rows_of(link: PersonLink, person_id: int) -> models.QuerySet[Any]:
    return link.model._default_manager.filter(**{link.column: person_id}).order_by("pk")


def move_all(*, survivor_id: int, absorbed_id: int) -> Moved:
    """Everything of `absorbed` becomes of `survivor`, once both are locked. Rows that exclude each other are made to
    agree first; both are written down for the way back."""
    moved = Moved()
    for link in person_links():
        own, theirs = list(rows_of(link, survivor_id)), list(rows_of(link, absorbed_id))
        if not theirs:
            moved.rows[link.key] = {"moved": [], "own": _keys(own), "behind": []}
            continue
        behind = _behind(link, survivor_id, absorbed_id)
        going = [row.pk for row in theirs if row.pk not in behind]
        if link.settle is not None:
            apply(link, link.settle.plan([*own, *theirs]), moved.adjusted)
        give(link, going, survivor_id)
        moved.rows[link.key] = {"moved": _plain_keys(going), "own": _keys(own), "behind": _plain_keys(behind)}
    _lead_companions(survivor_id, moved)
    return moved


def give(link: PersonLink, keys: Iterable[Any], person_id: int) -> None:
    """Of whom the rows are from now on. Forms opened before become stale."""
    wanted = list(keys)
    if not wanted:
        return
    changes: dict[str, Any] = {link.column: person_id}
    if issubclass(link.model, Versioned):
        changes["version"] = F("version") + 1
    link.model._default_manager.filter(pk__in=wanted).update(**changes)


def apply(link: PersonLink, changes: dict[Any, dict[str, Any]], adjusted: Adjusted | None = None) -> None:
    """Write the columns by key of the row, those that need days of others last; note before and after."""
    rows = link.model._default_manager.in_bulk(list(changes))
    waiting = []
    for pk, values in changes.items():
        if adjusted is not None:
            note = adjusted.setdefault(link.key, {}).setdefault(str(pk), {"before": {}, "after": {}})
            note["before"] = plain(rows[pk], values) | note["before"]
            note["after"] |= {name: to_plain(value) for name, value in values.items()}
        now = {field.attname: field.value_from_object(rows[pk]) for field in link.model._meta.concrete_fields}
        waiting.append((link.settle is not None and link.settle.grows(now, now | values), pk))
    for _grows, pk in sorted(waiting, key=lambda one: one[0]):
        write(link.model, pk, changes[pk])


def write(model: type[models.Model], pk: Any, values: dict[str, Any]) -> None:
    changes = dict(values)
    if issubclass(model, Versioned):
        changes["version"] = F("version") + 1
    model._default_manager.filter(pk=pk).update(**changes)


def still(row: models.Model, after: Plain) -> bool:
    """Does the row read as the merge left it?"""
    return plain(row, after) == after


def link_by_key(key: str) -> PersonLink | None:
    return next((link for link in person_links() if link.key == key), None)


def _behind(link: PersonLink, survivor_id: int, absorbed_id: int) -> set[Any]:
    if not link.once:
        return set()
    taken = set(rows_of(link, survivor_id).filter(link.once_where).values_list(*link.once))
    theirs = rows_of(link, absorbed_id).filter(link.once_where).values_list("pk", *link.once)
    held = {tuple(_hashable(value) for value in row) for row in taken}
    return {pk for pk, *values in theirs if tuple(_hashable(value) for value in values) in held}


def _hashable(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value


def _lead_companions(survivor_id: int, moved: Moved) -> None:
    """Who came along with a stay that became void because it was recorded twice comes along with the other one."""
    link = next(one for one in person_links() if one.model is Registration)
    notes = moved.adjusted.get(link.key, {})
    gone = Registration.objects.in_bulk([int(pk) for pk, note in notes.items() if note["after"].get("status") == VOID])
    if not gone:
        return
    standing = {row.dwelling_id: row for row in Registration.objects.standing().filter(person_id=survivor_id)}
    changes: dict[Any, dict[str, Any]] = {}
    for follower in Registration.objects.filter(head_id__in=gone).exclude(pk__in=gone):
        leader = standing.get(gone[follower.head_id or 0].dwelling_id)
        if leader is None:
            continue
        if follower.pk == leader.pk:
            changes[follower.pk] = {"head_id": None, "relation": ""}
        else:
            changes[follower.pk] = {"head_id": leader.pk if leader.head_id in gone else leader.head_id or leader.pk}
    apply(link, changes, moved.adjusted)


def _keys(rows: Iterable[models.Model]) -> list[Any]:
    return _plain_keys(row.pk for row in rows)


def _plain_keys(keys: Iterable[Any]) -> list[Any]:
    return [key if isinstance(key, int) else str(key) for key in keys]
