"""Room for a whole request on one piece of the interpreter's stack.

CPython 3.11 and 3.12 keep the variables of calls in pieces of 16 KB, ask the system for the next piece when one is
full and give it back as soon as the call returns. A page is drawn some hundred calls deep; where the loop over its
rows happens to stand at the end of a piece, every call in it costs two system calls, and the list takes twice as long.
Which page it hits changes with each middleware or template block (https://github.com/python/cpython/issues/142183).
"""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

# A piece is as long as the power of two that holds the call it is made for: the call is given a little less than
# 256 KB, so the piece has 512. What nobody writes to is address space, not memory.
SLOTS = 32_000


def with_room(function: Callable[P, R]) -> Callable[P, R]:
    """`function`, called with 256 KB of stack in one piece for all that it calls in its thread. Meant for once a
    request, far out: every call takes a piece of its own."""

    @wraps(function)
    def roomy(*args: P.args, **kwargs: P.kwargs) -> R:
        return function(*args, **kwargs)

    roomy.__code__ = roomy.__code__.replace(co_stacksize=SLOTS)  # type: ignore[attr-defined]
    return roomy
