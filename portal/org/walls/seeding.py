"""COPY into a table is refused to everybody whom row-level security binds; the owner of the tables is, by FORCE."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from portal.org.walls.registry import walls


@contextmanager
def owner_may_copy() -> Iterator[None]:
    """For filling empty tables as their owner, inside one transaction that keeps everybody else out of them until it
    ends: the wall of the product's role stands all the time, and a rollback brings FORCE back."""
    _force("NO FORCE")
    yield
    _force("FORCE")


def _force(word: str) -> None:
    with connection.cursor() as cursor:
        for table in walls():
            cursor.execute(f"ALTER TABLE {table} {word} ROW LEVEL SECURITY")
