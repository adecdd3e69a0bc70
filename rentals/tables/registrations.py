from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from portal.ui.markup import html
from portal.ui.tables import IN_LINE, BadgeColumn, DayColumn, LinkColumn, ViewerTable
from portal.vault.projection import project
from rentals.choices import RentalStatus
from rentals.models import RentalRegistration
from residents.models import Dwelling

TONES: dict[str, str] = {
    RentalStatus.SUBMITTED: "warn",
    RentalStatus.RETURNED: "bad",
    RentalStatus.REGISTERED: "ok",
    RentalStatus.ENDED: "",
}


class RentalTable(ViewerTable):
    """The view sets `areas`: names of the communities shown."""

    areas: dict[str, str] = {}

    address = LinkColumn(
        verbose_name=_("Address"),
        accessor="dwelling__address",
        href=lambda row: row.get_absolute_url(),
        note=lambda row: row.number,
        orderable=False,
    )
    area = tables.Column(verbose_name=_("Community"), accessor="community_code", orderable=False, attrs=IN_LINE)
    landlord = tables.Column(verbose_name=_("Landlord"), accessor="landlord_name", orderable=False, attrs=IN_LINE)
    letting = tables.Column(verbose_name=_("Let as"), orderable=False, attrs=IN_LINE)
    rooms = tables.Column(
        verbose_name=_("Rooms let / in all"), accessor="rooms_let", orderable=False, attrs={"td": {"class": "num in1"}}
    )
    let_to = DayColumn(verbose_name=_("Let until"), orderable=False)
    status = BadgeColumn(verbose_name=_("Status"), tones=TONES, orderable=False, attrs={"td": {"class": "corner"}})

    class Meta(ViewerTable.Meta):
        model = RentalRegistration
        fields = ("address", "area", "landlord", "letting", "rooms", "let_to", "status")
        empty_text = _("No rental registration stands here.")

    def render_area(self, value: str) -> str:
        return self.areas.get(value, value)

    def render_landlord(self, record: RentalRegistration) -> str:
        return project(record, viewer=self.viewer)["landlord_name"]

    def render_rooms(self, record: RentalRegistration) -> str:
        return f"{record.rooms_let} / {record.rooms_total}"


class RentalLeadTable(ViewerTable):
    """The view sets `areas` and `living`: people in residence by dwelling."""

    areas: dict[str, str] = {}
    living: dict[int, int] = {}
    may_add = False

    address = LinkColumn(
        verbose_name=_("Address"),
        href=lambda one: reverse("residents:dwelling_detail", args=[one.pk]),
        note=lambda one: one.code,
        orderable=False,
    )
    area = tables.Column(verbose_name=_("Community"), accessor="community_code", orderable=False, attrs=IN_LINE)
    landlord = tables.Column(verbose_name=_("Landlord as noted"), empty_values=(), orderable=False, attrs=IN_LINE)
    people = tables.Column(
        verbose_name=_("Living there"), empty_values=(), orderable=False, attrs={"td": {"class": "num in1"}}
    )
    todo = tables.Column(
        verbose_name=_("Rental registration"), empty_values=(), orderable=False, attrs={"td": {"class": "corner"}}
    )

    class Meta(ViewerTable.Meta):
        model = Dwelling
        fields = ("address", "area", "landlord", "people", "todo")
        empty_text = _("Every dwelling lived in as a rented home is registered.")

    def render_area(self, value: str) -> str:
        return self.areas.get(value, value)

    def render_landlord(self, record: Dwelling) -> str:
        return project(record, viewer=self.viewer)["landlord_name"]

    def render_people(self, record: Dwelling) -> int:
        return self.living.get(record.pk, 0)

    def render_todo(self, record: Dwelling) -> SafeString | Any:
        if not self.may_add:
            return ""
        url = f"{reverse('rentals:rental_new')}?dwelling={record.pk}"
        return html('<a class="btn s" href="{}">{}</a>', url, _("Register the letting"))
