"""What stands on the pages of a dwelling and of a person: registration, limit of occupants, leases."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.core import clock
from portal.org.models import User
from portal.org.scoping import can, scope_of
from portal.policy import codes
from portal.vault.projection import left_out, project
from rentals.choices import LIVE, FilingStatus, HazardStatus, InspectionStatus, RentalStatus
from rentals.models import Hazard, HouseGrade, Inspection, LeaseFiling, RentalRegistration
from rentals.selectors import leases_at, leases_of, people_at, rental_at
from rentals.services.inspections.grading import ITEMS, grade_of_house, holds
from rentals.services.letters import renewal_day
from rentals.services.occupancy import occupancy_of
from rentals.services.tenancies import doors_of_ended_leases
from rentals.tables.hazards import HAZARD_TONES
from rentals.tables.letters import letter_state
from rentals.tables.registrations import TONES
from residents.doorstep import DueItem, shares_the_knock
from residents.extension import (
    DwellingPanel,
    Panel,
    PlateLink,
    add_dwelling_panel,
    add_panel,
    add_plate_link,
    tells_about_doors,
)
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
        "letter": letter_of(rental) if rental and rental.status == RentalStatus.REGISTERED else None,
        "may_add": not live and can(viewer, RentalRegistration, "add", at=dwelling.area_code),
    }


def letter_of(rental: RentalRegistration) -> tuple[Any, str]:
    """The state of the letter of responsibility in words, and its tone."""
    return letter_state(rental.letter_until, renewal_day(), is_open=rental.letter_open)


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


def safety_of(dwelling: Dwelling, viewer: User) -> dict[str, Any]:
    """The grade of the house, the last and the next inspection, and what is not mended yet."""
    rows = Inspection.objects.restrict(viewer, "view").filter(dwelling=dwelling)
    waiting = rows.filter(status=InspectionStatus.OPEN).first()
    house = grade_of_house(dwelling)
    hazards = Hazard.objects.restrict(viewer, "view").unmended().filter(dwelling=dwelling)
    return {
        "house": house,
        "grade": holds(house, clock.today()).label,
        "may_see_grade": can(viewer, HouseGrade, "view", at=dwelling.area_code),
        "last": rows.filter(status=InspectionStatus.DONE).order_by("-done_on", "-pk").first(),
        "open": waiting,
        "may_inspect": waiting is None and can(viewer, Inspection, "work", at=dwelling.area_code),
        "hazards": [(one, codes.label(ITEMS, one.item), HAZARD_TONES[HazardStatus(one.status)]) for one in hazards],
    }


def inspections_due(dwelling_ids: Iterable[int], viewer: User) -> dict[int, list[DueItem]]:
    """One knock for the visit and the inspection."""
    if scope_of(viewer, Inspection, "work").is_nowhere:
        return {}
    rows = Inspection.objects.restrict(viewer, "work").filter(
        dwelling__in=list(dwelling_ids), status=InspectionStatus.OPEN
    )
    words = gettext("Inspection of the rented home")
    return {row.dwelling_id: [DueItem(words, row.due_on, row.get_absolute_url())] for row in rows}


def leases_over(dwelling_ids: Iterable[int], viewer: User) -> dict[int, list[DueItem]]:
    """Whoever knocks asks whether the tenants stay on."""
    if scope_of(viewer, LeaseFiling, "view").is_nowhere:
        return {}
    filed = LeaseFiling.objects.restrict(viewer, "view").filter(status=FilingStatus.FILED)
    rows = filed.filter(dwelling__in=list(dwelling_ids), ends_on__lt=clock.today()).order_by("ends_on", "pk")
    words, found = gettext("Lease ended: who still lives here?"), dict[int, list[DueItem]]()
    for row in rows:
        found.setdefault(row.dwelling_id, []).append(DueItem(words, row.ends_on, row.get_absolute_url()))
    return found


shares_the_knock(items=inspections_due)
shares_the_knock(items=leases_over, doors=doors_of_ended_leases)
add_dwelling_panel(
    DwellingPanel(
        title=_("Rental registration"),
        model=RentalRegistration,
        template="rentals/_dwelling_panel.html",
        content=letting_of,
    )
)
add_dwelling_panel(
    DwellingPanel(
        title=_("Inspections and hazards"),
        model=Inspection,
        template="rentals/inspections/_dwelling_panel.html",
        content=safety_of,
    )
)
add_dwelling_panel(
    DwellingPanel(title=_("Leases"), model=LeaseFiling, template="rentals/_leases_at_panel.html", content=leases_in)
)
add_panel(Panel(title=_("Leases"), model=LeaseFiling, template="rentals/_leases_panel.html", rows=leases_of))
add_plate_link(
    PlateLink(label=_("I let this home: report tenants"), url_name="rentals:landlord_plate", icon="key-round")
)
