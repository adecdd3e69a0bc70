from typing import Any

import django_tables2 as tables
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from portal.ui.markup import html
from portal.ui.tables import IN_LINE, MomentColumn, NumberColumn, ViewerTable, who_cell
from portal.ui.templatetags import ui as tags
from residents.models import DuplicatePair, Person, PersonMerge
from residents.services.projection import person_view
from residents.tables.reasons import told_reasons

OTHER_UNIT = _("File of another unit")


class FileColumn(tables.Column):
    """One of the files of a row; a file of another office shows which office that is and nothing else."""

    empty_values = ()

    def __init__(self, number: str, *, linked: bool = False, **kwargs: Any) -> None:
        self.number, self.linked = number, linked
        super().__init__(accessor=number, orderable=False, **kwargs)

    def render(self, value: int, record: Any, table: Any = None) -> SafeString:
        url = record.get_absolute_url() if self.linked else ""
        person = table.people.get(value)
        if person is None:
            office = table.offices.get((record.pk, value), "")
            return who_cell(office or str(OTHER_UNIT), str(OTHER_UNIT) if office else "", url)
        told = person_view(person, viewer=table.viewer)
        return who_cell(told.name, told.document, url)


class ReasonsColumn(tables.Column):
    def render(self, value: list[tuple[str, int]]) -> SafeString:
        words = told_reasons(code for code, _points in value)
        badges = tags.format_html_join(" ", "{}", ((tags.badge(text, tone),) for text, tone in words))
        return html('<span class="whys">{}</span>', badges)


class PairTable(ViewerTable):
    people: dict[int, Person] = {}
    offices: dict[tuple[int, int], str] = {}

    first = FileColumn("first_id", linked=True, verbose_name=_("One file"), attrs={"td": {"class": "main"}})
    second = FileColumn("second_id", verbose_name=_("The other file"))
    reasons = ReasonsColumn(verbose_name=_("Why they may be one person"), orderable=False)
    score = NumberColumn(verbose_name=_("Similarity"), orderable=False)

    class Meta(ViewerTable.Meta):
        model = DuplicatePair
        fields = ("first", "second", "reasons", "score")
        empty_text = _("No likely duplicates are waiting. New ones come up by themselves as files are written.")


class MergeTable(ViewerTable):
    people: dict[int, Person] = {}
    offices: dict[tuple[int, int], str] = {}

    survivor = FileColumn(
        "survivor_id", linked=True, verbose_name=_("File that goes on"), attrs={"td": {"class": "main"}}
    )
    reason = tables.Column(verbose_name=_("Reason"), orderable=False)
    actor = tables.Column(verbose_name=_("Merged by"), orderable=False, attrs=IN_LINE)
    created_at = MomentColumn(verbose_name=_("Merged at"), orderable=False)
    undone_at = tables.Column(
        verbose_name=_("Status"), orderable=False, empty_values=(), attrs={"td": {"class": "corner"}}
    )

    class Meta(ViewerTable.Meta):
        model = PersonMerge
        fields = ("survivor", "reason", "actor", "created_at", "undone_at")
        empty_text = _("No files were merged in your areas.")

    def render_undone_at(self, value: Any) -> SafeString:
        return tags.badge(_("Taken back"), "warn") if value else tags.badge(_("In force"), "ok")
