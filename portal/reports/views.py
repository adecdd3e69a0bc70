from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from portal.core import clock
from portal.org.areas_then import changes_after, is_whole
from portal.org.codes import parent_candidates
from portal.org.models import Area
from portal.org.scoping import can, scope_of
from portal.policy.services import due_on
from portal.reports import charts
from portal.reports.dashboard import Dashboard, dashboard
from portal.reports.models import AreaCount
from portal.reports.periods import CHOICES, Period, period_of
from portal.reports.workbench import due_applications, greeting, todo_items
from portal.ui.http import StaffRequest
from portal.ui.navigation import menu_of
from portal.ui.tiles import tiles_of
from residents.models import Person


class DashboardView(TemplateView):
    """County → township → community. Figures only; persons are never one click away from here."""

    template_name = "reports/dashboard.html"
    request: StaffRequest

    def get_area(self) -> Area:
        """403 for somebody who may see no figures at all, 404 for an area that is not theirs."""
        scope = scope_of(self.request.user, AreaCount, "view")
        if scope.is_nowhere:
            raise PermissionDenied
        code = self.kwargs.get("area_code") or scope.codes[0]
        if code not in scope:
            raise Http404
        return get_object_or_404(Area, code=code)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        area = self.get_area()
        period = period_of(self.request.GET.get("p", ""))
        hidden = not can(self.request.user, Person, "view", at=area.code)
        trees = self._trees(area, period)
        then = any(tree["current"] for tree in trees[1:])
        found = dashboard(area=area, period=period, small_cells_hidden=hidden, areas_then=then)
        return super().get_context_data(**kwargs) | {
            "title": _("Overview of %(area)s") % {"area": area.name},
            "area": area,
            "found": found,
            "tiles": tiles_of(self.request.user, area.code),
            "as_of": clock.now(),
            "periods": self._periods(period.code),
            "trees": trees,
            "crumbs": self._crumbs(area),
            "small_cells_hidden": hidden,
            "charts": chart_shapes(found),
        }

    def _periods(self, current: str) -> list[dict[str, Any]]:
        return [{"label": text, "url": f"?p={code}", "current": code == current} for code, text in CHOICES.items()]

    def _trees(self, area: Area, period: Period) -> list[dict[str, Any]]:
        """Today's areas or those of the time, where the period reaches back behind a re-organisation and the reader
        sees all that belonged to the area then."""
        scope = scope_of(self.request.user, AreaCount, "view")
        if not changes_after(period.first).exists() or not is_whole(area.code, period.first, scope):
            return []
        then = self.request.GET.get("by") == "then"
        return [
            {"label": _("Areas of today"), "url": f"?p={period.code}", "current": not then},
            {"label": _("Areas of that time"), "url": f"?p={period.code}&by=then", "current": then},
        ]

    def _crumbs(self, area: Area) -> list[tuple[str, str]]:
        scope = scope_of(self.request.user, AreaCount, "view")
        codes = [code for code in parent_candidates(area.code) if code in scope]
        names = dict(Area.objects.filter(code__in=codes).values_list("code", "name")) if codes else {}
        query = self.request.GET.urlencode()
        return [
            (names[code], reverse("reports:dashboard_area", args=[code]) + (f"?{query}" if query else ""))
            for code in sorted(names, key=len)
        ]


def chart_shapes(found: Dashboard) -> dict[str, dict[str, Any]]:
    return {
        "trend": charts.trend(found),
        "origins": charts.ranked(found.origins, _("Place of origin")),
        "reasons": charts.ranked(found.reasons, _("Reason for coming")),
        "lodgings": charts.ranked(found.lodgings, _("Kind of lodging")),
        "pyramid": charts.pyramid(found),
        "treemap": charts.treemap(found.children),
        "sankey": charts.sankey(found),
    }


class WorkbenchView(TemplateView):
    """What must I do now? Every box shows only what its reader may see; a leader gets the figures alone."""

    template_name = "reports/workbench.html"
    request: StaffRequest

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.request.user
        scope = scope_of(user, AreaCount, "view")
        context = super().get_context_data(**kwargs) | {
            "title": greeting(user),
            "today": clock.today(),
            "todos": todo_items(menu_of(self.request, anew=True)),
            "due": due_applications(user, until=due_on(clock.today(), "permit.due_soon_days")),
        }
        if not scope.is_nowhere:
            area = get_object_or_404(Area, code=scope.codes[0])
            found = dashboard(
                area=area, period=period_of("month"), small_cells_hidden=not can(user, Person, "view", at=area.code)
            )
            context |= {"area": area, "found": found, "charts": chart_shapes(found)}
        return context
