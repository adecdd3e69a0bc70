from typing import Any

import django_tables2 as tables
from django.middleware.csrf import get_token
from django.template import Context
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.ui.markup import html
from portal.ui.tables import IN_LINE, LinkColumn, ViewerTable
from portal.ui.templatetags import ui as tags
from rentals.models import Inspection, RentalRegistration, RentedHome

NUMBER = {"td": {"class": "num in1"}}


class CrowdedTable(ViewerTable):
    """The view sets `areas`, the kept `homes`, and the inspections `done` last and `open`, each by dwelling."""

    areas: dict[str, str] = {}
    homes: dict[int, RentedHome] = {}
    done: dict[int, Inspection] = {}
    open: dict[int, Inspection] = {}
    may_inspect = False

    address = LinkColumn(
        verbose_name=_("Address"),
        accessor="dwelling__address",
        href=lambda row: reverse("residents:dwelling_detail", args=[row.dwelling_id]),
        note=lambda row: row.number,
        orderable=False,
    )
    area = tables.Column(verbose_name=_("Community"), accessor="community_code", orderable=False, attrs=IN_LINE)
    living = tables.Column(verbose_name=_("Living / limit"), accessor="dwelling_id", orderable=False, attrs=NUMBER)
    over = tables.Column(verbose_name=_("Over by"), accessor="dwelling_id", orderable=False, attrs=IN_LINE)
    rooms_let = tables.Column(verbose_name=_("Rooms let"), orderable=False, attrs=NUMBER)
    floor_area = tables.Column(verbose_name=_("Floor area (m²)"), orderable=False, attrs=NUMBER)
    last = tables.Column(verbose_name=_("Last inspected"), accessor="dwelling_id", orderable=False, attrs=IN_LINE)
    act = tables.Column(
        verbose_name=_("Inspection"), accessor="dwelling_id", orderable=False, attrs={"td": {"class": "act"}}
    )

    class Meta(ViewerTable.Meta):
        model = RentalRegistration
        fields = ("address", "area", "living", "over", "rooms_let", "floor_area", "last", "act")
        empty_text = _("No let home has more people than the rules allow.")

    def render_area(self, value: str) -> str:
        return self.areas.get(value, value)

    def render_living(self, value: int) -> str:
        home = self.homes.get(value)
        return f"{home.living} / {home.allowed}" if home else "—"

    def render_over(self, value: int) -> SafeString | str:
        home = self.homes.get(value)
        if home is None or home.allowed is None:
            return "—"
        return tags.badge(gettext("%(number)s over") % {"number": home.living - home.allowed}, "bad")

    def render_last(self, value: int) -> SafeString | str:
        row = self.done.get(value)
        if row is None:
            return gettext("Never inspected")
        return html('<a class="lnk num" href="{}">{}</a>', row.get_absolute_url(), tags.day(row.done_on))

    def render_act(self, value: int) -> SafeString | Any:
        row = self.open.get(value)
        if row is not None:
            words = gettext("by %(day)s") % {"day": tags.day(row.due_on)}
            return html('<a class="lnk num" href="{}">{}</a>', row.get_absolute_url(), words)
        if not self.may_inspect:
            return ""
        context = Context({"csrf_token": get_token(self.request)})
        url = reverse("rentals:inspection_open", args=[value])
        return render_to_string(
            "ui/components/post_btn.html", tags.post_btn(context, gettext("Inspect"), url, kind="s")
        )
