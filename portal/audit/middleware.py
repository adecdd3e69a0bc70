import uuid
from collections.abc import Callable

import pghistory
from django.http import HttpRequest, HttpResponse

from portal.audit.context import RequestContext, enter


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
    """Every row that history keeps for this request says who, on which page, in which request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method in {"GET", "HEAD", "OPTIONS"}:
            return self.get_response(request)
        with pghistory.context(
            user=request.user.pk if request.user.is_authenticated else None,
            page=request.path[:100],
            request_id=request.request_id,  # type: ignore[attr-defined]
        ):
            return self.get_response(request)
