"""Asking once more who it is, before what does most harm: exports, many full numbers, grants, factors (ASVS 7.5.1).

A login counts for `session.confirm_minutes` (15). After that the person enters the password or a code and comes back;
what a form had sent meanwhile is sent again on return, so nothing has to be typed twice.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.urls import Resolver404, resolve, reverse
from django.utils.http import urlencode

View = Callable[..., HttpResponseBase]
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
SUSPENDED = "accounts.suspended"
LONGEST_FORM = 32_000


def is_recent(request: HttpRequest) -> bool:
    """Has the person proved recently enough who they are? A request without a session of ours has not."""
    standing = getattr(request, "login_session", None)
    return standing is not None and standing.is_confirmed()


def ask_again(request: HttpRequest) -> HttpResponse:
    """To the page that asks for the password or a code, and from there back to this request."""
    page = reverse("accounts:confirm")
    if request.headers.get("HX-Request"):
        response = HttpResponse(status=204)
        response["HX-Redirect"] = f"{page}?{urlencode({'next': _page_of(request)})}"
        return response
    path = request.get_full_path()
    if request.method == "POST":
        sent = request.POST.copy()
        sent.pop("csrfmiddlewaretoken", None)
        if not request.FILES and len(sent.urlencode()) <= LONGEST_FORM:
            request.session[SUSPENDED] = {"path": path, "sent": sent.urlencode()}
    return HttpResponseRedirect(f"{page}?{urlencode({'next': path})}")


def resume(request: HttpRequest, path: str) -> HttpResponseBase | None:
    """Run the form that waits for `path`, as if it had been sent now; None when none waits."""
    waiting = request.session.pop(SUSPENDED, None)
    if not waiting or waiting["path"] != path:
        return None
    target, _mark, query = path.partition("?")
    try:
        found = resolve(target)
    except Resolver404:
        return None
    request.path = request.path_info = target
    request.META["PATH_INFO"], request.META["QUERY_STRING"] = target, query
    request.GET = QueryDict(query)
    request.POST = QueryDict(waiting["sent"])
    request.resolver_match = found
    answer: HttpResponseBase = found.func(request, *found.args, **found.kwargs)
    return answer


def _page_of(request: HttpRequest) -> str:
    """The page whose part asked: the address of a part alone would open as a torn-off fragment."""
    htmx = getattr(request, "htmx", None)
    return (htmx and htmx.current_url_abs_path) or "/"


def require_recent_login(view: View | None = None, *, writes_only: bool = False) -> Any:
    """Around a view function. `writes_only` lets GET through: looking at the form is free, sending it is not."""

    def decorate(wrapped: View) -> View:
        @wraps(wrapped)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if (writes_only and request.method in SAFE) or is_recent(request):
                return wrapped(request, *args, **kwargs)
            return ask_again(request)

        return guarded

    return decorate(view) if view is not None else decorate


class RecentLoginMixin:
    """For class-based views; set `recent_login_for_writes_only` to let GET through. First among the bases."""

    recent_login_for_writes_only = False

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        free = self.recent_login_for_writes_only and request.method in SAFE
        if not free and not is_recent(request):
            return ask_again(request)
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        return response
