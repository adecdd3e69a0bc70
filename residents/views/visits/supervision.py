"""What a supervisor looks at: who seems to have left, many departures at once, answers that look odd."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView

from portal.audit import services as audit
from portal.core import clock
from portal.org.models import Area
from portal.org.scoping import can
from portal.org.services import area_path
from portal.policy import codes
from portal.ui.views import PageMixin, ScopedListView, ScopedMixin, ServiceFormView
from portal.vault.projection import left_out
from residents.choices import RegistrationStatus, RequestStatus
from residents.filters.visits import DepartureRequestFilter, SuspectedFilter
from residents.forms.visits import DepartureAskForm, DepartureDecisionForm
from residents.models import DepartureRequest, Person, Registration, VisitTask
from residents.services.projection import person_view
from residents.services.visits import mass
from residents.services.visits.anomalies import anomalies, names_of, verified_in
from residents.tables.visits import DepartureRequestTable, SuspectedTable

SHOWN = 200


class SuspectedList(ScopedListView):
    title = _("Seem to have left")
    subtitle = _("Nobody opened again and again, or somebody says they are gone. They stay registered until decided.")
    model = Registration
    action = "verify"
    table_class = SuspectedTable
    filterset_class = SuspectedFilter
    bulk_actions = "residents/visits/_suspected_bulk.html"

    @property
    def bulk_url(self) -> str:  # type: ignore[override]
        may = can(self.request.user, DepartureRequest, "ask") and can(self.request.user, Registration, "deregister")
        return reverse("residents:departure_ask") if may else ""

    def get_queryset(self) -> Any:
        suspected = {"status": RegistrationStatus.ACTIVE, "suspected_on__isnull": False}
        rows = super().get_queryset().filter(**suspected)
        hidden = left_out(Person, "document_number", prefix="person__")
        return rows.select_related("person", "dwelling").defer(*hidden).order_by("suspected_on", "pk")

    def get_table(self, **kwargs: Any) -> Any:
        table = super().get_table(**kwargs)
        shown = [row.record.person_id for row in table.paginated_rows]
        audit.access(actor=self.request.user, action="list", person_ids=shown, purpose="suspected")
        return table


class DepartureAsk(ServiceFormView):
    """Comes from the list with the ticked rows; asks, ends nothing."""

    model = DepartureRequest
    action = "ask"
    form_class = DepartureAskForm
    template_name = "residents/visits/departure_ask.html"
    title = _("Ask to deregister these people")
    subtitle = _(
        "A supervisor decides. Each deregistration can be taken back within the term, and the half-year goes on."
    )
    submit_label = _("Ask the supervisor")
    success_message = _("The supervisor was asked. Nobody is deregistered yet.")

    def chosen(self) -> list[int]:
        given = self.request.POST.getlist("ids") or self.request.GET.getlist("ids")
        return [int(part) for text in given for part in text.split(",") if part.isdigit()][:SHOWN]

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """The first post brings the ticks of the list, the second the form."""
        if "explanation" not in request.POST:
            return self.get(request, *args, **kwargs)
        return super().post(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        given = super().get_form_kwargs()
        if "explanation" not in self.request.POST:
            given.pop("data", None)
            given.pop("files", None)
        return given

    def get_initial(self) -> dict[str, Any]:
        return {"left_on": clock.today(), "reason": "01", "ids": ",".join(map(str, self.chosen()))}

    def run(self, **cleaned: Any) -> DepartureRequest:
        cleaned["registration_ids"] = cleaned.pop("ids")
        return mass.ask(actor=self.request.user, **cleaned)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        viewer = self.request.user
        rows = Registration.objects.restrict(viewer, "deregister").active().filter(pk__in=self.chosen())
        stays = list(rows.select_related("person", "dwelling").order_by("pk"))
        audit.access(
            actor=viewer, action="list", person_ids=[stay.person_id for stay in stays], purpose="mass_departure"
        )
        return super().get_context_data(**kwargs) | {
            "people": [(person_view(stay.person, viewer=viewer), stay) for stay in stays],
            "cancel_url": reverse("residents:suspected_list"),
        }


class DepartureRequestList(ScopedListView):
    title = _("Mass deregistrations")
    subtitle = _("Above the numbers of the rules a second person decides, never the one who asked.")
    model = DepartureRequest
    table_class = DepartureRequestTable
    filterset_class = DepartureRequestFilter

    def get_queryset(self) -> Any:
        rows = super().get_queryset().annotate(people=Count("items")).select_related("requested_by__department")
        return rows.order_by("-created_at", "-pk")

    def get_table(self, **kwargs: Any) -> Any:
        table = super().get_table(**kwargs)
        shown = {row.record.area_code for row in table.paginated_rows}
        table.areas = dict(Area.objects.filter(code__in=shown).values_list("code", "name"))
        return table


class DepartureRequestView(ServiceFormView):
    """The people of the request and, for somebody else than who asked, the decision."""

    model = DepartureRequest
    action = "view"
    form_class = DepartureDecisionForm
    template_name = "residents/visits/departure_request.html"
    title = _("Mass deregistration")
    submit_label = _("Decide")
    asked: DepartureRequest

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        self.load(kwargs["pk"])
        return super().get(request, *args, **kwargs)

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if not can(request.user, DepartureRequest, "approve"):
            raise PermissionDenied
        self.load(kwargs["pk"])
        if not can(request.user, DepartureRequest, "approve", at=self.asked.area_code):
            raise PermissionDenied
        return super().post(request, *args, **kwargs)

    def load(self, pk: int) -> None:
        self.asked = get_object_or_404(self.get_queryset().select_related("requested_by", "decided_by"), pk=pk)

    def get_subtitle(self) -> str:
        return area_path(self.asked.area_code, separator=" · ")

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("Mass deregistrations"), reverse("residents:departure_request_list"))]

    def get_initial(self) -> dict[str, Any]:
        return {"version": self.asked.version}

    def run(self, **cleaned: Any) -> DepartureRequest:
        given = {"request_id": self.asked.pk, "actor": self.request.user, "answer": cleaned["answer"]}
        decide = mass.approve if cleaned["decision"] == "approve" else mass.refuse
        return decide(version=cleaned["version"], **given)

    def get_success_message(self) -> str:
        done = sum(1 for item in self.row.items.all() if item.done)
        if self.row.status == RequestStatus.APPROVED:
            return str(_("%(count)s people were deregistered.")) % {"count": done}
        return str(_("The request was turned down; everybody stays registered."))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        viewer, asked = self.request.user, self.asked
        items = list(asked.items.select_related("registration__dwelling", "person").order_by("pk"))
        audit.access(
            actor=viewer, action="list", person_ids=[item.person_id for item in items], purpose="mass_departure"
        )
        may_approve = can(viewer, DepartureRequest, "approve", at=asked.area_code)
        return super().get_context_data(**kwargs) | {
            "asked": asked,
            "items": [(person_view(item.person, viewer=viewer), item) for item in items],
            "reason": codes.label("dereg_reason", asked.reason),
            "waiting": asked.status == RequestStatus.ASKED,
            "own": not mass.may_decide(asked, viewer),
            "may_approve": may_approve and mass.may_decide(asked, viewer),
            "may_restore": can(viewer, Registration, "restore", at=asked.area_code),
            "cancel_url": reverse("residents:departure_request_list"),
        }


class AnomalyView(ScopedMixin, PageMixin, TemplateView):
    """For those who give out visits. Each line says what was counted; what it means is asked, not concluded."""

    model = VisitTask
    action = "assign"
    template_name = "residents/visits/anomalies.html"
    title = _("Odd answers")
    subtitle = _("What was counted, not what it means: ask first. Bulk entries do not count in the verification rate.")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = anomalies(self.request.user)
        names = names_of(one.visitor for one in found[:SHOWN])
        return super().get_context_data(**kwargs) | {
            "found": [(one, names.get(one.visitor, "")) for one in found[:SHOWN]],
            "verified": verified_in(self.request.user),
        }
