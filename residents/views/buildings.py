"""Buildings: the list, the unit grid of one, how big it is, and all rooms of a new one at once."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Sum
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.generic import DetailView

from portal.audit import services as audit
from portal.core.errors import DomainError
from portal.org.choices import AreaLevel
from portal.org.models import Area
from portal.org.scoping import areas_for, can, scope_of
from portal.org.services import area_path
from portal.ui.views import PageMixin, ScopedListView, ServiceFormView, add_domain_error, say
from residents.filters.buildings import BuildingFilter
from residents.forms.buildings import RoomsForm
from residents.models import Building, Dwelling
from residents.services.grid import DUE, EMPTY, LIVED, OVER, STATES, UnitGrid, living_at, unit_grid
from residents.services.rooms import PlannedRoom, RoomPlan, build_rooms, plan_rooms
from residents.tables.buildings import BuildingTable

COMMUNITIES_OFFERED = 400
STATE_WORDS = {
    LIVED: pgettext_lazy("door", "Lived in"),
    EMPTY: pgettext_lazy("door", "Empty"),
    OVER: pgettext_lazy("door", "Over capacity"),
    DUE: pgettext_lazy("door", "Due for verification"),
}


def communities_for(user: Any, action: str = "add") -> list[tuple[str, str]]:
    areas = areas_for(user, Dwelling, action).filter(level=AreaLevel.COMMUNITY)[:COMMUNITIES_OFFERED]
    return [(area.code, area.name) for area in areas]


class BuildingListView(ScopedListView):
    title = _("Buildings")
    subtitle = _("Houses with rooms: open one to see its floors and who lives there.")
    model = Dwelling
    filterset_class = BuildingFilter
    table_class = BuildingTable
    page_actions = "residents/buildings/_list_actions.html"

    def get_queryset(self) -> Any:
        scope = scope_of(self.request.user, Dwelling, "view")
        return Building.objects.filter(scope.q()).order_by("community_code", "key", "pk")

    def get_table(self, **kwargs: Any) -> Any:
        table = super().get_table(**kwargs)
        rows = [row.record for row in table.paginated_rows]
        doors = Dwelling.objects.restrict(self.request.user, "view").standing().filter(stands_in__in=rows)
        at = dict(doors.values_list("pk", "stands_in"))
        counted = doors.order_by().values_list("stands_in").annotate(doors=Count("pk"), places=Sum("capacity"))
        table.doors = {pk: (count, places or 0) for pk, count, places in counted}
        table.living = {}
        for door, people in living_at(at).items():
            table.living[at[door]] = table.living.get(at[door], 0) + people
        codes_shown = {row.community_code for row in rows}
        table.areas = dict(Area.objects.filter(code__in=codes_shown).values_list("code", "name"))
        return table

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"may_add": can(self.request.user, Dwelling, "add")}


class OfBuilding:
    """A building is reached by whoever reaches the dwellings of its area."""

    action = "view"
    request: Any

    def get_queryset(self) -> Any:
        scope = scope_of(self.request.user, Dwelling, self.action)
        if scope.is_nowhere:
            raise PermissionDenied
        return Building.objects.filter(scope.q())


class BuildingGridView(OfBuilding, PageMixin, DetailView):
    """The unit grid: one page, the same few queries for 40 rooms and for 400."""

    model = Building
    template_name = "residents/buildings/grid.html"

    def get_title(self) -> str:
        return str(self.object)

    def get_subtitle(self) -> str:
        return area_path(self.object.area_code, separator=" · ")

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [
            (_("Dwellings"), reverse("residents:dwelling_list")),
            (_("Buildings"), reverse("residents:building_list")),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        viewer, building = self.request.user, self.object
        grid = unit_grid(building, viewer)
        if grid.person_ids:
            audit.access(actor=viewer, action="list", person_ids=grid.person_ids, purpose="building")
        asked = self.request.GET.get("show", "")
        shown = asked if asked in STATES else ""
        return super().get_context_data(**kwargs) | {
            "building": building,
            "grid": grid,
            "shown": shown,
            "states": self._states(grid, shown),
            "may_add": can(viewer, Dwelling, "add", at=building.area_code),
            "words": STATE_WORDS,
        }

    def _states(self, grid: UnitGrid, shown: str) -> list[dict[str, Any]]:
        return [
            {
                "state": state,
                "label": STATE_WORDS[state],
                "count": grid.count(state),
                "current": state == shown,
                "url": self.request.path if state == shown else f"?show={state}",
            }
            for state in STATES
            if state != DUE or grid.residents
        ]


class RoomsView(ServiceFormView):
    """Two steps on one page: what the rule gives, then the rooms themselves."""

    title = _("Lay out a building")
    subtitle = _("All rooms by one rule. You see them before anything is saved; rooms that exist stay as they are.")
    model = Dwelling
    action = "add"
    form_class = RoomsForm
    template_name = "residents/buildings/rooms.html"
    submit_label = _("Show the rooms")

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [
            (_("Dwellings"), reverse("residents:dwelling_list")),
            (_("Buildings"), reverse("residents:building_list")),
        ]

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"communities": communities_for(self.request.user)}

    def get_initial(self) -> dict[str, Any]:
        asked = self.request.GET.get("building", "")
        known = Building.objects.filter(scope_of(self.request.user, Dwelling, "add").q())
        building = known.filter(pk=asked).first() if asked.isdigit() else None
        if building is None:
            return {"kind": "05", "area_code": self.request.user.area_code}
        return {
            "kind": "05",
            "area_code": building.community_code,
            "estate": building.estate,
            "building": building.number,
            "units": building.units if building.units is not None else 1,
            "floor_to": building.floors or 6,
        }

    def form_valid(self, form: Any) -> HttpResponse:
        plan = RoomPlan(**form.cleaned_data)
        try:
            if "save" in self.request.POST:
                building, added = build_rooms(plan=plan, actor=self.request.user)
                return self._saved(building, added)
            rooms = plan_rooms(plan=plan, actor=self.request.user)
        except DomainError as error:
            add_domain_error(form, error)
            return self.form_invalid(form)
        return self.render_to_response(self.get_context_data(form=form, **preview_of(rooms)))

    def _saved(self, building: Building, added: int) -> HttpResponse:
        text = ngettext("%(count)s room added.", "%(count)s rooms added.", added) if added else ""
        say(self.request, text % {"count": added} if text else gettext("All these rooms existed already."))
        return redirect(building)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"cancel_url": reverse("residents:building_list")}


def preview_of(rooms: list[PlannedRoom]) -> dict[str, Any]:
    """By unit and floor, top floor first, as the grid will show them."""
    units: dict[str, dict[str, list[PlannedRoom]]] = {}
    for room in rooms:
        units.setdefault(room.unit, {}).setdefault(room.room[:-2], []).append(room)
    return {
        "preview": [
            {"unit": unit, "floors": [{"floor": floor, "rooms": floors[floor]} for floor in reversed(floors)]}
            for unit, floors in units.items()
        ],
        "to_add": sum(room.known is None for room in rooms),
        "known": sum(room.known is not None for room in rooms),
    }
