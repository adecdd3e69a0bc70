"""Which rows an administrator's own grant covers. Accounts, groups and areas carry a code, but no scope columns."""

from django.db.models import Q, QuerySet

from portal.org.codes import parent_candidates
from portal.org.models import Area, AreaGroupGrant, AreaUserGrant, Department, User
from portal.org.scoping import Scope, grant_codename, scope_of


def below(scope: Scope, field: str) -> Q:
    """A scope as a condition on a plain code column; nowhere matches nothing."""
    condition = Q(pk__in=[])
    for code in scope.codes:
        condition |= Q(**{f"{field}__startswith": code})
    return condition


def people_of(actor: User, action: str = "view") -> QuerySet[User]:
    return User.objects.filter(below(scope_of(actor, User, action), "area_code"), is_system=False)


def departments_of(actor: User, action: str = "view") -> QuerySet[Department]:
    return Department.objects.filter(below(scope_of(actor, Department, action), "area_code"))


def tree_of(actor: User, action: str = "view") -> QuerySet[Area]:
    return Area.objects.filter(below(scope_of(actor, Area, action), "code"))


def grantable_areas(actor: User) -> QuerySet[Area]:
    return Area.objects.filter(below(scope_of(actor, AreaGroupGrant, "change"), "code"), valid_to=None)


def givers_for(area_code: str) -> QuerySet[User]:
    """Who may give rights at this area: the security administrators of it and of the areas above."""
    codename = grant_codename(AreaGroupGrant, "change")
    above = [area_code, *parent_candidates(area_code)]
    found = {"permission__codename": codename, "content_object__code__in": above}
    groups = AreaGroupGrant.objects.in_force().filter(**found).values("group")
    own = AreaUserGrant.objects.in_force().filter(**found).values("user")
    return User.objects.filter(Q(groups__in=groups) | Q(pk__in=own), is_active=True).distinct().order_by("pk")
