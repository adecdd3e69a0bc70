"""One encrypted value: version (1 byte) | nonce (12) | ciphertext | tag (16)."""

import os

from cryptography.exceptions import InvalidTag

from portal.vault import keyring

NONCE_BYTES = 12
HEAD = 1 + NONCE_BYTES
SHORTEST = HEAD + 16


class DecryptionError(Exception):
    """The stored bytes are damaged, were moved to another column, or belong to another key. Names no content."""


def encrypt_raw(text: str, aad: str) -> bytes:
    """`aad` is "table.column": a value copied into another column does not decrypt there. "" stays b""."""
    if not text:
        return b""
    ring = keyring.ring()
    nonce = os.urandom(NONCE_BYTES)
    sealed = ring.suites[ring.current].encrypt(nonce, text.encode(), aad.encode())
    return bytes((ring.current,)) + nonce + sealed


def decrypt_raw(data: bytes | memoryview, aad: str) -> str:
    """The fast path for exports: about one microsecond a value. Raises DecryptionError."""
    if not data:
        return ""
    data = bytes(data)
    suite = keyring.ring().suites.get(data[0]) or _reloaded(data[0])
    try:
        return suite.decrypt(data[1:HEAD], data[HEAD:], aad.encode()).decode()
    except (InvalidTag, ValueError) as error:
        raise DecryptionError(f"A value of {aad} cannot be decrypted: damaged, moved or of another key.") from error


def version_of(data: bytes | memoryview) -> int:
    """The key version that wrote the value; 0 for an empty one."""
    return bytes(data[:1])[0] if len(data) else 0


def _reloaded(version: int) -> keyring.Suite:
    suite = keyring.reload().suites.get(version)
    if suite is None:
        raise keyring.UnknownKeyVersionError(f"The vault key file does not hold key version {version}.")
    return suite
