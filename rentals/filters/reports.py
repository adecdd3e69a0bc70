from typing import Any

import django_filters
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.ui.filters import AreaFilter, ScopedFilterSet, SearchFilter
from rentals.models import PenaltyReferral, TenancyReport
from rentals.report_choices import ReporterKind, ReportKind
from residents.services.dwellings import shorthand_of


class ReportFilter(ScopedFilterSet):
    q = SearchFilter(label=_("Reporter or address"), placeholder=_("Reporter or address"), method="search")
    area = AreaFilter()
    kind = django_filters.ChoiceFilter(label=_("Report"), choices=ReportKind)
    reporter = django_filters.ChoiceFilter(field_name="reporter_kind", label=_("Reported by"), choices=ReporterKind)

    class Meta:
        model = TenancyReport
        fields = ["area", "kind", "reporter"]

    def search(self, rows: Any, _name: str, value: str) -> Any:
        text = value.strip()
        found, wanted = Q(reporter_name=text), shorthand_of(text)
        return rows.filter(found | Q(dwelling__shorthand__begins=wanted) if wanted else found)


class DutyBearerFilter(ScopedFilterSet):
    area = AreaFilter()
    reporter = django_filters.ChoiceFilter(field_name="reporter_kind", label=_("Reported by"), choices=ReporterKind)

    class Meta:
        model = TenancyReport
        fields = ["area", "reporter"]


class ReferralFilter(ScopedFilterSet):
    area = AreaFilter()

    class Meta:
        model = PenaltyReferral
        fields = ["area"]
