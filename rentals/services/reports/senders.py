"""How a one-time code or a message reaches a phone: a plug-in named by the setting `REPORT_CODE_SENDER`
(how-to/landlord-codes)."""

from typing import Protocol

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string


class CodeSender(Protocol):
    """Send `code` to `phone` and return what the page may show of it: "" for every real one.

    It is called for numbers in the register and for others alike; it must take the same time for both, so hand the
    message to a queue and do not wait for the gateway. Never log the number or the code.
    """

    def send(self, *, phone: str, code: str) -> str: ...

    def tell(self, *, phone: str, text: str) -> None:
        """Send a message that nobody asked for, about a let dwelling. It may be called twice for the same one."""


class ShownOnScreen:
    """For the demo: the code stands on the page itself. Proves nothing, so production refuses it."""

    def send(self, *, phone: str, code: str) -> str:
        require_demo()
        return code

    def tell(self, *, phone: str, text: str) -> None:
        """The message stands on the page of the registration, with or without this."""
        require_demo()


def sender() -> CodeSender | None:
    """None where sending is not set up: then only the plate of the door leads to a report."""
    named = str(settings.REPORT_CODE_SENDER)
    return import_string(named)() if named else None


def shows_codes() -> bool:
    return str(settings.REPORT_CODE_SENDER) == f"{ShownOnScreen.__module__}.{ShownOnScreen.__qualname__}"


def require_demo() -> None:
    if not settings.DEMO_ACCOUNTS:
        raise ImproperlyConfigured("REPORT_CODE_SENDER shows codes on the page: only a demo may do that.")
