"""One line for every answered request: which page, how long, for whom; never the address with what it may hold."""

import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse
from django_structlog.middlewares import RequestMiddleware

from portal.core import counters, logs

REFUSED = frozenset({HTTPStatus.FORBIDDEN, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.TOO_MANY_REQUESTS})


class RequestLogMiddleware(RequestMiddleware):
    """Right after the request has its number. Paths are not logged: some carry tokens; the route says enough."""

    async_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        super().__init__(get_response)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        before = time.perf_counter()
        self.prepare(request)
        response: Any = self.get_response(request)
        seconds = time.perf_counter() - before
        counters.request_took(seconds, response.status_code)
        structlog.contextvars.bind_contextvars(ms=round(seconds * 1000, 1))
        self.bind_user_id(request)
        if response.status_code in REFUSED:
            logs.event("refused", status=response.status_code, route=route_of(request))
        self.handle_response(request, response)
        return response

    def prepare(self, request: HttpRequest) -> None:
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(
            request_id=getattr(request, "request_id", ""), address=request.META.get("REMOTE_ADDR", "")
        )

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        return f"{request.method} {route_of(request)}"

    @staticmethod
    def bind_user_id(request: HttpRequest) -> None:
        """Only when the page has asked who it is: a log line is no reason for a query."""
        user: Any = getattr(request, "_cached_user", None)
        if user is not None and user.pk:
            structlog.contextvars.bind_contextvars(actor=user.pk)


def route_of(request: HttpRequest) -> str:
    match = request.resolver_match
    return match.view_name if match else "static" if request.path.startswith("/static/") else "unknown"
