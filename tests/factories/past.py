"""History on a clock of the test's own: the database stamps its steps with its own time, and a test is one
transaction."""

from django.apps import apps
from django.db import connection

from portal.core import clock


def stamp() -> None:
    """Let every step recorded since the last call have been recorded at this moment of the test."""
    tables = [
        model._meta.db_table
        for model in apps.get_app_config("residents").get_models()
        if getattr(model, "pgh_tracked_model", None)
    ]
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"UPDATE {table} SET pgh_created_at = %s WHERE pgh_created_at = now()", [clock.now()])
