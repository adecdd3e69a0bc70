from datetime import date

import factory
from factory.django import DjangoModelFactory

from rentals.models import CampaignInspection, RentalCampaign
from tests.factories.inspections import InspectionFactory
from tests.factories.org import StaffFactory


class CampaignFactory(DjangoModelFactory[RentalCampaign]):
    """Against accidents in all let homes of one community, planned for 16 November to 15 December 2026."""

    class Meta:
        model = RentalCampaign

    area_code = "330822001001"
    name = "冬季消防专项清理整顿"
    category = "05"
    starts_on = date(2026, 11, 16)
    ends_on = date(2026, 12, 15)
    conducted_by = factory.SubFactory(StaffFactory)


class CampaignDoorFactory(DjangoModelFactory[CampaignInspection]):
    class Meta:
        model = CampaignInspection

    campaign = factory.SubFactory(CampaignFactory, status="running")
    inspection = factory.SubFactory(InspectionFactory)
