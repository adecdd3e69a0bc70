"""Wall 1: what a user may do, and where. Grants stand on areas; rows carry their area's code."""

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar, Self

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import connection, models
from django.db.models import GeneratedField, Q
from django.db.models.functions import Left

from portal.core.classes import Declared, c2
from portal.org import seals
from portal.org.codes import COMMUNITY, COUNTY, TOWNSHIP, covers
from portal.org.delegable import is_reserved, may_be_lent
from portal.org.models import Area, AreaGroupGrant, AreaUserGrant, User
from portal.org.own_grants import OwnGrant, own_grants

log = logging.getLogger(__name__)
LEVEL_COLUMNS = {COUNTY: "county_code", TOWNSHIP: "township_code", COMMUNITY: "community_code"}


@dataclass(frozen=True, slots=True)
class Scope:
    """A handful of area codes; each stands for itself and everything below. No code: nowhere.

    `everywhere` is for scheduled work alone: also in areas nobody has entered.
    """

    codes: tuple[str, ...] = ()
    everywhere: bool = False

    @classmethod
    def over(cls, codes: Iterable[str]) -> "Scope":
        """Drops codes that another one already covers."""
        kept: list[str] = []
        for code in sorted(set(codes)):
            if not kept or not code.startswith(kept[-1]):
                kept.append(code)
        return cls(tuple(kept))

    @property
    def is_nowhere(self) -> bool:
        return not self.codes and not self.everywhere

    def __bool__(self) -> bool:
        """False for nowhere, so that `scope_of(…) or scope_of(…)` means what it says."""
        return not self.is_nowhere

    def __contains__(self, area_code: str) -> bool:
        return (self.everywhere and bool(area_code)) or any(covers(code, area_code) for code in self.codes)

    def narrowed_to(self, area_code: str) -> "Scope":
        """The part of this scope inside `area_code` (a user looking at one township of the county)."""
        if area_code in self:
            return Scope((area_code,))
        return Scope(tuple(code for code in self.codes if covers(area_code, code)))

    def by_column(self) -> dict[str, list[str]]:
        """Codes grouped by the column that compares them with `=`; other lengths fall to a prefix on `area_code`."""
        grouped: dict[str, list[str]] = defaultdict(list)
        for code in self.codes:
            grouped[LEVEL_COLUMNS.get(len(code), "area_code")].append(code)
        return dict(grouped)

    def q(self, prefix: str = "") -> Q:
        """`prefix` reaches through a relation, for instance `"person__"`."""
        if self.everywhere:
            return Q()
        condition = Q(pk__in=[]) if self.is_nowhere else Q()
        for column, codes in self.by_column().items():
            if column == "area_code":
                for code in codes:
                    condition |= Q(**{f"{prefix}area_code__startswith": code})
            else:
                condition |= Q(**{f"{prefix}{column}__in": codes})
        return condition

    def sql(self, alias: str) -> tuple[str, list[object]]:
        """The same condition for hand-written SQL: a fragment in brackets and its parameters."""
        if self.everywhere:
            return "(TRUE)", []
        parts: list[str] = []
        params: list[object] = []
        for column, codes in self.by_column().items():
            if column == "area_code":
                parts.extend(f"starts_with({alias}.area_code, %s)" for _code in codes)
                params.extend(codes)
            else:
                parts.append(f"{alias}.{column} = ANY(%s)")
                params.append(codes)
        return f"({' OR '.join(parts) or 'FALSE'})", params


NOWHERE = Scope()
EVERYWHERE = Scope(everywhere=True)


def grant_codename(model: type[models.Model], action: str) -> str:
    return f"{model._meta.app_label}__{action}_{model._meta.model_name}"


def scope_of(user: User | AnonymousUser, model: type[models.Model], action: str) -> Scope:
    """Where may `user` do `action` on `model`? An inactive or anonymous user: nowhere."""
    if isinstance(user, AnonymousUser) or not user.is_active:
        return NOWHERE
    return _granted(user).get(grant_codename(model, action), NOWHERE)


def can(user: User | AnonymousUser, model: type[models.Model], action: str, *, at: str = "") -> bool:
    """May `user` do it at `at`, or anywhere at all when `at` is empty?"""
    scope = scope_of(user, model, action)
    return at in scope if at else not scope.is_nowhere


def require(user: User, model: type[models.Model], action: str, *, at: str) -> None:
    """Raises PermissionDenied unless the grant covers the area code `at`."""
    if at not in scope_of(user, model, action):
        raise PermissionDenied


def areas_for(user: User | AnonymousUser, model: type[models.Model], action: str) -> models.QuerySet[Area]:
    scope = scope_of(user, model, action)
    condition = Q() if scope.everywhere else Q(pk__in=[])
    for code in scope.codes:
        condition |= Q(code__startswith=code)
    return Area.objects.filter(condition, valid_to=None)


def lendable(user: User) -> dict[str, Scope]:
    """The rights that `user` may let a stand-in use, by codename, and where they reach at present."""
    held = _unlent({user.pk})
    return {codename: Scope.over(codes) for (_pk, codename), codes in held.items() if may_be_lent(codename)}


def lenders_of(user: User) -> frozenset[int]:
    """Whose rights `user` holds on loan at present: acts of theirs count as his own where two people are needed."""
    _granted(user)
    lenders: frozenset[int] = user.__dict__["_grant_lenders"]
    return lenders


def forget_grants(user: User) -> None:
    """Call after changing the grants of a user object that is still in use."""
    user.__dict__.pop("_area_grants", None)


def _granted(user: User) -> dict[str, Scope]:
    """Every grant of `user` in force now; read once per user object, that is once per request."""
    cached: dict[str, Scope] | None = user.__dict__.get("_area_grants")
    if cached is None and user.is_system:
        cached = dict.fromkeys(_system_codenames(), EVERYWHERE)
        user.__dict__["_area_grants"], user.__dict__["_grant_lenders"] = cached, frozenset()
    if cached is None:
        held = own_grants(user)
        own = _trusted(AreaUserGrant, [grant for grant in held if not grant.of_group])
        of_groups = _trusted(AreaGroupGrant, [grant for grant in held if grant.of_group])
        lent = [grant for grant in own if grant[2] is not None]
        direct: dict[str, set[str]] = defaultdict(set)
        for codename, code, _lender in [*of_groups, *(grant for grant in own if grant[2] is None), *_still_held(lent)]:
            direct[codename].add(code)
        cached = {codename: Scope.over(codes) for codename, codes in direct.items()}
        user.__dict__["_area_grants"] = cached
        user.__dict__["_grant_lenders"] = frozenset(lender for _codename, _code, lender in lent if lender)
    return cached


def _system_codenames() -> list[str]:
    """What scheduled work may do, from the table that the second wall reads (`AppConfig.system_actions`)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT codename FROM sec.system_action")
        return [row[0] for row in cursor.fetchall()]


Granted = tuple[str, str, int | None]
"""Codename, area code and, for a grant on loan, whose it is."""


def _trusted(model: type[models.Model], grants: list[OwnGrant]) -> list[Granted]:
    """Rights of administrators count only with an unbroken seal; the others are looked through every night."""
    guarded = [grant.pk for grant in grants if is_reserved(grant.codename)]
    kept = model._default_manager.filter(pk__in=guarded) if guarded else ()
    sealed = {row.pk for row in kept if seals.is_sealed(row)}
    found = []
    for grant in grants:
        if is_reserved(grant.codename) and grant.pk not in sealed:
            log.error("grant %s %s has a broken seal and is not honoured", model._meta.label_lower, grant.pk)
            continue
        found.append((grant.codename, grant.area_code, grant.lender))
    return found


def _still_held(lent: list[Granted]) -> Iterator[Granted]:
    """What is on loan reaches no further than the lender's own, unlent rights do at this moment."""
    if not lent:
        return
    held = _unlent({lender for _codename, _code, lender in lent if lender})
    for codename, code, lender in lent:
        if lender is not None and may_be_lent(codename):
            for reached in Scope.over(held[lender, codename]).narrowed_to(code).codes:
                yield codename, reached, lender


def _unlent(holders: set[int]) -> dict[tuple[int, str], set[str]]:
    """Area codes by holder and codename: the rights of active accounts that are not on loan themselves."""
    held: dict[tuple[int, str], set[str]] = defaultdict(set)
    for rows in (
        AreaUserGrant.objects.in_force()
        .filter(user__in=holders, user__is_active=True, delegated_from=None)
        .values_list("user_id", "permission__codename", "content_object__code"),
        AreaGroupGrant.objects.in_force()
        .filter(group__user__in=holders, group__user__is_active=True)
        .values_list("group__user", "permission__codename", "content_object__code"),
    ):
        for holder, codename, code in rows:
            held[holder, codename].add(code)
    return held


class ScopedQuerySet(models.QuerySet):
    def restrict(self, user: User | AnonymousUser, action: str = "view") -> Self:
        """Keep only the rows on which `user` may do `action`."""
        return self.filter(scope_of(user, self.model, action).q())

    def within(self, area_code: str) -> Self:
        """Keep the rows of one area and below (a filter, not a right)."""
        return self.filter(Scope((area_code,)).q())


class ScopedModel(models.Model):
    """A record that one area is answerable for. The generated columns carry the scope (product design §3)."""

    scope_actions: ClassVar[tuple[str, ...]] = ("view", "add", "change")

    field_classes: ClassVar[tuple[Declared, ...]] = (
        c2("the area that answers for the row", "area_code", "county_code", "township_code", "community_code"),
    )

    area_code = models.CharField(max_length=15)
    county_code = GeneratedField(
        expression=Left("area_code", COUNTY), output_field=models.CharField(max_length=COUNTY), db_persist=True
    )
    township_code = GeneratedField(
        expression=Left("area_code", TOWNSHIP), output_field=models.CharField(max_length=TOWNSHIP), db_persist=True
    )
    community_code = GeneratedField(
        expression=Left("area_code", COMMUNITY), output_field=models.CharField(max_length=COMMUNITY), db_persist=True
    )

    class Meta:
        abstract = True


def newest_first_indexes(prefix: str) -> list[models.Index]:
    """`(level code, updated_at DESC, id DESC)` for the three levels people list by."""
    return [
        models.Index(fields=[column, "-updated_at", "-id"], name=f"{prefix}_{column[:4]}_newest")
        for column in LEVEL_COLUMNS.values()
    ]
