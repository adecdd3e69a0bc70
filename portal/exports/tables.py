import django_tables2 as tables
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from portal.exchange.models import ProvisionRecord
from portal.ui.tables import BadgeColumn, MomentColumn, PortalTable
from portal.ui.templatetags import ui as tags

KIND_TONES = {"person": "ok", "inside": "", "outside": "warn"}


class ProvisionTable(PortalTable):
    """What left the house. The hash is told short; the whole stands in the title."""

    title = tables.Column(verbose_name=_("What was handed over"), orderable=False, attrs={"td": {"class": "main"}})
    at = MomentColumn(verbose_name=_("Moment"))
    recipient = tables.Column(verbose_name=_("Recipient of the data"), orderable=False)
    recipient_kind = BadgeColumn(verbose_name=_("Kind of recipient"), tones=KIND_TONES, orderable=False)
    purpose = tables.Column(verbose_name=_("Purpose"), orderable=False)
    row_count = tables.Column(verbose_name=_("Rows"), attrs={"td": {"class": "n"}, "th": {"class": "n"}})
    actor = tables.Column(verbose_name=_("Handed over by"), orderable=False, attrs={"td": {"class": "in1"}})
    sha256 = tables.Column(verbose_name=_("Hash of the file"), orderable=False, attrs={"td": {"class": "mono hide"}})

    class Meta(PortalTable.Meta):
        model = ProvisionRecord
        fields = ("title", "at", "recipient", "recipient_kind", "purpose", "row_count", "actor", "sha256")
        order_by = ("-at",)
        empty_text = _("Nothing was handed over in this selection.")

    def render_title(self, record: ProvisionRecord) -> SafeString:
        full = tags.badge(_("full numbers"), "bad") if record.full_numbers else ""
        kinds = "、".join(record.data_kinds[:6]) + ("…" if len(record.data_kinds) > 6 else "")  # noqa: PLR2004 - a line
        return tags.format_html(
            '<b>{}</b> {}<div class="sm mut">{}</div><div class="sm mut">{}</div>',
            record.title,
            full,
            kinds,
            record.legal_basis,
        )

    def render_sha256(self, value: str) -> SafeString:
        return tags.format_html('<span title="{}">{}</span>', value, value[:12])
