"""The permission matrix of one holder at one area: what stands here, and what comes down from elsewhere."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from django.contrib.auth.models import Group
from django.utils.translation import gettext as _

from portal.administration.services.grants import Holder, standing
from portal.administration.wording import (
    Text,
    action_label,
    grantable_actions,
    grantable_models,
    position,
    record_label,
    room_label,
)
from portal.org.codes import parent_candidates
from portal.org.models import Area, AreaGroupGrant, AreaUserGrant, User
from portal.org.scoping import grant_codename, lendable


@dataclass(frozen=True, slots=True)
class Cell:
    """`sources` are other footings on which the holder has the right here; `open` may be ticked by the actor."""

    codename: str
    label: Text
    ticked: bool
    until: datetime | None
    sources: tuple[str, ...]
    open: bool


@dataclass(frozen=True, slots=True)
class Line:
    label: Text
    cells: tuple[Cell | None, ...]

    @property
    def stretches(self) -> Iterator[tuple[Cell | None, int]]:
        """Each cell with its width; empty ones beside each other are one, an old computer draws fewer boxes."""
        for is_cell, run in groupby(self.cells, key=bool):
            found = list(run)
            yield from [(cell, 1) for cell in found] if is_cell else [(None, len(found))]


@dataclass(frozen=True, slots=True)
class Room:
    label: Text
    actions: tuple[Text, ...]
    lines: tuple[Line, ...]


def matrix(*, holder: Holder, area: Area, lender: User | None = None, ticked: set[str] | None = None) -> list[Room]:
    """`ticked` is what a refused form had chosen; without it the grants in force are ticked."""
    rooms: dict[str, list[Any]] = defaultdict(list)
    for model in grantable_models():
        rooms[model._meta.app_label].append(model)
    basis = _Basis(
        here=standing(holder, area, lender=lender),
        elsewhere=inherited(holder, area, lender=lender),
        can_lend=_lent_here(lender, area) if lender else None,
        ticked=ticked,
    )
    found = []
    for app_label, models in rooms.items():
        wanted = {action for model in models for action in grantable_actions(model)}
        actions = sorted(wanted, key=position)
        lines = tuple(Line(record_label(model), tuple(basis.cell(model, one) for one in actions)) for model in models)
        found.append(Room(room_label(app_label), tuple(action_label(one) for one in actions), lines))
    return found


@dataclass(frozen=True, slots=True)
class _Basis:
    here: dict[str, Any]
    elsewhere: dict[str, list[str]]
    can_lend: set[str] | None
    ticked: set[str] | None

    def cell(self, model: Any, action: str) -> Cell | None:
        if action not in grantable_actions(model):
            return None
        codename = grant_codename(model, action)
        grant = self.here.get(codename)
        return Cell(
            codename=codename,
            label=action_label(action),
            ticked=grant is not None if self.ticked is None else codename in self.ticked,
            until=grant.valid_to if grant else None,
            sources=tuple(self.elsewhere.get(codename, ())),
            open=grant is not None or self.can_lend is None or codename in self.can_lend,
        )


def _lent_here(lender: User, area: Area) -> set[str]:
    return {codename for codename, scope in lendable(lender).items() if not scope.narrowed_to(area.code).is_nowhere}


def inherited(holder: Holder, area: Area, *, lender: User | None = None) -> dict[str, list[str]]:
    """Why the holder has a right at `area` without a grant of this footing standing there."""
    above = parent_candidates(area.code)
    found: dict[str, list[str]] = defaultdict(list)
    if isinstance(holder, Group):
        for codename, name in _rows(AreaGroupGrant, group=holder, content_object__code__in=above):
            found[codename].append(_("from %(area)s") % {"area": name})
        return found
    groups = AreaGroupGrant.objects.in_force().filter(group__user=holder, content_object__code__in=[area.code, *above])
    for codename, group, name in groups.values_list("permission__codename", "group__name", "content_object__name"):
        found[codename].append(_("from the group “%(group)s” at %(area)s") % {"group": group, "area": name})
    for codename, name in _rows(AreaUserGrant, user=holder, content_object__code__in=above):
        found[codename].append(_("from %(area)s") % {"area": name})
    other = AreaUserGrant.objects.in_force().filter(user=holder, content_object=area)
    for grant in other.exclude(delegated_from=lender).select_related("permission", "delegated_from"):
        whose = grant.delegated_from
        found[grant.permission.codename].append(_("lent by %(name)s") % {"name": whose} if whose else _("own right"))
    return found


def places_of(holder: Holder) -> list[tuple[Area, int]]:
    """Where grants of the holder are in force, and how many."""
    rows: Any
    if isinstance(holder, Group):
        rows = AreaGroupGrant.objects.in_force().filter(group=holder)
    else:
        rows = AreaUserGrant.objects.in_force().filter(user=holder)
    counted: dict[Area, int] = defaultdict(int)
    for row in rows.select_related("content_object"):
        counted[row.content_object] += 1
    return sorted(counted.items(), key=lambda entry: entry[0].code)


def _rows(model: Any, **condition: Any) -> Iterator[tuple[str, str]]:
    rows = model.objects.in_force().filter(**condition)
    yield from rows.values_list("permission__codename", "content_object__name")
