from typing import Any

import django_tables2 as tables
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.core import clock
from portal.policy import codes
from portal.ui.markup import html
from portal.ui.tables import IN_LINE, BadgeColumn, LinkColumn, ViewerTable
from portal.ui.templatetags import ui as tags
from rentals.choices import WITH_DEPARTMENT, Criterion, Grade, HazardLevel, HazardStatus, ReferralStatus
from rentals.models import Hazard, HazardReferral, HouseGrade
from rentals.services.inspections.grading import ITEMS, holds

HAZARD_TONES: dict[str, str] = {
    HazardStatus.OPEN: "warn",
    HazardStatus.REFERRED: "info",
    HazardStatus.RECHECK: "brand",
    HazardStatus.CLOSED: "ok",
}
REFERRAL_TONES: dict[str, str] = {
    ReferralStatus.SENT: "warn",
    ReferralStatus.TAKEN: "info",
    ReferralStatus.ANSWERED: "ok",
    ReferralStatus.RETURNED: "",
}
GRADE_TONES: dict[str, str] = {Grade.LOW: "ok", Grade.MEDIUM: "warn", Grade.HIGH: "bad"}
CRITERIA = dict(Criterion.choices)
CORNER = {"td": {"class": "corner"}}


def term_cell(day: Any) -> SafeString:
    """A day, red with a word when it is past."""
    if day is None:
        return SafeString("")
    if day < clock.today():
        return tags.badge(f"{tags.day(day)} {gettext('overdue')}", "bad")
    return html('<span class="num">{}</span>', tags.day(day))


class HazardTable(ViewerTable):
    """The view sets `areas`: names of the communities shown."""

    areas: dict[str, str] = {}

    address = LinkColumn(
        verbose_name=_("Address"),
        accessor="dwelling__address",
        href=lambda row: row.get_absolute_url(),
        note=lambda row: row.number,
        orderable=False,
    )
    area = tables.Column(verbose_name=_("Community"), accessor="community_code", orderable=False, attrs=IN_LINE)
    item = tables.Column(verbose_name=_("Item"), orderable=False, attrs=IN_LINE)
    hazard_class = tables.Column(verbose_name=_("Class of hazard"), orderable=False, attrs=IN_LINE)
    level = BadgeColumn(verbose_name=_("Level of hazard"), tones={HazardLevel.SERIOUS: "bad"}, orderable=False)
    due_on = tables.Column(verbose_name=_("Day of the next step"), empty_values=(), orderable=False, attrs=IN_LINE)
    status = BadgeColumn(verbose_name=_("Status"), tones=HAZARD_TONES, orderable=False, attrs=CORNER)

    class Meta(ViewerTable.Meta):
        model = Hazard
        fields = ("address", "area", "item", "hazard_class", "level", "due_on", "status")
        empty_text = _("No hazard stands here.")

    def render_area(self, value: str) -> str:
        return self.areas.get(value, value)

    def render_item(self, value: str) -> str:
        return codes.label(ITEMS, value)

    def render_due_on(self, record: Hazard) -> SafeString:
        return term_cell(record.due_on)


class ReferralTable(ViewerTable):
    """The view sets `areas`."""

    areas: dict[str, str] = {}

    address = LinkColumn(
        verbose_name=_("Address"),
        accessor="hazard__dwelling__address",
        href=lambda row: row.get_absolute_url(),
        note=lambda row: row.number,
        orderable=False,
    )
    area = tables.Column(verbose_name=_("Community"), accessor="community_code", orderable=False, attrs=IN_LINE)
    item = tables.Column(verbose_name=_("Item"), accessor="hazard__item", orderable=False, attrs=IN_LINE)
    recipient = tables.Column(verbose_name=_("Referred to"), orderable=False, attrs=IN_LINE)
    take_by = tables.Column(verbose_name=_("Take on by"), orderable=False, attrs=IN_LINE)
    due_on = tables.Column(verbose_name=_("Deal with by"), orderable=False, attrs=IN_LINE)
    status = BadgeColumn(verbose_name=_("Status"), tones=REFERRAL_TONES, orderable=False, attrs=CORNER)

    class Meta(ViewerTable.Meta):
        model = HazardReferral
        fields = ("address", "area", "item", "recipient", "take_by", "due_on", "status")
        empty_text = _("No work order stands here.")

    def render_area(self, value: str) -> str:
        return self.areas.get(value, value)

    def render_item(self, value: str) -> str:
        return codes.label(ITEMS, value)

    def render_take_by(self, record: HazardReferral) -> SafeString | str:
        return term_cell(record.take_by) if record.status == ReferralStatus.SENT else tags.day(record.taken_on)

    def render_due_on(self, record: HazardReferral) -> SafeString | str:
        return term_cell(record.due_on) if record.status in WITH_DEPARTMENT else tags.day(record.answered_on)


class GradeTable(ViewerTable):
    """The view sets `areas`."""

    areas: dict[str, str] = {}

    house = LinkColumn(
        verbose_name=_("House"), empty_values=(), href=lambda row: row.get_absolute_url(), orderable=False
    )
    area = tables.Column(verbose_name=_("Community"), accessor="community_code", orderable=False, attrs=IN_LINE)
    points = tables.Column(verbose_name=_("Points of hazard"), orderable=False, attrs={"td": {"class": "num in1"}})
    why = tables.Column(verbose_name=_("Criteria"), empty_values=(), orderable=False, attrs=IN_LINE)
    grade = tables.Column(verbose_name=_("Hazard grade"), orderable=False, attrs=CORNER)

    class Meta(ViewerTable.Meta):
        model = HouseGrade
        fields = ("house", "area", "points", "why", "grade")
        empty_text = _("No house is graded here.")

    def render_house(self, record: HouseGrade, column: Any) -> SafeString:
        return column.render(house_name(record), record)

    def render_area(self, value: str) -> str:
        return self.areas.get(value, value)

    def render_why(self, record: HouseGrade) -> str:
        return "、".join(f"{criterion_name(one)} {one['points']}" for one in record.factors if one["points"])

    def render_grade(self, record: HouseGrade) -> SafeString:
        grade = holds(record, clock.today())
        return tags.badge(grade.label, GRADE_TONES[grade])


def house_name(row: HouseGrade) -> str:
    if row.building:
        return str(row.building)
    return row.dwelling.address if row.dwelling else ""


def criterion_name(factor: dict[str, Any]) -> str:
    return str(CRITERIA[factor["criterion"]])
