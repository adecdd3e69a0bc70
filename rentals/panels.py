"""What stands on the pages of a dwelling and of a person: registration, limit of occupants, leases."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from portal.org.models import User
from portal.org.scoping import can, scope_of
from portal.vault.projection import left_out, project
from rentals.choices import LIVE
from rentals.models import LeaseFiling, RentalRegistration
from rentals.selectors import leases_at, leases_of, people_at, rental_at
from rentals.services.occupancy import occupancy_of
from rentals.tables.registrations import TONES
from residents.extension import DwellingPanel, Panel, add_dwelling_panel, add_panel, tells_about_doors
from residents.models import Dwelling
from residents.services.grid import living_at


def letting_of(dwelling: Dwelling, viewer: User) -> dict[str, Any]:
    rental = rental_at(dwelling, viewer)
    live = rental is not None and rental.status in LIVE
    return {
        "rental": rental,
        "told": project(rental, viewer=viewer) if rental else None,
        "tone": TONES[rental.status] if rental else "",
        "occupancy": occupancy_of(rental, people_at(rental)) if rental and live else None,
        "may_add": not live and can(viewer, RentalRegistration, "add", at=dwelling.area_code),
    }


def leases_in(dwelling: Dwelling, viewer: User) -> dict[str, Any]:
    return {
        "leases": leases_at(dwelling, viewer),
        "may_file": can(viewer, LeaseFiling, "add", at=dwelling.area_code),
    }


@tells_about_doors
def limits_of(dwelling_ids: Sequence[int], viewer: User) -> dict[int, str]:
    """HL3 at the arrival form: how many may live in a let dwelling. A fact: the arrival is registered all the same."""
    if scope_of(viewer, RentalRegistration, "view").is_nowhere:
        return {}
    rows = RentalRegistration.objects.restrict(viewer, "view").registered().filter(dwelling__in=dwelling_ids)
    lettings = {row.dwelling_id: row for row in rows.defer(*left_out(RentalRegistration))}
    living = living_at(list(lettings)) if lettings else {}
    told = {}
    for dwelling, rental in lettings.items():
        found = occupancy_of(rental, living.get(dwelling, 0))
        words = _("limit for letting: %(limit)s, reached") if found.is_full else _("limit for letting: %(limit)s")
        told[dwelling] = str(words) % {"limit": found.limit}
    return told


add_dwelling_panel(
    DwellingPanel(
        title=_("Rental registration"),
        model=RentalRegistration,
        template="rentals/_dwelling_panel.html",
        content=letting_of,
    )
)
add_dwelling_panel(
    DwellingPanel(title=_("Leases"), model=LeaseFiling, template="rentals/_leases_at_panel.html", content=leases_in)
)
add_panel(Panel(title=_("Leases"), model=LeaseFiling, template="rentals/_leases_panel.html", rows=leases_of))
