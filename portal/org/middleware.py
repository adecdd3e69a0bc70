"""One transaction per request with the signed context set for it: `SET LOCAL`, never a session-level setting."""

from collections.abc import Callable
from http import HTTPStatus

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from portal.org.walls.context import acting_for, scoped_transaction

__all__ = ["ScopedTransactionMiddleware", "scoped_transaction"]


class ScopedTransactionMiddleware:
    """After AuthenticationMiddleware. An answer of 500 or more rolls everything back; 4xx keeps what the view did.

    The response must not be a generator over scoped querysets: it would run after the transaction.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(("/healthz", "/readyz", "/static/")):
            return self.get_response(request)
        with transaction.atomic(), acting_for(request.user if request.user.is_authenticated else None):
            response = self.get_response(request)
            if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
                transaction.set_rollback(True)
        return response
