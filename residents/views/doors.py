"""What is done to one address: doubles put together and parted, beds, other names, and addresses still missing."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import View

from portal.core.errors import DomainError
from portal.org.models import Area
from portal.org.scoping import can, scope_of
from portal.ui.http import StaffRequest
from portal.ui.views import ScopedListView, ScopedMixin, ServiceFormView, say
from residents.filters.buildings import LeadFilter
from residents.forms.buildings import BedForm, LeadAnswerForm, LeadForm, MergeConfirmForm, MergeForm, PlacesForm
from residents.models import AddressLead, Dwelling, DwellingAlias, DwellingMerge, Registration
from residents.services.beds import assign_bed, change_places
from residents.services.dwellings import remove_alias
from residents.services.dwellings_merge import impact_of, merge_dwellings, undo_merge
from residents.services.grid import living_at
from residents.services.leads import dismiss_lead, leads_scope, note_lead, resolve_lead
from residents.tables.buildings import LeadTable
from residents.views.buildings import communities_for


class OneDwelling(ServiceFormView):
    """A form about the dwelling of the address."""

    model = Dwelling

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        if scope_of(request.user, Dwelling, self.action).is_nowhere:
            raise PermissionDenied
        standing = Dwelling.objects.restrict(request.user, self.action).standing()
        self.dwelling = get_object_or_404(standing, pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get_subtitle(self) -> str:
        return self.dwelling.address

    def get_crumbs(self) -> list[tuple[Any, str]]:
        home = reverse("residents:dwelling_list")
        return [(_("Dwellings"), home), (self.dwelling.address, self.dwelling.get_absolute_url())]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        more = {"cancel_url": self.dwelling.get_absolute_url(), "dwelling": self.dwelling}
        return super().get_context_data(**kwargs) | more

    def get_success_url(self) -> str:
        return self.dwelling.get_absolute_url()


class DwellingMergeView(OneDwelling):
    """First the second row of the same door, then both side by side with what goes along, and why."""

    title = _("Merge a double")
    action = "merge"
    template_name = "residents/dwellings/merge.html"
    submit_label = _("Compare")
    success_message = _("The two addresses are one now. The plates of both lead here.")

    def get_form_class(self) -> Any:
        return MergeConfirmForm if "reason" in self.request.POST else MergeForm

    def form_valid(self, form: Any) -> HttpResponse:
        if isinstance(form, MergeConfirmForm):
            return super().form_valid(form)
        double = self._double(form.cleaned_data["double"])
        problem = self._problem(double)
        if double is None or problem:
            form.add_error("double", problem)
            return self.form_invalid(form)
        started = MergeConfirmForm(
            initial={
                "double": double.pk,
                "survivor_version": self.dwelling.version,
                "double_version": double.version,
            },
            user=self.request.user,
        )
        return self.render_to_response(self.get_context_data(form=started))

    def run(self, **cleaned: Any) -> Any:
        return merge_dwellings(
            survivor_id=self.dwelling.pk,
            double_id=cleaned["double"],
            reason=cleaned["reason"],
            survivor_version=cleaned["survivor_version"],
            double_version=cleaned["double_version"],
            actor=self.request.user,
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        form = context["form"]
        if isinstance(form, MergeConfirmForm):
            double = self._double(form["double"].value())
            if double is not None:
                living = living_at([self.dwelling.pk, double.pk])
                context |= {"submit_label": _("Merge"), "double": double, "impact": impact_of(double)}
                context["sides"] = [(one, living.get(one.pk, 0)) for one in (self.dwelling, double)]
        return context

    def _double(self, pk: Any) -> Dwelling | None:
        rows = Dwelling.objects.restrict(self.request.user, "merge").standing()
        return rows.filter(pk=pk).first() if str(pk).isdigit() else None

    def _problem(self, double: Dwelling | None) -> str:
        if double is None:
            return gettext("You may merge addresses of your own areas only.")
        if double.pk == self.dwelling.pk:
            return gettext("Please choose another dwelling than this one.")
        if double.community_code != self.dwelling.community_code:
            return gettext("The two addresses lie in different communities.")
        return ""


class MergeUndoView(ScopedMixin, View):
    http_method_names = ["post"]
    model = Dwelling
    action = "merge"

    def post(self, request: StaffRequest, pk: int) -> HttpResponse:
        mine = scope_of(request.user, Dwelling, "merge")
        merge = get_object_or_404(DwellingMerge.objects.filter(mine.q()), pk=pk)
        try:
            merge = undo_merge(merge_id=pk, actor=request.user)
        except DomainError as error:
            say(request, error.message, level="bad")
        else:
            say(request, gettext("The merge was taken back; both addresses stand again."))
        return redirect("residents:dwelling_detail", pk=merge.survivor_id)


class PlacesView(OneDwelling):
    title = _("Places and beds")
    action = "change"
    form_class = PlacesForm
    submit_label = _("Save the places")
    success_message = _("The places of the dwelling are saved.")

    def get_initial(self) -> dict[str, Any]:
        one = self.dwelling
        return {"capacity": one.capacity, "beds": one.beds, "version": one.version}

    def run(self, **cleaned: Any) -> Dwelling:
        return change_places(dwelling_id=self.dwelling.pk, **cleaned, actor=self.request.user)


class BedView(ScopedMixin, View):
    """Which bed somebody lies in; an empty number takes it away."""

    http_method_names = ["post"]
    model = Dwelling
    action = "change"

    def post(self, request: StaffRequest, pk: int) -> HttpResponse:
        dwelling = get_object_or_404(self.get_queryset(), pk=pk)
        form = BedForm(request.POST)
        mine = Registration.objects.restrict(request.user, "change").filter(dwelling=dwelling)
        if not form.is_valid() or not mine.filter(pk=form.cleaned_data["registration"]).exists():
            say(request, gettext("Please choose somebody who lives here, and a bed."), level="bad")
            return redirect(dwelling.get_absolute_url())
        try:
            assign_bed(
                registration_id=form.cleaned_data["registration"], bed=form.cleaned_data["bed"], actor=request.user
            )
        except DomainError as error:
            say(request, error.message, level="bad")
        else:
            say(request, gettext("The bed is noted."))
        return redirect(dwelling.get_absolute_url())


class AliasRemoveView(ScopedMixin, View):
    http_method_names = ["post"]
    model = Dwelling
    action = "change"

    def post(self, request: StaffRequest, pk: int) -> HttpResponse:
        mine = scope_of(request.user, Dwelling, "change")
        alias = get_object_or_404(DwellingAlias.objects.filter(mine.q("dwelling__")), pk=pk)
        dwelling = remove_alias(alias_id=alias.pk, actor=request.user)
        say(request, gettext("“%(alias)s” no longer leads here.") % {"alias": alias.text})
        return redirect(dwelling.get_absolute_url())


class LeadListView(ScopedListView):
    title = _("Missing addresses")
    subtitle = _("Somebody named an address that the master does not have. Look it up, then answer the note.")
    model = Dwelling
    action = "change"
    filterset_class = LeadFilter
    table_class = LeadTable
    page_actions = "residents/leads/_list_actions.html"

    def get_queryset(self) -> Any:
        rows = AddressLead.objects.filter(leads_scope(self.request.user).q())
        return rows.select_related("dwelling").order_by("-created_at", "-pk")

    def get_table(self, **kwargs: Any) -> Any:
        table = super().get_table(**kwargs)
        codes_shown = {row.record.community_code for row in table.paginated_rows}
        table.areas = dict(Area.objects.filter(code__in=codes_shown).values_list("code", "name"))
        return table


class LeadAddView(ServiceFormView):
    title = _("Note a missing address")
    model = Registration
    action = "add"
    form_class = LeadForm
    submit_label = _("Note it")
    success_message = _("The address is noted. People are registered once it is found.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"communities": communities_for(self.request.user)}

    def get_initial(self) -> dict[str, Any]:
        return {"area_code": self.request.user.area_code, "text": self.request.GET.get("text", "")[:200]}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"cancel_url": reverse("residents:dwelling_list")}

    def run(self, **cleaned: Any) -> AddressLead:
        return note_lead(**cleaned, actor=self.request.user)

    def get_success_url(self) -> str:
        changes = can(self.request.user, Dwelling, "change")
        return reverse("residents:lead_list" if changes else "residents:dwelling_list")


class LeadAnswerView(ServiceFormView):
    title = _("Answer the note")
    model = Dwelling
    action = "change"
    form_class = LeadAnswerForm
    submit_label = _("Answer")
    success_message = _("The note is answered.")
    template_name = "residents/leads/answer.html"

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        scope = leads_scope(request.user)
        if scope.is_nowhere:
            raise PermissionDenied
        self.lead = get_object_or_404(AddressLead.objects.filter(scope.q()), pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get_subtitle(self) -> str:
        return self.lead.text

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("Missing addresses"), reverse("residents:lead_list"))]

    def get_initial(self) -> dict[str, Any]:
        return {"version": self.lead.version}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        more = {"lead": self.lead, "cancel_url": reverse("residents:lead_list")}
        return super().get_context_data(**kwargs) | more

    def run(self, **cleaned: Any) -> AddressLead:
        mine: dict[str, Any] = {"lead_id": self.lead.pk, "version": cleaned["version"], "actor": self.request.user}
        if cleaned["dwelling"]:
            return resolve_lead(dwelling_id=cleaned["dwelling"], **mine)
        return dismiss_lead(answer=cleaned["answer"], **mine)

    def get_success_url(self) -> str:
        return reverse("residents:lead_list")
