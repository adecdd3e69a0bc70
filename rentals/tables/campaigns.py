from typing import Any

import django_tables2 as tables
from django.utils.translation import gettext_lazy as _

from portal.policy import codes
from portal.ui.tables import IN_LINE, BadgeColumn, DayColumn, LinkColumn, ViewerTable
from rentals.choices import CampaignStatus
from rentals.models import RentalCampaign
from rentals.services.campaigns import CATEGORIES

DAY = {"td": {"class": "num nowrap in1"}}
CAMPAIGN_TONES: dict[str, str] = {
    CampaignStatus.PLANNED: "warn",
    CampaignStatus.RUNNING: "brand",
    CampaignStatus.ENDED: "",
}


class RentalCampaignTable(ViewerTable):
    """The view sets `areas` and annotates `opened` and `inspected`."""

    areas: dict[str, str] = {}

    name = LinkColumn(verbose_name=_("Campaign"), href=lambda row: row.get_absolute_url(), orderable=False)
    category = tables.Column(verbose_name=_("What it is against"), orderable=False, attrs=IN_LINE)
    area = tables.Column(verbose_name=_("Area"), accessor="area_code", orderable=False, attrs=IN_LINE)
    starts_on = DayColumn(verbose_name=_("From"), orderable=False, attrs=DAY)
    ends_on = DayColumn(verbose_name=_("Until"), orderable=False, attrs=DAY)
    inspected = tables.Column(verbose_name=_("Inspected doors"), orderable=False, attrs=IN_LINE)
    status = BadgeColumn(
        verbose_name=_("Status"), tones=CAMPAIGN_TONES, orderable=False, attrs={"td": {"class": "corner"}}
    )

    class Meta(ViewerTable.Meta):
        model = RentalCampaign
        fields = ("name", "category", "area", "starts_on", "ends_on", "inspected", "status")
        empty_text = _("No campaign has been planned.")

    def render_category(self, value: str) -> str:
        return codes.label(CATEGORIES, value)

    def render_area(self, value: str) -> str:
        return self.areas.get(value, value)

    def render_inspected(self, record: Any) -> str:
        return f"{record.inspected} / {record.opened}"
