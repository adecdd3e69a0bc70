"""Start-up checks: the product does not serve when its role could walk around the wall, or a table stands open."""

from typing import Any

from django.core.checks import Error, Tags, register
from django.db import DatabaseError, connection

from portal.org.walls import context
from portal.org.walls.policies import GUARDED
from portal.org.walls.registry import undeclared, walls

TOO_MIGHTY = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
OWNS_TABLES = (
    "SELECT EXISTS (SELECT FROM pg_class WHERE oid = to_regclass('org_area') AND relowner = current_user::regrole)"
)
OPEN_TABLES = """
SELECT name FROM unnest(%s) AS name
LEFT JOIN pg_class c ON c.oid = to_regclass(name)
WHERE c.oid IS NOT NULL AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
"""


def role_is_bound() -> bool:
    """False for a superuser and for BYPASSRLS."""
    return not _told(TOO_MIGHTY)


def role_owns_tables() -> bool:
    """True in a migration. The owner's policies are open, so the product must never run as the owner."""
    return _told(OWNS_TABLES)


def _told(question: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(question)
        return bool(cursor.fetchone()[0])


def open_tables() -> list[str]:
    """Walled tables on which row-level security is not in force for everybody."""
    with connection.cursor() as cursor:
        cursor.execute(OPEN_TABLES, [[*walls(), *GUARDED]])
        return [row[0] for row in cursor.fetchall()]


def context_is_understood() -> bool:
    """False when the database was migrated with another key file: every page would come up empty."""
    with context.scoped_transaction_for(0), connection.cursor() as cursor:
        cursor.execute("SELECT sec.uid()")
        return bool(cursor.fetchone()[0] == 0)


@register(Tags.security)
def every_area_table_is_declared(**_kwargs: Any) -> list[Error]:
    return [
        Error(
            f"{table} carries an area or belongs to a walled table, and has no wall.",
            hint="Declare walled_by, walled_like or walled_owner on the model, or a reason in AppConfig.unwalled.",
            id="walls.E001",
        )
        for table in undeclared()
    ]


@register(Tags.database)
def database_keeps_the_wall(*, databases: Any = None, **_kwargs: Any) -> list[Error]:
    """Runs with `check --database default`, as the launcher and the container do before they serve."""
    if not databases:
        return []
    try:
        if role_owns_tables():
            return []  # `migrate` is about to build them
        bound, standing_open = role_is_bound(), open_tables()
    except DatabaseError:
        return []  # no server yet: /readyz says so
    errors = []
    if not bound:
        errors.append(
            Error(
                "The database role is a superuser or bypasses row-level security.", hint="Use app_rw.", id="walls.E002"
            )
        )
    if standing_open:
        tables = ", ".join(standing_open)
        errors.append(Error(f"Without row-level security in force: {tables}.", hint="Run migrate.", id="walls.E003"))
    return errors
