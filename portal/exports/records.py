"""The register of data that was handed on (digest P8): for the office, the auditor and the yearly report."""

from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Sum
from django.db.models.functions import ExtractYear
from django.http import HttpResponseBase
from django.utils.translation import gettext_lazy as _
from django_filters.views import FilterView
from django_tables2 import SingleTableMixin

from portal.exchange.models import ProvisionRecord
from portal.exports.filters import ProvisionFilter
from portal.exports.tables import ProvisionTable
from portal.org.scoping import can
from portal.policy.services import rule
from portal.ui.http import StaffRequest
from portal.ui.paging import CappedPaginator
from portal.ui.views import PageMixin


class ProvisionList(PageMixin, SingleTableMixin, FilterView):
    """403 unless the grant covers the county: the rows carry no area."""

    title = _("Data handed on")
    subtitle = _("Every file and sheet with personal data: to whom, what for, on which ground.")
    model = ProvisionRecord
    queryset = ProvisionRecord.objects.select_related("actor")
    filterset_class = ProvisionFilter
    table_class = ProvisionTable
    table_pagination = {"per_page": 50, "paginator_class": CappedPaginator}
    request: StaffRequest

    def dispatch(self, request: StaffRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not can(request.user, ProvisionRecord, "view", at=settings.COUNTY_CODE):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_filterset_kwargs(self, filterset_class: Any) -> dict[str, Any]:
        return super().get_filterset_kwargs(filterset_class) | {"user": self.request.user}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        filterset = kwargs.get("filter")
        by_year = ProvisionRecord.objects.order_by().annotate(year=ExtractYear("at")).values("year", "recipient_kind")
        rows = by_year.annotate(times=Count("pk"), people=Sum("row_count")).order_by("-year", "recipient_kind")
        labels = dict(ProvisionRecord.Recipient.choices)
        return super().get_context_data(**kwargs) | {
            "chips": filterset.active() if filterset else [],
            "yearly": [row | {"label": labels[row["recipient_kind"]]} for row in rows],
            "kept": rule("retention.provision_records_years"),
            "saved_views": None,
            "tabs": [],
            "pane": False,
        }

    def get_template_names(self) -> list[str]:
        partial = self.request.htmx and not self.request.htmx.boosted
        return ["ui/_list.html" if partial else "exchange/provisions.html"]
