"""The draw: anybody who knows the seed and the frame gets the same sample, in any language.

Sorted by the SHA-256 of "seed:key" in hex, the first `wanted` are taken. Keys are numbers of rows, no personal values.
"""

import hashlib
from collections.abc import Iterable


def draw(keys: Iterable[int], *, seed: str, wanted: int) -> list[int]:
    """In the order of the draw; all of them when the frame is smaller."""
    return sorted(set(keys), key=lambda key: hashlib.sha256(f"{seed}:{key}".encode()).hexdigest())[:wanted]


def digest(keys: Iterable[int]) -> str:
    """Of the frame: SHA-256 of its keys in ascending order, joined by commas."""
    return hashlib.sha256(",".join(map(str, sorted(set(keys)))).encode()).hexdigest()
