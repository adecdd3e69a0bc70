"""Two rows of the address master that are one door: put together in one act, taken back in one act (ADR 0019).

The double stays as a row with `merged_into`: its plate, its number and its page lead on, and taking the merge back
needs no copy of it. What went over is written down by column and key of the row.
"""

from dataclasses import dataclass
from typing import Any

from django.db import connection, models, transaction
from django.db.models import F
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from portal.audit import services as audit
from portal.core import clock
from portal.core.errors import DomainError
from portal.core.models import Timestamped, Versioned
from portal.events import bus
from portal.org.models import User
from portal.org.walls.context import admit
from residents.door_links import DwellingLink, dwelling_links, label_of
from residents.events import DwellingsMerged, DwellingsParted
from residents.models import Dwelling, DwellingAlias, DwellingMerge, Registration
from residents.services.dwellings import shorthand_of
from residents.services.trail import follow_area
from residents.services.versions import require_version

TAKEN_OVER = ("landlord_name", "landlord_phone", "capacity", "beds", "area_square_metres", "rental_registered")
ALIAS_MADE = "alias"
AREA_CHANGED = "areas"


@dataclass(frozen=True, slots=True)
class Impact:
    label: str | Promise
    rows: int


def impact_of(double: Dwelling) -> list[Impact]:
    """What would go along, in words, with the number of rows, whoever may see them. Empty columns are left out."""
    counted = ((label_of(table, column), count) for table, column, count in _pointing(double.pk))
    return [Impact(label, count) for label, count in counted if label is not None and count]


@transaction.atomic
def merge_dwellings(
    *, survivor_id: int, double_id: int, reason: str, survivor_version: int, double_version: int, actor: User
) -> DwellingMerge:
    """Everything at `double` is at `survivor` from now on; what the survivor does not know it takes from the double.

    Both have to stand in one community. Raises DomainError(code="stale") when either was saved in between.
    """
    survivor, double = _locked(survivor_id, double_id, actor)
    require_version(survivor, survivor_version)
    require_version(double, double_version)
    _check(survivor, double, reason)
    for person_id in _people_at(double.pk):
        admit(person=person_id)
    moved = {link.key: _move(link, survivor, double) for link in dwelling_links()}
    moved[AREA_CHANGED] = {"moved": _carry_area(survivor, double, moved[_key(Registration)]["moved"])}
    _require_complete(double, moved)
    moved[ALIAS_MADE] = {"moved": _remember_address(survivor, double)}
    filled = _fill(survivor, double)
    double.merged_into = survivor
    double.save(update_fields=["merged_into", "version"])
    survivor.save(update_fields=[*filled, "version"])
    merge = DwellingMerge.objects.create(
        area_code=survivor.area_code,
        survivor=survivor,
        double=double,
        moved=moved,
        filled=filled,
        reason=reason.strip()[:200],
        actor=actor,
    )
    audit.record(actor=actor, action="dwelling.merged", target=survivor, double=double.pk, reason=merge.reason)
    bus.publish(DwellingsMerged(survivor_id=survivor.pk, double_id=double.pk, area_code=survivor.area_code))
    return merge


@transaction.atomic
def undo_merge(*, merge_id: int, actor: User) -> DwellingMerge:
    """Both doors as before. Rows that have gone elsewhere since stay where they are, and what came to the survivor
    after the merge stays with it. Raises DomainError when the survivor itself was merged into another door since."""
    seen = DwellingMerge.objects.get(pk=merge_id)
    survivor, double = _locked(seen.survivor_id, seen.double_id, actor)
    merge = DwellingMerge.objects.select_for_update(of=("self",)).get(pk=merge_id)
    if merge.undone_at is not None:
        raise DomainError(_("This merge was taken back already."), code="undone")
    if survivor.merged_into_id is not None:
        raise DomainError(_("The other address was merged further. Please take that merge back first."), code="merged")
    for person_id in _people_at(survivor.pk):
        admit(person=person_id)
    for link in dwelling_links():
        _move_back(link, survivor, double, merge.moved.get(link.key, {}))
    _carry_area_back(double, merge.moved[AREA_CHANGED]["moved"])
    DwellingAlias.objects.filter(dwelling=survivor, pk__in=merge.moved[ALIAS_MADE]["moved"]).delete()
    emptied = _empty(survivor, double, merge.filled)
    double.merged_into = None
    double.version += 1
    survivor.version += 1
    double.save(update_fields=["merged_into", "version"])
    survivor.save(update_fields=[*emptied, "version"])
    merge.undone_at, merge.undone_by = clock.now(), actor
    merge.save(update_fields=["undone_at", "undone_by"])
    audit.record(actor=actor, action="dwelling.parted", target=survivor, double=double.pk)
    bus.publish(DwellingsParted(survivor_id=survivor.pk, double_id=double.pk, area_code=survivor.area_code))
    return merge


def _locked(survivor_id: int, double_id: int, actor: User) -> tuple[Dwelling, Dwelling]:
    """In the order of their numbers, so that two clerks who merge the same pair both ways wait for one another."""
    rows = Dwelling.objects.restrict(actor, "merge").select_for_update(of=("self",)).order_by("pk")
    found = {row.pk: row for row in rows.filter(pk__in=[survivor_id, double_id])}
    if len({survivor_id, double_id} & set(found)) < len({survivor_id, double_id}):
        raise Dwelling.DoesNotExist
    return found[survivor_id], found[double_id]


def _check(survivor: Dwelling, double: Dwelling, reason: str) -> None:
    if survivor.pk == double.pk:
        raise DomainError(_("Please choose another dwelling than this one."), field="double")
    if survivor.merged_into_id or double.merged_into_id:
        raise DomainError(_("One of these addresses was merged already."), field="double", code="merged")
    if survivor.community_code != double.community_code:
        message = _("The two addresses lie in different communities.")
        raise DomainError(message, field="double", code="other_community")
    if not reason.strip():
        raise DomainError(_("Please say why this is one and the same door."), field="reason")


def _key(model: type[models.Model]) -> str:
    return f"{model._meta.label_lower}.dwelling_id"


def _move(link: DwellingLink, survivor: Dwelling, double: Dwelling) -> dict[str, Any]:
    rows = link.model._default_manager.filter(**{link.column: double.pk})
    behind = _behind(link, survivor, double)
    going = sorted(set(rows.values_list("pk", flat=True)) - set(behind))
    _point(link, going, survivor.pk)
    left: list[dict[str, Any]] = []
    if behind and (values := link.leaving()):
        columns = list(values)
        left = list(link.model._default_manager.filter(pk__in=behind).values("pk", *columns))
        link.model._default_manager.filter(pk__in=behind).update(**values)
    return {"moved": going, "left": left}


def _behind(link: DwellingLink, survivor: Dwelling, double: Dwelling) -> list[Any]:
    if link.once is None:
        return []
    rows = link.model._default_manager.filter(link.once_where)
    there = set(rows.filter(**{link.column: survivor.pk}).values_list("pk", *link.once))
    taken = {tuple(row[1:]) for row in there}
    theirs = rows.filter(**{link.column: double.pk}).values_list("pk", *link.once)
    return sorted(row[0] for row in theirs if tuple(row[1:]) in taken)


def _point(link: DwellingLink, keys: list[Any], dwelling_id: int) -> None:
    changes: dict[str, Any] = {link.column: dwelling_id}
    if issubclass(link.model, Versioned):
        changes["version"] = F("version") + 1
    if issubclass(link.model, Timestamped):
        changes["updated_at"] = clock.now()
    if keys:
        link.model._default_manager.filter(pk__in=keys).update(**changes)


def _move_back(link: DwellingLink, survivor: Dwelling, double: Dwelling, moved: dict[str, Any]) -> None:
    rows = link.model._default_manager.filter(pk__in=moved.get("moved", []), **{link.column: survivor.pk})
    _point(link, sorted(rows.values_list("pk", flat=True)), double.pk)
    closing = link.leaving()
    for before in moved.get("left", []):
        values = {column: value for column, value in before.items() if column != "pk"}
        left = link.model._default_manager.filter(pk=before["pk"], **{link.column: double.pk})
        left.filter(**{column: closing[column] for column in ("status",) if column in closing}).update(**values)


def _carry_area(survivor: Dwelling, double: Dwelling, keys: list[int]) -> list[int]:
    """Stays that go on follow the survivor into its grid; ended ones stay where they were recorded."""
    if survivor.area_code == double.area_code:
        return []
    stays = Registration.objects.active().filter(pk__in=keys, area_code=double.area_code).select_related("person")
    return _into_area(list(stays), survivor.area_code)


def _carry_area_back(double: Dwelling, keys: list[int]) -> None:
    stays = Registration.objects.active().filter(pk__in=keys, dwelling=double).select_related("person")
    _into_area(list(stays), double.area_code)


def _into_area(stays: list[Registration], area_code: str) -> list[int]:
    for stay in stays:
        stay.area_code = area_code
        stay.save(update_fields=["area_code"])
        follow_area(stay.person, area_code)
    return [stay.pk for stay in stays]


def _remember_address(survivor: Dwelling, double: Dwelling) -> list[int]:
    """Whoever types the double's address finds the survivor."""
    if double.address == survivor.address:
        return []
    alias, created = DwellingAlias.objects.get_or_create(
        dwelling=survivor, text=double.address[:120], defaults={"shorthand": shorthand_of(double.address)[:80]}
    )
    return [alias.pk] if created else []


def _fill(survivor: Dwelling, double: Dwelling) -> list[str]:
    filled = [name for name in TAKEN_OVER if not getattr(survivor, name) and getattr(double, name)]
    for name in filled:
        setattr(survivor, name, getattr(double, name))
    return filled


def _empty(survivor: Dwelling, double: Dwelling, filled: list[str]) -> list[str]:
    """The survivor's fields that still say what the double says are as empty as they were."""
    emptied = [name for name in filled if getattr(survivor, name) == getattr(double, name)]
    for name in emptied:
        field = Dwelling._meta.get_field(name)
        setattr(survivor, name, field.get_default())  # type: ignore[union-attr]
    return emptied


def _people_at(dwelling_id: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT sec.people_at_dwelling(%s)", [dwelling_id])
        return [row[0] for row in cursor.fetchall()]


def _pointing(dwelling_id: int) -> list[tuple[str, str, int]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relation, link, pointing FROM sec.links_to_dwelling(%s)", [dwelling_id])
        return list(cursor.fetchall())


def _require_complete(double: Dwelling, moved: dict[str, Any]) -> None:
    """Rows that nobody here may write would stay at a door that no longer counts."""
    behind = {link.key: len(moved[link.key]["left"]) for link in dwelling_links() if link.leaving()}
    behind[_key(DwellingAlias)] = double.aliases.count()
    tables = {(link.model._meta.db_table, link.column): link for link in dwelling_links()}
    for table, column, count in _pointing(double.pk):
        link = tables.get((table, column))
        if link is not None and count > behind.get(link.key, 0):
            message = _("Another office keeps records at this address (%(what)s). Ask it to merge the addresses.")
            raise DomainError(message % {"what": link.label}, code="kept_elsewhere")
