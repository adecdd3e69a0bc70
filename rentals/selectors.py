"""Questions that several pages ask of the rented homes."""

from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from portal.core import clock
from portal.org.models import User
from portal.org.scoping import can
from portal.ui.paging import CAP
from rentals.choices import UNMENDED, WITH_DEPARTMENT, FilingStatus, InspectionStatus, RentalStatus
from rentals.models import Hazard, HazardReferral, Inspection, LeaseFiling, RentalRegistration, TenancyReport
from residents.models import Dwelling, Person
from residents.services.grid import living_at

TO_REVIEW, RETURNED, IN_FORCE, ENDED = "review", "returned", "force", "ended"
LEASES_SHOWN = 50
PILES: dict[str, Q] = {
    TO_REVIEW: Q(status=RentalStatus.SUBMITTED),
    RETURNED: Q(status=RentalStatus.RETURNED),
    IN_FORCE: Q(status=RentalStatus.REGISTERED),
    ENDED: Q(status=RentalStatus.ENDED),
}


def filings_in(status: str) -> Q:
    return Q(status=status)


def filings_to_review(user: User) -> int | None:
    """Only those who review are reminded."""
    if not can(user, LeaseFiling, "review"):
        return None
    return LeaseFiling.objects.restrict(user, "review").filter(status=FilingStatus.SUBMITTED).count() or None


def leases_at(dwelling: Dwelling, viewer: User) -> list[LeaseFiling]:
    """Live ones by room."""
    rows = LeaseFiling.objects.restrict(viewer, "view").live().filter(dwelling=dwelling)
    return list(rows.order_by("room", "starts_on")[:LEASES_SHOWN])


def leases_of(person: Person, viewer: User) -> QuerySet[LeaseFiling]:
    """Newest first, whatever their state."""
    rows = LeaseFiling.objects.restrict(viewer, "view").filter(tenants__registration__person=person)
    return rows.select_related("dwelling").order_by("-starts_on", "-pk")[:LEASES_SHOWN]


def is_let(dwelling_id: int) -> bool:
    """There is a registration in force."""
    return RentalRegistration.objects.registered().filter(dwelling=dwelling_id).exists()


def rental_at(dwelling: Dwelling, viewer: User) -> RentalRegistration | None:
    """The live registration, or the last one that ended."""
    rows = RentalRegistration.objects.restrict(viewer, "view").filter(dwelling=dwelling)
    return rows.live().first() or rows.order_by("-ended_on", "-pk").first()


def to_review(user: User) -> int | None:
    """Only those who review are reminded."""
    if not can(user, RentalRegistration, "review"):
        return None
    return RentalRegistration.objects.restrict(user, "review").filter(PILES[TO_REVIEW]).count() or None


def reports_to_verify(user: User) -> int | None:
    """Only those who verify are reminded."""
    if not can(user, TenancyReport, "review"):
        return None
    return TenancyReport.objects.restrict(user, "review").waiting().count() or None


def unregistered(rows: QuerySet[Dwelling]) -> QuerySet[Dwelling]:
    """Doors where somebody is in residence as in a rented home, without a live registration of the letting. Answered
    by the database for whoever sees doors and rentals, also without a right to see the people."""
    return rows.filter(pk__in=RawSQL("SELECT sec.rented_unregistered()", []))


def crowded(rows: QuerySet[RentalRegistration]) -> QuerySet[RentalRegistration]:
    """Lettings in force where more people live than the rules allow (HL3). A fact that somebody looks into."""
    return rows.registered().filter(dwelling__in=RawSQL("SELECT sec.rented_crowded()", []))  # type: ignore[attr-defined]


def crowded_homes(user: User) -> int | None:
    """Only those who inspect are reminded; beyond the cap nobody counts on."""
    if not (can(user, Inspection, "work") and can(user, RentalRegistration, "view")):
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM (SELECT sec.rented_crowded() LIMIT %s) found", [CAP])
        return cursor.fetchone()[0] or None


def people_at(rental: RentalRegistration) -> int:
    """How many are in residence at the dwelling: the number alone, also for those who may not see the stays."""
    return living_at([rental.dwelling_id]).get(rental.dwelling_id, 0)


def overdue_hazards(user: User) -> int | None:
    """Only those who work on them are reminded."""
    if not can(user, Hazard, "work"):
        return None
    late = Hazard.objects.restrict(user, "work").filter(status__in=UNMENDED, due_on__lt=clock.today())
    return late.count() or None


def inspections_left(user: User) -> int | None:
    """One's own open inspections."""
    rows = Inspection.objects.restrict(user, "view").filter(inspector=user, status=InspectionStatus.OPEN)
    return rows.count() or None


def orders_waiting(user: User) -> int | None:
    """Work orders of one's own department that are not answered yet."""
    duties = user.department.duties if user.department else []
    rows = HazardReferral.objects.restrict(user, "handle").filter(status__in=WITH_DEPARTMENT, recipient__in=duties)
    return rows.count() or None
