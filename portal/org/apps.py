from django.apps import AppConfig
from django.db.models.signals import post_migrate


class OrgConfig(AppConfig):
    name = "portal.org"

    def ready(self) -> None:
        from portal.org.permissions import create_scope_permissions

        post_migrate.connect(create_scope_permissions, dispatch_uid="portal.org.scope_permissions")
