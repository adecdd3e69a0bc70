from typing import Any

from django.apps import apps
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType

from portal.org.models import Area
from portal.org.scoping import grant_codename


def create_scope_permissions(**_kwargs: Any) -> None:
    """After `migrate`: one permission on Area for every model and action that names `scope_actions`.

    "Everywhere" is the county's node. Models without an area of their own (policy rules) are granted there.
    """
    on_area = ContentType.objects.get_for_model(Area)
    known = set(Permission.objects.filter(content_type=on_area).values_list("codename", flat=True))
    wanted = {
        grant_codename(model, action): f"Can {action} {model._meta.model_name}"
        for model in apps.get_models()
        for action in getattr(model, "scope_actions", ())
    }
    Permission.objects.bulk_create(
        [
            Permission(content_type=on_area, codename=codename, name=name)
            for codename, name in wanted.items()
            if codename not in known
        ]
    )
