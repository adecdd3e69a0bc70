"""Taking a merge back, also after later steps: both files as before, and what came later to whom it belongs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit import services as audit
from portal.core import clock
from portal.core.errors import DomainError
from portal.events import bus
from portal.org.models import Area, User
from portal.org.scoping import can, scope_of
from portal.policy.services import rule
from residents.choices import PairStatus
from residents.events import PersonsParted
from residents.extension import PersonLink, person_links
from residents.models import DuplicatePair, Person, PersonMerge
from residents.selectors import current_stay
from residents.services.merging import pairs, rows, values
from residents.services.versions import require_version

SURVIVOR, ABSORBED = "survivor", "absorbed"
VALUE = "value"


@dataclass(frozen=True, slots=True)
class Later:
    """Something of after the merge. `key` is how `routes` names it. `origin` is to whom a changed row belonged before;
    "" for what is new: somebody has to say whose it is."""

    key: str
    label: str
    text: str
    at: datetime | None
    origin: str = ""


def may_part(merge: PersonMerge, actor: User) -> bool:
    """Whoever may merge in both areas, within the days of `undo.merge_days`; after them with the right to change
    merges as well."""
    scope = scope_of(actor, Person, "merge")
    if merge.undone_at or merge.area_code not in scope or _standing(merge.absorbed_area, merge.area_code) not in scope:
        return False
    return is_quick(merge) or can(actor, PersonMerge, "change", at=merge.area_code)


def quick_until(merge: PersonMerge) -> datetime:
    days = int(rule("undo.merge_days", area_code=merge.area_code).value)
    return merge.created_at + timedelta(days=days)


def is_quick(merge: PersonMerge) -> bool:
    return clock.now() <= quick_until(merge)


def later_work(merge: PersonMerge) -> list[Later]:
    """Everything that has to be given to one of the two: values and rows of after the merge. Opens everything about
    the survivor to the rest of the transaction: ask `may_part` before."""
    rows.admit_with_absorbed(merge.survivor_id)
    survivor = Person.objects.get(pk=merge.survivor_id)
    found = [
        Later(f"{VALUE}:{group}", str(values.LABELS[group]), "", None) for group in _changed_values(merge, survivor)
    ]
    seen: set[tuple[type, Any]] = set()
    for link in person_links():
        found += _later_rows(merge, link, seen)
    return found


@transaction.atomic
def part(*, merge_id: int, routes: Mapping[str, str], reason: str, version: int, actor: User) -> PersonMerge:
    """Take the merge back. `routes` says for every key of `later_work` to whom it belongs: "survivor" or "absorbed".

    Rows that hang on another one (a visit on its registration) go with it. Merges are taken back in reverse: a file
    that went up in a third one, or took in a third one later, has to come back first (code "later_merge"). Raises
    DomainError beside the key that nobody has decided.
    """
    merge = PersonMerge.objects.restrict(actor, "merge").get(pk=merge_id)
    if merge.undone_at:
        raise DomainError(_("This merge has been taken back already."), code="already_undone")
    if not may_part(merge, actor):
        raise PermissionDenied
    survivor, absorbed = _locked(merge)
    merge.refresh_from_db(from_queryset=PersonMerge.objects.select_for_update(of=("self",)))
    if merge.undone_at:
        raise DomainError(_("This merge has been taken back already."), code="already_undone")
    require_version(merge, version)
    _refuse_out_of_order(merge, survivor)
    if not reason.strip():
        raise DomainError(_("Please say why the two files have to be apart again."), field="reason")
    decided = _decided(later_work(merge), routes)
    _give_back_values(merge, survivor, absorbed, decided)
    given = _give_back_rows(merge, decided)
    _place(survivor, str(merge.snapshot["files"][SURVIVOR]["area_code"]))
    _place(absorbed, _standing(merge.absorbed_area, merge.area_code))
    merge.undone_by, merge.undone_at, merge.routed = actor, clock.now(), decided
    merge.undo_reason = reason.strip()[:200]
    merge.save(update_fields=["undone_by", "undone_at", "routed", "undo_reason", "version"])
    _keep_apart(merge, actor)
    audit.record(
        actor=actor,
        action="person.parted",
        target=survivor,
        absorbed=absorbed.pk,
        merge_id=merge.pk,
        rows=given,
        routed=len(decided),
        reason=merge.undo_reason,
    )
    bus.publish(
        PersonsParted(merge_id=merge.pk, survivor_id=survivor.pk, absorbed_id=absorbed.pk, area_code=survivor.area_code)
    )
    return merge


def _locked(merge: PersonMerge) -> tuple[Person, Person]:
    rows.admit_with_absorbed(merge.survivor_id)
    rows.admit_with_absorbed(merge.absorbed_id)
    wanted = Person.objects.filter(pk__in=(merge.survivor_id, merge.absorbed_id)).order_by("pk")
    people = {row.pk: row for row in wanted.select_for_update(of=("self",))}
    return people[merge.survivor_id], people[merge.absorbed_id]


def _refuse_out_of_order(merge: PersonMerge, survivor: Person) -> None:
    later = PersonMerge.objects.filter(survivor=survivor, undone_at=None, pk__gt=merge.pk).exists()
    if survivor.merged_into_id or later:
        message = _("Another merge came after this one. Take that one back first.")
        raise DomainError(message, code="later_merge")
    if survivor.forgotten_on:
        raise DomainError(_("The file was made anonymous. What it was made of is gone."), code="forgotten")


def _changed_values(merge: PersonMerge, survivor: Person) -> list[str]:
    after = merge.snapshot["after"]
    now = values.plain(survivor)
    return [g for g, names in values.GROUPS.items() if any(now[name] != after.get(name) for name in names)]


def _later_rows(merge: PersonMerge, link: PersonLink, seen: set[tuple[type, Any]]) -> list[Later]:
    """Rows that no earlier one leads. `seen` are the rows of the links before."""
    note = _note(merge, link)
    origins = dict.fromkeys(note["moved"], ABSORBED) | dict.fromkeys(note["own"], SURVIVOR)
    found = []
    for row in rows.rows_of(link, merge.survivor_id):
        at = getattr(row, "updated_at", None)
        pk = _plain_key(row.pk)
        follows = _leader(link, row) in seen
        seen.add((link.model, row.pk))
        if link.model is Person or follows:
            continue
        if pk in origins and (at is None or at <= merge.created_at):
            continue
        found.append(Later(f"{link.key}:{pk}", str(link.label), link.describe(row), at, origins.get(pk, "")))
    return found


def _decided(work: list[Later], routes: Mapping[str, str]) -> dict[str, str]:
    decided = {}
    for one in work:
        whose = routes.get(one.key) or one.origin
        if whose not in (SURVIVOR, ABSORBED):
            message = _("Please say to whom this belongs.")
            raise DomainError(message, field=one.key, code="undecided")
        decided[one.key] = whose
    return decided


def _give_back_values(merge: PersonMerge, survivor: Person, absorbed: Person, decided: Mapping[str, str]) -> None:
    """Each group of values as before, unless it was changed later: then the new value goes to whom it was given."""
    now = values.plain(survivor)
    files = {SURVIVOR: dict(merge.snapshot["files"][SURVIVOR]), ABSORBED: dict(merge.snapshot["files"][ABSORBED])}
    for group, names in values.GROUPS.items():
        whose = decided.get(f"{VALUE}:{group}")
        if whose:
            files[whose] |= {name: now[name] for name in names}
    restored = {}
    for which, person in ((SURVIVOR, survivor), (ABSORBED, absorbed)):
        columns = [name for group in values.GROUPS.values() for name in group]
        found = values.from_plain(Person, {name: files[which][name] for name in columns})
        _refuse_taken_number(found["document_index"], survivor, absorbed)
        restored[which] = found | {"version": person.version + 1, "updated_at": clock.now()}
    held_back = {"restricted_on": absorbed.restricted_on or survivor.restricted_on}
    back = _standing(merge.absorbed_area, merge.area_code)
    values.free_number(survivor)
    values.free_number(absorbed)
    values.put(survivor, restored[SURVIVOR])
    values.put(absorbed, restored[ABSORBED] | held_back | {"merged_into_id": None, "area_code": back})


def _refuse_taken_number(index: bytes, survivor: Person, absorbed: Person) -> None:
    others = Person.objects.filter(document_index=index).exclude(pk__in=(survivor.pk, absorbed.pk))
    if others.exists():
        message = _("A document number of before the merge stands in another file by now. Correct that file first.")
        raise DomainError(message, code="number_taken")


def _give_back_rows(merge: PersonMerge, decided: Mapping[str, str]) -> dict[str, int]:
    """Rows by link that went back. Links are declared so that a row that leads comes before those that follow it."""
    owners: dict[tuple[type, Any], str] = {}
    counts = {}
    for link in person_links():
        note = _note(merge, link)
        moved, going = set(note["moved"]), []
        for row in rows.rows_of(link, merge.survivor_id):
            pk = _plain_key(row.pk)
            whose = decided.get(f"{link.key}:{pk}") or (ABSORBED if pk in moved else SURVIVOR)
            leader = _leader(link, row)
            whose = owners.get(leader, whose) if leader is not None else whose
            owners[link.model, row.pk] = whose
            if whose == ABSORBED:
                going.append(row.pk)
        rows.give(link, going, merge.absorbed_id)
        _restore(merge, link)
        if going:
            counts[link.key] = len(going)
    return counts


def _restore(merge: PersonMerge, link: PersonLink) -> None:
    """Rows that the merge had to change read as before, if nobody changed them since; then the rows of each of the two
    are made to agree with what came later."""
    notes = merge.snapshot["adjusted"].get(link.key, {})
    found = link.model._default_manager.in_bulk([int(pk) for pk in notes])
    changes = {
        pk: values.from_plain(link.model, notes[str(pk)]["before"])
        for pk, row in found.items()
        if rows.still(row, notes[str(pk)]["after"])
    }
    for person_id in (merge.survivor_id, merge.absorbed_id) if link.settle else ():
        standing = list(rows.rows_of(link, person_id))
        for row in standing:
            for name, value in changes.get(row.pk, {}).items():
                setattr(row, name, value)
        for pk, more in link.settle.plan(standing).items():  # type: ignore[union-attr]
            changes[pk] = changes.get(pk, {}) | more
    rows.apply(link, changes)


def _leader(link: PersonLink, row: Any) -> tuple[type, Any] | None:
    for name in link.along:
        pk = getattr(row, f"{name}_id")
        if pk is not None:
            return link.model._meta.get_field(name).related_model, pk  # type: ignore[return-value]
    return None


def _note(merge: PersonMerge, link: PersonLink) -> dict[str, list[Any]]:
    return merge.rows.get(link.key) or {"moved": [], "own": [], "behind": []}


def _plain_key(pk: Any) -> Any:
    return pk if isinstance(pk, int) else str(pk)


def _place(person: Person, otherwise: str) -> None:
    """The office of a file is where its newest stay stands."""
    stay = current_stay(person)
    area = stay.area_code if stay is not None else otherwise
    if area != person.area_code:
        values.put(person, {"area_code": area})


def _standing(area_code: str, otherwise: str) -> str:
    """The area of before, unless it was dissolved since."""
    ended = Area.objects.filter(code=area_code).exclude(valid_to=None).exists()
    return otherwise if ended else area_code


def _keep_apart(merge: PersonMerge, actor: User) -> None:
    first, second = pairs.ordered(merge.survivor_id, merge.absorbed_id)
    pair = DuplicatePair.objects.filter(first=first, second=second).first()
    if pair is not None:
        pair.status, pair.decided_by, pair.decided_at = PairStatus.NOT_SAME, actor, clock.now()
        pair.reason = merge.undo_reason
        pair.version += 1
        pair.save(update_fields=["status", "decided_by", "decided_at", "reason", "version"])
    for person_id in (first, second):
        pairs.follow_person(Person.objects.get(pk=person_id))
    pairs.refresh_pairs(person_ids=[first, second])
