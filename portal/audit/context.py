"""What the current request (or job) is, for the rows that record it. Set by middleware, read by services."""

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RequestContext:
    request_id: str = ""
    address: str | None = None


NO_CONTEXT = RequestContext()
_current: ContextVar[RequestContext] = ContextVar("request_context")


def current() -> RequestContext:
    return _current.get(NO_CONTEXT)


def enter(context: RequestContext) -> None:
    _current.set(context)
