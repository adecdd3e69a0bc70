"""Field tests of the register: the list, a new draw, its results, and the sheet for one drawn door or record."""

from datetime import timedelta
from typing import Any

from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import DetailView, View

from portal.audit import services as audit
from portal.core import clock
from portal.org.choices import AreaLevel
from portal.org.models import Area, User
from portal.org.scoping import areas_for, can
from portal.org.services import area_path
from portal.policy.services import rule
from portal.ui.http import StaffRequest
from portal.ui.views import PageMixin, ScopedListView, ScopedMixin, ServiceFormView, say
from residents.choices import SampleOutcome, SamplingMethod
from residents.filters.visits import CampaignFilter, SampleFilter
from residents.forms.sampling import CampaignForm, DoorForm, RecordForm, SampleAssignForm
from residents.models import Person, SampleItem, SamplingCampaign
from residents.services.projection import person_view
from residents.services.sampling import campaigns
from residents.services.sampling.rates import field_rates, ledger_rates
from residents.services.visits.answerable import workers_at, workers_by_area
from residents.tables.visits import CampaignTable, SampleTable

SPAN = timedelta(days=14)
CHOICES = 400


class CampaignList(ScopedListView):
    title = _("Field tests")
    subtitle = _("Drawn at random, checked at the door: what the register is worth.")
    model = SamplingCampaign
    table_class = CampaignTable
    filterset_class = CampaignFilter
    page_actions = "residents/sampling/_list_actions.html"

    def get_queryset(self) -> Any:
        done = Q(items__outcome__in=[SampleOutcome.CHECKED, SampleOutcome.UNREACHED])
        rows = super().get_queryset().annotate(drawn=Count("items"), checked=Count("items", filter=done))
        return rows.order_by("-created_at", "-pk")

    def get_table(self, **kwargs: Any) -> Any:
        table = super().get_table(**kwargs)
        shown = {row.record.area_code for row in table.paginated_rows}
        table.areas = dict(Area.objects.filter(code__in=shown).values_list("code", "name"))
        return table

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"may_conduct": can(self.request.user, SamplingCampaign, "conduct")}


class CampaignNew(ServiceFormView):
    title = _("Hold a field test")
    subtitle = _("The size follows from how many people live in each community; the draw can be repeated by anybody.")
    model = SamplingCampaign
    action = "conduct"
    form_class = CampaignForm
    submit_label = _("Draw the sample")
    success_message = _("The sample of “%(row)s” is drawn.")

    def get_form_kwargs(self) -> dict[str, Any]:
        levels = [AreaLevel.COUNTY, AreaLevel.TOWNSHIP, AreaLevel.COMMUNITY]
        areas = areas_for(self.request.user, SamplingCampaign, "conduct").filter(level__in=levels).order_by("code")
        return super().get_form_kwargs() | {"areas": list(areas.values_list("code", "name")[:CHOICES])}

    def get_initial(self) -> dict[str, Any]:
        today = clock.today()
        return {"starts_on": today, "ends_on": today + SPAN, "method": SamplingMethod.DOORS}

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("Field tests"), reverse("residents:sampling_list"))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"cancel_url": reverse("residents:sampling_list")}

    def run(self, **cleaned: Any) -> SamplingCampaign:
        return campaigns.conduct(actor=self.request.user, **cleaned)


class CampaignView(ScopedMixin, PageMixin, DetailView):
    model = SamplingCampaign
    action = "view"
    template_name = "residents/sampling/campaign.html"

    def get_title(self) -> str:
        return str(self.object.name)

    def get_subtitle(self) -> str:
        return area_path(self.object.area_code, separator=" · ")

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("Field tests"), reverse("residents:sampling_list"))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        campaign, viewer = self.object, self.request.user
        rates = field_rates(campaign.items.all())
        items = campaign.items.order_by("area_code").values_list("area_code")
        counts = list(items.annotate(drawn=Count("pk"), left=Count("pk", filter=Q(outcome=SampleOutcome.OPEN))))
        names = dict(Area.objects.filter(code__in=[code for code, *_rest in counts]).values_list("code", "name"))
        last = min(campaign.ends_on, clock.today())
        first = last - timedelta(days=int(rule("quality.period_days").value))
        may_conduct = can(viewer, SamplingCampaign, "conduct", at=campaign.area_code)
        people = workers_by_area(code for code, *_rest in counts) if may_conduct else {}
        return super().get_context_data(**kwargs) | {
            "campaign": campaign,
            "rates": [rate for rate in rates[""] if rate.of],
            "ledger": ledger_rates(viewer, area_code=campaign.area_code, first=first, last=last),
            "period": (first, last),
            "communities": [
                {
                    "code": code,
                    "name": names.get(code, code),
                    "drawn": drawn,
                    "done": drawn - left,
                    "rates": [rate for rate in rates.get(code, []) if rate.of],
                    "people": people.get(code, []),
                }
                for code, drawn, left in counts
            ],
            "drawn": sum(drawn for _code, drawn, _left in counts),
            "left": sum(left for _code, _drawn, left in counts),
            "reproducible": campaigns.is_reproducible(campaign),
            "frame": sum(len(frame.keys) for frame in campaign.frames.all()),
            "may_conduct": may_conduct,
            "may_export": can(viewer, Person, "export"),
            "result_query": f"?ledger=L16&subject={campaign.pk}",
            "figures_query": f"?ledger=S13&subject={campaign.pk}",
        }


class SampleAssign(ScopedMixin, View):
    http_method_names = ["post"]
    model = SamplingCampaign
    action = "conduct"

    def post(self, request: StaffRequest, pk: int) -> HttpResponse:
        campaign = get_object_or_404(self.get_queryset(), pk=pk)
        code = request.POST.get("area_code", "")
        form = SampleAssignForm(request.POST, people=workers_at(code), user=request.user)
        if form.is_valid():
            who = form.cleaned_data["assignee"]
            count = campaigns.assign_sample(campaign_id=pk, area_code=code, assignee_id=who, actor=request.user)
            words = ngettext("%(count)s item was given to %(who)s.", "%(count)s items were given to %(who)s.", count)
            say(request, words % {"count": count, "who": User.objects.get(pk=who)})
        else:
            say(request, gettext("Please choose somebody who visits in this community."), level="bad")
        return redirect(campaign)


class SampleList(ScopedListView):
    title = _("Samples to check")
    subtitle = _("Drawn doors and records that wait for somebody to look.")
    model = SampleItem
    action = "check"
    table_class = SampleTable
    filterset_class = SampleFilter

    def get_queryset(self) -> Any:
        rows = super().get_queryset().filter(campaign__ends_on__gte=clock.today())
        return rows.select_related("campaign", "dwelling", "assignee__department").order_by("campaign", "position")


class SampleItemView(ServiceFormView):
    model = SampleItem
    action = "check"
    template_name = "residents/sampling/item.html"
    submit_label = _("Save what was found")
    success_message = _("What was found is on record.")
    item: SampleItem

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        self.load(kwargs["pk"])
        return super().get(request, *args, **kwargs)

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        self.load(kwargs["pk"])
        return super().post(request, *args, **kwargs)

    def load(self, pk: int) -> None:
        rows = self.get_queryset().select_related("campaign", "dwelling", "registration__person")
        self.item = get_object_or_404(rows, pk=pk)

    @property
    def by_door(self) -> bool:
        return self.item.campaign.method == SamplingMethod.DOORS

    def get_form_class(self) -> Any:
        return DoorForm if self.by_door else RecordForm

    def get_title(self) -> str:
        return self.item.dwelling.address

    def get_subtitle(self) -> str:
        return f"{self.item.campaign} · {self.item.campaign.get_method_display()}"

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("Samples to check"), reverse("residents:sample_list"))]

    def get_initial(self) -> dict[str, Any]:
        item = self.item
        found: dict[str, Any] = {"version": item.version}
        if item.outcome == SampleOutcome.OPEN:
            return found
        found["outcome"] = item.outcome
        if not self.by_door:
            place = "here" if item.people_here else ("gone" if item.left_found else "elsewhere")
            return found | {"place": place, "wrong_items": item.wrong_items}
        names = ("people_found", "people_registered", "people_here", "left_found", "left_closed", "is_rented")
        return found | {name: getattr(item, name) for name in (*names, "undertaking_signed")}

    def run(self, **_cleaned: Any) -> SampleItem:
        form: Any = self.form
        data = form.cleaned_data
        return campaigns.enter(
            item_id=self.item.pk,
            outcome=data["outcome"],
            found=form.finding(),
            version=data["version"],
            actor=self.request.user,
        )

    def form_valid(self, form: Any) -> HttpResponse:
        self.form = form
        return super().form_valid(form)

    def get_success_url(self) -> str:
        return reverse("residents:sample_list")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        item, viewer = self.item, self.request.user
        view = None
        if item.registration is not None:
            audit.access(actor=viewer, action="open", person_ids=[item.registration.person_id], purpose="sample")
            view = person_view(item.registration.person, viewer=viewer)
        return super().get_context_data(**kwargs) | {
            "item": item,
            "view": view,
            "stay": item.registration,
            "cancel_url": reverse("residents:sample_list"),
        }
