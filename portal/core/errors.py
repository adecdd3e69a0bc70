from collections.abc import Mapping
from typing import Any


class DomainError(Exception):
    """A business rule said no. The message is a sentence for the clerk; `field` names the form field it stands beside.

    `code` lets a caller offer a way out (for instance "already_registered" offers renewal);
    `context` carries what that offer needs.
    """

    def __init__(
        self, message: str, *, field: str | None = None, code: str = "", context: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.code = code
        self.context = dict(context or {})


class StaleRecordError(DomainError):
    """Somebody else saved the record after this form was opened: the page shows both versions (pattern P17)."""
