"""The portal's own pages: preferences, search, watermark, style guide, errors."""

from hashlib import sha256
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import get_template
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import etag, require_GET, require_http_methods, require_POST

from portal.core import clock
from portal.core.errors import DomainError
from portal.org.models import User
from portal.ui import navigation, saved_views, search, showcase
from portal.ui.http import StaffRequest
from portal.ui.middleware import remember
from portal.ui.models import SavedView
from portal.ui.prefs import CHOICES, Preferences
from portal.ui.views import say

LONGEST_SEARCH = 64


def preferences(request: StaffRequest) -> HttpResponse:
    """Shows and stores the reader's choices. Works without scripts; POST may carry any subset of them."""
    if request.method == "POST":
        return _store_preferences(request)
    return render(request, "ui/prefs.html", {"title": _("My settings"), "fields": _preference_fields(request.prefs)})


def _store_preferences(request: StaffRequest) -> HttpResponse:
    sent = {name: request.POST[name] for name in CHOICES if name in request.POST}
    changed = request.prefs.with_(**sent)
    User.objects.filter(pk=request.user.pk).update(prefs={**request.user.prefs, **changed.as_dict()})
    response = HttpResponseRedirect(_back_to(request))
    remember(response, changed, secure=request.is_secure())
    return response


def _back_to(request: StaffRequest) -> str:
    return _same_host(request, request.POST.get("next", ""))


def _same_host(request: StaffRequest, wanted: str) -> str:
    """Never to another host, whatever the form says."""
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        return wanted
    return reverse("ui:prefs")


def _preference_fields(prefs: Preferences) -> list[dict[str, Any]]:
    words = {
        "theme": (_("Colours"), {"light": _("Light"), "dark": _("Dark")}, _("Dark suits night shifts.")),
        "density": (
            _("Row height"),
            {"compact": _("Compact"), "default": _("Standard"), "comfort": _("Comfortable")},
            _("Compact shows more rows on one screen."),
        ),
        "text": (
            _("Text size"),
            {"normal": _("Standard"), "large": _("Large")},
            _("Large enlarges all text by 12.5%."),
        ),
        "language": (
            _("Language"),
            {"zh-hans": "简体中文", "en": "English"},
            _("Ledgers and receipts stay in Chinese."),
        ),
        "keys": (
            _("Single-key shortcuts"),
            {"on": _("On"), "off": _("Off")},
            _("Off keeps Ctrl and Alt combinations; switch off when you use speech input."),
        ),
    }
    return [
        {"name": name, "label": label, "hint": hint, "options": _options(choices, getattr(prefs, name))}
        for name, (label, choices, hint) in words.items()
    ]


def _options(choices: dict[str, str], chosen: str) -> list[dict[str, Any]]:
    return [{"value": value, "label": label, "checked": value == chosen} for value, label in choices.items()]


@require_POST
def view_save(request: StaffRequest) -> HttpResponse:
    """Keeps the filters of a list under a name, and goes back to the list."""
    path, query = request.POST.get("path", ""), request.POST.get("query", "")
    try:
        view = saved_views.save_view(path=path, name=request.POST.get("name", ""), query=query, actor=request.user)
    except DomainError as error:
        say(request, error.message, level="bad")
        return HttpResponseRedirect(_same_host(request, f"{path}?{query}"))
    say(request, _("Saved as “%(name)s”") % {"name": view.name})
    return HttpResponseRedirect(view.get_absolute_url())


@require_POST
def view_remove(request: StaffRequest, pk: int) -> HttpResponse:
    try:
        view = saved_views.remove_view(view_id=pk, actor=request.user)
    except SavedView.DoesNotExist:
        raise Http404 from None
    say(request, _("Removed “%(name)s”") % {"name": view.name})
    return HttpResponseRedirect(view.path)


@require_POST
def view_share(request: StaffRequest, pk: int) -> HttpResponse:
    """Shares one's own view with one's unit, makes it the first thing a role of the unit sees, or takes it back."""
    wanted = request.POST.get("share", "")
    try:
        view = saved_views.share_view(
            view_id=pk, shared=wanted != "private", default=wanted == "default", actor=request.user
        )
    except SavedView.DoesNotExist:
        raise Http404 from None
    except DomainError as error:
        say(request, error.message, level="bad")
        return HttpResponseRedirect(SavedView.objects.get(pk=pk, owner=request.user).get_absolute_url())
    words = {
        "private": _("“%(name)s” is yours alone again"),
        "default": _("“%(name)s” is what colleagues with your role in the unit see first"),
    }
    say(request, words.get(wanted, _("Your unit sees “%(name)s” now")) % {"name": view.name})
    return HttpResponseRedirect(view.get_absolute_url())


@require_POST
def palette(request: StaffRequest) -> HttpResponse:
    """Search results as a fragment. POST, because people search for names and numbers."""
    query = _typed(request)
    return render(request, "ui/_palette.html", {"groups": search.search(request.user, query), "query": query})


@require_http_methods(["GET", "POST"])
def search_page(request: StaffRequest) -> HttpResponse:
    """All results on a page; asked for by POST like the box, so that no number stands in an address or a history."""
    query = _typed(request) if request.method == "POST" else ""
    context = {
        "title": _("Search"),
        "subtitle": _("People, dwellings, permits and employers of your areas; numbers stay masked."),
        "query": query,
        "groups": search.search(request.user, query, most=search.PER_PAGE),
        "keys": _search_keys(),
    }
    response = render(request, "ui/search.html", context)
    response["Cache-Control"] = "no-store"
    return response


def _typed(request: StaffRequest) -> str:
    return request.POST.get("q", "").strip()[:LONGEST_SEARCH]


def _search_keys() -> list[tuple[str, str]]:
    return [
        (_("Name"), "张伟 · 建国"),
        (_("Pinyin"), "zhangwei · zw"),
        (_("ID number"), _("all 18 or 15 digits")),
        (_("Name and last four"), "张伟 1237"),
        (_("Mobile number"), _("all 11 digits")),
        (_("Permit number"), "3308222026000017"),
        (_("Address"), "jxhy 3-2-501 · 锦绣花园 3 幢"),
        (_("Employer or school"), "宏达机械"),
    ]


@require_GET
def bell(request: StaffRequest) -> HttpResponse:
    known = navigation.bell()
    if known is None:
        raise Http404
    return render(request, "ui/_bell.html", {"bell": known, "unread": known.unread(request.user)})


def _watermark_words(request: StaffRequest) -> tuple[str, str]:
    user = request.user
    unit = str(user.department) if user.department else user.title
    return f"{user} {unit}".strip(), clock.now().astimezone().strftime("%Y-%m-%d")


@require_GET
@etag(lambda request: '"' + sha256("|".join(_watermark_words(request)).encode()).hexdigest()[:16] + '"')
def watermark(request: StaffRequest) -> HttpResponse:
    """Who looked at this screen: a faint pattern over every page, drawn for the session."""
    name, day = _watermark_words(request)
    response = render(request, "ui/watermark.svg", {"name": name, "day": day}, content_type="image/svg+xml")
    response["Cache-Control"] = "private, no-cache"
    return response


@require_GET
def styleguide(request: StaffRequest) -> HttpResponse:
    """Every component with the call that draws it. Switched off in production."""
    if not settings.UI_STYLEGUIDE:
        raise Http404
    return render(request, "ui/styleguide.html", showcase.context())


@login_not_required
def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _error(request, "400.html", 400)


@login_not_required
def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _error(request, "403.html", 403)


@login_not_required
def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _error(request, "404.html", 404)


@login_not_required
def server_error(request: HttpRequest) -> HttpResponse:
    return _error(request, "500.html", 500)


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page stood open so long that its form expired, or cookies are blocked."""
    return _error(request, "403_csrf.html", 403)


@login_not_required
def too_many_requests(request: HttpRequest) -> HttpResponse:
    """One address asks too often; also before anybody is logged in."""
    return _error(request, "429.html", 429)


def _error(request: HttpRequest, name: str, status: int) -> HttpResponse:
    """Drawn without context processors: an error page must not need the database."""
    prefs = getattr(request, "prefs", Preferences())
    with override(prefs.language):
        told = {"prefs": prefs, "request_id": getattr(request, "request_id", ""), "path": request.path}
        body = get_template(name).render(told)
    return HttpResponse(body, status=status)
