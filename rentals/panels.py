"""What stands on the pages of a dwelling and of a person: registration, limit of occupants, leases."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from portal.org.models import User
from portal.org.scoping import can
from portal.vault.projection import project
from rentals.choices import LIVE
from rentals.models import LeaseFiling, RentalRegistration
from rentals.selectors import leases_at, leases_of, people_at, rental_at
from rentals.services.occupancy import occupancy_of
from rentals.tables.registrations import TONES
from residents.extension import DwellingPanel, Panel, add_dwelling_panel, add_panel
from residents.models import Dwelling


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
