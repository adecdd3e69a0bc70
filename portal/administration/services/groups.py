"""Groups carry rights to their members. Who joins or leaves one is a grant like any other."""

from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from portal.administration.reach import below
from portal.administration.services.grants import refuse_administrators
from portal.administration.wording import may_be_given
from portal.audit import services as audit
from portal.core.errors import DomainError
from portal.org.models import AreaGroupGrant, User
from portal.org.scoping import can, scope_of

LONGEST_NAME = 80


def groups_with_counts() -> QuerySet[Group]:
    return Group.objects.annotate(
        members=Count("user", filter=Q(user__is_active=True), distinct=True),
        rights=Count("areagroupgrant", distinct=True),
    ).order_by("name")


@transaction.atomic
def create_group(*, name: str, actor: User) -> Group:
    """Empty: no members, no rights."""
    if not can(actor, AreaGroupGrant, "change"):
        raise PermissionDenied
    name = name.strip()
    if Group.objects.filter(name__iexact=name).exists():
        raise DomainError(_("There is a group of this name already. Choose another name."), field="name")
    group = Group.objects.create(name=name)
    audit.record(actor=actor, action="group_created", target=group, name=name)
    return group


@transaction.atomic
def add_member(*, group_id: int, user: User, reason: str, actor: User) -> Group:
    group = _one(group_id, user, actor)
    if user.groups.filter(pk=group.pk).exists():
        raise DomainError(_("%(name)s is a member already.") % {"name": user}, field="user")
    if not user.is_active:
        raise DomainError(
            _("The account of %(name)s is disabled. It has to be enabled first.") % {"name": user}, field="user"
        )
    refuse_administrators([user.pk])
    user.groups.add(group)
    audit.record(actor=actor, action="group_member_added", target=user, group=group.pk, reason=reason)
    return group


@transaction.atomic
def remove_member(*, group_id: int, user: User, reason: str, actor: User) -> Group:
    group = _one(group_id, user, actor)
    user.groups.remove(group)
    audit.record(actor=actor, action="group_member_removed", target=user, group=group.pk, reason=reason)
    return group


def _one(group_id: int, user: User, actor: User) -> Group:
    """Joining gives all the group's rights, so the actor must be able to give every one of them."""
    group = Group.objects.select_for_update().get(pk=group_id)
    if user.pk == actor.pk:
        raise PermissionDenied
    scope = scope_of(actor, AreaGroupGrant, "change")
    if user.area_code not in scope:
        raise PermissionDenied
    held = list(grants_of_group(group).values_list("permission__codename", "content_object__code"))
    if not all(may_be_given(codename) for codename, _code in held):
        raise DomainError(
            _("This group belongs to one of the three administrators. They are appointed on their own page.")
        )
    if any(code not in scope for _codename, code in held):
        raise DomainError(
            _("The group holds rights outside your areas. A security administrator of the area above has to do this.")
        )
    return group


def grants_of_group(group: Group) -> QuerySet[AreaGroupGrant]:
    found: QuerySet[AreaGroupGrant] = AreaGroupGrant.objects.in_force().filter(group=group)
    return found


def candidates(group: Group, actor: User) -> QuerySet[User]:
    """Active people in the actor's areas who are not in the group."""
    scope = scope_of(actor, AreaGroupGrant, "change")
    people = User.objects.filter(below(scope, "area_code"), is_active=True, is_system=False)
    return people.exclude(groups=group).exclude(pk=actor.pk).order_by("area_code", "display_name")
