"""From the login page to the workbench: password, second factor, and asking once more."""

import json
from typing import Any

from allauth.account.internal.decorators import login_stage_required
from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.stages import AuthenticateStage
from allauth.mfa.webauthn.internal import auth as webauthn
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LogoutView
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView

from portal.accounts import factors, lockout, sessions, stepup
from portal.accounts.choices import EndReason
from portal.accounts.forms import CodeForm, ConfirmForm, LoginForm
from portal.accounts.keys import KeyAnswerForm
from portal.accounts.middleware import NOTICE
from portal.audit import services as audit
from portal.org.models import User
from portal.ui.views import UNPROCESSABLE

HOME = "/"


def next_of(request: HttpRequest) -> str:
    """Where to go afterwards; never to another host."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    same = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if same else HOME


class EntranceView(FormView):
    """One card without the shell. A refused form comes back with 422 and what was typed, passwords excepted."""

    title: Any = ""
    request: HttpRequest

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=UNPROCESSABLE)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = {"title": self.title, "next": next_of(self.request), "layout": "accounts/plain.html"}
        return super().get_context_data(**kwargs) | context


@method_decorator([login_not_required, sensitive_post_parameters("password")], name="dispatch")
class LoginPage(EntranceView):
    form_class = LoginForm
    template_name = "registration/login.html"
    title = _("Log in")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated:
            return HttpResponseRedirect(next_of(request))
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"request": self.request}

    def form_valid(self, form: Any) -> HttpResponse:
        self.request.session.pop(NOTICE, None)
        login = Login(user=form.account, redirect_url=next_of(self.request))
        return perform_password_login(self.request, {"username": form.account.username}, login)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        reason = self.request.session.get(NOTICE, "") if self.request.method == "GET" else ""
        ended = EndReason(reason) if reason in EndReason.values else None
        return super().get_context_data(**kwargs) | {"ended": ended}


class LogoutPage(LogoutView):
    """The browser forgets the pages, too: on a shared computer nobody goes back with the arrow."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        response = super().post(request, *args, **kwargs)
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
        return response


@method_decorator(login_stage_required(stage=AuthenticateStage.key, redirect_urlname="account_login"), name="dispatch")
class CodePage(EntranceView):
    """The second factor, after the right password or after single sign-on."""

    form_class = CodeForm
    template_name = "accounts/code.html"
    title = _("Second step of logging in")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.stage = request._login_stage  # type: ignore[attr-defined] # noqa: SLF001
        self.person: User = self.stage.login.user
        if not self.person.is_active:
            return HttpResponseRedirect(reverse("login"))
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"request": self.request, "user": self.person}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "credential" not in request.POST:
            answer: HttpResponse = super().post(request, *args, **kwargs)
            return answer
        authenticator = key_used(request, self.person)
        if authenticator is None:
            return self.form_invalid(refused_key(self.get_form_class()(**self._unbound())))
        return self._go_on(authenticator)

    def form_valid(self, form: Any) -> HttpResponse:
        return self._go_on(form.factor)

    def _go_on(self, authenticator: Any) -> HttpResponse:
        post_authentication(self.request, authenticator)
        answer: HttpResponse = self.stage.exit()
        return answer

    def _unbound(self) -> dict[str, Any]:
        return self.get_form_kwargs() | {"data": None, "files": None}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | key_context(self.person)


@method_decorator(sensitive_post_parameters("password"), name="dispatch")
class ConfirmPage(EntranceView):
    """Who are you? Asked once more before what does most harm; the session gets a new key (ASVS 7.2.4)."""

    template_name = "accounts/confirm.html"
    title = _("Please confirm that it is you")

    @property
    def person(self) -> User:
        return self.request.user  # type: ignore[return-value]

    def get_form_class(self) -> Any:
        return CodeForm if factors.factors_of(self.person) else ConfirmForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"request": self.request, "user": self.person}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "credential" not in request.POST:
            answer: HttpResponse = super().post(request, *args, **kwargs)
            return answer
        if key_used(request, self.person) is None:
            unbound = self.get_form_kwargs() | {"data": None, "files": None}
            return self.form_invalid(refused_key(self.get_form_class()(**unbound)))
        return self._confirmed()

    def form_valid(self, form: Any) -> HttpResponse:
        return self._confirmed()

    def _confirmed(self) -> HttpResponse:
        request = self.request
        old = request.session.session_key or ""
        request.session.cycle_key()
        new = request.session.session_key or ""
        sessions.confirm(key=old, new_key=new)
        request.login_session = sessions.standing(key=new, user_id=self.person.pk)  # type: ignore[attr-defined]
        audit.record(actor=self.person, action="accounts.confirmed", target=self.person)
        path = next_of(request)
        answer: Any = stepup.resume(request, path)
        return answer if answer is not None else HttpResponseRedirect(path)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        known = bool(factors.factors_of(self.person)) or self.person.has_usable_password()
        return super().get_context_data(**kwargs) | {"can_confirm": known} | key_context(self.person)


def key_context(user: User) -> dict[str, Any]:
    """What the browser needs to ask a security key; nothing when the person has none."""
    kinds = {factor.type for factor in factors.factors_of(user)}
    context: dict[str, Any] = {"has_app": factors.TOTP in kinds, "has_key": factors.KEY in kinds}
    if factors.KEY in kinds:
        context["key_options"] = webauthn.begin_authentication(user)
    return context


def key_used(request: HttpRequest, user: User) -> Any:
    """The factor that signed the challenge, or None. Counted like a code."""
    name = lockout.normalised(user.username)
    if not lockout.may_try(request, name):
        return None
    form = KeyAnswerForm(user=user, data={"credential": json_object(request.POST["credential"])})
    if form.is_valid():
        return form.cleaned_data["credential"]
    lockout.count_failure(request, name)
    return None


def refused_key(form: Any) -> Any:
    form.key_refused = True
    return form


def json_object(text: str) -> str:
    """The library expects an object; anything else would end in a server error."""
    try:
        sent = json.loads(text)
    except ValueError:
        return ""
    return text if isinstance(sent, dict) else ""
