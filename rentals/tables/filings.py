import django_tables2 as tables
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from portal.ui.tables import IN_LINE, BadgeColumn, DayColumn, LinkColumn, ViewerTable
from rentals.choices import FilingStatus
from rentals.models import LeaseFiling

TONES: dict[str, str] = {
    FilingStatus.SUBMITTED: "warn",
    FilingStatus.FILED: "ok",
    FilingStatus.REFUSED: "bad",
    FilingStatus.ENDED: "",
}


class FilingTable(ViewerTable):
    """The view sets `areas`, and fetches the tenants of the rows shown."""

    areas: dict[str, str] = {}

    address = LinkColumn(
        verbose_name=_("Address"),
        accessor="dwelling__address",
        href=lambda row: row.get_absolute_url(),
        note=lambda row: row.number,
        orderable=False,
    )
    room = tables.Column(verbose_name=pgettext_lazy("lease", "Room"), empty_values=(), orderable=False, attrs=IN_LINE)
    area = tables.Column(verbose_name=_("Community"), accessor="community_code", orderable=False, attrs=IN_LINE)
    who = tables.Column(verbose_name=_("Tenants"), empty_values=(), orderable=False, attrs=IN_LINE)
    filed_by = tables.Column(verbose_name=_("Filed by"), orderable=False, attrs=IN_LINE)
    starts_on = DayColumn(verbose_name=_("Lease begins"), orderable=False)
    ends_on = DayColumn(verbose_name=_("Lease ends"), orderable=False)
    status = BadgeColumn(verbose_name=_("Status"), tones=TONES, orderable=False, attrs={"td": {"class": "corner"}})

    class Meta(ViewerTable.Meta):
        model = LeaseFiling
        fields = ("address", "room", "area", "who", "filed_by", "starts_on", "ends_on", "status")
        empty_text = _("No lease stands here.")

    def render_room(self, record: LeaseFiling) -> str:
        return room_words(record)

    def render_area(self, value: str) -> str:
        return self.areas.get(value, value)

    def render_who(self, record: LeaseFiling) -> str:
        return "、".join(tenant.name for tenant in record.tenants.all() if tenant.name)


def room_words(row: LeaseFiling) -> str:
    return row.room or gettext("the whole dwelling")
