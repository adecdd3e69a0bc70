import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pghistory
from django.http import HttpRequest, HttpResponse

from portal.audit.context import RequestContext, current, enter
from portal.vault.blind import blind_index

MACHINES = ("/healthz", "/readyz", "/static/")
PURPOSE_LENGTH = 80


class RequestIdMiddleware:
    """Gives every request a number that error pages show and every audit row carries."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = uuid.uuid4().hex[:16]
        request.request_id = request_id  # type: ignore[attr-defined]
        enter(RequestContext(request_id=request_id, address=request.META.get("REMOTE_ADDR") or None))
        response = self.get_response(request)
        response["X-Request-ID"] = request_id
        if not request.path.startswith("/static/"):
            response.headers.setdefault("Cache-Control", "no-store")
        return response


class HistoryContextMiddleware:
    """Every row that history keeps for this request says who, what for, on which page, in which request.

    The purpose is the name of the page (`residents:arrival_new`) until a service names the business itself by calling
    `pghistory.context(purpose=…)`. Reading pages enter it as well: some of them write (a reminder that was seen).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(MACHINES):
            return self.get_response(request)
        key = request.session.session_key
        if key:
            enter(replace(current(), session_hash=blind_index("audit.session", key)))
        with pghistory.context(
            actor=request.user.pk if request.user.is_authenticated else None,
            purpose="request",
            page=request.path[:100],
            request=request.request_id,  # type: ignore[attr-defined]
        ):
            return self.get_response(request)

    def process_view(self, request: HttpRequest, _view: Any, _args: Any, _kwargs: Any) -> None:
        match = request.resolver_match
        if match and not request.path.startswith(MACHINES):
            pghistory.context(purpose=match.view_name[:PURPOSE_LENGTH])
