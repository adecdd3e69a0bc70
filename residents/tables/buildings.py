from typing import Any

import django_tables2 as tables
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from portal.ui.markup import html
from portal.ui.tables import IN_LINE, BadgeColumn, LinkColumn, ViewerTable
from residents.models import AddressLead, Building
from residents.tables.people import occupancy

LEAD_TONES = {"open": "warn", "resolved": "ok", "dismissed": ""}


class BuildingTable(ViewerTable):
    """The view sets `doors` (count and capacity) and `living` by building, and the names of the communities."""

    doors: dict[int, tuple[int, int]] = {}
    living: dict[int, int] = {}
    areas: dict[str, str] = {}

    name = LinkColumn(
        verbose_name=_("Building"), accessor="key", href=lambda one: one.get_absolute_url(), orderable=False
    )
    area = tables.Column(verbose_name=_("Community"), accessor="community_code", orderable=False, attrs=IN_LINE)
    size = tables.Column(verbose_name=_("Floors and units"), empty_values=(), orderable=False, attrs=IN_LINE)
    rooms = tables.Column(verbose_name=_("Rooms"), empty_values=(), orderable=False, attrs={"td": {"class": "num in1"}})
    people = tables.Column(
        verbose_name=_("Living / limit"), empty_values=(), orderable=False, attrs={"td": {"class": "num corner"}}
    )

    class Meta(ViewerTable.Meta):
        model = Building
        fields = ("name", "area", "size", "rooms", "people")
        empty_text = _("No building matches these filters.")

    def render_name(self, record: Building) -> SafeString:
        link = '<span class="who"><span><a href="{}">{}</a></span></span>'
        return html(link, record.get_absolute_url(), record)

    def render_area(self, value: str) -> str:
        return self.areas.get(value, value)

    def render_size(self, record: Building) -> str:
        words = _("%(floors)s floors · %(units)s units")
        return str(words) % {"floors": record.floors or "—", "units": record.units or "—"}

    def render_rooms(self, record: Building) -> int:
        return self.doors.get(record.pk, (0, 0))[0]

    def render_people(self, record: Building) -> Any:
        return occupancy(self.living.get(record.pk, 0), self.doors.get(record.pk, (0, 0))[1] or None)


class LeadTable(ViewerTable):
    areas: dict[str, str] = {}

    text = LinkColumn(
        verbose_name=_("Address as it was told"), href=lambda one: one.get_absolute_url(), orderable=False
    )
    area = tables.Column(verbose_name=_("Community"), accessor="community_code", orderable=False, attrs=IN_LINE)
    told_by = tables.Column(verbose_name=_("Told by"), orderable=False, attrs=IN_LINE)
    dwelling = tables.Column(verbose_name=_("Dwelling"), accessor="dwelling__address", orderable=False, attrs=IN_LINE)
    status = BadgeColumn(verbose_name=_("Status"), tones=LEAD_TONES, orderable=False, attrs={"td": {"class": "corner"}})

    class Meta(ViewerTable.Meta):
        model = AddressLead
        fields = ("text", "area", "told_by", "dwelling", "status")
        empty_text = _("No address is waiting to be looked up.")

    def render_area(self, value: str) -> str:
        return self.areas.get(value, value)
