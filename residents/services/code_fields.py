from django.utils.translation import gettext as _

from portal.core import clock
from portal.core.errors import DomainError
from portal.policy import codes


def require_code(table: str, code: str, *, field: str) -> str:
    """Raises DomainError beside `field` unless `code` is an entry in use of the code table."""
    item = codes.items(table).get(code)
    if item is None or not item.in_use(clock.today()):
        raise DomainError(_("Please choose one of the offered entries."), field=field, code="unknown_code")
    return code
