"""The address master: list, one door, a new one, and the plate beside the door."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.generic import DetailView, View

from portal.audit import services as audit
from portal.core.errors import DomainError
from portal.org.choices import AreaLevel
from portal.org.models import Area
from portal.org.scoping import areas_for, can, scope_of
from portal.org.services import area_path
from portal.policy import codes
from portal.ui.http import StaffRequest
from portal.ui.views import PageMixin, ScopedListView, ScopedMixin, ServiceFormView, add_domain_error, say
from portal.vault.projection import left_out, project
from residents import extension
from residents.filters.people import DwellingFilter
from residents.forms.people import AliasForm, DwellingAddForm
from residents.models import Building, Dwelling, Registration, VisitTask
from residents.selectors import former_residents_of, living_in, residents_of
from residents.services.beds import beds_of
from residents.services.dwellings import add_alias, add_dwelling
from residents.services.households.reading import relations_at
from residents.services.looks import remember_dwelling
from residents.services.projection import person_view
from residents.tables.people import DwellingTable, occupancy

COMMUNITIES_OFFERED = 400


class DwellingListView(ScopedListView):
    title = _("Dwellings")
    subtitle = _("The address master: every door people can register at.")
    model = Dwelling
    filterset_class = DwellingFilter
    table_class = DwellingTable
    page_actions = "residents/dwellings/_list_actions.html"

    def get_queryset(self) -> Any:
        rows: Any = super().get_queryset()
        return rows.standing().defer(*left_out(Dwelling)).order_by("-updated_at", "-pk")

    def get_table(self, **kwargs: Any) -> Any:
        table = super().get_table(**kwargs)
        rows = [row.record for row in table.paginated_rows]
        table.living = living_in(row.pk for row in rows)
        codes_shown = {row.community_code for row in rows}
        table.areas = dict(Area.objects.filter(code__in=codes_shown).values_list("code", "name"))
        return table

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"may_add": can(self.request.user, Dwelling, "add")}


class DwellingDetailView(ScopedMixin, PageMixin, DetailView):
    model = Dwelling
    action = "view"
    template_name = "residents/dwellings/detail.html"

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """A double leads on to the dwelling it was merged into."""
        self.object = self.get_object()
        if self.object.merged_into_id:
            return redirect("residents:dwelling_detail", self.object.merged_into_id)
        return self.render_to_response(self.get_context_data(object=self.object))

    def get_title(self) -> str:
        return str(self.object.address)

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("Dwellings"), reverse("residents:dwelling_list"))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        dwelling, viewer = self.object, self.request.user
        residents = residents_of(dwelling, viewer)
        former = former_residents_of(dwelling, viewer)
        shown = [stay.person_id for stay in [*residents, *former]]
        audit.access(actor=viewer, action="list", person_ids=shown, purpose="dwelling")
        remember_dwelling(dwelling.pk, actor=viewer)
        relations = relations_at(dwelling.pk)
        living = living_in([dwelling.pk]).get(dwelling.pk, 0)
        return super().get_context_data(**kwargs) | {
            "dwelling": dwelling,
            "residents": [self._line(stay, relations) for stay in residents],
            "former": [self._line(stay, {}) for stay in former],
            "living": living,
            "occupancy": occupancy(living, dwelling.capacity),
            "panels": [
                {"title": panel.title, "template": panel.template, **panel.content(dwelling, viewer)}
                for panel in extension.dwelling_panels_for(viewer)
            ],
            "crowded": dwelling.capacity is not None and living > dwelling.capacity,
            "facts": self._facts(),
            "aliases": list(dwelling.aliases.all()),
            "alias_form": AliasForm(),
            "may_change": can(viewer, Dwelling, "change", at=dwelling.area_code),
            "beds": beds_of(dwelling, residents),
            "merges": list(dwelling.merges.filter(undone_at=None).select_related("double", "actor")),
            "building": self._building(),
            "may_merge": can(viewer, Dwelling, "merge", at=dwelling.area_code),
            "may_register": can(viewer, Registration, "add", at=dwelling.area_code),
            "may_visit": bool(residents) and can(viewer, VisitTask, "work", at=dwelling.area_code),
        }

    def _building(self) -> Building | None:
        scope = scope_of(self.request.user, Dwelling, "view")
        return Building.objects.filter(scope.q(), pk=self.object.stands_in_id or 0).first()

    def _line(self, stay: Registration, relations: dict[int, str]) -> dict[str, Any]:
        return {
            "stay": stay,
            "view": person_view(stay.person, viewer=self.request.user),
            "relation": relations.get(stay.person_id, ""),
            "lodging": codes.label("dwelling_kind", stay.lodging),
        }

    def _facts(self) -> list[tuple[Any, Any]]:
        dwelling = self.object
        told = project(dwelling, viewer=self.request.user)
        landlord = " ".join(part for part in (told["landlord_name"], told["landlord_phone"]) if part)
        return [
            (_("Dwelling number"), dwelling.code),
            (_("Community"), area_path(dwelling.area_code, separator=" · ")),
            (_("Dwelling kind"), codes.label("dwelling_kind", dwelling.kind)),
            (
                _("Rental registration"),
                pgettext_lazy("rental", "Registered") if dwelling.rental_registered else _("Not registered"),
            ),
            (_("Landlord"), landlord),
            (_("Floor area (m²)"), dwelling.area_square_metres),
        ]


class DwellingAddView(ServiceFormView):
    title = _("Add a dwelling")
    subtitle = _("Look it up first: an address exists once in its community.")
    model = Dwelling
    action = "add"
    form_class = DwellingAddForm
    submit_label = _("Add the dwelling")
    template_name = "residents/dwellings/add.html"
    success_message = _("%(row)s is in the address master.")
    crumbs = ((_("Dwellings"), "/dwellings/"),)
    found: dict[str, Any] = {}

    def get_form_kwargs(self) -> dict[str, Any]:
        areas = areas_for(self.request.user, Dwelling, "add").filter(level=AreaLevel.COMMUNITY)[:COMMUNITIES_OFFERED]
        return super().get_form_kwargs() | {"communities": [(area.code, area.name) for area in areas]}

    def get_initial(self) -> dict[str, Any]:
        return {"kind": "05", "area_code": self.request.user.area_code}

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("Dwellings"), reverse("residents:dwelling_list"))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"cancel_url": reverse("residents:dwelling_list"), **self.found}

    def run(self, **cleaned: Any) -> Dwelling:
        try:
            return add_dwelling(**cleaned, actor=self.request.user)
        except DomainError as error:
            self.found = found_of(error)
            raise


def found_of(error: DomainError) -> dict[str, Any]:
    """What the refusal of a new dwelling tells: the very door, or those that may be meant."""
    return {"known_door": error.context.get("dwelling_id"), "near_doors": error.context.get("near", [])}


class DwellingAliasView(ScopedMixin, View):
    http_method_names = ["post"]
    model = Dwelling
    action = "change"

    def post(self, request: StaffRequest, pk: int) -> HttpResponse:
        dwelling = get_object_or_404(self.get_queryset(), pk=pk)
        form = AliasForm(request.POST)
        if form.is_valid():
            try:
                alias = add_alias(dwelling_id=pk, text=form.cleaned_data["text"], actor=request.user)
            except DomainError as error:
                add_domain_error(form, error)
            else:
                say(request, gettext("“%(alias)s” now leads to this dwelling.") % {"alias": alias.text})
        if form.errors:
            say(request, gettext("Please enter the other name of this address."), level="bad")
        return redirect(dwelling.get_absolute_url())


class DwellingPlateView(ScopedMixin, DetailView):
    """The plate to print: an opaque token in the code, nothing about who lives there."""

    model = Dwelling
    action = "view"
    template_name = "residents/dwellings/plate.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        url = self.request.build_absolute_uri(reverse("residents:dwelling_scan", args=[self.object.plate]))
        return super().get_context_data(**kwargs) | {"dwelling": self.object, "url": url}
