import django_tables2 as tables
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from portal.core import clock
from portal.ui.markup import html
from portal.ui.tables import IN_LINE, BadgeColumn, DayColumn, LinkColumn, ViewerTable
from portal.ui.templatetags import ui as tags
from portal.vault.projection import project
from rentals.models import PenaltyReferral, TenancyReport
from rentals.report_choices import ReportKind, ReportStatus

TONES: dict[str, str] = {
    ReportStatus.WAITING: "warn",
    ReportStatus.REGISTERED: "ok",
    ReportStatus.LINKED: "ok",
    ReportStatus.LEFT: "",
    ReportStatus.UNTRUE: "bad",
}
KIND_TONES: dict[str, str] = {ReportKind.MOVED_IN: "brand", ReportKind.MOVED_OUT: "o"}


def place_of(report: TenancyReport) -> str:
    """The door, or the address in words while nobody has found it."""
    return report.dwelling.address if report.dwelling else report.address


class ReportTable(ViewerTable):
    """The view sets `areas`: names of the communities shown."""

    areas: dict[str, str] = {}

    address = LinkColumn(
        verbose_name=_("Address"),
        accessor="pk",
        href=lambda row: row.get_absolute_url(),
        note=lambda row: row.number,
        orderable=False,
    )
    area = tables.Column(verbose_name=_("Community"), accessor="community_code", orderable=False, attrs=IN_LINE)
    kind = BadgeColumn(verbose_name=_("Report"), tones=KIND_TONES, orderable=False)
    tenant = tables.Column(verbose_name=_("Tenant"), accessor="name", empty_values=(), orderable=False, attrs=IN_LINE)
    reporter = tables.Column(verbose_name=_("Reported by"), accessor="reporter_name", orderable=False, attrs=IN_LINE)
    happened_on = DayColumn(verbose_name=_("Moved on"), orderable=False)
    reported_on = DayColumn(verbose_name=_("Reported on"), orderable=False)
    late_days = tables.Column(verbose_name=pgettext_lazy("tenancy report", "In time"), orderable=False, attrs=IN_LINE)
    status = BadgeColumn(verbose_name=_("Status"), tones=TONES, orderable=False, attrs={"td": {"class": "corner"}})

    class Meta(ViewerTable.Meta):
        model = TenancyReport
        fields = ("address", "area", "kind", "tenant", "reporter", "happened_on", "reported_on", "late_days", "status")
        empty_text = _("No report stands here.")

    def render_address(self, record: TenancyReport) -> SafeString:
        return self.columns["address"].column.render(place_of(record), record)

    def render_area(self, value: str) -> str:
        return self.areas.get(value, value)

    def render_tenant(self, record: TenancyReport) -> str:
        return project(record, viewer=self.viewer)["name"] or "—"

    def render_reporter(self, record: TenancyReport) -> str:
        return f"{project(record, viewer=self.viewer)['reporter_name']} · {record.get_reporter_kind_display()}"

    def render_late_days(self, record: TenancyReport) -> SafeString:
        if record.late_days:
            return tags.badge(gettext("%(days)s working days late") % {"days": record.late_days}, "bad")
        if record.is_overdue_on(clock.today()):
            return tags.badge(gettext("in time, waits for us"), "warn")
        return tags.badge(gettext("in time"), "ok")


class DutyBearerTable(ViewerTable):
    """One row for each duty-bearer: the newest late report, with the counts that the view annotates."""

    areas: dict[str, str] = {}
    may_refer = False

    reporter = tables.Column(
        verbose_name=_("Duty-bearer"), accessor="reporter_name", orderable=False, attrs={"td": {"class": "main"}}
    )
    kind = tables.Column(verbose_name=_("Reported by"), accessor="reporter_kind", orderable=False, attrs=IN_LINE)
    area = tables.Column(verbose_name=_("Community"), accessor="community_code", orderable=False, attrs=IN_LINE)
    reports = tables.Column(
        verbose_name=_("Reports found true"), accessor="true_count", orderable=False, attrs={"td": {"class": "num in1"}}
    )
    late = tables.Column(
        verbose_name=_("Of them late"), accessor="late_count", orderable=False, attrs={"td": {"class": "num in1"}}
    )
    worst = tables.Column(
        verbose_name=_("Most working days late"),
        accessor="worst_days",
        orderable=False,
        attrs={"td": {"class": "num in1"}},
    )
    newest = DayColumn(verbose_name=_("Last late report"), accessor="reported_on", orderable=False)
    act = tables.Column(
        verbose_name=_("Referral"), accessor="open_count", orderable=False, attrs={"td": {"class": "act"}}
    )

    class Meta(ViewerTable.Meta):
        model = TenancyReport
        fields = ("reporter", "kind", "area", "reports", "late", "worst", "newest", "act")
        empty_text = _("Nobody has reported late.")

    def render_reporter(self, record: TenancyReport) -> SafeString:
        told = project(record, viewer=self.viewer)
        return html('<b>{}</b> <small class="mut num">{}</small>', told["reporter_name"], told["reporter_phone"])

    def render_kind(self, record: TenancyReport) -> str:
        return str(record.get_reporter_kind_display())

    def render_area(self, value: str) -> str:
        return self.areas.get(value, value)

    def render_act(self, record: TenancyReport, value: int) -> SafeString | str:
        if not value:
            return tags.badge(gettext("referred"), "o")
        if not self.may_refer:
            return ""
        url = reverse("rentals:penalty_new", args=[record.pk])
        return html('<a class="btn s" href="{}">{}</a>', url, gettext("Refer"))


class ReferralTable(ViewerTable):
    areas: dict[str, str] = {}

    number = LinkColumn(verbose_name=_("Number"), href=lambda row: row.get_absolute_url(), orderable=False)
    reporter = tables.Column(verbose_name=_("Duty-bearer"), accessor="reporter_name", orderable=False, attrs=IN_LINE)
    area = tables.Column(verbose_name=_("Community"), accessor="community_code", orderable=False, attrs=IN_LINE)
    sent_to = tables.Column(verbose_name=_("Handed over to"), orderable=False, attrs=IN_LINE)
    notified_on = DayColumn(verbose_name=_("Notified on"), orderable=False)
    created_at = DayColumn(verbose_name=_("Referred on"), orderable=False)

    class Meta(ViewerTable.Meta):
        model = PenaltyReferral
        fields = ("number", "reporter", "area", "sent_to", "notified_on", "created_at")
        empty_text = _("Nothing was referred.")

    def render_reporter(self, record: PenaltyReferral) -> str:
        return project(record, viewer=self.viewer)["reporter_name"]

    def render_area(self, value: str) -> str:
        return self.areas.get(value, value)
