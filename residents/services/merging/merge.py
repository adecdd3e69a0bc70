"""Two files become one, in one transaction, and nothing of either is lost."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit import services as audit
from portal.core import clock
from portal.core.errors import DomainError
from portal.events import bus
from portal.org.models import User
from portal.org.scoping import scope_of
from residents.choices import PairStatus
from residents.events import PersonsMerged
from residents.extension import person_links
from residents.models import DuplicatePair, Person, PersonMerge
from residents.selectors import current_stay
from residents.services.merging import pairs, rows, values
from residents.services.versions import require_version


@dataclass(frozen=True, slots=True)
class Impact:
    """One line of the list of what goes along: rows of one table, named as its department calls them."""

    label: str
    count: int
    changed: int = 0


@transaction.atomic
def merge(
    *, pair_id: int, survivor_id: int, taken: Sequence[str], reason: str, version: int, actor: User
) -> PersonMerge:
    """The file `survivor_id` of the pair goes on with everything of both; the other leads to it from now on.

    `taken` are the groups of values (`values.GROUPS`) that come from the file that is absorbed. Both files have to lie
    where the actor may merge. Raises DomainError when a colleague was faster (code "already_decided"), when a
    department objects (code "blocked") or without a reason.
    """
    pair = _open_pair(pair_id, actor)
    survivor, absorbed = _both(pair, survivor_id, actor)
    _lock_open(pair, version)
    if not reason.strip():
        raise DomainError(_("Please say how you know that the two files are of one person."), field="reason")
    for objection in objections(pair.person_ids):
        raise DomainError(objection, code="blocked")
    files = {"survivor": values.plain(survivor), "absorbed": values.plain(absorbed)}
    moved = rows.move_all(survivor_id=survivor.pk, absorbed_id=absorbed.pk)
    absorbed_area = absorbed.area_code
    chosen = [group for group in values.GROUPS if group in set(taken)]
    _put_together(survivor, absorbed, chosen)
    merge_row = PersonMerge.objects.create(
        survivor=survivor,
        absorbed=absorbed,
        area_code=survivor.area_code,
        absorbed_area=absorbed_area,
        reason=reason.strip()[:200],
        taken=chosen,
        rows=moved.rows,
        snapshot={"files": files, "after": values.plain(survivor), "adjusted": moved.adjusted},
        actor=actor,
    )
    _close(pair, survivor, absorbed, reason, actor)
    counts = {key: len(keys["moved"]) for key, keys in moved.rows.items() if keys["moved"]}
    audit.record(
        actor=actor,
        action="person.merged",
        target=survivor,
        absorbed=absorbed.pk,
        merge_id=merge_row.pk,
        rows=counts,
        taken=chosen,
        reason=merge_row.reason,
    )
    bus.publish(
        PersonsMerged(
            merge_id=merge_row.pk,
            survivor_id=survivor.pk,
            absorbed_id=absorbed.pk,
            area_code=survivor.area_code,
        )
    )
    return merge_row


@transaction.atomic
def not_same(*, pair_id: int, reason: str, version: int, actor: User) -> DuplicatePair:
    """The two files are of two people; the pair does not come up again, whatever is written to either."""
    pair = _open_pair(pair_id, actor)
    _both(pair, pair.first_id, actor)
    _lock_open(pair, version)
    if not reason.strip():
        raise DomainError(_("Please say how you know that they are two people."), field="reason")
    _decide(pair, PairStatus.NOT_SAME, reason, actor)
    audit.record(
        actor=actor, action="person.pair_apart", target=pair, persons=list(pair.person_ids), reason=pair.reason
    )
    return pair


@transaction.atomic
def reopen(*, pair_id: int, actor: User) -> DuplicatePair:
    """Take "not the same person" back."""
    pair = DuplicatePair.objects.restrict(actor, "merge").get(pk=pair_id)
    _both(pair, pair.first_id, actor)
    pair = DuplicatePair.objects.select_for_update(of=("self",)).get(pk=pair_id)
    if pair.status != PairStatus.NOT_SAME:
        raise DomainError(_("Nothing was decided about these two files."), code="wrong_state")
    pair.status, pair.decided_by, pair.decided_at, pair.reason = PairStatus.OPEN, None, None, ""
    _save(pair)
    audit.record(actor=actor, action="person.pair_reopened", target=pair, persons=list(pair.person_ids))
    return pair


def objections(person_ids: tuple[int, int]) -> list[str]:
    """What speaks against merging these two files at present, one sentence a department."""
    return [told for link in person_links() if link.blocks and (told := link.blocks(*person_ids))]


def impact(*, survivor_id: int, absorbed_id: int) -> list[Impact]:
    """What would go along with the file that is absorbed; `changed` rows need other days, or become void. Opens
    everything about both to the rest of the transaction: ask `may_decide` before."""
    for person_id in (survivor_id, absorbed_id):
        rows.admit_with_absorbed(person_id)
    found = []
    for link in person_links():
        theirs = list(rows.rows_of(link, absorbed_id)) if link.settle else None
        count = len(theirs) if theirs is not None else rows.rows_of(link, absorbed_id).count()
        if not count:
            continue
        plan = link.settle.plan([*rows.rows_of(link, survivor_id), *(theirs or [])]) if link.settle else {}
        found.append(Impact(str(link.label), count, len(plan)))
    return found


def may_decide(pair: DuplicatePair, people: Iterable[Person], actor: User) -> bool:
    """Both files have to lie in the actor's areas; of two offices neither decides alone, their common superior does."""
    scope = scope_of(actor, Person, "merge")
    found = list(people)
    return len(found) == len(pair.person_ids) and all(person.area_code in scope for person in found)


def _open_pair(pair_id: int, actor: User) -> DuplicatePair:
    return DuplicatePair.objects.restrict(actor, "merge").get(pk=pair_id)


def _both(pair: DuplicatePair, survivor_id: int, actor: User) -> tuple[Person, Person]:
    """Both files, locked in the order of their keys; so are the pairs of all clerks, and nobody waits in a circle."""
    rows_ = Person.objects.restrict(actor, "merge").filter(pk__in=pair.person_ids, merged_into=None)
    people = {row.pk: row for row in rows_.order_by("pk").select_for_update(of=("self",))}
    if len(people) < len(pair.person_ids):
        _tell_decided(pair)
        raise PermissionDenied
    if survivor_id not in people:
        raise DomainError(_("Please choose which of the two files goes on."), field="survivor")
    for pk in people:
        rows.admit_with_absorbed(pk)
    absorbed_id = next(pk for pk in pair.person_ids if pk != survivor_id)
    return people[survivor_id], people[absorbed_id]


def _lock_open(pair: DuplicatePair, version: int) -> None:
    pair.refresh_from_db(from_queryset=DuplicatePair.objects.select_for_update(of=("self",)))
    _tell_decided(pair)
    require_version(pair, version)


def _tell_decided(pair: DuplicatePair) -> None:
    now = DuplicatePair.objects.filter(pk=pair.pk).select_related("decided_by").first()
    if now is None or now.status == PairStatus.OPEN:
        return
    who = now.decided_by.display_name if now.decided_by else ""
    if now.status == PairStatus.MERGED:
        message = _("%(who)s has merged these two files already. Open the file that goes on to see the result.")
    elif now.status == PairStatus.NOT_SAME:
        message = _("%(who)s has said already that these are two people. Reload the list to go on.")
    else:
        message = _("The two files were corrected and are no longer alike. Reload the list to go on.")
    raise DomainError(message % {"who": who}, code="already_decided")


def _put_together(survivor: Person, absorbed: Person, chosen: list[str]) -> None:
    now = clock.now()
    trade = values.DOCUMENT in chosen
    numbers = {one.pk: {n: getattr(one, n) for n in values.GROUPS[values.DOCUMENT]} for one in (survivor, absorbed)}
    if trade:
        values.free_number(absorbed)
    names = [name for group in chosen if group != values.DOCUMENT for name in values.GROUPS[group]]
    wanted: dict[str, Any] = {name: getattr(absorbed, name) for name in names}
    wanted |= numbers[absorbed.pk] if trade else {}
    away: dict[str, Any] = {"merged_into_id": survivor.pk, "area_code": ""}
    away |= numbers[survivor.pk] if trade else {}
    values.put(survivor, wanted | {"version": survivor.version + 1, "updated_at": now})
    values.put(absorbed, away | {"version": absorbed.version + 1, "updated_at": now})
    stay = current_stay(survivor)
    if stay is not None and stay.area_code != survivor.area_code:
        values.put(survivor, {"area_code": stay.area_code})


def _close(pair: DuplicatePair, survivor: Person, absorbed: Person, reason: str, actor: User) -> None:
    _decide(pair, PairStatus.MERGED, reason, actor)
    pairs.rest(person_id=absorbed.pk)
    pairs.follow_person(survivor)
    pairs.refresh_pairs(person_ids=[survivor.pk])


def _decide(pair: DuplicatePair, status: str, reason: str, actor: User) -> None:
    pair.status, pair.decided_by, pair.decided_at, pair.reason = status, actor, clock.now(), reason.strip()[:200]
    _save(pair)


def _save(pair: DuplicatePair) -> None:
    """The actor has asked for both files; that the pair stands at their common superior is no matter."""
    pair.save(update_fields=["status", "decided_by", "decided_at", "reason", "version"])
