"""Integrity of rows that decide who may do what (GB/T 39786 8.4 b): a hash that needs the key file."""

import hmac

from portal.vault import keyring


def context_key() -> bytes:
    """Signs for whom a transaction works (portal.org.walls.context)."""
    return keyring.index_key("org.context", keyring.ring().index_master)


def seal_grant(message: bytes) -> bytes:
    """HMAC-SHA-256, 32 bytes. The index key never rotates, so a seal stays right for the life of the installation."""
    return hmac.digest(keyring.index_key("org.grant", keyring.ring().index_master), message, "sha256")
