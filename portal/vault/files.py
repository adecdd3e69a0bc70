"""Whole files at rest: an own key for every file, wrapped by the vault's; chunks that can neither be cut nor reordered.

On disk: "ANJF" | length of the wrapped key (2 bytes) | wrapped key | chunks of 1 MiB, each followed by its 16-byte tag.
A chunk's nonce is its number and whether it is the last one, so a file that was shortened does not decrypt.
Rotating the vault's key means wrapping the short key again, not writing the file anew.
"""

import base64
import os
import struct
from collections.abc import Iterator
from typing import IO

from cryptography.exceptions import InvalidTag

from portal.vault import keyring
from portal.vault.cipher import DecryptionError, decrypt_raw, encrypt_raw
from portal.vault.suites import TAG_BYTES, Suite

MAGIC = b"ANJF"
HEAD = struct.Struct(">4sH")
NONCE = struct.Struct(">3xQB")
CHUNK = 1 << 20


def seal(source: IO[bytes], target: IO[bytes], *, aad: str) -> int:
    """Write `source` from where it stands, encrypted, to `target`; returns the length of the plain content.

    `aad` says whose file it is ("jobs_job.result:<id>"): put into another's place it does not decrypt.
    """
    version = keyring.ring().current
    kind = type(keyring.ring().suites[version])
    key = os.urandom(kind.key_size)
    wrapped = encrypt_raw(base64.b64encode(key).decode(), _bound(aad))
    target.write(HEAD.pack(MAGIC, len(wrapped)) + wrapped)
    suite = kind(key)
    number, length, chunk = 0, 0, source.read(CHUNK)
    while True:
        following = source.read(CHUNK)
        length += len(chunk)
        target.write(suite.encrypt(_nonce(number, last=not following), chunk, aad.encode()))
        if not following:
            return length
        number, chunk = number + 1, following


def unseal(source: IO[bytes], *, aad: str) -> Iterator[bytes]:
    """The plain content, chunk by chunk. Raises DecryptionError at the first byte that is not what was written."""
    suite = _suite(source, aad)
    number, chunk = 0, source.read(CHUNK + TAG_BYTES)
    while True:
        following = source.read(CHUNK + TAG_BYTES)
        try:
            yield suite.decrypt(_nonce(number, last=not following), chunk, aad.encode())
        except (InvalidTag, ValueError) as error:
            raise DecryptionError("A stored file is damaged, was cut or put in another's place.") from error
        if not following:
            return
        number, chunk = number + 1, following


def plain_size(source: IO[bytes]) -> int:
    """How many bytes `unseal` will give, from the size of the file alone; leaves `source` at its start."""
    head = source.read(HEAD.size)
    sealed = source.seek(0, os.SEEK_END) - HEAD.size - HEAD.unpack(head)[1]
    source.seek(0)
    chunks = max(1, -(-sealed // (CHUNK + TAG_BYTES)))
    return int(sealed - chunks * TAG_BYTES)


def _suite(source: IO[bytes], aad: str) -> Suite:
    head = source.read(HEAD.size)
    if len(head) < HEAD.size or not head.startswith(MAGIC):
        raise DecryptionError("This is not a file that the vault has written.")
    wrapped = source.read(HEAD.unpack(head)[1])
    key = base64.b64decode(decrypt_raw(wrapped, _bound(aad)))
    return type(keyring.ring().suites[wrapped[0]])(key)


def _bound(aad: str) -> str:
    return f"file:{aad}"


def _nonce(number: int, *, last: bool) -> bytes:
    return NONCE.pack(number, last)
