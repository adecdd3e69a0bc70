"""Refusals that no view has to remember: odd methods, requests that another site sends, and answers that are cached."""

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

METHODS = ("GET", "HEAD", "POST")
API = "/api/"
API_METHODS = (*METHODS, "PUT", "PATCH", "DELETE")
SAFE = {"GET", "HEAD"}


class SurfaceMiddleware:
    """After the middleware that writes the security headers, so that refusals carry them too.

    TRACE, OPTIONS and the methods of WebDAV do not exist here: 405. Another site may link to a page, and that is all:
    it may not post, embed, fetch, or start a download (the browser says so in `Sec-Fetch-Site`; one that does not
    send the header is held by the CSRF token and by SameSite cookies).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.answer(request)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if response.status_code >= HTTPStatus.BAD_REQUEST:
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    def answer(self, request: HttpRequest) -> HttpResponse:
        allowed = API_METHODS if request.path.startswith(API) else METHODS
        if request.method not in allowed:
            return HttpResponseNotAllowed(allowed)
        if request.headers.get("Sec-Fetch-Site") != "cross-site":
            return self.get_response(request)
        if not is_link(request):
            return refused()
        response = self.get_response(request)
        if is_download(response):
            return instead_of(response)
        return response


def is_link(request: HttpRequest) -> bool:
    """Somebody followed a link in a page or a message: a whole page asked for, nothing sent."""
    return (
        request.method in SAFE
        and request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"
        and request.headers.get("Sec-Fetch-Dest", "document") == "document"
    )


def is_download(response: HttpResponse) -> bool:
    return response.headers.get("Content-Disposition", "").startswith("attachment")


def instead_of(download: HttpResponse) -> HttpResponse:
    """Its file is closed with the refusal. `download.close()` would end the request, and with it the transaction."""
    answer = refused()
    answer._resource_closers.extend(download._resource_closers)  # type: ignore[attr-defined]  # noqa: SLF001
    return answer


def refused() -> HttpResponse:
    return HttpResponse("403", status=HTTPStatus.FORBIDDEN, content_type="text/plain")
