"""The history of a model: one row for each new, changed and deleted row, with who did it and what for."""

from collections.abc import Callable
from typing import Any

import pghistory


def track(*, exclude: list[str] | None = None) -> Callable[[Any], Any]:
    """Class decorator. New and deleted rows are told by the statement, a list of thousands in one go; changed ones by
    the row, because only a row can be compared with what it was.

    The events are made here and not in the settings: pghistory copies those, and a copied event no longer knows its
    level. A raw UPDATE that changes nothing leaves no trace; TRUNCATE is not seen at all.
    """
    return pghistory.track(
        pghistory.InsertEvent(level=pghistory.Statement),
        pghistory.UpdateEvent(level=pghistory.Row),
        pghistory.DeleteEvent(level=pghistory.Statement),
        exclude=exclude,
    )
