"""How passwords are kept. Tests hash fast; the product does as Django does."""

import importlib

from django.conf import global_settings
from django.utils.module_loading import import_string

LEAST_ROUNDS = 600_000
"""What OWASP asks of PBKDF2 with SHA-256."""


def test_D4_the_product_keeps_passwords_with_the_slow_hash_of_its_framework():
    assert not hasattr(importlib.import_module("portal.settings.base"), "PASSWORD_HASHERS")
    hasher = import_string(global_settings.PASSWORD_HASHERS[0])()
    kept = hasher.encode("Correct-horse-7", "0123456789abcdefABCDEF")
    assert kept.split("$")[0] == "pbkdf2_sha256"
    assert int(kept.split("$")[1]) >= LEAST_ROUNDS
    assert hasher.verify("Correct-horse-7", kept)
    assert not hasher.verify("correct-horse-7", kept)
    assert hasher.must_update(kept.replace(f"${hasher.iterations}$", "$260000$")), "an older hash is renewed at login"
