"""Bringing what is kept about rented homes in line with the register and the rules. All but the limits runs as the
owner of the tables."""

from datetime import date

from django.db import connection, transaction

from rentals.models import RentalRegistration
from rentals.services.landlords import phone_index

BLOCK = 1000


@transaction.atomic
def recount_homes() -> int:
    """How many doors stood wrong. Writers wait until it has ended (seconds at 3,000,000 stays)."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SELECT rentals_recount_homes()")
        return int(cursor.fetchone()[0])


@transaction.atomic
def recount_letters() -> int:
    """How many registrations told their letter wrong. Letters wait until it has ended."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SELECT rentals_recount_letters()")
        return int(cursor.fetchone()[0])


@transaction.atomic
def recount_limits(*, day: date) -> int:
    """How many limits have changed: a rule of occupancy was changed, or came into force with the calendar."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT rentals_recount_limits(%s)", [day])
        return int(cursor.fetchone()[0])


@transaction.atomic
def index_phones() -> int:
    """For registrations of before the landlord's page: without the index a proved phone finds no door of its own."""
    rows = RentalRegistration.objects.filter(landlord_phone_index=None).order_by("pk")
    done = 0
    for row in rows.iterator(chunk_size=BLOCK):
        RentalRegistration.objects.filter(pk=row.pk).update(
            landlord_phone_index=phone_index(row.landlord_phone), agent_phone_index=phone_index(row.agent_phone)
        )
        done += 1
    return done
