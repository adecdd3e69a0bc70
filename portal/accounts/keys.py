"""Forms of security keys that refuse what no key ever sent. allauth lets such answers end in a server error."""

import struct
from typing import Any

from allauth.mfa.webauthn.forms import AddWebAuthnForm, AuthenticateWebAuthnForm
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from django.core.exceptions import ValidationError

UNREADABLE = (
    AttributeError,
    IndexError,
    InvalidSignature,
    KeyError,
    struct.error,
    TypeError,
    UnsupportedAlgorithm,
    ValueError,
)


class KeyAnswerForm(AuthenticateWebAuthnForm):
    def clean_credential(self) -> Any:
        try:
            return super().clean_credential()
        except UNREADABLE:
            raise ValidationError("unreadable", code="refused") from None


class NewKeyForm(AddWebAuthnForm):
    def clean(self) -> dict[str, Any]:
        try:
            cleaned: dict[str, Any] = super().clean()
        except UNREADABLE:
            raise ValidationError("unreadable", code="refused") from None
        return cleaned
