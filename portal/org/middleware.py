"""One transaction per request with the scope set for it: `SET LOCAL`, never a session-level setting."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse

from portal.org.models import User

SCOPE_SETTING = "app.user_id"


@contextmanager
def scoped_transaction(user: User) -> Iterator[None]:
    """A transaction that acts for `user`; the outer value comes back on leaving, also after a savepoint."""
    with transaction.atomic():
        before = _current()
        _set(str(user.pk))
        yield
        _set(before)


def _current() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting(%s, true), '')", [SCOPE_SETTING])
        return str(cursor.fetchone()[0])


def _set(value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, true)", [SCOPE_SETTING, value])


class ScopedTransactionMiddleware:
    """After AuthenticationMiddleware. An answer of 500 or more rolls everything back; 4xx keeps what the view did.

    The response must not be a generator over scoped querysets: it would run after the transaction.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(("/healthz", "/readyz", "/static/")):
            return self.get_response(request)
        with transaction.atomic():
            _set(str(request.user.pk or "") if request.user.is_authenticated else "")
            response = self.get_response(request)
            if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
                transaction.set_rollback(True)
        return response
