"""The auditor's console. It shows numbers and masked names of people, never another value of theirs."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, TemplateView, View

from portal.audit import sealing
from portal.audit.models import AccessEvent, AuditCheck, AuditEntry, AuditSeal
from portal.core.errors import DomainError
from portal.jobs.services import enqueue
from portal.oversight import exports, services
from portal.oversight.filters import EntryFilter, FindingFilter, LookFilter
from portal.oversight.forms import BreachForm, ConclusionForm, InspectionForm
from portal.oversight.models import Finding, Inspection
from portal.oversight.people import directory
from portal.oversight.records import targets_told
from portal.oversight.tables import EntryTable, FindingTable, LookTable
from portal.oversight.wording import (
    action_label,
    explain,
    fields_label,
    problem_label,
    purpose_label,
    source_label,
)
from portal.ui.http import StaffRequest
from portal.ui.views import ErrorSummaryMixin, PageMixin, ScopedListView, add_domain_error, say

SHEET_ROWS = 200
PEOPLE_SHOWN = 200
INSPECTIONS_SHOWN = 50
QUERY_KEPT = 2_000


class OversightMixin(PageMixin):
    """403 unless the reader's grant on `model` covers the county."""

    model: type[models.Model]
    action = "view"
    request: StaffRequest

    def dispatch(self, request: StaffRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        services.require(request.user, self.model, self.action)
        return super().dispatch(request, *args, **kwargs)


class LogListView(OversightMixin, ScopedListView):
    """A list over a log: what the filters leave can be taken out as CSV."""

    page_actions = "oversight/_list_actions.html"
    exported = ""

    def get_queryset(self) -> Any:
        return self.model._default_manager.select_related("actor")

    def get_tabs(self) -> list[dict[str, Any]]:
        return [
            {"label": label, "url": reverse(name), "current": self.model is model}
            for label, name, model in (
                (_("Who looked"), "oversight:looks", AccessEvent),
                (_("Log of steps"), "oversight:entries", AuditEntry),
            )
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "export_set": self.exported,
            "export_query": self.request.GET.urlencode(),
        }


class LooksView(LogListView):
    title = gettext_lazy("Access log")
    subtitle = gettext_lazy("Who was shown whose data, when and why. Rows stay as they were written.")
    model = AccessEvent
    filterset_class = LookFilter
    table_class = LookTable
    exported = "looks"


class EntriesView(LogListView):
    title = gettext_lazy("Log of steps")
    subtitle = gettext_lazy("Who did what to which record.")
    model = AuditEntry
    filterset_class = EntryFilter
    table_class = EntryTable
    exported = "entries"


class FindingsView(LogListView):
    title = gettext_lazy("Findings")
    subtitle = gettext_lazy("What stands out in the log and should be looked at. A finding accuses nobody.")
    model = Finding
    filterset_class = FindingFilter
    table_class = FindingTable
    page_actions = "oversight/_finding_actions.html"
    exported = "findings"

    def get_tabs(self) -> list[dict[str, Any]]:
        return []


class PersonSheetView(OversightMixin, TemplateView):
    """Everything done to and seen of one person, newest first; reading it is itself a look."""

    model = AccessEvent
    template_name = "oversight/person.html"

    def get_title(self) -> str:
        return _("Person %(number)s") % {"number": f"#{self.kwargs['pk']}"}

    def get_crumbs(self) -> list[tuple[str, str]]:
        return [(_("Access log"), reverse("oversight:looks"))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        pk = self.kwargs["pk"]
        looks = AccessEvent.objects.filter(person_ids__contains=[pk]).select_related("actor", "actor_unit")
        counted = looks.order_by().values("action").annotate(count=models.Count("pk")).order_by("action")
        shown = list(looks[:SHEET_ROWS])
        services.looked_into(actor=self.request.user, person_ids=[pk])
        return super().get_context_data(**kwargs) | {
            "name": directory().names([pk]).get(pk, ""),
            "counts": [(AccessEvent.Action(row["action"]).label, row["count"]) for row in counted],
            "looks": [(row, fields_label(row.fields), purpose_label(row.purpose)) for row in shown],
            "steps": self.steps_told(pk),
            "most": SHEET_ROWS,
        }

    def steps_told(self, pk: int) -> list[tuple[AuditEntry, str, str]]:
        rows = list(self.steps(pk))
        told = targets_told(rows)
        return [(row, action_label(row.action), told[row.pk]) for row in rows]

    def steps(self, pk: int) -> Any:
        wanted = models.Q(pk__in=[])
        for label, ids in directory().records(pk).items():
            wanted |= models.Q(target_model=label, target_id__in=ids)
        return AuditEntry.objects.filter(wanted).select_related("actor")[:SHEET_ROWS]


class BreachView(OversightMixin, ErrorSummaryMixin, FormView):
    """Who was touched by this account between these days? The question after a stolen password."""

    model = AccessEvent
    title = gettext_lazy("Who was touched")
    subtitle = gettext_lazy("Everybody an account was shown in some days: the list for telling the people concerned.")
    form_class = BreachForm
    template_name = "oversight/breach.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        asked = self.request.GET if "account" in self.request.GET else None
        return super().get_form_kwargs() | {"data": asked, "user": self.request.user}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        form = context["form"]
        if form.is_bound and form.is_valid():
            context |= self.answer(form)
        return context

    def answer(self, form: BreachForm) -> dict[str, Any]:
        start, end = form.span()
        account = form.cleaned_data["account"]
        people = services.touched_by(account=account, start=start, end=end, most=PEOPLE_SHOWN + 1)
        shown = people[:PEOPLE_SHOWN]
        names = directory().names(one.person_id for one in shown)
        steps = AuditEntry.objects.filter(actor=account, at__gte=start, at__lt=end)
        services.looked_into(actor=self.request.user, person_ids=[one.person_id for one in shown], action="search")
        return {
            "account": account,
            "people": [(one, names.get(one.person_id, ""), _actions(one.actions)) for one in shown],
            "more": len(people) > PEOPLE_SHOWN,
            "steps": steps.count(),
            "days": [form.cleaned_data["start"].isoformat(), form.cleaned_data["end"].isoformat()],
        }


class FindingView(OversightMixin, ErrorSummaryMixin, FormView):
    model = Finding
    form_class = ConclusionForm
    template_name = "oversight/finding.html"

    @cached_property
    def finding(self) -> Finding:
        return get_object_or_404(Finding.objects.select_related("actor__department", "looked_by"), pk=self.kwargs["pk"])

    def get_title(self) -> str:
        return str(self.finding.get_kind_display())

    def get_crumbs(self) -> list[tuple[str, str]]:
        return [(_("Findings"), reverse("oversight:findings"))]

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"user": self.request.user}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown = self.finding.person_ids[:PEOPLE_SHOWN]
        names = directory().names(shown)
        return super().get_context_data(**kwargs) | {
            "finding": self.finding,
            "explanation": explain(self.finding),
            "people": [(pk, names.get(pk, "")) for pk in shown],
            "log_url": self.log_url(),
            "may_conclude": self.finding.looked_at is None and self.finding.actor_id != self.request.user.pk,
        }

    def log_url(self) -> str:
        name = "oversight:entries" if self.finding.kind == Finding.Kind.BULK else "oversight:looks"
        day = self.finding.day.isoformat()
        return f"{reverse(name)}?q={self.finding.actor.username}&since={day}&until={day}"

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            services.conclude(finding_id=self.finding.pk, actor=self.request.user, **form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
            return self.form_invalid(form)
        say(self.request, _("Kept with your name and the time"))
        return redirect("oversight:findings")


class InspectionsView(OversightMixin, ErrorSummaryMixin, FormView):
    model = Inspection
    title = gettext_lazy("Inspections")
    subtitle = gettext_lazy("Many changes shortly before one of these days become a finding.")
    form_class = InspectionForm
    template_name = "oversight/inspections.html"

    def get_crumbs(self) -> list[tuple[str, str]]:
        return [(_("Findings"), reverse("oversight:findings"))]

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"user": self.request.user}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        entered = Inspection.objects.select_related("entered_by")[:INSPECTIONS_SHOWN]
        return super().get_context_data(**kwargs) | {"inspections": entered}

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            services.enter_inspection(**form.cleaned_data, actor=self.request.user)
        except DomainError as error:
            add_domain_error(form, error)
            return self.form_invalid(form)
        say(self.request, _("Inspection entered"))
        return redirect("oversight:inspections")


class SealsView(OversightMixin, TemplateView):
    """Is the log whole? The last check, the head of the chain, what still waits to be sealed."""

    model = AuditSeal
    title = gettext_lazy("Seals of the log")
    subtitle = gettext_lazy("Every minute new rows are bound to all rows before them; touching one breaks the chain.")
    template_name = "oversight/seals.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        checks = list(AuditCheck.objects.all()[:10])
        problems = checks[0].problems if checks else []
        totals = AuditSeal.objects.aggregate(seals=models.Count("pk"), rows=models.Sum("count"))
        return super().get_context_data(**kwargs) | {
            "head": sealing.head(),
            "algorithm": sealing.algorithm(),
            "waiting": sealing.waiting(),
            "totals": totals,
            "seals": [
                (seal, source_label(seal.source), f"{bytes(seal.digest).hex()[:16]}…")
                for seal in AuditSeal.objects.defer("ids", "leaves")[:20]
            ],
            "check": checks[0] if checks else None,
            "problems": [(problem_label(one), source_label(one["source"]), one["row"]) for one in problems],
            "checks": checks,
        }

    def post(self, request: StaffRequest) -> HttpResponse:
        enqueue(kind="oversight.verify", actor=request.user, title=_("Check of the audit log"))
        say(request, _("The check has been put in the queue; its result appears here"))
        return redirect("oversight:seals")


class ExportView(OversightMixin, View):
    """Takes out what a page of the console shows; the file is made in the background."""

    model = AccessEvent
    action = "export"
    http_method_names = ["post"]

    def post(self, request: StaffRequest) -> HttpResponse:
        asked = request.POST.get("set", "")
        if asked not in exports.SETS:
            raise PermissionDenied
        params: dict[str, Any] = {"set": asked, "query": request.POST.get("query", "")[:QUERY_KEPT]}
        if asked == "touched":
            form = BreachForm(
                {key: request.POST.get(key, "") for key in ("account", "start", "end")}, user=request.user
            )
            if not form.is_valid():
                raise PermissionDenied
            start, end = form.span()
            params |= {
                "account": form.cleaned_data["account"].pk,
                "start": start.isoformat(),
                "end": end.isoformat(),
            }
        enqueue(kind=exports.KIND, actor=request.user, title=_("Export of the audit log"), **params)
        say(request, _("The file is being made; it appears here when it is ready"))
        return redirect("jobs:mine")


def _actions(actions: list[str]) -> str:
    return "、".join(str(AccessEvent.Action(action).label) for action in actions)
