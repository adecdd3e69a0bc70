"""Every request of somebody logged in: is the session still good, and may this page be opened already?"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.middleware import get_user
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import Resolver404, resolve, reverse
from django.utils.http import urlencode

from portal.accounts import factors, sessions
from portal.accounts.choices import EndReason
from portal.org.models import User

BACKGROUND = "X-Background"
NOTICE = "accounts.notice"
PASSWORD_DUE = "accounts.password_due"  # noqa: S105 - the name of a mark
FACTOR_DONE = "accounts.factor_done"
KEPT = "accounts_kept"
UNSEEN = ("/static/", "/healthz", "/readyz", "/metrics")
READING = frozenset({"GET", "HEAD", "OPTIONS"})
UNAUTHORIZED = 401
ALWAYS_OPEN = frozenset(
    {"logout", "ui:prefs", "ui:watermark", "ui:bell", "accounts:session_state", "accounts:session_extend"}
)
PASSWORD_PAGES = ALWAYS_OPEN | {"accounts:password"}
FACTOR_PAGES = ALWAYS_OPEN | {
    "accounts:security",
    "accounts:totp",
    "accounts:totp_qr",
    "accounts:key_add",
    "accounts:codes",
    "accounts:confirm",
}


class SessionMiddleware:
    """After AuthenticationMiddleware, before the transaction: a timer must not be undone by an error of the page.

    A session is good while its row is open, in the same browser, not idle and not too old. A request marked as
    background work (the page asks by itself) leaves the idle timer alone; the mark can only shorten a session.
    `work_mark` stays the same while the person only reads: what was counted for them may be kept under it for a while.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(UNSEEN):
            return self.get_response(request)
        request.login_session = None  # type: ignore[attr-defined]
        key = request.session.session_key
        reason = self._examine(request, key)
        if reason:
            request.session.flush()
            request.user = AnonymousUser()
            request.session[NOTICE] = reason
        response = self.get_response(request)
        return _for_htmx(request, response)

    def _examine(self, request: HttpRequest, key: str | None) -> str:
        """Why the session is over; "" when it goes on or never was one."""
        held = request.session.get("_auth_user_id") if key else None
        if held is None:
            return "" if request.session.get(NOTICE) or not key else sessions.why_ended(key)
        if not request.user.is_authenticated:
            disabled = User.objects.filter(pk=held, is_active=False).exists()
            reason = EndReason.DISABLED if disabled else EndReason.PASSWORD
            sessions.end_by_key(key=key or "", reason=reason)
            return reason.value
        now = sessions.standing(key=key or "", user_id=request.user.pk)
        if now is None:
            return sessions.why_ended(key or "") or EndReason.ENDED.value
        verdict = sessions.verdict(now, agent=request.headers.get("User-Agent", ""))
        if verdict is not None:
            sessions.end_by_key(key=key or "", reason=verdict)
            return verdict.value
        request.login_session = now  # type: ignore[attr-defined]
        request.user = get_user(request)  # itself, not by proxy: a list asks it for rights some hundred times
        acts = request.method not in READING
        if not acts:
            request.work_mark = f"{now.row.pk}-{now.row.acted_at.isoformat()}"  # type: ignore[attr-defined]
        if BACKGROUND not in request.headers:
            sessions.touch(now, acts=acts)
        return ""


def _for_htmx(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """A part of a page must not be replaced by the login page: the whole page goes there instead."""
    location = response.headers.get("Location", "")
    login = reverse("login")
    if "HX-Request" not in request.headers or location.partition("?")[0] != login:
        return response
    answer = HttpResponse(status=UNAUTHORIZED)
    page = request.headers.get("HX-Current-URL", "")
    here = page.partition("//")[2].partition("/")[2]
    answer["HX-Redirect"] = f"{login}?{urlencode({'next': f'/{here}'})}"
    return answer


class FirstThingsMiddleware:
    """A password that must be changed comes before everything, a missing second factor before all but that."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user: Any = getattr(request, "user", None)
        if request.path_info.startswith(UNSEEN) or user is None or not user.is_authenticated:
            return self.get_response(request)
        page = _name_of(request)
        if request.session.get(PASSWORD_DUE) and page not in PASSWORD_PAGES:
            return HttpResponseRedirect(reverse("accounts:password"))
        asks = settings.MFA_REQUIRED and not request.session.get(PASSWORD_DUE)
        if asks and page not in FACTOR_PAGES and not self._has_factor(request, user):
            return HttpResponseRedirect(reverse("accounts:security"))
        return self.get_response(request)

    def _has_factor(self, request: HttpRequest, user: User) -> bool:
        """Asked once a session; removing a factor forgets the answer."""
        if not request.session.get(FACTOR_DONE) and not factors.missing_factor(user):
            request.session[FACTOR_DONE] = True
        return bool(request.session.get(FACTOR_DONE))


def _name_of(request: HttpRequest) -> str:
    try:
        return resolve(request.path_info).view_name
    except Resolver404:
        return ""
