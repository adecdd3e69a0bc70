"""Keys live in one file outside the database: stealing the database, a backup or the disk gives nothing readable.

The file holds either one base64 line (32 random bytes) or JSON:
`{"index": "<base64>", "current": 3, "keys": {"1": {"suite": "AES-256-GCM", "key": "<base64>"}, "3": {…}}}`.
From the single-line form come version 1 (AES-256-GCM) and version 2 (SM4-GCM); `VAULT_SUITE` says which one writes.
Blind indexes are computed from the `index` key, which never rotates (otherwise every stored index would be lost).
Losing the file loses every encrypted value: back it up apart from the database.
"""

import base64
import binascii
import json
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from portal.vault.suites import SUITES, Suite

SINGLE_KEY_VERSIONS = {1: "AES-256-GCM", 2: "SM4-GCM"}
MASTER_BYTES = 32
HIGHEST_VERSION = 255


class UnknownKeyVersionError(Exception):
    """A stored value was encrypted with a key that the key file does not hold (any more)."""


@dataclass(frozen=True)
class KeyRing:
    current: int
    suites: Mapping[int, Suite]
    index_master: bytes


def derive(master: bytes, purpose: str, size: int) -> bytes:
    """HKDF-SHA-256; every purpose gets a key of its own, so that one leaked key says nothing about the others."""
    return HKDF(algorithm=SHA256(), length=size, salt=b"anju.vault", info=purpose.encode()).derive(master)


_ring: KeyRing | None = None


def ring() -> KeyRing:
    """Raises ImproperlyConfigured with a sentence for the operator when the key file cannot be used.

    Asked for every value of an export: it must cost nothing after the first call.
    """
    return _ring if _ring is not None else reload()


def reload() -> KeyRing:
    """Read the file again: a rotation by another process adds a version while this one is running."""
    global _ring  # noqa: PLW0603  (one ring a process, read on the hottest path)
    _ring = _load(Path(settings.VAULT_KEY_FILE), settings.VAULT_SUITE)
    return _ring


def forget(**_kwargs: Any) -> None:
    """Read the file at the next use; connected to changes of settings in tests."""
    global _ring  # noqa: PLW0603
    _ring = None


@lru_cache(maxsize=64)
def index_key(purpose: str, index_master: bytes) -> bytes:
    return derive(index_master, f"blind:{purpose}", 32)


def generate(path: Path) -> None:
    """Write a new key file, readable by its owner only. Never overwrites: an existing key may still be needed."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as handle:
        handle.write(base64.b64encode(os.urandom(MASTER_BYTES)).decode() + "\n")


def add_version(path: Path, suite: str) -> int:
    """Add a key and make it the one that writes; the older ones stay for reading. Returns the new version."""
    content = document(path)
    version = max(map(int, content["keys"])) + 1
    if version > HIGHEST_VERSION:
        raise ImproperlyConfigured(f"The vault key file {path} has no free key version left.")
    content["keys"][str(version)] = {"suite": suite, "key": base64.b64encode(os.urandom(MASTER_BYTES)).decode()}
    content["current"] = version
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
        json.dump(content, handle, indent=1)
        handle.flush()
        os.fsync(handle.fileno())
    fresh.replace(path)
    return version


def document(path: Path, suite: str = "AES-256-GCM") -> dict[str, Any]:
    """The JSON form of either kind of key file."""
    text = _read(path)
    if text.startswith("{"):
        try:
            content: dict[str, Any] = json.loads(text)
        except ValueError as error:
            raise _unusable(path, "it is not valid JSON") from error
        return content
    current = next((version for version, name in SINGLE_KEY_VERSIONS.items() if name == suite), None)
    if current is None:
        raise ImproperlyConfigured(f"VAULT_SUITE is {suite!r}; it can be {' or '.join(SUITES)}.")
    keys = {str(version): {"suite": name, "key": text} for version, name in SINGLE_KEY_VERSIONS.items()}
    return {"index": text, "current": current, "keys": keys}


def _load(path: Path, suite: str) -> KeyRing:
    content = document(path, suite)
    try:
        suites = {
            int(version): SUITES[entry["suite"]](
                derive(_master(entry["key"]), f"data:{version}:{entry['suite']}", SUITES[entry["suite"]].key_size)
            )
            for version, entry in content["keys"].items()
        }
        current = int(content.get("current") or max(suites))
        index_master = _master(content["index"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _unusable(path, "it does not hold base64 keys of 32 bytes in the documented form") from error
    if current not in suites or not all(0 < version <= HIGHEST_VERSION for version in suites):
        raise _unusable(path, "its current version is not among its keys")
    return KeyRing(current=current, suites=suites, index_master=index_master)


def _read(path: Path) -> str:
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="ascii").strip()
    except FileNotFoundError as error:
        raise ImproperlyConfigured(
            f"The vault key file {path} is missing. Restore it from its backup, or, only when the database is still"
            " empty, create one with: manage.py vault_key --create"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise _unusable(path, "it cannot be read") from error
    if mode & (stat.S_IROTH | stat.S_IWOTH):
        raise _unusable(path, "every user of this machine can open it; run: chmod 600 on it")
    if not text:
        raise _unusable(path, "it is empty")
    return text


def _master(text: str) -> bytes:
    try:
        master = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from error
    if len(master) != MASTER_BYTES:
        raise ValueError(len(master))
    return master


def _unusable(path: Path, reason: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"The vault key file {path} cannot be used: {reason}.")
