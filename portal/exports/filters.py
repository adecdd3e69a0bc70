from typing import Any

import django_filters
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.exchange.models import ProvisionRecord
from portal.ui.filters import ScopedFilterSet, SearchFilter


def years() -> list[tuple[str, str]]:
    found = ProvisionRecord.objects.dates("at", "year", order="DESC")
    return [(str(day.year), str(day.year)) for day in found]


class ProvisionFilter(ScopedFilterSet):
    q = SearchFilter(
        method="search", label=_("Recipient, purpose or title"), placeholder=_("Recipient, purpose or title")
    )
    kind = django_filters.ChoiceFilter(
        field_name="recipient_kind",
        choices=ProvisionRecord.Recipient,
        label=_("Kind of recipient"),
        empty_label=_("All recipients"),
    )
    form = django_filters.ChoiceFilter(
        choices=ProvisionRecord.Form, label=_("File or paper"), empty_label=_("Files and paper")
    )
    year = django_filters.ChoiceFilter(
        field_name="at", lookup_expr="year", choices=years, label=_("Year"), empty_label=_("All years")
    )

    class Meta:
        model = ProvisionRecord
        fields: list[str] = []

    def search(self, rows: Any, _name: str, value: str) -> Any:
        return rows.filter(Q(recipient__icontains=value) | Q(purpose__icontains=value) | Q(title__icontains=value))
