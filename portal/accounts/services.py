"""Passwords and one-time codes. Nobody ever knows another person's password, an administrator neither."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from portal.accounts import lockout, sessions
from portal.accounts.choices import CodePurpose, EndReason
from portal.accounts.limits import is_djbh3, limit
from portal.accounts.models import Credential, OldPassword, OneTimeCode
from portal.audit import services as audit
from portal.core import clock
from portal.core.errors import DomainError
from portal.org.models import User

ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # without I, O, 0, 1: codes are read aloud
LENGTH, GROUP = 20, 5


@dataclass(frozen=True, slots=True)
class IssuedCode:
    """The only moment at which the code is known: show it, do not store it."""

    code: str
    expires_at: datetime


def credential_of(user: User) -> Credential:
    """An account from before this table gets a row whose password counts as set today."""
    return Credential.objects.get_or_create(user=user)[0]


@transaction.atomic
def issue_reset_code(*, user: User, actor: User) -> IssuedCode:
    """A code with which `user` sets a new password (≤ 24 h, once). Opens a locked account, ends its sessions.

    The caller must have asked for the right to manage accounts. An older code of the same account stops working.
    """
    if user.is_system or not user.is_active:
        raise DomainError(_("This account is disabled. Enable it first, then issue a code."), field="user")
    OneTimeCode.objects.filter(user=user, purpose=CodePurpose.RESET, used_at=None).delete()
    issued = _issue(CodePurpose.RESET, hours=limit("login.reset_code_hours"), user=user, made_by=actor)
    Credential.objects.update_or_create(user=user, defaults={"must_change": True})
    lockout.unlock(user.username)
    sessions.end_all(user=user, reason=EndReason.ADMINISTRATOR)
    audit.record(actor=actor, action="accounts.reset_code_issued", target=user, expires_at=issued.expires_at)
    return issued


@transaction.atomic
def issue_first_run_code() -> IssuedCode | None:
    """For the first start of an installation; None when there is an account already. A new code ends the old one."""
    if not needs_first_run():
        return None
    OneTimeCode.objects.filter(purpose=CodePurpose.FIRST_RUN, used_at=None).delete()
    return _issue(CodePurpose.FIRST_RUN, hours=limit("login.reset_code_hours"))


def needs_first_run() -> bool:
    return not User.objects.filter(is_system=False).exists()


def find_code(*, code: str, purpose: CodePurpose, username: str = "") -> OneTimeCode | None:
    """The row of a code that still works; takes it for itself, so that of two requests only one goes on."""
    rows = OneTimeCode.objects.select_for_update(of=("self",)).filter(
        hashed=_hash(code), purpose=purpose, used_at=None, expires_at__gt=clock.now()
    )
    if purpose == CodePurpose.RESET:
        rows = rows.filter(user__username=lockout.normalised(username), user__is_active=True)
    return rows.first()


@transaction.atomic
def reset_password(*, code: str, username: str, password: str) -> User:
    """Raises DomainError beside `code` or `password1`; a code that was refused a password may be used again."""
    row = find_code(code=code, purpose=CodePurpose.RESET, username=username)
    if row is None or row.user is None:
        raise DomainError(
            _("The account and the code do not belong together, or the code has expired. Ask for a new one."),
            field="code",
        )
    _set_password(row.user, password)
    row.used_at = clock.now()
    row.save(update_fields=["used_at"])
    sessions.end_all(user=row.user, reason=EndReason.PASSWORD)
    audit.record(actor=row.user, action="accounts.password_reset", target=row.user)
    return row.user


@transaction.atomic
def change_password(*, new: str, session_key: str, actor: User) -> User:
    """Ends every other session of the account (ASVS 7.4.3). The form has asked for the current password."""
    user = User.objects.select_for_update().get(pk=actor.pk)
    _set_password(user, new)
    sessions.end_all(user=user, reason=EndReason.PASSWORD, but=session_key)
    audit.record(actor=user, action="accounts.password_changed", target=user)
    return user


def note_failure(*, username: str) -> None:
    """Counted for the owner of the account, who reads it after the next login."""
    Credential.objects.filter(user__username=lockout.normalised(username)).update(
        failures=F("failures") + 1, last_failure_at=clock.now()
    )


def password_age(credential: Credential) -> int:
    """Whole days."""
    return (clock.now() - credential.password_changed_at).days


def password_expired(credential: Credential) -> bool:
    """Age counts in the profile `djbh3` alone."""
    too_old = is_djbh3() and password_age(credential) >= limit("password.age_days")
    return credential.must_change or too_old


def _set_password(user: User, password: str) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise DomainError(" ".join(error.messages), field="password1") from None
    if user.has_usable_password():
        OldPassword.objects.create(user=user, hashed=user.password)
        stale = OldPassword.objects.filter(user=user).values_list("pk", flat=True)[limit("password.history") :]
        OldPassword.objects.filter(pk__in=list(stale)).delete()
    user.set_password(password)
    user.save(update_fields=["password"])
    Credential.objects.update_or_create(user=user, defaults={"must_change": False, "password_changed_at": clock.now()})


def was_used(user: User, password: str) -> bool:
    """Is it the present password, or one of the last `password.history`?"""
    past = OldPassword.objects.filter(user=user).values_list("hashed", flat=True)[: limit("password.history")]
    return any(check_password(password, hashed) for hashed in [user.password, *past] if hashed)


def _issue(purpose: CodePurpose, *, hours: int, user: User | None = None, made_by: User | None = None) -> IssuedCode:
    letters = "".join(secrets.choice(ALPHABET) for _letter in range(LENGTH))
    expires_at = clock.now() + timedelta(hours=hours)
    OneTimeCode.objects.create(
        purpose=purpose, user=user, hashed=_hash(letters), made_by=made_by, expires_at=expires_at
    )
    grouped = "-".join(letters[at : at + GROUP] for at in range(0, LENGTH, GROUP))
    return IssuedCode(code=grouped, expires_at=expires_at)


def _hash(code: str) -> str:
    """Spaces, hyphens and case do not count: codes are copied by hand. 100 random bits need no slow hash."""
    plain = "".join(letter for letter in lockout.normalised(code).upper() if letter in ALPHABET)
    return hmac.new(b"anju one-time code", plain.encode(), sha256).hexdigest()
