from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError, connection

from portal.audit.models import BreakGlass
from portal.org.models import User


@register(Tags.database)
def nobody_is_superuser(*, databases: Any = None, **_kwargs: Any) -> list[CheckMessage]:
    """Asked before the product serves; the database's own CHECK says the same to whoever writes SQL."""
    if not databases:
        return []
    try:
        if BreakGlass._meta.db_table not in connection.introspection.table_names():
            return []  # the migration that is about to run takes the mark away
        count = User.objects.filter(is_superuser=True).count()
    except DatabaseError:
        return []  # no server or no tables yet: /readyz says so
    if not count:
        return []
    return [
        Error(
            f"{count} accounts are superusers. Nobody may stand above the rules.",
            hint="Take the mark away; in an emergency use manage.py break_glass.",
            id="audit.E001",
        )
    ]
