"""H9: every change has one history row that says who made it and what for, whatever way it was made."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import pghistory
from django.db import DatabaseError, connection, transaction
from django.db.models import F

from portal.org.middleware import scoped_transaction
from portal.org.models import User
from prove.figure import Result, figure
from prove.support import as_owner
from residents.models import Dwelling

OPERATIONS, PURPOSE, COMMUNITY = 10_000, "prove H9", "330822001001"
Changes = list[tuple[str, int]]
"""What an operation changed: insert, update or delete, and of which row."""

WRITTEN = """
SELECT c.metadata->>'request', e.pgh_label, e.pgh_obj_id, c.metadata->>'actor', c.metadata->>'purpose'
FROM residents_dwellingevent e LEFT JOIN pghistory_context c ON c.id = e.pgh_context_id
WHERE e.estate = %s
"""
INSERT = """
INSERT INTO residents_dwelling (code, plate, estate, building, unit, room, address, key, shorthand, kind,
    rental_registered, landlord_name, landlord_phone, area_code, version, created_at, updated_at)
SELECT 'H9' || %s, gen_random_uuid(), estate, building, unit, room, estate || %s, key || %s, shorthand, kind,
    rental_registered, landlord_name, landlord_phone, area_code, version, now(), now()
FROM residents_dwelling WHERE id = %s RETURNING id
"""


class Street:
    """Dwellings of an estate that only this figure knows; `rows` are the ids that stand at present."""

    def __init__(self, draw: random.Random) -> None:
        self.draw = draw
        self.rows: list[int] = []
        self.number = count(1)

    def some(self, most: int) -> list[int]:
        return self.draw.sample(self.rows, min(most, len(self.rows)))

    def new(self) -> Dwelling:
        number = next(self.number)
        return Dwelling(
            code=f"H9-{number}",
            estate=PURPOSE,
            room=str(number),
            address=f"{PURPOSE} {number}",
            shorthand=f"h9-{number}",
            kind="05",
            area_code=COMMUNITY,
        )

    def create(self) -> Changes:
        row = self.new()
        row.save(force_insert=True)
        self.rows.append(row.pk)
        return [("insert", row.pk)]

    def bulk_create(self) -> Changes:
        made = Dwelling.objects.bulk_create([self.new() for _one in range(self.draw.randint(2, 5))])
        self.rows += [row.pk for row in made]
        return [("insert", row.pk) for row in made]

    def save(self) -> Changes:
        [key] = self.some(1)
        row = Dwelling.objects.get(pk=key)
        row.version += 1
        row.save(update_fields=["version"])
        return [("update", key)]

    def bulk_update(self) -> Changes:
        keys = self.some(4)
        rows = list(Dwelling.objects.filter(pk__in=keys))
        for row in rows:
            row.version += 1
        Dwelling.objects.bulk_update(rows, ["version"])
        return [("update", key) for key in keys]

    def update(self) -> Changes:
        keys = self.some(6)
        Dwelling.objects.filter(pk__in=keys).update(version=F("version") + 1)
        return [("update", key) for key in keys]

    def raw_insert(self) -> Changes:
        [key] = self.some(1)
        mark = f"-{next(self.number)}"
        with connection.cursor() as cursor:
            cursor.execute(INSERT, [mark, mark, mark, key])
            made = cursor.fetchone()[0]
        self.rows.append(made)
        return [("insert", made)]

    def raw_update(self) -> Changes:
        keys = self.some(3)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE residents_dwelling SET version = version + 1 WHERE id = ANY(%s)", [keys])
        return [("update", key) for key in keys]

    def raw_delete(self) -> Changes:
        keys = self.gone(2)
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM residents_dwelling WHERE id = ANY(%s)", [keys])
        return [("delete", key) for key in keys]

    def delete(self) -> Changes:
        [key] = self.gone(1)
        Dwelling.objects.get(pk=key).delete()
        return [("delete", key)]

    def bulk_delete(self) -> Changes:
        keys = self.gone(3)
        Dwelling.objects.filter(pk__in=keys).delete()
        return [("delete", key) for key in keys]

    def gone(self, most: int) -> list[int]:
        keys = self.some(most)
        self.rows = [key for key in self.rows if key not in keys]
        return keys

    def ways(self) -> list[Callable[[], Changes]]:
        making = [self.create, self.bulk_create, self.raw_insert]
        changing = [self.save, self.bulk_update, self.update, self.raw_update]
        return [*making, *changing, *(self.raw_delete, self.delete, self.bulk_delete)]


@figure("H9", "random changes, bulk and raw SQL included, that have exactly one history row with actor and purpose")
def one_history_row_each() -> Result:
    actor = User.objects.get(username="coadmin")
    draw, expected = random.Random(9), Counter[tuple[str, str, int]]()
    street = Street(draw)
    with cleaned_up():
        for number in range(OPERATIONS):
            request = f"h9-{number}"
            way = draw.choice(street.ways()) if len(street.rows) > 20 else street.bulk_create  # noqa: PLR2004
            history = pghistory.context(actor=actor.pk, purpose=PURPOSE, request=request)
            with history, scoped_transaction(actor):
                changes = way()
            expected.update((request, label, key) for label, key in changes)
        refused = refused_without_context(actor)
        found, unnamed = written(actor)
    wrong = sum(((found - expected) + (expected - found)).values())
    total = sum(expected.values())
    text = (
        f"{OPERATIONS} operations, {total} changes: {wrong} without exactly one row, {unnamed} without actor or purpose"
    )
    return Result(not wrong and not unnamed and refused, f"{text} (limit 0); without a context refused: {refused}")


def written(actor: User) -> tuple[Counter[tuple[str, str, int]], int]:
    found, unnamed = Counter[tuple[str, str, int]](), 0
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(WRITTEN, [PURPOSE])
        for request, label, key, who, purpose in cursor.fetchall():
            found[request, label, key] += 1
            unnamed += who != str(actor.pk) or purpose != PURPOSE
    return found, unnamed


def refused_without_context(actor: User) -> bool:
    """The product's role cannot change anything in silence."""
    try:
        with scoped_transaction(actor), connection.cursor() as cursor:
            cursor.execute("UPDATE residents_dwelling SET version = version + 1 WHERE estate = %s", [PURPOSE])
    except DatabaseError:
        return True
    return False


@contextmanager
def cleaned_up() -> Iterator[Any]:
    forget()
    try:
        yield
    finally:
        forget()


def forget() -> None:
    with as_owner(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM residents_dwelling WHERE estate = %s", [PURPOSE])
        cursor.execute("DELETE FROM residents_dwellingevent WHERE estate = %s", [PURPOSE])
        cursor.execute("DELETE FROM pghistory_context WHERE metadata->>'purpose' = %s", [PURPOSE])
