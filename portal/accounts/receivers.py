"""What a login, a failed one and a logout leave behind. Also for single sign-on: it ends in the same signals."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.contrib.messages.api import MessageFailure
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils.timezone import localtime
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from portal.accounts import kept, lockout, services, sessions
from portal.accounts.choices import EndReason
from portal.accounts.limits import is_djbh3, limit
from portal.accounts.middleware import KEPT, PASSWORD_DUE
from portal.accounts.models import Credential, LoginSession
from portal.audit import services as audit
from portal.org.models import User

UNKNOWN = 0  # what the audit says for a name that nobody has: the name itself may be somebody's password


@receiver(user_logged_in)
def open_the_record(sender: object, request: HttpRequest, user: User, **_rest: Any) -> None:
    if not request.session.session_key:
        request.session.save()  # somebody else was logged in here until now
    key = request.session.session_key or ""
    before = LoginSession.objects.filter(user=user).only("started_at", "address").first()
    credential = services.credential_of(user)
    row = sessions.open_session(
        user=user,
        key=key,
        address=request.META.get("REMOTE_ADDR") or None,
        agent=request.headers.get("User-Agent", ""),
    )
    if user.has_usable_password() and services.password_expired(credential):
        request.session[PASSWORD_DUE] = True
    if kept.waits_for(user):
        request.session[KEPT] = True
    _tell(request, credential, before)
    if credential.failures:
        Credential.objects.filter(pk=user.pk).update(failures=0, last_failure_at=None)
    audit.record(actor=user, action="accounts.login", target=user, browser=row.agent)


def _tell(request: HttpRequest, credential: Credential, before: LoginSession | None) -> None:
    """When the account was used last, and whether somebody tried in vain (ASVS 6.3.5)."""
    lines = []
    if before is not None:
        when = localtime(before.started_at).strftime("%Y-%m-%d %H:%M")
        lines.append(_("Last login %(when)s from %(address)s.") % {"when": when, "address": before.address or "–"})
    if credential.failures:
        lines.append(
            ngettext(
                "%(count)d failed attempt since then. If that was not you, change your password.",
                "%(count)d failed attempts since then. If that was not you, change your password.",
                credential.failures,
            )
            % {"count": credential.failures}
        )
    left = limit("password.age_days") - services.password_age(credential)
    if is_djbh3() and services.password_age(credential) >= limit("password.warning_day") and left > 0:
        lines.append(
            ngettext("Your password ends in %(count)d day.", "Your password ends in %(count)d days.", left)
            % {"count": left}
        )
    joint = "" if (get_language() or "").startswith("zh") else " "
    if lines:
        try:
            messages.add_message(request, messages.ERROR if credential.failures else messages.INFO, joint.join(lines))
        except MessageFailure:
            return  # a login without a page (a test's client, a command): nobody reads it


@receiver(user_login_failed)
def remember_the_failure(sender: object, credentials: dict[str, Any], **_rest: Any) -> None:
    name = lockout.normalised(str(credentials.get("username") or ""))
    user = User.objects.filter(username=name).first()
    services.note_failure(username=name)
    audit.record(actor=None, action="accounts.login_failed", target=user or User(pk=UNKNOWN))


@receiver(user_logged_out)
def close_the_record(sender: object, request: HttpRequest, user: User | None, **_rest: Any) -> None:
    key = request.session.session_key
    if key and user is not None:
        sessions.end_by_key(key=key, reason=EndReason.LOGOUT)
        audit.record(actor=user, action="accounts.logout", target=user)
