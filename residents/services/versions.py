"""The optimistic lock of forms, and database constraints told as sentences."""

from typing import TypeVar

from django.db import IntegrityError
from django.utils.translation import gettext as _

from portal.core.errors import StaleRecordError
from portal.core.models import Versioned

V = TypeVar("V", bound=Versioned)


def require_version(record: V, version: int) -> V:
    """Raises StaleRecordError when `record` was saved after the form with `version` was opened (pattern P17).
    Otherwise counts the version up; the caller saves it with its other fields."""
    if record.version != version:
        raise StaleRecordError(
            _("Somebody else changed this record after you opened it. Compare the two versions before you save."),
            code="stale",
            context={"version": record.version},
        )
    record.version += 1
    return record


def violated(error: IntegrityError) -> str:
    """The name of the database constraint that refused the row; "" when the server does not tell."""
    diagnostics = getattr(error.__cause__, "diag", None)
    return str(getattr(diagnostics, "constraint_name", "") or "")
