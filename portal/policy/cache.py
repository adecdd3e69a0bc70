"""Rules, codes and calendar are read on every page and change a few times a year: each process keeps a copy.

The copy belongs to a stamp that the database renews on every change. The stamp is looked up once a transaction
(once a second outside one), so a page costs one tiny query however many rows it labels, and a change made by any
process is seen by the next request.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from django.db import connection

T = TypeVar("T")
SECONDS_OUTSIDE_A_TRANSACTION = 1.0


class _Seen(threading.local):
    def __init__(self) -> None:
        self.block: Any = None
        self.stamp = ""
        self.until = 0.0
        self.is_held = False


_seen = _Seen()
_copies: dict[str, tuple[str, Any]] = {}


def forget() -> None:
    """Look the stamp up again at the next read in this thread."""
    _seen.block = None
    _seen.until = 0.0


@contextmanager
def held() -> Iterator[None]:
    """For a block of rows inside one transaction: the stamp of its beginning serves all of them without being asked for
    once a row."""
    _stamp()
    _seen.is_held = True
    try:
        yield
    finally:
        _seen.is_held = False


def copy_of(name: str, load: Callable[[], T]) -> T:
    """The process's copy of `name`, loaded again only when the stamp changed."""
    stamp = _stamp()
    kept = _copies.get(name)
    if kept is not None and kept[0] == stamp:
        value: T = kept[1]
        return value
    value = load()
    _copies[name] = (stamp, value)
    return value


def _stamp() -> str:
    if _seen.is_held:
        return _seen.stamp
    blocks = connection.atomic_blocks
    block = blocks[0] if blocks else None
    if block is not None and _seen.block is block:
        return _seen.stamp
    if block is None and time.monotonic() < _seen.until:
        return _seen.stamp
    with connection.cursor() as cursor:
        cursor.execute("SELECT stamp FROM policy_policystamp WHERE id = 1")
        row = cursor.fetchone()
    # A truncated stamp table must not make an old copy look fresh: without a stamp nothing is kept between blocks.
    _seen.stamp = row[0] if row else f"none-{time.monotonic_ns()}"
    _seen.block = block
    _seen.until = time.monotonic() + SECONDS_OUTSIDE_A_TRANSACTION
    return _seen.stamp
