"""A keyed hash over every grant: a row that was written past the product, in SQL, does not carry the right one.

The key belongs to the vault, which stands above this package; it hands its function over when the product starts.
"""

import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ImproperlyConfigured

Signer = Callable[[bytes], bytes]

_signers: list[Signer] = []


def sign_with(signer: Signer) -> None:
    """The function that hashes from now on; the last one given counts."""
    _signers[:] = [signer]


def seal_of(grant: Any) -> bytes:
    """What the row's `mac` has to be: it binds holder, right, area, term, giver, delegator and reason together."""
    if not _signers:
        raise ImproperlyConfigured("Nothing seals grants: portal.vault has to be among the installed apps.")
    told = [
        grant._meta.label_lower,
        getattr(grant, "user_id", None) or getattr(grant, "group_id", None),
        grant.permission_id,
        grant.content_object_id,
        _moment(grant.valid_from),
        _moment(grant.valid_to),
        grant.granted_by_id,
        getattr(grant, "delegated_from_id", None),
        grant.reason,
    ]
    return _signers[0](json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode())


def is_sealed(grant: Any) -> bool:
    return grant.mac is not None and hmac.compare_digest(bytes(grant.mac), seal_of(grant))


def _moment(value: datetime | None) -> str:
    return value.astimezone(UTC).isoformat(timespec="microseconds") if value else ""
