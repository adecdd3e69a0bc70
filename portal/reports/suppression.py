"""Small cells: a figure about very few people can point at a person, so leaders do not see it (digest §7)."""

from collections.abc import Mapping


def suppressed(cells: Mapping[str, int], *, threshold: int) -> dict[str, int | None]:
    """None for every cell from 1 to `threshold` - 1.

    When only one cell had to go, the next smallest goes too: otherwise it could be had back from the total.
    """
    hidden = {key for key, number in cells.items() if 0 < number < threshold}
    if len(hidden) == 1:
        others = [(number, key) for key, number in cells.items() if number > 0 and key not in hidden]
        if others:
            hidden.add(min(others)[1])
    return {key: None if key in hidden else number for key, number in cells.items()}
