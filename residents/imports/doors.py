"""Which dwelling a row of a file means, by its number or by the address as it is written."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from portal.core.errors import DomainError
from portal.org.models import User
from portal.org.scoping import Scope
from residents.imports.lookups import Communities, Door, Doors, Offices


class DoorFinder:
    """For rows with the columns `dwelling_code`, `address` and `community`. Only doors in `scope` are found; of one
    that stands elsewhere the office is told."""

    def __init__(self, actor: User, scope: Scope, offices: Offices) -> None:
        self.doors, self.communities, self.offices = Doors(actor, scope), Communities(scope), offices

    def look_up(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Ask for a whole block at once, before `door_of` is called for each of its rows."""
        self.doors.look_up(_wanted(values) for values in rows)

    def door_of(self, values: Mapping[str, Any]) -> Door:
        """Raises DomainError with code "ambiguous", "foreign_area" or "unknown_address", or for an empty cell."""
        wanted = _wanted(values)
        if not wanted:
            raise DomainError(_("Please enter the address, or the number of the dwelling."), field="address")
        found = self.doors.found.get(wanted, [])
        community = values.get("community", "")
        if len(found) > 1 and community:
            found = [door for door in found if self.communities.matches(community, door.area_code)]
        if len(found) > 1:
            message = _("Several communities have this address. Fill in the community, or the number of the dwelling.")
            raise DomainError(message, field="address", code="ambiguous")
        if found:
            return found[0]
        elsewhere = self.doors.elsewhere.get(wanted)
        if elsewhere:
            message = _("This address belongs to %(office)s, where you may not import.")
            told = message % {"office": self.offices.of(elsewhere)}
            raise DomainError(told, field="address", code="foreign_area")
        message = _("No such address in the list of dwellings. Import the address first, or correct it.")
        raise DomainError(message, field="address", code="unknown_address")


def _wanted(values: Mapping[str, Any]) -> str:
    return str(values.get("dwelling_code") or values.get("address", "")).replace(" ", "")
