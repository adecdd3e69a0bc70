"""The numbers of the login, from the policy rows. Logging in must work before anybody has entered one."""

from functools import cache

from django.conf import settings

from portal.core.errors import DomainError
from portal.policy import packs
from portal.policy.services import rule


def is_djbh3() -> bool:
    """Which body of password rules holds; see `portal.accounts.passwords`."""
    return str(settings.PASSWORD_PROFILE) == "djbh3"


def limit(code: str) -> int:
    """The row in force today; while none is entered (a new installation), the value that ships with the product."""
    try:
        return int(rule(code).value)
    except DomainError:
        return _shipped()[code]


@cache
def _shipped() -> dict[str, int]:
    return {values["code"]: int(values["value"]) for values in packs.read("product").rules()}
