import django_filters
from django.utils.translation import gettext_lazy as _

from portal.ui.filters import AreaFilter, ScopedFilterSet
from rentals.choices import CampaignStatus
from rentals.models import RentalCampaign


class CampaignFilter(ScopedFilterSet):
    area = AreaFilter()
    status = django_filters.ChoiceFilter(label=_("Status"), choices=CampaignStatus)

    class Meta:
        model = RentalCampaign
        fields = ["area", "status"]
