"""The database of the suite: the demo county with PEOPLE people, made when it is not there yet."""

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pghistory
from django.core.management import call_command
from django.db import connection, transaction

from bench.multiply import multiply
from portal.org.models import User
from portal.org.walls.context import scoped_transaction
from portal.vault import keyring
from residents.models import Person

COUNTY = "330822"
ENOUGH = 0.8
BASE = 20_000
"""As many people the demo county makes one by one, with everything that belongs to them; more are copies of them."""


def prepare(people: int) -> None:
    """Keeps a county of about the wanted size; another one is thrown away, so never point this at real data."""
    keyring.ring()
    call_command("collectstatic", interactive=False, verbosity=0)
    call_command("migrate", verbosity=0)
    call_command("load_policy", stdout=io.StringIO())
    there = Person.objects.count()
    if not ENOUGH * people <= there <= people / ENOUGH:
        print(f"making a county of {people} people …", file=sys.stderr, flush=True)
        call_command("demo_county", people=min(people, BASE), reset=bool(there), stdout=io.StringIO())
        if people > BASE:
            multiply(people)
    connection.set_autocommit(True)
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("VACUUM (ANALYZE)")


def exporter() -> User:
    """The county's statistician: may export the whole county, masked."""
    return User.objects.get(username="clerk")


def leader() -> User:
    return User.objects.get(username="leader")


def police() -> User:
    return User.objects.get(username="police")


@contextmanager
def product(user: User) -> Iterator[None]:
    """The product's role in the context of `user`; whatever was written is taken back."""
    with scoped_transaction(user), pghistory.context(actor=user.pk, purpose="bench"):
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL ROLE app_rw")
        yield
        transaction.set_rollback(True)
