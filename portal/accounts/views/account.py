"""One's own account: password, sessions, what is set up, and the few questions a page asks about its session."""

import json
from typing import Any

from django.contrib.auth import update_session_auth_hash
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from portal.accounts import factors, kept, services, sessions
from portal.accounts.choices import EndReason
from portal.accounts.forms import ChangePasswordForm
from portal.accounts.limits import is_djbh3, limit
from portal.accounts.middleware import KEPT, PASSWORD_DUE
from portal.accounts.models import LoginSession
from portal.accounts.views.login import EntranceView
from portal.core.errors import DomainError
from portal.org.models import User
from portal.ui.http import StaffRequest
from portal.ui.views import add_domain_error, say

SHOWN = 10


@require_GET
def security(request: StaffRequest) -> HttpResponse:
    """Password, second factors, sessions. The only page open to somebody who still has to set up a factor."""
    credential = services.credential_of(request.user)
    missing = factors.missing_factor(request.user)
    age = services.password_age(credential)
    rows = list(LoginSession.objects.filter(user=request.user)[:SHOWN])
    context = {
        "title": _("Login and security"),
        "layout": "accounts/plain.html" if missing else "base.html",
        "missing": missing,
        "factors": factors.factors_of(request.user),
        "has_app": any(factor.type == factors.TOTP for factor in factors.factors_of(request.user)),
        "password_days": age,
        "password_left": limit("password.age_days") - age if is_djbh3() else None,
        "has_password": request.user.has_usable_password(),
        "open_sessions": [row for row in rows if row.ended_at is None],
        "past_sessions": [row for row in rows if row.ended_at is not None],
        "own_key": request.session.session_key,
    }
    return render(request, "accounts/security.html", context)


@method_decorator(sensitive_post_parameters("old", "password1", "password2"), name="dispatch")
class PasswordPage(EntranceView):
    """Also where somebody lands whose password has to be changed first."""

    form_class = ChangePasswordForm
    template_name = "accounts/password.html"
    title = gettext_lazy("Change the password")
    request: HttpRequest

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"user": self.request.user, "request": self.request}

    def form_valid(self, form: Any) -> HttpResponse:
        request = self.request
        cleaned = form.cleaned_data
        old_key = request.session.session_key or ""
        try:
            user = services.change_password(new=cleaned["password1"], session_key=old_key, actor=_me(request))
        except DomainError as error:
            add_domain_error(form, error)
            return self.form_invalid(form)
        update_session_auth_hash(request, user)
        sessions.confirm(key=old_key, new_key=request.session.session_key or "")
        request.session.pop(PASSWORD_DUE, None)
        say(request, _("The password is changed. Your other sessions have ended."))  # type: ignore[arg-type]
        return HttpResponseRedirect(reverse("accounts:security"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        due = bool(self.request.session.get(PASSWORD_DUE))
        return super().get_context_data(**kwargs) | {
            "due": due,
            "layout": "accounts/plain.html" if due else "base.html",
            "crumbs": [] if due else [(_("Login and security"), reverse("accounts:security"))],
        }


@require_POST
def session_end(request: StaffRequest, pk: int) -> HttpResponse:
    """One's own session on another computer."""
    if not LoginSession.objects.filter(pk=pk, user=request.user).exists():
        raise Http404
    row = sessions.end_session(session_id=pk, reason=EndReason.ENDED, actor=request.user)
    say(request, _("The session on %(browser)s has ended.") % {"browser": row.agent or row.address or "–"})
    return HttpResponseRedirect(reverse("accounts:security"))


@require_GET
def session_state(request: StaffRequest) -> JsonResponse:
    """How long the session goes on when nothing is done. Asking does not prolong it (the page marks the request)."""
    return _state(request)


@require_POST
def session_extend(request: StaffRequest) -> JsonResponse:
    """ "Go on working" of the warning."""
    standing = request.login_session  # type: ignore[attr-defined]
    if standing is not None:
        sessions.touch(standing, at_once=True)
        key = request.session.session_key or ""
        request.login_session = sessions.standing(key=key, user_id=request.user.pk)  # type: ignore[attr-defined]
    return _state(request)


def _state(request: StaffRequest) -> JsonResponse:
    standing = getattr(request, "login_session", None)
    return JsonResponse({"left": standing.seconds_left if standing else 0})


@require_POST
def form_keep(request: StaffRequest) -> HttpResponse:
    """What stands in a form of the page `path`, shortly before the session ends."""
    try:
        fields = json.loads(request.POST.get("fields", ""))
    except ValueError:
        fields = None
    if not kept.keep(user=request.user, path=request.POST.get("path", ""), fields=fields):
        return HttpResponse(status=422)
    return HttpResponse(status=204)


@require_POST
def form_back(request: StaffRequest) -> JsonResponse:
    """Gives the kept form of `path` back, once."""
    fields = kept.give_back(user=request.user, path=request.POST.get("path", ""))
    if not kept.waits_for(request.user):
        request.session.pop(KEPT, None)
    return JsonResponse({"fields": fields})


def _me(request: HttpRequest) -> User:
    return request.user  # type: ignore[return-value]
