"""The arithmetic of the chain: leaves of rows, the hash of a seal, its signature. No database here."""

import hashlib
import hmac
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from portal.vault import keyring

LEAF_BYTES = 16
ALGORITHMS = ("sha256", "sm3")
"""SM3 (GB/T 32905) for sites that must use commercial cryptography."""

START = b""


@dataclass(frozen=True, slots=True)
class Stretch:
    """What one seal says, without hash and signature."""

    number: int
    source: str
    layout: int
    last_mark: int
    last_id: int
    ids: Sequence[int]
    leaves: bytes
    algorithm: str
    previous: bytes

    def header(self) -> bytes:
        told = [
            self.number,
            self.source,
            self.layout,
            self.last_mark,
            self.last_id,
            list(self.ids),
            self.algorithm,
            self.previous.hex(),
        ]
        return json.dumps(told, separators=(",", ":")).encode()

    def digest(self) -> bytes:
        return hashlib.new(self.algorithm, self.header() + b"\n" + self.leaves).digest()


def leaf(algorithm: str, text: str) -> bytes:
    return hashlib.new(algorithm, text.encode()).digest()[:LEAF_BYTES]


def leaves(algorithm: str, texts: Iterable[str]) -> bytes:
    return b"".join(leaf(algorithm, text) for text in texts)


def split(joined: bytes) -> list[bytes]:
    return [joined[at : at + LEAF_BYTES] for at in range(0, len(joined), LEAF_BYTES)]


def key_id() -> str:
    """Names the signing key without telling it."""
    return hashlib.sha256(_key()).hexdigest()[:16]


def sign(algorithm: str, digest: bytes) -> bytes:
    """An HMAC with a key of the vault: a chain cannot be written anew with the database alone."""
    return hmac.digest(_key(), digest, algorithm)


def is_signed(seal: Any) -> bool:
    """A seal under another key (restored from an older installation) is not signed by this one."""
    if seal.key_id != key_id():
        return False
    return hmac.compare_digest(bytes(seal.signature), sign(seal.algorithm, bytes(seal.digest)))


def stretch_of(seal: Any) -> Stretch:
    return Stretch(
        number=seal.number,
        source=seal.source,
        layout=seal.layout,
        last_mark=seal.last_mark,
        last_id=seal.last_id,
        ids=seal.ids,
        leaves=bytes(seal.leaves),
        algorithm=seal.algorithm,
        previous=bytes(seal.previous),
    )


def _key() -> bytes:
    return keyring.index_key("audit.seal", keyring.ring().index_master)
