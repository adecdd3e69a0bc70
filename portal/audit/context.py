"""The request context under the name that services of the audit log use."""

from portal.core.context import NO_CONTEXT, RequestContext, current, enter

__all__ = ["NO_CONTEXT", "RequestContext", "current", "enter"]
