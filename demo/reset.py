"""Throwing the demo register away."""

from django.apps import apps
from django.db import connection, transaction

REGISTER_APPS = ("residents", "privacy", "reports", "rentals", "employers", "familyplanning", "education", "casework")
KEPT = {"residents.Notice", "privacy.ProcessingActivity", "privacy.ProcessingActivityEvent"}


@transaction.atomic
def empty_register() -> None:
    """Every row of the register, the departments and the figures; areas, policy, accounts and notices stay."""
    tables = [
        model._meta.db_table
        for label in REGISTER_APPS
        for model in apps.get_app_config(label).get_models()
        if model._meta.managed and model._meta.label not in KEPT
    ]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(f"TRUNCATE {', '.join(chr(34) + table + chr(34) for table in tables)} RESTART IDENTITY")
