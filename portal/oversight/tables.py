from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.audit.models import AccessEvent, AuditEntry
from portal.oversight.models import Finding
from portal.oversight.records import targets_told
from portal.oversight.wording import action_label, explain, fields_label, purpose_label
from portal.ui.tables import BadgeColumn, DayColumn, LinkColumn, MomentColumn, NumberColumn, PortalTable
from portal.ui.templatetags import ui as tags

SHOWN = 3
ACTION_TONES = {"reveal": "warn", "export": "warn", "print": "info", "share": "warn"}


class AccountColumn(tables.Column):
    """Name and login name of who acted; scheduled work has none."""

    empty_values = ()

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(accessor="actor", orderable=False, attrs={"td": {"class": "main"}}, **kwargs)

    def render(self, value: Any) -> SafeString | str:
        if value is None:
            return gettext("nobody")
        return format_html('<b>{}</b><br><small class="mut">{}</small>', value, value.username)


class PeopleColumn(tables.Column):
    """Numbers of the register, each leading to the sheet of that person."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(accessor="person_ids", orderable=False, **kwargs)

    def render(self, value: list[int]) -> SafeString:
        links = ((reverse("oversight:person", args=[one]), one) for one in value[:SHOWN])
        shown = format_html_join(" ", '<a class="lnk num" href="{}">#{}</a>', links)
        more = len(value) - SHOWN
        return format_html("{} {}", shown, gettext("and %(count)s more") % {"count": more}) if more > 0 else shown


class LookTable(PortalTable):
    at = MomentColumn(verbose_name=_("Time"), orderable=False)
    actor = AccountColumn(verbose_name=_("Account"))
    action = BadgeColumn(verbose_name=_("Action"), tones=ACTION_TONES, orderable=False)
    people = PeopleColumn(verbose_name=_("People shown"))
    fields = tables.Column(verbose_name=_("Whole values"), orderable=False)
    row_count = NumberColumn(verbose_name=_("Rows"), orderable=False)
    purpose = tables.Column(verbose_name=_("Purpose and reason"), orderable=False, empty_values=())
    request_id = tables.Column(verbose_name=_("Request"), orderable=False, attrs={"td": {"class": "mono xs"}})

    class Meta(PortalTable.Meta):
        model = AccessEvent
        fields = ("at", "actor", "action", "people", "fields", "row_count", "purpose", "request_id")
        sequence = fields
        empty_text = _("Nobody looked at anything that matches.")

    def render_fields(self, value: list[str]) -> str:
        return fields_label(value)

    def render_purpose(self, value: str, record: AccessEvent) -> str:
        return " · ".join(part for part in (purpose_label(value), record.case_number, record.reason) if part)


class EntryTable(PortalTable):
    at = MomentColumn(verbose_name=_("Time"), orderable=False)
    actor = AccountColumn(verbose_name=_("Account"))
    action = tables.Column(verbose_name=_("Step"), orderable=False)
    target_model = tables.Column(verbose_name=_("Record"), orderable=False)
    area_code = tables.Column(verbose_name=_("Area"), orderable=False, attrs={"td": {"class": "num"}})
    request_id = tables.Column(verbose_name=_("Request"), orderable=False, attrs={"td": {"class": "mono xs"}})

    class Meta(PortalTable.Meta):
        model = AuditEntry
        fields = ("at", "actor", "action", "target_model", "area_code", "request_id")
        empty_text = _("No step matches.")

    def render_action(self, value: str) -> str:
        return action_label(value)

    @cached_property
    def told(self) -> dict[int, str]:
        """Of all records of the page at once, not row by row."""
        return targets_told(row.record for row in self.paginated_rows)

    def render_target_model(self, record: AuditEntry) -> str:
        return self.told[record.pk]


class FindingTable(PortalTable):
    explanation = LinkColumn(
        verbose_name=_("What was found"),
        accessor="kind",
        orderable=False,
        href=lambda finding: finding.get_absolute_url(),
        note=explain,
    )
    day = DayColumn(verbose_name=_("Day"), orderable=False)
    actor = AccountColumn(verbose_name=_("Account"))
    people = NumberColumn(verbose_name=_("People"), accessor="person_ids", orderable=False)
    looked_at = tables.Column(verbose_name=_("State"), orderable=False, empty_values=())

    class Meta(PortalTable.Meta):
        model = Finding
        fields = ("explanation", "day", "actor", "people", "looked_at")
        empty_text = _("Nothing stands out.")

    def render_explanation(self, record: Finding) -> SafeString:
        return self.columns["explanation"].column.render(record.get_kind_display(), record)

    def render_people(self, value: list[int]) -> str:
        return tags.thousands(len(value))

    def render_looked_at(self, value: Any) -> SafeString:
        return (
            tags.badge(gettext("looked at"), "ok", "check") if value else tags.badge(gettext("to be looked at"), "warn")
        )
