"""Door plates: printed in batches by staff, scanned by anybody. The code on a plate tells nothing to a stranger."""

from datetime import timedelta
from http import HTTPStatus
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import View

from portal.audit import services as audit
from portal.core import clock
from portal.org.scoping import can, scope_of
from portal.policy.services import rule
from portal.ui.http import StaffRequest
from portal.ui.views import ScopedMixin
from residents.extension import plate_links
from residents.filters.people import DwellingFilter
from residents.models import Building, Dwelling

SCANS_PER_MINUTE = 20
MOST_PLATES = 600
ON_A_SHEET = 10


class PlateSheetView(ScopedMixin, View):
    """Plates of a building (`?building=`) or of the filtered list, ten to a sheet, in the order of a walk."""

    model = Dwelling
    action = "view"

    def get(self, request: StaffRequest) -> HttpResponse:
        rows: Any = Dwelling.objects.restrict(request.user, self.action).standing()
        asked, building = request.GET.get("building", ""), None
        if asked.isdigit():
            scope = scope_of(request.user, Dwelling, "view")
            building = Building.objects.filter(scope.q(), pk=asked).first()
            rows = rows.filter(stands_in=building or 0)
        else:
            rows = DwellingFilter(request.GET, queryset=rows, user=request.user).qs
        walk = rows.only("pk", "code", "plate", "address").order_by("estate", "building", "unit", "room", "pk")
        found = list(walk[: MOST_PLATES + 1])
        plates = [
            {"dwelling": row, "url": request.build_absolute_uri(reverse("residents:dwelling_scan", args=[row.plate]))}
            for row in found[:MOST_PLATES]
        ]
        if building is not None:
            audit.record(actor=request.user, action="plates.printed", target=building, count=len(plates))
        context = {
            "sheets": [plates[at : at + ON_A_SHEET] for at in range(0, len(plates), ON_A_SHEET)],
            "count": len(plates),
            "cut_off": MOST_PLATES if len(found) > MOST_PLATES else 0,
            "back": building.get_absolute_url() if building else reverse("residents:dwelling_list"),
            "title": building or "",
            "printed_on": clock.today(),
        }
        return render(request, "residents/dwellings/plates.html", context)


@method_decorator([login_not_required, never_cache], name="dispatch")
class DwellingScanView(View):
    """Where the code of a plate leads. Staff of that area come to the dwelling, by an old plate to the door it was
    merged into; everybody else reads how to report oneself, the same for every code, known or not."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, plate: Any) -> HttpResponse:
        user = request.user
        if user.is_authenticated and can(user, Dwelling, "view"):
            row = Dwelling.objects.filter(plate=plate).select_related("merged_into").first()
            door = row and (row.merged_into or row)
            if door and can(user, Dwelling, "view", at=door.area_code):
                return redirect(door.get_absolute_url())
        busy = too_many(request.META.get("REMOTE_ADDR", ""))
        links = [(link, reverse(link.url_name, args=[plate])) for link in plate_links()]
        context = {"busy": busy, "term": rule("registration.report_workdays"), "links": links}
        status = HTTPStatus.TOO_MANY_REQUESTS if busy else HTTPStatus.OK
        return render(request, "residents/dwellings/scan.html", context, status=status)


def too_many(address: str) -> bool:
    """More than twenty scans a minute from one address."""
    key = f"plate-scan:{address}"
    cache.add(key, 0, timeout=int(timedelta(minutes=1).total_seconds()))
    return int(cache.incr(key)) > SCANS_PER_MINUTE
