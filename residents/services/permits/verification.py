"""The code on the card: a signed token that says which permit it is and proves that this county printed it.

Payload {n: permit number, h: keyed hash of the holder's document, e: end of the endorsement year, k: key id}, signed
with Ed25519. An offline reader needs the public key only; `e` is how far it may trust the card without asking.
"""

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256, Hash
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.contrib.auth.models import AnonymousUser

from portal.audit import services as audit
from portal.audit.context import current
from portal.audit.models import AccessEvent
from portal.core import clock
from portal.org.middleware import scoped_transaction
from portal.org.services import system_user
from portal.policy.services import rule
from portal.vault import keyring
from portal.vault.blind import blind_index
from portal.vault.projection import project
from residents.choices import PermitStatus
from residents.field_policy import CHECK
from residents.models import Permit

PURPOSE = "permit.token"
HASH_BYTES = 8
KEY_ID_CHARACTERS = 6
MINUTE = timedelta(minutes=1)


class TooManyLookupsError(Exception):
    """This address asked too often within a minute."""


@dataclass(frozen=True, slots=True)
class Verified:
    """All that a stranger learns from the code."""

    number: str
    holder: str
    status: str
    is_valid: bool
    endorsed_until: date


def token_for(permit: Permit) -> str:
    payload = {
        "n": permit.number,
        "h": _holder_hash(permit),
        "e": permit.endorse_by.isoformat(),
        "k": key_id(),
    }
    body = _encode(json.dumps(payload, separators=(",", ":")).encode())
    return f"{body}.{_encode(_key(keyring.ring().index_master).sign(body.encode()))}"


def verify(token: str) -> Verified | None:
    """What stands behind a token now; None for a forged or unknown one. Leaves an access row either way.

    Raises TooManyLookupsError beyond `verify.lookups_per_minute` for the address of the request.
    """
    with scoped_transaction(system_user()):  # a stranger has no areas; the signature on the card is the right
        _count_this_lookup()
        return _looked_up(_opened(token))


def _looked_up(payload: dict[str, str]) -> Verified | None:
    permit = Permit.objects.select_related("person").filter(number=payload.get("n", "")).first() if payload else None
    if permit is None or payload.get("h") != _holder_hash(permit):
        audit.access(actor=system_user(), action="verify", purpose="permit")
        return None
    audit.access(actor=system_user(), action="verify", purpose="permit", person_ids=[permit.person_id])
    return Verified(
        number=project(permit, viewer=AnonymousUser(), purpose=CHECK)["number"],
        holder=project(permit.person, viewer=AnonymousUser())["name"],
        status=str(permit.get_status_display()),
        is_valid=permit.status == PermitStatus.ACTIVE,
        endorsed_until=permit.endorse_by,
    )


def key_id() -> str:
    digest = Hash(SHA256())
    digest.update(public_key())
    return digest.finalize().hex()[:KEY_ID_CHARACTERS]


def public_key() -> bytes:
    """32 raw bytes for offline readers."""
    return _key(keyring.ring().index_master).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


@lru_cache(maxsize=4)
def _key(master: bytes) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(keyring.derive(master, PURPOSE, 32))


def _holder_hash(permit: Permit) -> str:
    return _encode(blind_index("permit.holder", permit.person.document_number, size=HASH_BYTES))


def _opened(token: str) -> dict[str, str]:
    body, _dot, signature = token.partition(".")
    try:
        _key(keyring.ring().index_master).public_key().verify(_decode(signature), body.encode())
        payload: dict[str, str] = json.loads(_decode(body))
    except (InvalidSignature, ValueError, binascii.Error):
        return {}
    return payload


def _count_this_lookup() -> None:
    address = current().address
    recent = AccessEvent.objects.filter(actor=system_user(), action="verify", at__gt=clock.now() - MINUTE)
    if recent.filter(address=address).count() >= int(rule("verify.lookups_per_minute").value):
        raise TooManyLookupsError


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
