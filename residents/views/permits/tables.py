from datetime import date
from typing import Any

import django_filters
import django_tables2 as tables
from django.db.models import Q, QuerySet
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.core import clock
from portal.policy.working_days import workdays_between
from portal.ui.filters import AreaFilter, ScopedFilterSet, SearchFilter
from portal.ui.tables import (
    IN_LINE,
    BadgeColumn,
    DayColumn,
    MomentColumn,
    SelectColumn,
    SlaColumn,
    ViewerTable,
    WhoColumn,
    preview_rows,
)
from portal.ui.templatetags import ui as tags
from residents.choices import ApplicationKind, PermitStatus
from residents.models import Permit, PermitApplication
from residents.services.permits.deadlines import sla
from residents.services.permits.dossier import paper_count
from residents.services.projection import PersonView, person_view

KIND_TONES: dict[str, str] = {
    ApplicationKind.FIRST: "brand",
    ApplicationKind.DAMAGED: "info",
    ApplicationKind.LOST: "vio",
}
PERMIT_TONES: dict[str, str] = {PermitStatus.ACTIVE: "ok", PermitStatus.SUSPENDED: "warn", PermitStatus.TERMINATED: ""}


def by_name_or_number(rows: QuerySet, text: str) -> QuerySet:
    """A file or permit number from its beginning, otherwise a part of the name."""
    condition = Q(person__name__contains=text)
    if text[:1].isdigit() or text[:1] == "浙":
        condition |= Q(number__startswith=text.upper())
    return rows.filter(condition)


class ApplicationFilter(ScopedFilterSet):
    q = SearchFilter(method="search", label=_("Name or file number"), placeholder=_("Name or file number"))
    area = AreaFilter()
    kind = django_filters.ChoiceFilter(choices=ApplicationKind, label=_("Business"), empty_label=_("All kinds"))
    checks = django_filters.ChoiceFilter(
        method="by_checks",
        label=_("Checks"),
        empty_label=_("All results of checks"),
        choices=[("1", _("All passed")), ("0", _("To be looked at"))],
    )

    class Meta:
        model = PermitApplication
        fields = ["q", "area", "kind", "checks"]

    def search(self, rows: QuerySet, _name: str, value: str) -> QuerySet:
        return by_name_or_number(rows, value)

    def by_checks(self, rows: QuerySet, _name: str, value: str) -> QuerySet:
        return rows.filter(checks_passed=value == "1")


class PersonColumn(WhoColumn):
    """The holder as the viewer may see them: the table says who looks."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(attrs={"td": {"class": "main pidcell"}}, **kwargs)

    def render(self, value: Any, record: Any, table: Any = None) -> SafeString:
        shown: PersonView = person_view(record.person, viewer=table.viewer)
        return format_html(
            '<span class="who">{}<span><a href="{}">{}</a><small class="mono">{}</small></span></span>',
            tags.avatar(shown.name),
            record.get_absolute_url(),
            shown.name,
            shown.document,
        )


def clock_words(file: PermitApplication) -> dict[str, Any]:
    told = sla(file, clock.now())
    due = gettext("due %(day)s") % {"day": told.due.isoformat()} if told.due else ""
    percent = None if told.state in {"paused", "done"} else told.percent
    tone = "ok" if told.state in {"paused", "done"} else told.state
    return {"words": told.words, "tone": tone, "percent": percent, "paused": told.state == "paused", "title": due}


class ApplicationTable(ViewerTable):
    ids = SelectColumn(label=lambda file: file.number)
    person = PersonColumn(verbose_name=_("Applicant"), orderable=False)
    kind = BadgeColumn(verbose_name=_("Business"), tones=KIND_TONES, orderable=False)
    community = tables.Column(accessor="area_name", verbose_name=_("Community"), orderable=False, attrs=IN_LINE)
    papers = tables.Column(empty_values=(), verbose_name=_("Papers"), orderable=False, attrs=IN_LINE)
    checks_passed = tables.Column(verbose_name=_("System checks"), orderable=False, attrs=IN_LINE)
    submitted = MomentColumn(accessor="accepted_at", verbose_name=_("Accepted at"), default="—")
    left = SlaColumn(describe=clock_words, verbose_name=_("Time left"), order_by=("due_on", "id"))

    class Meta(ViewerTable.Meta):
        model = PermitApplication
        fields = ("ids", "person", "kind", "community", "papers", "checks_passed", "submitted", "left")
        order_by = ("left",)
        empty_text = _("No file waits here.")
        row_attrs = {
            **preview_rows("residents:application_preview", full="residents:application_detail"),
            "class": lambda record, table: "cur" if record.pk == table.current else "",
        }

    def render_papers(self, record: PermitApplication) -> SafeString:
        have, all_of_them = paper_count(record)
        tone = "ok-ink" if have == all_of_them else "bad-ink"
        return format_html('<span class="num {}">{}/{}</span>', tone, have, all_of_them)

    def render_checks_passed(self, value: bool) -> SafeString:  # noqa: FBT001 – django-tables2 calls it by name
        if value:
            return tags.badge(gettext("All passed"), "ok", "check")
        return tags.badge(gettext("To be looked at"), "warn", "triangle-alert")


class PermitFilter(ScopedFilterSet):
    q = SearchFilter(method="search", label=_("Name or permit number"), placeholder=_("Name or permit number"))
    area = AreaFilter()

    class Meta:
        model = Permit
        fields = ["q", "area"]

    def search(self, rows: QuerySet, _name: str, value: str) -> QuerySet:
        return by_name_or_number(rows, value)


class EndorsementTable(ViewerTable):
    ids = SelectColumn(label=lambda permit: permit.number)
    person = PersonColumn(verbose_name=_("Holder"), orderable=False)
    phone = tables.Column(empty_values=(), verbose_name=_("Phone"), orderable=False, attrs=IN_LINE)
    address = tables.Column(accessor="dwelling__address", verbose_name=_("Address"), orderable=False, attrs=IN_LINE)
    status = BadgeColumn(verbose_name=_("State"), tones=PERMIT_TONES, orderable=False)
    window = tables.Column(empty_values=(), verbose_name=_("Endorsement window"), orderable=False, attrs=IN_LINE)
    left = SlaColumn(
        describe=lambda permit: window_words(permit, clock.today()),
        verbose_name=_("Time left"),
        order_by=("endorse_by", "id"),
    )
    reminded_on = DayColumn(verbose_name=_("Reminded"), orderable=False, default="—")

    class Meta(ViewerTable.Meta):
        model = Permit
        fields = ("ids", "person", "phone", "address", "status", "window", "left", "reminded_on")
        order_by = ("left",)
        empty_text = _("Nobody has to be reminded here.")

    def render_phone(self, record: Permit) -> SafeString:
        shown = person_view(record.person, viewer=self.viewer).phone
        return format_html('<span class="num">{}</span>', shown or "—")

    def render_window(self, record: Permit) -> SafeString:
        if record.valid_until:
            return format_html('<span class="num">{}</span>', record.valid_until)
        return format_html('<span class="num nowrap">{} – {}</span>', record.endorse_from, last_day(record))


def last_day(permit: Permit) -> date:
    """The anniversary itself is outside the window (R8)."""
    return permit.endorse_by.fromordinal(permit.endorse_by.toordinal() - 1)


def window_words(permit: Permit, today: date) -> dict[str, Any]:
    if permit.status == PermitStatus.SUSPENDED and permit.suspended_on:
        days = (today - permit.suspended_on).days
        return {"words": gettext("suspended for %(days)s days") % {"days": days}, "tone": "bad", "percent": 100}
    if permit.status == PermitStatus.TERMINATED:
        return {"words": str(permit.get_status_display()), "tone": "ok"}
    if today < permit.endorse_from:
        days = (permit.endorse_from - today).days
        return {"words": gettext("opens in %(days)s days") % {"days": days}, "tone": "ok", "percent": 0}
    left = (last_day(permit) - today).days
    if left < 0:
        return {"words": gettext("window closed"), "tone": "bad", "percent": 100}
    whole = max(1, (permit.endorse_by - permit.endorse_from).days)
    tone = "warn" if workdays_between(today, last_day(permit)) <= SOON_DAYS else "ok"
    words = gettext("closes today") if left == 0 else gettext("%(days)s days to endorse") % {"days": left}
    return {"words": words, "tone": tone, "percent": 100 * (whole - left) // whole}


SOON_DAYS = 5
