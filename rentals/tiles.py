"""What the head of housing and the stations follow on the overview: each figure is the length of a list."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from portal.core import clock
from portal.org.models import User
from portal.org.scoping import scope_of
from portal.ui.tiles import Tile, TileGroup, add_tiles
from rentals import selectors
from rentals.choices import UNMENDED, FilingStatus, HazardStatus
from rentals.models import Hazard, LeaseFiling, RentalRegistration, TenancyReport
from rentals.report_choices import ReportKind, ReportStatus
from residents.models import Dwelling


def in_force(user: User) -> Any:
    return RentalRegistration.objects.restrict(user, "view").filter(selectors.PILES[selectors.IN_FORCE])


def leads(user: User) -> Any:
    scope = scope_of(user, RentalRegistration, "view")
    return selectors.unregistered(Dwelling.objects.standing().filter(scope.q()))


def over_occupied(user: User) -> Any:
    return selectors.crowded(RentalRegistration.objects.restrict(user, "view"))


def open_hazards(user: User) -> Any:
    return Hazard.objects.restrict(user, "view").filter(status=HazardStatus.OPEN)


def overdue_hazards(user: User) -> Any:
    return Hazard.objects.restrict(user, "view").filter(status__in=UNMENDED, due_on__lt=clock.today())


def filings_waiting(user: User) -> Any:
    return LeaseFiling.objects.restrict(user, "view").filter(selectors.filings_in(FilingStatus.SUBMITTED))


def told_to_live_here(user: User) -> Any:
    return _told(user, ReportKind.MOVED_IN)


def told_to_have_left(user: User) -> Any:
    return _told(user, ReportKind.MOVED_OUT)


def _told(user: User, kind: ReportKind) -> Any:
    return TenancyReport.objects.restrict(user, "view").filter(status=ReportStatus.WAITING, kind=kind)


add_tiles(
    TileGroup(
        _("Rented homes"),
        (
            Tile(_("Lettings in force"), RentalRegistration, in_force, "rentals:rental_list", (("t", "force"),)),
            Tile(_("Rented but not registered"), RentalRegistration, leads, "rentals:unregistered", tone="warn"),
            Tile(_("Over-occupied let homes"), RentalRegistration, over_occupied, "rentals:crowded", tone="bad"),
            Tile(_("Open hazards"), Hazard, open_hazards, "rentals:hazard_list", (("t", "open"),), "warn"),
            Tile(_("Overdue hazards"), Hazard, overdue_hazards, "rentals:hazard_list", (("t", "overdue"),), "bad"),
            Tile(
                _("Leases to be filed"),
                LeaseFiling,
                filings_waiting,
                "rentals:filing_list",
                (("t", "submitted"),),
                "warn",
            ),
            Tile(
                _("Reported as moved in"),
                TenancyReport,
                told_to_live_here,
                "rentals:report_list",
                (("t", "in"),),
                "warn",
            ),
            Tile(
                _("Reported as moved out"),
                TenancyReport,
                told_to_have_left,
                "rentals:report_list",
                (("t", "out"),),
                "warn",
            ),
        ),
    )
)
