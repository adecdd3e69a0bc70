from typing import Any

import django_filters
import django_tables2 as tables
from django.utils.translation import gettext_lazy as _

from portal.ui.filters import AreaFilter, ScopedFilterSet, SearchFilter
from portal.ui.tables import BadgeColumn, DayColumn, LinkColumn, PortalTable, SlaColumn
from privacy.choices import RequestKind
from privacy.models import SubjectRequest
from privacy.selectors import clock_of
from residents.services.projection import person_view

STATUS_TONES = {"received": "warn", "checked": "brand", "started": "brand", "answered": "ok", "refused": ""}


def _clock(row: SubjectRequest) -> dict[str, Any]:
    told = clock_of(row)
    return {"words": told.words, "tone": told.tone, "percent": told.percent, "title": row.due_on.isoformat()}


class RequestTable(PortalTable):
    """`viewer` is set by the view: names are told as far as the viewer may know them."""

    number = LinkColumn(
        verbose_name=_("Number of the request"), href=lambda row: row.get_absolute_url(), orderable=False
    )
    name = tables.Column(verbose_name=_("Person concerned"), empty_values=(), orderable=False)
    kind = BadgeColumn(verbose_name=_("Asked for"), orderable=False)
    requester = tables.Column(
        verbose_name=_("Who asks"),
        accessor="get_requester_display",
        orderable=False,
        attrs={"td": {"class": "in1 hide"}},
    )
    received_on = DayColumn(verbose_name=_("Received on"))
    handler = tables.Column(verbose_name=_("Handler"), orderable=False, default="—", attrs={"td": {"class": "in1"}})
    status = BadgeColumn(verbose_name=_("State of the request"), tones=STATUS_TONES, orderable=False)
    due = SlaColumn(verbose_name=_("Time left"), order_by=("due_on",), describe=_clock)

    class Meta(PortalTable.Meta):
        model = SubjectRequest
        fields = ("number", "name", "kind", "requester", "received_on", "handler", "status", "due")
        empty_text = _("No request stands here. Requests are taken in on the page of the person.")

    def __init__(self, *args: Any, viewer: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.viewer = viewer

    def render_name(self, record: SubjectRequest) -> str:
        return person_view(record.person, viewer=self.viewer).name


class RequestFilter(ScopedFilterSet):
    q = SearchFilter(method="search", label=_("Name or request number"), placeholder=_("Name or request number"))
    area = AreaFilter()
    kind = django_filters.ChoiceFilter(choices=RequestKind, label=_("Asked for"), empty_label=_("All requests"))

    class Meta:
        model = SubjectRequest
        fields = ["q", "area", "kind"]

    def search(self, rows: Any, _name: str, value: str) -> Any:
        if value[:1].isdigit():
            return rows.filter(number__startswith=value.upper())
        return rows.filter(person__name__contains=value)
