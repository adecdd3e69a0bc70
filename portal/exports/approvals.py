"""The second person's page: what large files others ask for, and the answer."""

from typing import Any

import django_tables2 as tables
from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from portal.core.errors import DomainError
from portal.exchange import approvals
from portal.exchange.models import ExportRequest
from portal.org.services import area_path
from portal.ui.filters import AreaFilter, ScopedFilterSet
from portal.ui.forms import PortalForm
from portal.ui.http import StaffRequest
from portal.ui.tables import MomentColumn, PortalTable
from portal.ui.views import ScopedListView, ServiceFormView, say
from portal.ui.widgets import RadioChips

APPROVE, REFUSE = "approve", "refuse"


class ApprovalFilter(ScopedFilterSet):
    area = AreaFilter()

    class Meta:
        model = ExportRequest
        fields = ["area"]


class ApprovalTable(PortalTable):
    title = tables.Column(verbose_name=_("File"), linkify=True, orderable=False, attrs={"td": {"class": "main"}})
    rows = tables.Column(
        verbose_name=_("Rows"), accessor="rows", attrs={"td": {"class": "n"}, "th": {"class": "n"}}, orderable=False
    )
    requested_by = tables.Column(verbose_name=_("Asked by"), orderable=False)
    reason = tables.Column(verbose_name=_("Purpose"), orderable=False)
    requested_at = MomentColumn(verbose_name=_("Asked on"), orderable=False)

    class Meta(PortalTable.Meta):
        model = ExportRequest
        fields = ("title", "rows", "requested_by", "reason", "requested_at")
        empty_text = _("No large file waits for your approval.")


class ApprovalList(ScopedListView):
    title = _("Approval of exports")
    subtitle = _("Files with more rows than one person may take out alone. Whoever asks does not decide.")
    model = ExportRequest
    action = "approve"
    table_class = ApprovalTable
    filterset_class = ApprovalFilter

    def get_queryset(self) -> Any:
        return approvals.waiting_for(self.request.user)


class ApprovalForm(PortalForm):
    decision = forms.ChoiceField(
        label=_("Answer"),
        widget=RadioChips,
        choices=[(APPROVE, _("Approve: the file is made")), (REFUSE, _("Refuse: no file is made"))],
    )
    answer = forms.CharField(
        label=_("Reason for the refusal"),
        max_length=200,
        required=False,
        help_text=_("The person who asked reads it."),
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    columns = {"decision": "c12", "answer": "c12"}


class ApprovalView(ServiceFormView):
    model = ExportRequest
    action = "approve"
    form_class = ApprovalForm
    template_name = "exchange/approval.html"
    title = _("Approve a large export")
    submit_label = _("Answer")
    asked: ExportRequest

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        self.load(kwargs["pk"])
        if self.asked.state != ExportRequest.State.WAITING:
            say(request, gettext("This request was decided meanwhile."), level="warn")
            return redirect("exports:approvals")
        return super().get(request, *args, **kwargs)

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        self.load(kwargs["pk"])
        return super().post(request, *args, **kwargs)

    def load(self, pk: int) -> None:
        rows = self.get_queryset().exclude(requested_by=self.request.user)
        self.asked = get_object_or_404(rows.select_related("requested_by__department"), pk=pk)

    def run(self, **cleaned: Any) -> ExportRequest:
        given: dict[str, Any] = {"request_id": self.asked.pk, "actor": self.request.user}
        if cleaned["decision"] == APPROVE:
            return approvals.approve(**given)
        return approvals.refuse(reason=cleaned["answer"], **given)

    def get_success_message(self) -> str:
        approved = self.row.state == ExportRequest.State.APPROVED
        return gettext("The file is being made for the person who asked.") if approved else gettext("Refused.")

    def get_success_url(self) -> str:
        return reverse("exports:approvals")

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("Approval of exports"), reverse("exports:approvals"))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.asked
        return super().get_context_data(**kwargs) | {
            "row": row,
            "facts": [
                (_("Rows"), f"{row.rows:,}"),
                (_("Area"), area_path(row.area_code, separator=" ")),
                (_("Numbers"), _("In full") if row.is_full else _("Masked")),
                (_("Purpose"), row.reason),
                (_("Recipient"), row.recipient or _("Own department")),
                (_("Asked by"), f"{row.requested_by} · {row.requested_by.department or ''}"),
            ],
            "cancel_url": reverse("exports:approvals"),
        }


@require_POST
def withdraw(request: StaffRequest, pk: int) -> HttpResponse:
    own = get_object_or_404(ExportRequest, pk=pk, requested_by=request.user)
    try:
        approvals.withdraw(request_id=own.pk, actor=request.user)
    except DomainError as error:
        say(request, error.message, level="bad")
    else:
        say(request, gettext("The request was withdrawn."))
    return redirect("exports:centre")
