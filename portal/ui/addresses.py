"""Addresses of the rows of a list: `reverse` is asked once for all of them, not once for each."""

from functools import lru_cache

from django.conf import settings
from django.urls import get_script_prefix, get_urlconf, reverse

# A number that stands in no other part of an address, to see where the key goes.
MARK = 9_007_199_254_740_881


def address_of(url_name: str, pk: int) -> str:
    """`reverse(url_name, args=[pk])` for an address that takes one number. NoReverseMatch as there."""
    before, after = _around(url_name, get_urlconf() or settings.ROOT_URLCONF, get_script_prefix())
    return f"{before}{pk:d}{after}"


@lru_cache(maxsize=256)
def _around(url_name: str, urlconf: str, _prefix: str) -> tuple[str, str]:
    """Kept for each urlconf and mount point: addresses change with a deployment only."""
    before, _mark, after = reverse(url_name, urlconf=urlconf, args=[MARK]).partition(str(MARK))
    return before, after
