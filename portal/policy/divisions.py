"""Names of division codes: the native county of an ID number, the origin of a newcomer."""

from portal.policy import cache
from portal.policy.models import Division

PROVINCE_DIGITS, PREFECTURE_DIGITS, COUNTY_DIGITS = 2, 4, 6


def division_name(code: str) -> str:
    """ "520322" → "贵州省遵义市桐梓县". Longer codes are cut to the county.

    A county code that is not in the table gives the prefecture or province it lies in; "" when that is unknown too.
    """
    names = _names()
    for digits in (COUNTY_DIGITS, PREFECTURE_DIGITS, PROVINCE_DIGITS):
        if len(code) >= digits and (found := names.get(code[:digits])):
            return found
    return ""


def is_known_division(code: str) -> bool:
    """Whether exactly this code is or was a county, prefecture or province. Unknown is a note, never a refusal."""
    return code in _names()


def _names() -> dict[str, str]:
    return cache.copy_of("divisions", _load)


def _load() -> dict[str, str]:
    rows = Division.objects.order_by("code", "valid_to").values_list("code", "full_name")
    return dict(rows)
