"""docs/crypto-inventory.md tells the truth (ASVS D1)."""

import re

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from portal.vault import crypto

COMPUTES = re.compile(r"^(?:import|from) (?:hmac|hashlib|secrets|cryptography)\b", re.M)


def test_D1_the_written_inventory_is_that_of_the_code():
    call_command("crypto_inventory", "--check")


def test_D1_every_module_that_computes_with_keys_or_hashes_is_named():
    computing = {
        str(path.relative_to(settings.BASE_DIR))
        for folder in ("portal", "residents", "privacy")
        for path in (settings.BASE_DIR / folder).rglob("*.py")
        if COMPUTES.search(path.read_text("utf-8"))
    }
    assert computing == {module for use in crypto.USES for module in use.modules}


def test_a_new_encrypted_column_makes_the_check_fail(monkeypatch):
    monkeypatch.setattr(crypto, "encrypted_columns", list)
    with pytest.raises(CommandError, match="crypto_inventory --write"):
        call_command("crypto_inventory", "--check")
