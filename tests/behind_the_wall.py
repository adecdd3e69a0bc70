"""Requests of the test client pass the wall as in the product, while factories work as the owner of the tables."""

import time
from collections.abc import Callable

import psycopg2
import time_machine
from django.db import connection
from django.http import HttpRequest, HttpResponse

from portal.org.walls import context

PRODUCT = "SET ROLE app_rw"
OWNER = "SELECT set_config('app.ctx', '', false); RESET ROLE"


def real_seconds() -> float:
    """Tests stop the county's clock; the database's goes on."""
    return time_machine.escape_hatch.time.time() if time_machine.escape_hatch.is_travelling() else time.time()


context.seconds_now = real_seconds


class BehindTheWallMiddleware:
    """First in the chain. Past Django's cursor, so that tests which count queries do not count these."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        _say(PRODUCT)
        try:
            return self.get_response(request)
        finally:
            _say(OWNER)


def _say(sql: str) -> None:
    connection.ensure_connection()
    try:
        with connection.connection.cursor() as cursor:
            cursor.execute(sql)
    except psycopg2.errors.InFailedSqlTransaction:
        connection.set_rollback(True)  # the surrounding rollback brings the owner back
