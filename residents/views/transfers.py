"""Asking another unit for a stay; the queue of those who are asked; the answer."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import View

from portal.audit import services as audit
from portal.core.errors import DomainError
from portal.org.models import Area
from portal.org.services import area_path
from portal.policy import codes
from portal.ui.templatetags import ui as tags
from portal.ui.views import ScopedListView, ScopedMixin, ServiceFormView, say
from portal.vault.projection import left_out, project
from residents.choices import TransferStatus
from residents.filters.transfers import TransferFilter
from residents.forms.transfers import ACCEPT, TransferAnswerForm, TransferForm
from residents.models import Person, Registration, TransferRequest
from residents.services import transfers
from residents.services.projection import person_view
from residents.tables.transfers import TransferTable


class TransferNewView(ServiceFormView):
    """The address holds a ticket that the search has given out; nothing about the person stands on the page."""

    model = Registration
    action = "add"
    form_class = TransferForm
    title = _("Ask for the transfer of a registration")
    subtitle = _("Another unit holds the registration. When it agrees, the stay goes on at the new address.")
    submit_label = _("Ask the unit")
    success_message = _("The unit was asked; it answers by %(day)s.")

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated and transfers.person_of(kwargs["ticket"], request.user) is None:
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def run(self, **cleaned: Any) -> TransferRequest:
        cleaned["dwelling_id"] = cleaned.pop("dwelling")
        return transfers.request_transfer(ticket=self.kwargs["ticket"], actor=self.request.user, **cleaned)

    def get_success_url(self) -> str:
        return reverse("residents:arrival_new")

    def get_success_message(self) -> str:
        return str(self.success_message) % {"day": tags.day(self.row.due_on)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"cancel_url": reverse("residents:arrival_new")}


class TransferListView(ScopedListView):
    title = _("Transfer requests")
    subtitle = _("Other units have these people at their window and ask for the registration you hold.")
    model = TransferRequest
    table_class = TransferTable
    filterset_class = TransferFilter

    def get_queryset(self) -> Any:
        rows = super().get_queryset().filter(status=TransferStatus.REQUESTED).select_related("person")
        return rows.defer(*left_out(Person, "document_number", prefix="person__")).order_by("due_on", "pk")

    def get_table(self, **kwargs: Any) -> Any:
        table = super().get_table(**kwargs)
        rows = [row.record for row in table.paginated_rows]
        table.areas = dict(Area.objects.filter(code__in={row.to_area for row in rows}).values_list("code", "name"))
        audit.access(
            actor=self.request.user, action="list", person_ids=[row.person_id for row in rows], purpose="transfers"
        )
        return table


class TransferAnswerView(ServiceFormView):
    model = TransferRequest
    action = "view"
    form_class = TransferAnswerForm
    template_name = "residents/people/transfer.html"
    title = _("Answer the transfer request")
    submit_label = _("Answer")
    request_row: TransferRequest

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        self.load(kwargs["pk"])
        audit.access(actor=request.user, action="open", person_ids=[self.request_row.person_id], purpose="transfer")
        return super().get(request, *args, **kwargs)

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        self.load(kwargs["pk"])
        return super().post(request, *args, **kwargs)

    def load(self, pk: int) -> None:
        rows = self.get_queryset().select_related("person", "requested_by", "registration__dwelling")
        self.request_row = get_object_or_404(rows, pk=pk)

    def get_initial(self) -> dict[str, Any]:
        return {"version": self.request_row.version}

    def run(self, **cleaned: Any) -> TransferRequest:
        decision, answer = cleaned.pop("decision"), cleaned.pop("answer")
        given: dict[str, Any] = {"transfer_id": self.request_row.pk, "actor": self.request.user} | cleaned
        if decision == ACCEPT:
            return transfers.accept_transfer(**given)
        return transfers.refuse_transfer(answer=answer, **given)

    def form_valid(self, form: Any) -> HttpResponse:
        answer = super().form_valid(form)
        if self.row is not None and self.row.status == TransferStatus.REFUSED:
            undo = reverse("residents:transfer_reopen", args=[self.row.pk])
            say(self.request, gettext("The request was refused."), undo=undo)
        elif self.row is not None:
            say(self.request, gettext("The stay was handed over and goes on at the new address."))
        return answer

    def get_success_url(self) -> str:
        return reverse("residents:transfer_list")

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("Transfer requests"), reverse("residents:transfer_list"))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row, viewer = self.request_row, self.request.user
        told = project(row, viewer=viewer)
        return super().get_context_data(**kwargs) | {
            "view": person_view(row.person, viewer=viewer),
            "row": row,
            "waiting": row.status == TransferStatus.REQUESTED,
            "facts": [
                (_("Address held here"), row.registration.dwelling.address),
                (_("Asking unit"), f"{area_path(row.to_area, separator=' ')} · {row.requested_by}"),
                (_("Moved on"), told["moved_on"]),
                (_("Kind of lodging"), codes.label("dwelling_kind", told["lodging"])),
                (_("What the person says"), told["reason"]),
                (_("Answer due"), told["due_on"]),
                (_("Reason for the refusal"), told["answer"]),
            ],
            "cancel_url": reverse("residents:transfer_list"),
        }


class TransferReopenView(ScopedMixin, View):
    """Takes a refusal back."""

    http_method_names = ["post"]
    model = TransferRequest
    action = "answer"

    def post(self, request: Any, pk: int) -> HttpResponse:
        row = get_object_or_404(self.get_queryset(), pk=pk)
        try:
            transfers.reopen_transfer(transfer_id=row.pk, actor=request.user)
        except DomainError as error:
            say(request, error.message, level="bad")
        else:
            say(request, gettext("The request waits for an answer again."))
        return redirect(row.get_absolute_url())
