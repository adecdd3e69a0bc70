from typing import Any

import django_tables2 as tables
from django.utils.translation import gettext_lazy as _

from portal.ui.tables import IN_LINE, BadgeColumn, DayColumn, LinkColumn, SelectColumn, ViewerTable
from residents.models import DepartureRequest, Registration, SampleItem, SamplingCampaign
from residents.services.projection import PersonView, person_view
from residents.tables.people import HolderColumn

REQUEST_TONES = {"asked": "warn", "approved": "ok", "refused": ""}
SAMPLE_TONES = {"open": "warn", "checked": "ok", "unreached": ""}


class SuspectedTable(ViewerTable):
    """People who seem to have left: registered still, the half-year running, until somebody decides."""

    ids = SelectColumn(label=lambda row: str(row.pk))
    name = HolderColumn(verbose_name=_("Name"), accessor="person_id", orderable=False)
    address = tables.Column(verbose_name=_("Address"), accessor="dwelling__address", orderable=False)
    suspected_on = DayColumn(verbose_name=_("Seems to have left since"))
    suspected_by = BadgeColumn(verbose_name=_("Because"), tones={"missed": "warn", "hint": "o"}, orderable=False)
    verified_on = DayColumn(verbose_name=_("Last met"))

    class Meta(ViewerTable.Meta):
        model = Registration
        fields = ("ids", "name", "address", "suspected_on", "suspected_by", "verified_on")
        order_by = ("suspected_on",)
        empty_text = _("Nobody seems to have left.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._told: dict[int, PersonView] = {}

    def person_of(self, record: Registration) -> PersonView:
        return self._told.setdefault(record.pk, person_view(record.person, viewer=self.viewer))


class DepartureRequestTable(ViewerTable):
    created_at = LinkColumn(
        verbose_name=_("Asked"),
        href=lambda row: row.get_absolute_url(),
        note=lambda row: row.explanation,
        accessor="created_at__date",
        orderable=False,
    )
    area = tables.Column(verbose_name=_("Area"), accessor="area_code", orderable=False, attrs=IN_LINE)
    people = tables.Column(verbose_name=_("People"), accessor="people", orderable=False, attrs=IN_LINE)
    requested_by = tables.Column(verbose_name=_("Asked by"), orderable=False, attrs=IN_LINE)
    status = BadgeColumn(
        verbose_name=_("Status"), tones=REQUEST_TONES, orderable=False, attrs={"td": {"class": "corner"}}
    )

    class Meta(ViewerTable.Meta):
        model = DepartureRequest
        fields = ("created_at", "area", "people", "requested_by", "status")
        empty_text = _("Nobody asks to deregister many people.")

    areas: dict[str, str] = {}

    def render_area(self, value: str) -> str:
        return self.areas.get(value, value)


class CampaignTable(ViewerTable):
    name = LinkColumn(verbose_name=_("Field test"), href=lambda row: row.get_absolute_url(), orderable=False)
    method = BadgeColumn(verbose_name=_("Method"), tones={"doors": "brand", "records": "o"}, orderable=False)
    area = tables.Column(verbose_name=_("Area"), accessor="area_code", orderable=False, attrs=IN_LINE)
    starts_on = DayColumn(verbose_name=_("From"), orderable=False)
    ends_on = DayColumn(verbose_name=_("Until"), orderable=False)
    checked = tables.Column(verbose_name=_("Checked"), accessor="checked", orderable=False, attrs=IN_LINE)

    class Meta(ViewerTable.Meta):
        model = SamplingCampaign
        fields = ("name", "method", "area", "starts_on", "ends_on", "checked")
        empty_text = _("No field test has been held.")

    areas: dict[str, str] = {}

    def render_area(self, value: str) -> str:
        return self.areas.get(value, value)

    def render_checked(self, record: Any) -> str:
        return f"{record.checked} / {record.drawn}"


class SampleTable(ViewerTable):
    """Samples to check. For a record the name is told at the door, not in the list."""

    address = LinkColumn(
        verbose_name=_("Address"),
        accessor="dwelling__address",
        href=lambda row: row.get_absolute_url(),
        note=lambda row: row.campaign.name,
        orderable=False,
    )
    method = BadgeColumn(
        verbose_name=_("Method"),
        accessor="campaign__method",
        tones={"doors": "brand", "records": "o"},
        orderable=False,
    )
    ends_on = DayColumn(verbose_name=_("Until"), accessor="campaign__ends_on", orderable=False)
    assignee = tables.Column(verbose_name=_("Given to"), orderable=False, attrs=IN_LINE, default="—")
    outcome = BadgeColumn(
        verbose_name=_("Outcome"), tones=SAMPLE_TONES, orderable=False, attrs={"td": {"class": "corner"}}
    )

    class Meta(ViewerTable.Meta):
        model = SampleItem
        fields = ("address", "method", "ends_on", "assignee", "outcome")
        empty_text = _("No sample waits for you.")

    def render_method(self, record: SampleItem) -> Any:
        return record.campaign.get_method_display()
