"""What a provider of single sign-on must be able to do, and which ones this installation switched on."""

import secrets
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol, Self

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from portal.core import clock

PATHS = {
    "oidc": "portal.accounts.sso.oidc.OpenIdConnect",
    "cas": "portal.accounts.sso.cas.Cas",
    "zzd": "portal.accounts.sso.zzd.GovernmentDingTalk",
}
LABELS: dict[str, Promise] = {
    "oidc": _("Unified identity platform"),
    "cas": _("Government intranet (CAS)"),
    "zzd": _("Government DingTalk"),
}
NEEDS = {
    "oidc": ("SSO_OIDC_URL", "SSO_OIDC_CLIENT_ID", "SSO_OIDC_SECRET"),
    "cas": ("CAS_SERVER_URL",),
    "zzd": ("SSO_ZZD_LOGIN_URL", "SSO_ZZD_API_URL", "SSO_ZZD_CLIENT_ID", "SSO_ZZD_APP_KEY", "SSO_ZZD_APP_SECRET"),
}
ATTEMPT_SECONDS = 600
LONGEST_SUBJECT = 200


class RefusedError(Exception):
    """The provider's answer proves nothing. `reason` is one word for the log; the person is told to start again."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Attempt:
    """One way out to a provider and back, kept in the session of the browser that started it."""

    provider: str
    next: str = "/"
    state: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    began: float = field(default_factory=lambda: clock.now().timestamp())

    @property
    def is_over(self) -> bool:
        return not 0 <= clock.now().timestamp() - self.began <= ATTEMPT_SECONDS

    def stored(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_session(cls, values: Any) -> Self | None:
        return cls(**values) if isinstance(values, dict) else None


class Provider(Protocol):
    proof: str
    """The parameter of the way back that may be shown once: `code` or `ticket`."""

    def leave(self, request: HttpRequest, attempt: Attempt, back: str) -> str:
        """Where the browser goes; it comes back to `back`. Raises RefusedError when the provider does not answer."""

    def subject(self, request: HttpRequest, attempt: Attempt, back: str) -> str:
        """The provider's key of the person, taken from the provider itself. Raises RefusedError."""


def switched_on() -> list[str]:
    return [key for key in PATHS if key in settings.SSO_PROVIDERS]


def provider_of(key: str) -> Provider:
    """Loads the code of a provider with its first use: an installation without single sign-on carries none of it."""
    found: Provider = import_string(PATHS[key])()
    return found


def checked_subject(value: object) -> str:
    """A text, not empty, not longer than a link can hold; anything else is not a key."""
    text = value if isinstance(value, str) else ""
    if not text.strip() or len(text) > LONGEST_SUBJECT or "\0" in text:
        raise RefusedError("subject")
    return text
