"""The three administrators: what each may do, and how somebody becomes one of them and stops being one.

Rights named here are theirs alone. The database holds to it: see `migrations/sql/three_admin.sql`.
"""

from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils.translation import gettext as _

from portal.audit import services as audit
from portal.audit.models import ThreeAdmin, ThreeAdminRight
from portal.core.errors import DomainError
from portal.org.models import Area, AreaUserGrant, User
from portal.org.scoping import can, forget_grants, grant_codename
from portal.org.services import grant_to_user

Rights = dict[str, dict[str, tuple[str, ...]]]
VIEW = ("view",)
RIGHTS: Rights = {
    "sysadmin": {
        "policy.CalendarDay": VIEW,
        "policy.PolicyRule": VIEW,
        "privacy.ProcessingActivity": VIEW,
        "policy.CodeItem": VIEW,
        "org.User": ("view", "add", "change"),
        "org.Area": ("view", "change"),
        "org.Department": ("view", "change"),
        "residents.MappingFile": ("view", "change"),
    },
    "secadmin": {
        "policy.CalendarDay": ("view", "change"),
        "policy.PolicyRule": ("view", "change"),
        "privacy.ProcessingActivity": ("view", "change"),
        "residents.Notice": ("publish",),
        "exchange.ProvisionRecord": VIEW,
        "policy.CodeItem": ("view", "change"),
        "org.User": VIEW,
        "org.Area": VIEW,
        "org.Department": VIEW,
        "org.Delegation": ("view", "change"),
        "org.AreaGroupGrant": ("view", "change"),
        "audit.ThreeAdmin": ("view", "change"),
        "audit.BreakGlass": VIEW,
    },
    "auditor": {
        "org.User": VIEW,
        "privacy.ProcessingActivity": VIEW,
        "privacy.LegalHold": ("view", "change"),
        "exchange.ProvisionRecord": VIEW,
        "audit.AuditEntry": VIEW,
        "audit.AccessEvent": ("view", "export"),
        "audit.AuditSeal": VIEW,
        "audit.ThreeAdmin": VIEW,
        "audit.BreakGlass": VIEW,
        "oversight.Finding": ("view", "change", "export"),
        "oversight.Inspection": ("view", "change"),
    },
}


def codenames_of(kind: str) -> set[str]:
    return {
        grant_codename(apps.get_model(label), action) for label, actions in RIGHTS[kind].items() for action in actions
    }


def kinds_allowing(codenames: set[str]) -> list[str]:
    """The kinds that hold all of these rights; several for rights that more than one of them has."""
    return [kind for kind in RIGHTS if codenames <= codenames_of(kind)]


@transaction.atomic
def appoint(*, user: User, kind: str, actor: User | None) -> ThreeAdmin:
    """Make `user` an administrator of the county, with all rights of the kind. `actor` is None on the first run only.

    Raises DomainError when the account is an administrator already or holds any other right.
    """
    if actor is not None and not can(actor, ThreeAdmin, "change", at=settings.COUNTY_CODE):
        raise PermissionDenied
    if actor == user:
        raise DomainError(_("Nobody appoints themselves. Another security administrator has to do it."), field="user")
    if ThreeAdmin.objects.filter(user=user).exists():
        raise DomainError(_("This account is one of the three administrators already."), field="user")
    if AreaUserGrant.objects.in_force().filter(user=user).exists() or user.groups.exists():
        raise DomainError(
            _("This account does business work. An administrator needs an account of its own."), field="user"
        )
    row = ThreeAdmin.objects.create(user=user, kind=kind, appointed_by=actor)
    county = Area.objects.get(code=settings.COUNTY_CODE)
    for label, actions in RIGHTS[kind].items():
        grant_to_user(user, apps.get_model(label), actions, at=county, granted_by=actor, reason=kind)
    forget_grants(user)
    audit.record(actor=actor, action="three_admin.appointed", target=row, user=user.pk, kind=kind)
    return row


@transaction.atomic
def dismiss(*, user: User, actor: User) -> None:
    """Take the office and every right of it away; the account stays without any right."""
    if not can(actor, ThreeAdmin, "change", at=settings.COUNTY_CODE) or actor == user:
        raise PermissionDenied
    row = ThreeAdmin.objects.select_for_update().get(user=user)
    AreaUserGrant.objects.filter(user=user).delete()
    user.groups.clear()
    audit.record(actor=actor, action="three_admin.dismissed", target=row, user=user.pk, kind=row.kind)
    row.delete()
    forget_grants(user)


def write_rights(**_kwargs: Any) -> None:
    """After `migrate`: what the database compares grants with."""
    if ThreeAdminRight._meta.db_table not in connection.introspection.table_names():
        return
    wanted = {(kind, codename) for kind in RIGHTS for codename in codenames_of(kind)}
    known = set(ThreeAdminRight.objects.values_list("kind", "codename"))
    for kind, codename in known - wanted:
        ThreeAdminRight.objects.filter(kind=kind, codename=codename).delete()
    ThreeAdminRight.objects.bulk_create(
        ThreeAdminRight(kind=kind, codename=codename) for kind, codename in sorted(wanted - known)
    )
