from datetime import date
from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from portal.core import clock
from portal.ui.tables import IN_LINE, DayColumn, LinkColumn, ViewerTable
from portal.ui.templatetags import ui as tags
from portal.vault.projection import project
from rentals.models import RentalRegistration

DAY = {"td": {"class": "num nowrap in1"}}


def letter_state(until: date | None, renewal_day: date, *, is_open: bool) -> tuple[Any, str]:
    """What is said of the letters of a registration, and in which tone."""
    if until and until > renewal_day:
        return _("Letter signed"), "ok"
    if until and until >= clock.today():
        return _("Letter ends soon"), "warn"
    if is_open:
        return _("Letter to be signed"), "warn"
    return (_("Letter has ended"), "bad") if until else (_("No letter issued"), "bad")


class LetterTable(ViewerTable):
    """Registrations in force; the view sets `areas` and `renewal_day`."""

    areas: dict[str, str] = {}
    renewal_day = date.min

    address = LinkColumn(
        verbose_name=_("Address"),
        accessor="dwelling__address",
        href=lambda row: reverse("rentals:letter_detail", args=[row.pk]),
        note=lambda row: row.number,
        orderable=False,
    )
    area = tables.Column(verbose_name=_("Community"), accessor="community_code", orderable=False, attrs=IN_LINE)
    landlord = tables.Column(verbose_name=_("Landlord"), accessor="landlord_name", orderable=False, attrs=IN_LINE)
    letter_until = DayColumn(verbose_name=_("Letter holds until"), orderable=False, attrs=DAY)
    state = tables.Column(verbose_name=_("Letter"), accessor="pk", orderable=False, attrs={"td": {"class": "corner"}})

    class Meta(ViewerTable.Meta):
        model = RentalRegistration
        fields = ("address", "area", "landlord", "letter_until", "state")
        empty_text = _("No registration here.")

    def render_area(self, value: str) -> str:
        return self.areas.get(value, value)

    def render_landlord(self, record: RentalRegistration) -> str:
        return project(record, viewer=self.viewer)["landlord_name"]

    def render_state(self, record: Any) -> SafeString:
        return tags.badge(*letter_state(record.letter_until, self.renewal_day, is_open=record.letter_open))
