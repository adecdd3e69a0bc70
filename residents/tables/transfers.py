from typing import Any

import django_tables2 as tables
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from portal.ui.tables import IN_LINE, BadgeColumn, DayColumn, ViewerTable, WhoColumn, who_cell
from residents.choices import TransferStatus
from residents.models import TransferRequest
from residents.services.projection import person_view

TONES: dict[str, str] = {TransferStatus.REQUESTED: "warn", TransferStatus.ACCEPTED: "ok", TransferStatus.REFUSED: ""}


class AskedForColumn(WhoColumn):
    """Whom the request is about; leads to the answer."""

    def render(self, value: Any, record: TransferRequest, table: Any = None) -> SafeString:
        told = person_view(record.person, viewer=table.viewer)
        return who_cell(told.name, told.document, record.get_absolute_url())


class TransferTable(ViewerTable):
    areas: dict[str, str] = {}

    person = AskedForColumn(verbose_name=_("Person"), accessor="person_id", orderable=False)
    to_area = tables.Column(verbose_name=_("Asking unit"), orderable=False, attrs=IN_LINE)
    moved_on = DayColumn(verbose_name=_("Moved on"), orderable=False)
    due_on = DayColumn(verbose_name=_("Answer due"), orderable=False)
    status = BadgeColumn(verbose_name=_("Status"), tones=TONES, orderable=False, attrs={"td": {"class": "corner"}})

    class Meta(ViewerTable.Meta):
        model = TransferRequest
        fields = ("person", "to_area", "moved_on", "due_on", "status")
        empty_text = _("No unit asks for one of your registrations.")

    def render_to_area(self, value: str) -> str:
        return self.areas.get(value, value)
