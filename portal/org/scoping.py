"""Wall 1: what a user may do, and where. Grants stand on areas; rows carry their area's code."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Self

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import GeneratedField, Q
from django.db.models.functions import Left

from portal.core.classes import c2
from portal.org.codes import COMMUNITY, COUNTY, TOWNSHIP, covers
from portal.org.models import Area, AreaGroupGrant, AreaUserGrant, User

LEVEL_COLUMNS = {COUNTY: "county_code", TOWNSHIP: "township_code", COMMUNITY: "community_code"}


@dataclass(frozen=True, slots=True)
class Scope:
    """A handful of area codes; each stands for itself and everything below. No code: nowhere."""

    codes: tuple[str, ...] = ()

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
        return not self.codes

    def __contains__(self, area_code: str) -> bool:
        return any(covers(code, area_code) for code in self.codes)

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
    condition = Q(pk__in=[])
    for code in scope.codes:
        condition |= Q(code__startswith=code)
    return Area.objects.filter(condition, valid_to=None)


def forget_grants(user: User) -> None:
    """Call after changing the grants of a user object that is still in use."""
    user.__dict__.pop("_area_grants", None)


def _granted(user: User) -> dict[str, Scope]:
    """Every grant of `user` in force now; read once per user object, that is once per request."""
    cached: dict[str, Scope] | None = user.__dict__.get("_area_grants")
    if cached is None:
        direct: dict[str, set[str]] = defaultdict(set)
        for grants in (
            AreaUserGrant.objects.in_force().filter(user=user),
            AreaGroupGrant.objects.in_force().filter(group__user=user),
        ):
            for codename, code in grants.values_list("permission__codename", "content_object__code"):
                direct[codename].add(code)
        cached = {codename: Scope.over(codes) for codename, codes in direct.items()}
        user.__dict__["_area_grants"] = cached
    return cached


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

    field_classes = (
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
