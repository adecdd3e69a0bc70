from typing import ClassVar

from django.apps import AppConfig
from django.db.models.signals import post_migrate

OFFICES = "offices and accounts, no residents: every page names them; grants are walled by who may grant"


class OrgConfig(AppConfig):
    name = "portal.org"
    unwalled: ClassVar[dict[str, str]] = {
        "org_department": OFFICES,
        "org_user": OFFICES,
        "org_delegation": OFFICES,
        "org_delegationevent": OFFICES,
    }

    area_named: ClassVar[dict[str, tuple[str, ...]]] = {
        "org.User": ("area_code",),
        "org.Department": ("area_code",),
    }

    def ready(self) -> None:
        from portal.org.permissions import create_scope_permissions
        from portal.org.walls import checks, install, lookups  # noqa: F401

        post_migrate.connect(create_scope_permissions, dispatch_uid="portal.org.scope_permissions")
        post_migrate.connect(install.build_walls, sender=install.last_app(), dispatch_uid="portal.org.walls")
