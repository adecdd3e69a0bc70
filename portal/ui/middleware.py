"""Applies the reader's preferences. The browser's own language is ignored: Chinese is the default, English a choice."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import translation

from portal.ui.prefs import COOKIE, Preferences
from portal.ui.stack import with_room

YEAR = 365 * 24 * 3600


class PreferencesMiddleware:
    """Before AuthenticationMiddleware, so that the login page is in the right language and theme too.

    The account's choice wins over the cookie from the first answer after logging in: on a shared computer
    nobody works in the colours of the colleague before.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = with_room(get_response)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        name = cookie_name(secure=request.is_secure())
        sent = request.COOKIES.get(name, "")
        request.prefs = Preferences.from_cookie(sent)  # type: ignore[attr-defined]
        with translation.override(request.prefs.language):  # type: ignore[attr-defined]
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language() or "zh-hans")
        user = getattr(request, "_cached_user", None)
        if user is not None and user.is_authenticated and user.prefs:
            wanted = Preferences.of(user.prefs).to_cookie()
            if wanted != sent and name not in response.cookies:
                remember(response, Preferences.of(user.prefs), secure=request.is_secure())
        return response


def remember(response: HttpResponse, prefs: Preferences, *, secure: bool) -> None:
    name = cookie_name(secure=secure)
    response.set_cookie(name, prefs.to_cookie(), max_age=YEAR, httponly=True, samesite="Lax", secure=secure)


def cookie_name(*, secure: bool) -> str:
    """Browsers take a `__Host-` cookie only over TLS, from this very host, for all of its paths."""
    return f"__Host-{COOKIE}" if secure else COOKIE
