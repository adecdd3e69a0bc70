"""Where two rows of the address master turn out to be one door, its rental registrations go along (ADR 0019)."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.core import clock
from rentals.choices import LIVE, InspectionStatus, RentalStatus
from rentals.models import Hazard, HouseGrade, Inspection, LeaseFiling, RentalRegistration, RentedHome, TenancyReport
from residents.door_links import DwellingLink, link_dwelling

link_dwelling(
    DwellingLink(model=LeaseFiling, stays="a contract names the door of its day; the double leads on to the survivor")
)
link_dwelling(
    DwellingLink(
        model=RentalRegistration,
        label=_("Rental registrations"),
        once=(),
        once_where=Q(status__in=LIVE),
        leaving=lambda: {"status": RentalStatus.ENDED, "ended_on": clock.today(), "end_reason": "地址合并"},
    )
)
link_dwelling(DwellingLink(model=TenancyReport, label=_("Reports of landlords"), once=()))
link_dwelling(
    DwellingLink(
        model=Inspection,
        label=_("Inspections"),
        once=(),
        once_where=Q(status=InspectionStatus.OPEN),
        leaving=lambda: {"status": InspectionStatus.DROPPED},
    )
)
link_dwelling(DwellingLink(model=Hazard, label=_("Hazards")))
link_dwelling(DwellingLink(model=RentedHome, stays="triggers count what stands at which door"))
link_dwelling(DwellingLink(model=HouseGrade, stays="a grade is counted anew for the house that stands"))
