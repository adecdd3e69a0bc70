"""The history of a model: one row for each new, changed and deleted row, with who did it and what for."""

from collections.abc import Callable, Sequence
from typing import Any

import pghistory
from django.db import models


def track(*, exclude: list[str] | None = None, found_by: Sequence[str] = ()) -> Callable[[Any], Any]:
    """Class decorator. New and deleted rows are told by the statement, a list of thousands in one go; changed ones by
    the row, because only a row can be compared with what it was.

    The events are made here and not in the settings: pghistory copies those, and a copied event no longer knows its
    level. A raw UPDATE that changes nothing leaves no trace; TRUNCATE is not seen at all.

    `found_by` are foreign keys by which somebody asks for events. Others have no index (PGHISTORY_FOREIGN_KEY_FIELD):
    an index costs at every write of a register that is written all day, and history is asked for by its row.
    """
    indexes = [models.Index(fields=[name]) for name in found_by]
    return pghistory.track(
        pghistory.InsertEvent(level=pghistory.Statement),
        pghistory.UpdateEvent(level=pghistory.Row),
        pghistory.DeleteEvent(level=pghistory.Statement),
        exclude=exclude,
        meta={"indexes": indexes} if indexes else None,
    )
