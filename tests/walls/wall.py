"""A raw connection's eye: SQL as the product's role, in the context of somebody, and what comes of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
from django.db import connection, transaction

from portal.org.models import User
from portal.org.walls import context


@contextmanager
def product(user: User | None = None, *, token: str | None = None) -> Iterator[Any]:
    """A psycopg2 cursor as `app_rw`, rolled back to where it began; `token` replaces the signed context."""
    sent = token if token is not None else signed(user)
    with transaction.atomic(), connection.connection.cursor() as cursor:
        cursor.execute("SAVEPOINT outside")
        cursor.execute("SET LOCAL ROLE app_rw")
        cursor.execute("SELECT set_config('app.ctx', %s, true)", [sent])
        try:
            yield cursor
        finally:
            cursor.execute("ROLLBACK TO SAVEPOINT outside")


def signed(user: User | None, *, seconds: int = 60, backend: int | None = None) -> str:
    told = context.Context(user.pk if user else None)
    pid = connection.connection.info.backend_pid if backend is None else backend
    return context.token(told, backend=pid, expires=int(context.seconds_now()) + seconds)


def column(cursor: Any, sql: str, *params: Any) -> set[Any]:
    cursor.execute(sql, params or None)
    return {row[0] for row in cursor.fetchall()}


def refused(cursor: Any, sql: str) -> str:
    """The error's class name; the savepoint keeps the cursor usable."""
    cursor.execute("SAVEPOINT attempt")
    try:
        cursor.execute(sql)
    except psycopg2.Error as error:
        cursor.execute("ROLLBACK TO SAVEPOINT attempt")
        return type(error).__name__
    cursor.execute("RELEASE SAVEPOINT attempt")
    return ""
