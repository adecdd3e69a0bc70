import django_filters
from django.utils.translation import gettext_lazy as _

from portal.ui.filters import AreaFilter, ScopedFilterSet
from residents.choices import RequestStatus, SampleOutcome, SamplingMethod, SuspectedBy
from residents.models import DepartureRequest, Registration, SampleItem, SamplingCampaign


class SuspectedFilter(ScopedFilterSet):
    area = AreaFilter()
    by = django_filters.ChoiceFilter(field_name="suspected_by", label=_("Because"), choices=SuspectedBy)

    class Meta:
        model = Registration
        fields = ["area", "by"]


class DepartureRequestFilter(ScopedFilterSet):
    status = django_filters.ChoiceFilter(label=_("Status"), choices=RequestStatus)
    area = AreaFilter()

    class Meta:
        model = DepartureRequest
        fields = ["status", "area"]


class CampaignFilter(ScopedFilterSet):
    method = django_filters.ChoiceFilter(label=_("Method"), choices=SamplingMethod)

    class Meta:
        model = SamplingCampaign
        fields = ["method"]


class SampleFilter(ScopedFilterSet):
    outcome = django_filters.ChoiceFilter(label=_("Outcome"), choices=SampleOutcome)
    area = AreaFilter()

    class Meta:
        model = SampleItem
        fields = ["outcome", "area"]
