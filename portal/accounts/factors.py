"""The second factor: who must have one, and looking at a code."""

import base64

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    validate_totp_code,
    yield_hotp_counters_from_time,
)
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from portal.accounts import lockout, services, sessions
from portal.accounts.choices import EndReason
from portal.audit import services as audit
from portal.audit.models import ThreeAdmin
from portal.core.errors import DomainError
from portal.org.models import User
from portal.vault.cipher import decrypt_raw, encrypt_raw

BINDING = "mfa_authenticator.data"
LAST_STEP = "last_step"
TOTP, KEY, CODES = Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN, Authenticator.Type.RECOVERY_CODES


class MFAAdapter(DefaultMFAAdapter):
    """Secrets of second factors lie in the database under the vault's key (GB/T 39786 8.4 e)."""

    def encrypt(self, text: str) -> str:
        return base64.b64encode(encrypt_raw(text, BINDING)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return decrypt_raw(base64.b64decode(encrypted_text), BINDING)


def factors_of(user: User) -> list[Authenticator]:
    """App and security keys; recovery codes alone are no second factor."""
    return list(Authenticator.objects.filter(user=user).exclude(type=CODES).order_by("created_at", "pk"))


def is_administrator(user: User) -> bool:
    """One of the three administrators?"""
    return ThreeAdmin.objects.filter(user=user).exists()


def missing_factor(user: User) -> str:
    """ "" when nothing is missing, "any" when a second factor must be set up, "key" when it must be a security key."""
    if not settings.MFA_REQUIRED:
        return ""
    types = {factor.type for factor in factors_of(user)}
    if settings.MFA_KEY_FOR_ADMINISTRATORS and KEY not in types and is_administrator(user):
        return "key"
    return "" if types else "any"


def check_code(*, user: User, code: str, request: HttpRequest) -> Authenticator | None:
    """The factor whose code it is, or None. Counts a failure like a wrong password, and never takes a code twice.

    Needs a transaction; the lock of the account is held until it ends, so parallel guesses are counted one by one.
    """
    name = lockout.normalised(user.username)
    if not lockout.may_try(request, name):
        return None
    found = _totp(user, code) or _recovery(user, code)
    if found is None:
        lockout.count_failure(request, name)
        services.note_failure(username=name)
    return found


def _totp(user: User, code: str) -> Authenticator | None:
    """A step of 30 s counts once: a code seen over a shoulder is spent (ASVS 6.5.1)."""
    row = Authenticator.objects.select_for_update().filter(user=user, type=TOTP).first()
    if row is None:
        return None
    clear = MFAAdapter().decrypt(row.data["secret"])
    for step in yield_hotp_counters_from_time():
        fits = compare_user_code(actual=code, expected=format_hotp_value(hotp_value(clear, step)))
        if fits and step > row.data.get(LAST_STEP, 0):
            row.data[LAST_STEP] = step
            row.save(update_fields=["data"])
            return row
    return None


def _recovery(user: User, code: str) -> Authenticator | None:
    row = Authenticator.objects.filter(user=user, type=CODES).first()
    return row if row is not None and row.wrap().validate_code(code) else None


def first_code_fits(secret: str, code: str) -> bool:
    return validate_totp_code(secret, code)


@transaction.atomic
def added(*, factor: Authenticator, session_key: str, actor: User) -> None:
    """Every other session ends: somebody who got in before has no place any more (ASVS 7.4.3)."""
    sessions.end_all(user=actor, reason=EndReason.FACTOR, but=session_key)
    audit.record(actor=actor, action="accounts.factor_added", target=actor, kind=factor.type)


def codes_made(*, actor: User) -> None:
    audit.record(actor=actor, action="accounts.recovery_codes_made", target=actor)


@transaction.atomic
def remove_factor(*, factor_id: int, session_key: str, actor: User) -> None:
    """Raises Authenticator.DoesNotExist for somebody else's. The last factor stays where one is required."""
    row = Authenticator.objects.select_for_update().exclude(type=CODES).get(pk=factor_id, user=actor)
    others = [factor for factor in factors_of(actor) if factor.pk != row.pk]
    if not others and settings.MFA_REQUIRED:
        raise DomainError(_("This is your only second factor. Please set up another one first, then remove this."))
    kind = row.type
    row.delete()
    if not others:
        Authenticator.objects.filter(user=actor, type=CODES).delete()
    sessions.end_all(user=actor, reason=EndReason.FACTOR, but=session_key)
    audit.record(actor=actor, action="accounts.factor_removed", target=actor, kind=kind)


@transaction.atomic
def drop_factors(*, user: User, actor: User) -> int:
    """For a lost phone: an administrator takes all factors away; the person sets up new ones after the next login.

    The caller must have asked for the right to manage accounts.
    """
    count, _rows = Authenticator.objects.filter(user=user).delete()
    sessions.end_all(user=user, reason=EndReason.FACTOR)
    audit.record(actor=actor, action="accounts.factors_dropped", target=user, count=count)
    return count
