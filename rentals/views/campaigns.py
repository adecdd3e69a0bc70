"""Campaigns: the list, a new one, its progress by building, start and end."""

from datetime import timedelta
from typing import Any

from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.generic import DetailView, View

from portal.core import clock
from portal.core.errors import DomainError
from portal.org.choices import AreaLevel
from portal.org.models import Area
from portal.org.scoping import areas_for, can
from portal.org.services import area_path
from portal.policy import codes
from portal.ui.http import StaffRequest
from portal.ui.views import PageMixin, ScopedListView, ScopedMixin, ServiceFormView, say
from rentals.choices import CampaignStatus, Grade, InspectionStatus
from rentals.filters.campaigns import CampaignFilter
from rentals.forms.campaigns import RentalCampaignForm
from rentals.models import Inspection, RentalCampaign
from rentals.services import campaigns
from rentals.tables.campaigns import CAMPAIGN_TONES, RentalCampaignTable

SPAN = timedelta(days=30)
CHOICES = 400
STEPS = {
    "start": (campaigns.start_campaign, _("Started: the inspections are being opened. See “My tasks”.")),
    "end": (campaigns.end_campaign, _("The campaign is ended.")),
}


class CampaignList(ScopedListView):
    title = _("Campaigns for rented homes")
    subtitle = _("By area and by what they are against: houses are inspected, never the people in them.")
    model = RentalCampaign
    table_class = RentalCampaignTable
    filterset_class = CampaignFilter
    page_actions = "rentals/campaigns/_list_actions.html"

    def get_queryset(self) -> Any:
        done = Q(doors__inspection__status=InspectionStatus.DONE)
        rows = super().get_queryset().annotate(opened=Count("doors"), inspected=Count("doors", filter=done))
        return rows.order_by("-created_at", "-pk")

    def get_table(self, **kwargs: Any) -> Any:
        table = super().get_table(**kwargs)
        shown = {row.record.area_code for row in table.paginated_rows}
        table.areas = dict(Area.objects.filter(code__in=shown).values_list("code", "name"))
        return table

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"may_conduct": can(self.request.user, RentalCampaign, "conduct")}


class CampaignNew(ServiceFormView):
    title = _("Plan a campaign")
    subtitle = _("It opens an inspection at each let home of the area once it is started.")
    model = RentalCampaign
    action = "conduct"
    form_class = RentalCampaignForm
    submit_label = _("Save the plan")
    success_message = _("Planned: %(row)s")

    def get_form_kwargs(self) -> dict[str, Any]:
        levels = [AreaLevel.COUNTY, AreaLevel.TOWNSHIP, AreaLevel.COMMUNITY]
        areas = areas_for(self.request.user, RentalCampaign, "conduct").filter(level__in=levels).order_by("code")
        return super().get_form_kwargs() | {"areas": list(areas.values_list("code", "name")[:CHOICES])}

    def get_initial(self) -> dict[str, Any]:
        today = clock.today()
        return {"starts_on": today, "ends_on": today + SPAN, "least_grade": Grade.LOW}

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("Campaigns for rented homes"), reverse("rentals:campaign_list"))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"cancel_url": reverse("rentals:campaign_list")}

    def run(self, **cleaned: Any) -> RentalCampaign:
        return campaigns.plan_campaign(actor=self.request.user, **cleaned)


class CampaignDetail(ScopedMixin, PageMixin, DetailView):
    model = RentalCampaign
    action = "view"
    template_name = "rentals/campaigns/campaign.html"

    def get_title(self) -> str:
        return str(self.object.name)

    def get_subtitle(self) -> str:
        return area_path(self.object.area_code, separator=" · ")

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("Campaigns for rented homes"), reverse("rentals:campaign_list"))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row, user = self.object, self.request.user
        may_conduct = can(user, RentalCampaign, "conduct", at=row.area_code)
        found = campaigns.progress_of(row)
        return super().get_context_data(**kwargs) | {
            "row": row,
            "category": codes.label(campaigns.CATEGORIES, row.category),
            "tone": CAMPAIGN_TONES[row.status],
            "which": dict(RentalCampaignForm.base_fields["least_grade"].choices)[row.least_grade],  # type: ignore[attr-defined]
            "progress": found,
            "more_houses": found.houses_in_all - len(found.houses),
            "may_start": row.status == CampaignStatus.PLANNED
            and may_conduct
            and can(user, Inspection, "work", at=row.area_code),
            "may_end": row.status == CampaignStatus.RUNNING and may_conduct,
            "may_see_plan": can(user, Inspection, "view"),
        }


class CampaignStepView(ScopedMixin, View):
    """One button: `name` is start or end."""

    http_method_names = ["post"]
    model = RentalCampaign
    action = "conduct"

    def post(self, request: StaffRequest, pk: int, name: str) -> HttpResponse:
        row = get_object_or_404(self.get_queryset(), pk=pk)
        service, words = STEPS[name]
        version = request.POST.get("version", "")
        try:
            service(campaign_id=pk, version=int(version) if version.isdigit() else 0, actor=request.user)
        except DomainError as error:
            say(request, error.message, level="bad")
        else:
            say(request, str(words))
        return redirect(row)
