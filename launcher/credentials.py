"""Passwords and keys, made once and kept in files that only their owner can read: not in the database, not in git."""

import base64
import os
import secrets
from collections.abc import Callable
from pathlib import Path

ROLES = ("app_owner", "app_rw", "app_backup", "app_audit")


def private_folder(path: Path) -> Path:
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.chmod(0o700)
    return path


def write_private(path: Path, text: str) -> None:
    """The file is complete or absent, and never readable by others, not even for a moment."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    fresh.replace(path)


def kept(path: Path, make: Callable[[], str]) -> str:
    if not path.is_file():
        private_folder(path.parent)
        write_private(path, make() + "\n")
    return path.read_text("utf-8").strip()


def password(folder: Path, name: str) -> str:
    return kept(folder / f"{name}.password", lambda: secrets.token_urlsafe(32))


def secret_key(folder: Path) -> str:
    return kept(folder / "secret_key", lambda: secrets.token_urlsafe(64))


def demo_password(folder: Path) -> str:
    """Long enough for the password rules, easy to type: three groups and a digit."""
    letters = "abcdefghjkmnpqrstuvwxyz"
    return kept(
        folder / "demo.password",
        lambda: (
            "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(3)).capitalize()
            + str(secrets.randbelow(90) + 10)
        ),
    )


def vault_key(path: Path) -> Path:
    kept(path, lambda: base64.b64encode(os.urandom(32)).decode())
    return path
