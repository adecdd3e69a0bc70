"""Out to a provider and back. The way back ends in the same login as a password: second factor, session rules, log."""

import hmac

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_GET, require_POST

from portal.accounts import lockout
from portal.accounts.middleware import NOTICE
from portal.accounts.sso import services
from portal.accounts.sso.provider import LABELS, Attempt, RefusedError, provider_of, switched_on
from portal.accounts.views.login import next_of
from portal.core import logs
from portal.org.models import User

KEY = "accounts.sso"


@login_not_required
@sensitive_post_parameters()
@never_cache
@require_POST
def start(request: HttpRequest, provider: str) -> HttpResponse:
    """A page that says where the browser goes, and goes there. Not a redirect: forms may only lead to this site."""
    _known(provider)
    if request.user.is_authenticated:
        return HttpResponseRedirect(next_of(request))
    attempt = Attempt(provider=provider, next=next_of(request))
    try:
        address = provider_of(provider).leave(request, attempt, _back(request, provider))
    except RefusedError as refusal:
        return _refuse(request, provider, refusal)
    request.session[KEY] = attempt.stored()
    title = _("To the login page of “%(name)s”") % {"name": LABELS[provider]}
    return render(request, "accounts/sso_leaving.html", {"address": address, "title": title})


@login_not_required
@never_cache
@require_GET
def back(request: HttpRequest, provider: str) -> HttpResponse:
    """The provider sent the browser here. An attempt serves once, whether it comes to a good end or not."""
    _known(provider)
    if request.user.is_authenticated:
        return HttpResponseRedirect("/")
    attempt = Attempt.from_session(request.session.pop(KEY, None))
    try:
        attempt = _own(attempt, provider, request.GET.get("state", ""))
        user = _account(request, attempt)
    except RefusedError as refusal:
        return _refuse(request, provider, refusal)
    request.session.pop(NOTICE, None)
    record_authentication(request, user, "sso", provider=provider)
    return perform_login(request, Login(user=user, redirect_url=attempt.next))


def _own(attempt: Attempt | None, provider: str, state: str) -> Attempt:
    """Raises RefusedError unless this browser started this attempt, with this provider, a short while ago."""
    if attempt is None or attempt.provider != provider or attempt.is_over:
        raise RefusedError("state")
    if not hmac.compare_digest(attempt.state.encode(), state.encode()):
        raise RefusedError("state")
    return attempt


@sensitive_variables("proof", "subject")
def _account(request: HttpRequest, attempt: Attempt) -> User:
    """Raises RefusedError. A locked account stays locked on this way in, too."""
    provider = provider_of(attempt.provider)
    proof = request.GET.get(provider.proof, "")
    if not proof:
        raise RefusedError("cancelled")
    services.spend(provider=attempt.provider, proof=proof)
    subject = provider.subject(request, attempt, _back(request, attempt.provider))
    user = services.account_of(provider=attempt.provider, subject=subject)
    if not lockout.may_try(request, lockout.normalised(user.username)):
        raise RefusedError("unknown")
    return user


def _known(provider: str) -> None:
    if provider not in switched_on():
        raise Http404


def _back(request: HttpRequest, provider: str) -> str:
    return request.build_absolute_uri(reverse("sso:back", args=[provider]))


def _refuse(request: HttpRequest, provider: str, refusal: RefusedError) -> HttpResponse:
    """Nobody learns here whether an account exists, is disabled or locked."""
    logs.event("login_failed", way=provider, reason=refusal.reason)
    if refusal.reason == "unknown":
        text = _("No account is open to you here. Ask the administrator of your unit to link it.")
    else:
        text = _("The sign-on was not completed. Please start again from this page.")
    messages.error(request, text)
    return HttpResponseRedirect(reverse("login"))
