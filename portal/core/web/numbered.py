"""Addresses of single records, for lists that write fifty of them."""

from functools import cache

from django.urls import get_script_prefix, reverse

SOME_NUMBER = 918_273_645


def address_of(name: str, pk: int) -> str:
    """`reverse(name, args=[pk])` for an address whose only part is a whole number, at a twentieth of the time."""
    before, after = _around(name, get_script_prefix())
    return f"{before}{pk}{after}"


@cache
def _around(name: str, _prefix: str) -> tuple[str, str]:
    """What stands before and after the number. `reverse` puts the prefix in; it is part of the key."""
    before, _number, after = reverse(name, args=[SOME_NUMBER]).partition(str(SOME_NUMBER))
    return before, after
