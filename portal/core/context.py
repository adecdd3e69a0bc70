"""What the current request (or job) is, for the rows that record it. Set by middleware and worker, read by services."""

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RequestContext:
    """`request_id` is at most 32 characters; `session_hash` is keyed, the session itself cannot be found from it."""

    request_id: str = ""
    address: str | None = None
    session_hash: bytes | None = None


NO_CONTEXT = RequestContext()
_current: ContextVar[RequestContext] = ContextVar("request_context")


def current() -> RequestContext:
    return _current.get(NO_CONTEXT)


def enter(context: RequestContext) -> None:
    _current.set(context)
