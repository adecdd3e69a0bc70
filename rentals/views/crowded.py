"""The queue of let homes with too many people (群租): how many, never who."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.org.scoping import can
from portal.ui.views import ScopedListView
from portal.vault.projection import left_out
from rentals import selectors
from rentals.choices import InspectionStatus
from rentals.filters.registrations import RentalFilter
from rentals.models import Inspection, RentalRegistration, RentedHome
from rentals.tables.crowded import CrowdedTable
from rentals.views.common import area_names
from residents.models import Dwelling


class CrowdedList(ScopedListView):
    """In the order of addresses, as one walks from door to door."""

    title = _("Over-occupied let homes")
    subtitle = _("More people live here than rooms or floor area allow. A fact to look into: everybody is registered.")
    model = RentalRegistration
    filterset_class = RentalFilter
    table_class = CrowdedTable

    def get_queryset(self) -> Any:
        rows = selectors.crowded(super().get_queryset()).select_related("dwelling")
        hidden = [*left_out(RentalRegistration), *left_out(Dwelling, prefix="dwelling__")]
        return rows.defer(*hidden).order_by("area_code", "dwelling__address", "pk")

    def get_table(self, **kwargs: Any) -> Any:
        table = super().get_table(**kwargs)
        rows = [row.record for row in table.paginated_rows]
        doors = [row.dwelling_id for row in rows]
        table.areas = area_names(rows)
        table.homes = RentedHome.objects.in_bulk(doors)
        seen = Inspection.objects.restrict(self.request.user, "view").filter(dwelling__in=doors)
        done = seen.filter(status=InspectionStatus.DONE).order_by("dwelling_id", "-done_on", "-pk")
        table.done = {row.dwelling_id: row for row in done.distinct("dwelling_id")}
        table.open = {row.dwelling_id: row for row in seen.filter(status=InspectionStatus.OPEN)}
        table.may_inspect = can(self.request.user, Inspection, "work")
        return table

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("Rental registrations"), reverse("rentals:rental_list"))]
