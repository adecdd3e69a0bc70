"""One's own second factors: the app, security keys, recovery codes."""

import io
from typing import Any

import segno
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.mfa.webauthn.internal import auth as webauthn
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal.accounts import factors
from portal.accounts.factors import MFAAdapter
from portal.accounts.forms import FirstCodeForm
from portal.accounts.keys import NewKeyForm
from portal.accounts.middleware import FACTOR_DONE
from portal.accounts.stepup import RecentLoginMixin, require_recent_login
from portal.accounts.views.login import EntranceView, json_object
from portal.core.errors import DomainError
from portal.org.models import User
from portal.ui.http import StaffRequest
from portal.ui.views import say

SECRET = "accounts.new_secret"  # noqa: S105 - where the session keeps it, sealed
QUIET_ZONE, MODULE = 2, 5


def layout(request: HttpRequest) -> str:
    """Somebody who must set up a factor first sees no menu: every entry would lead back here."""
    return "accounts/plain.html" if factors.missing_factor(_me(request)) else "base.html"


def secret_of(request: HttpRequest, *, renew: bool = False) -> str:
    adapter = MFAAdapter()
    if renew or SECRET not in request.session:
        request.session[SECRET] = adapter.encrypt(generate_totp_secret())
    return adapter.decrypt(request.session[SECRET])


class AppPage(RecentLoginMixin, EntranceView):
    """Scan, enter the first code, done. The secret is kept sealed until then."""

    form_class = FirstCodeForm
    template_name = "accounts/totp.html"
    title = gettext_lazy("Set up an authenticator app")
    request: HttpRequest

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"secret": secret_of(self.request)}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if any(factor.type == factors.TOTP for factor in factors.factors_of(_me(request))):
            return HttpResponseRedirect(reverse("accounts:security"))
        answer: HttpResponse = super().get(request, *args, **kwargs)
        return answer

    def form_valid(self, form: Any) -> HttpResponse:
        user = _me(self.request)
        if any(factor.type == factors.TOTP for factor in factors.factors_of(user)):
            return HttpResponseRedirect(reverse("accounts:security"))
        row = TOTP.activate(user, form.secret).instance
        self.request.session.pop(SECRET, None)
        return _added(self.request, row)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        secret = secret_of(self.request)
        grouped = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
        return super().get_context_data(**kwargs) | {"secret": grouped, "layout": layout(self.request)}


@require_GET
@require_recent_login
def app_picture(request: StaffRequest) -> HttpResponse:
    """The picture for the phone, as a file of its own: the page's policy allows no drawing inside it."""
    if SECRET not in request.session:
        raise Http404
    url = MFAAdapter().build_totp_url(request.user, secret_of(request))
    picture = io.BytesIO()
    segno.make(url, error="m").save(
        picture, kind="svg", scale=MODULE, border=QUIET_ZONE, dark="#000", light="#fff", xmldecl=False
    )
    return HttpResponse(picture.getvalue(), content_type="image/svg+xml")


class KeyPage(RecentLoginMixin, EntranceView):
    form_class = NewKeyForm
    template_name = "accounts/key.html"
    title = gettext_lazy("Add a security key")
    request: HttpRequest

    def get_form_kwargs(self) -> dict[str, Any]:
        given = super().get_form_kwargs() | {"user": _me(self.request)}
        if self.request.method == "POST":
            name = self.request.POST.get("name", "").strip()[:50]
            given["data"] = {"name": name, "credential": json_object(self.request.POST.get("credential", ""))}
        return given

    def form_valid(self, form: Any) -> HttpResponse:
        name = form.cleaned_data["name"]
        row = webauthn.WebAuthn.add(_me(self.request), name, form.cleaned_data["credential"]).instance
        return _added(self.request, row)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "key_options": webauthn.begin_registration(_me(self.request), passwordless=False),
            "layout": layout(self.request),
        }


@require_http_methods(["GET", "HEAD", "POST"])
@require_recent_login
def codes(request: StaffRequest) -> HttpResponse:
    """Shown in full only right after they were made; later only how many are left. POST makes new ones."""
    if not factors.factors_of(request.user):
        return HttpResponseRedirect(reverse("accounts:security"))
    if request.method == "POST":
        Authenticator.objects.filter(user=request.user, type=factors.CODES).delete()
    row = RecoveryCodes.activate(request.user)
    fresh = not row.did_view
    if fresh:
        row.mark_as_viewed()
        factors.codes_made(actor=request.user)
    left = row.get_unused_codes()
    context = {
        "title": _("Recovery codes"),
        "layout": "base.html",
        "codes": left if fresh else [],
        "left": len(left),
        "crumbs": [(_("Login and security"), reverse("accounts:security"))],
    }
    return render(request, "accounts/codes.html", context)


@require_POST
@require_recent_login
def remove(request: StaffRequest, pk: int) -> HttpResponse:
    try:
        factors.remove_factor(factor_id=pk, session_key=request.session.session_key or "", actor=request.user)
    except Authenticator.DoesNotExist:
        raise Http404 from None
    except DomainError as error:
        say(request, error.message, level="bad")
    else:
        request.session.pop(FACTOR_DONE, None)
        say(request, _("The second factor is removed. Your other sessions have ended."))
    return HttpResponseRedirect(reverse("accounts:security"))


def _added(request: HttpRequest, row: Authenticator) -> HttpResponse:
    factors.added(factor=row, session_key=request.session.session_key or "", actor=_me(request))
    request.session.pop(FACTOR_DONE, None)
    return HttpResponseRedirect(reverse("accounts:codes"))


def _me(request: HttpRequest) -> User:
    return request.user  # type: ignore[return-value]
