"""Area codes are positional: the code is the path, so scope is string arithmetic and needs no tree query."""

from portal.org.choices import CODE_LENGTHS

COUNTY, TOWNSHIP, COMMUNITY = 6, 9, 12


def level_of(code: str) -> str:
    """Raises ValueError for a length that no level has."""
    try:
        return CODE_LENGTHS[len(code)]
    except KeyError:
        raise ValueError(f"{code!r} is not an area code: 2, 4, 6, 9, 12 or 15 digits") from None


def parent_candidates(code: str) -> list[str]:
    """Possible parents, nearest first: the nearest one that exists is the parent (levels may be missing)."""
    return [code[:length] for length in sorted(CODE_LENGTHS, reverse=True) if length < len(code)]


def covers(area_code: str, code: str) -> bool:
    """Is `code` the area itself or below it? Fails closed for an empty area."""
    return bool(area_code) and code.startswith(area_code)
