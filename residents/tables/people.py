from datetime import timedelta
from typing import Any

import django_tables2 as tables
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from portal.core import clock
from portal.org.scoping import Scope
from portal.policy import codes
from portal.ui.addresses import address_of
from portal.ui.markup import html
from portal.ui.tables import IN_LINE, BadgeColumn, DayColumn, LinkColumn, ViewerTable, WhoColumn, who_cell
from portal.ui.templatetags import ui as tags
from portal.vault.projection import project
from residents.choices import RegistrationStatus
from residents.models import Dwelling, Registration
from residents.services.projection import PersonView, person_view
from residents.verification import verify_interval_days

WIDE_ONLY = {"td": {"class": "hide"}}
STATUS_TONES = {"active": "ok", "left": "", "void": "o"}


class CodeColumn(tables.Column):
    """A stored code as its label; costs no query. Each table has a copy of its columns, so what is kept here is kept
    for one page, in one language."""

    def __init__(self, *, table: str, **kwargs: Any) -> None:
        self.table = table
        self.labels: dict[str, str] = {}
        kwargs.setdefault("attrs", IN_LINE)
        super().__init__(**kwargs)

    def render(self, value: str) -> str:
        if value not in self.labels:
            self.labels[value] = codes.label(self.table, value)
        return self.labels[value]

    def value(self, value: str) -> str:
        return codes.name(self.table, value)


class VerifiedColumn(tables.Column):
    """The day of the last verification, amber when the interval of the lodging is over. Empty: never since arrival."""

    empty_values = ()

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.intervals: dict[str, timedelta] = {}

    def _interval(self, lodging: str) -> timedelta:
        """Asked once a page for each kind of lodging: the rule behind it is the same for every row."""
        if lodging not in self.intervals:
            self.intervals[lodging] = timedelta(days=verify_interval_days(lodging))
        return self.intervals[lodging]

    def render(self, record: Registration) -> SafeString | str:
        seen = record.verified_on or record.registered_on
        day = tags.day(record.verified_on) or gettext("not yet")
        due = seen + self._interval(record.lodging)
        if record.status == RegistrationStatus.ACTIVE and record.suspected_on:
            return tags.badge(gettext("seems to have left"), "warn", "user-x")
        if record.status != RegistrationStatus.ACTIVE or due >= clock.today():
            return html('<span class="num nowrap">{}</span>', day)
        return tags.badge(gettext("%(day)s, due") % {"day": day}, "warn", "clock")

    def value(self, record: Registration) -> str:
        return tags.day(record.verified_on)


class HolderColumn(WhoColumn):
    """Name and number of the person of a stay, as the table's viewer may see them."""

    def render(self, value: Any, record: Registration, table: Any = None) -> SafeString:
        told: PersonView = table.person_of(record)
        return who_cell(told.name, told.document, told.url)


class PersonTable(ViewerTable):
    """One row a stay: in residence each person stands here once."""

    name = HolderColumn(verbose_name=_("Name"), accessor="person_id", order_by=("person__name_pinyin", "-pk"))
    about = tables.Column(verbose_name=_("Sex and age"), empty_values=(), orderable=False, attrs=IN_LINE)
    native = tables.Column(
        verbose_name=_("Hukou"), empty_values=(), orderable=False, attrs={"td": {"class": "mut hide"}}
    )
    address = tables.Column(verbose_name=_("Present address"), accessor="dwelling__address", orderable=False)
    lodging = CodeColumn(table="dwelling_kind", verbose_name=_("Lodging"), orderable=False)
    reason = CodeColumn(table="stay_reason", verbose_name=_("Reason for the stay"), orderable=False, attrs=WIDE_ONLY)
    arrived_on = DayColumn(verbose_name=_("Arrived"))
    verified = VerifiedColumn(verbose_name=_("Verified"), order_by=("verified_on",))
    status = BadgeColumn(
        verbose_name=_("Status"), tones=STATUS_TONES, orderable=False, attrs={"td": {"class": "corner"}}
    )

    class Meta(ViewerTable.Meta):
        model = Registration
        fields = ("name", "about", "native", "address", "lodging", "reason", "arrived_on", "verified", "status")
        empty_text = _("Nobody matches these filters. Numbers are looked up with the search box at the top.")

    def __init__(self, *args: Any, nearby: Scope | None = None, **kwargs: Any) -> None:
        """`nearby`: the areas that have the files of all these stays."""
        self.nearby = nearby
        super().__init__(*args, **kwargs)

    def order_name(self, rows: Any, is_descending: bool) -> tuple[Any, bool]:  # noqa: FBT001 - called by django-tables2
        """The condition leaves nobody out: with it the names of the own areas are read in their order, and not those
        of the whole register."""
        near = rows.filter(self.nearby.q("person__")) if self.nearby else rows
        return near.order_by("-person__name_pinyin" if is_descending else "person__name_pinyin", "-pk"), True

    def person_of(self, record: Registration) -> PersonView:
        """Put together once a row; three columns read from it."""
        told: PersonView | None = record.__dict__.get("_told")
        if told is None:
            told = record.__dict__["_told"] = person_view(record.person, viewer=self.viewer)
        return told

    def render_about(self, record: Registration) -> str:
        told = self.person_of(record)
        return gettext("%(sex)s · %(age)s years") % {"sex": told.sex, "age": told.age}

    def render_native(self, record: Registration) -> str:
        return self.person_of(record).native


class OccupancyColumn(tables.Column):
    """Living there / most allowed. The view sets `living` on the table: one query for the page."""

    empty_values = ()

    def render(self, record: Dwelling, table: Any) -> SafeString:
        return occupancy(table.living.get(record.pk, 0), record.capacity)


class DwellingTable(ViewerTable):
    living: dict[int, int] = {}

    address = LinkColumn(
        verbose_name=_("Address"),
        href=lambda one: address_of("residents:dwelling_detail", one.pk),
        note=lambda one: one.code,
        orderable=False,
    )
    area = tables.Column(verbose_name=_("Community"), accessor="community_code", orderable=False, attrs=IN_LINE)
    kind = CodeColumn(table="dwelling_kind", verbose_name=_("Dwelling kind"), orderable=False)
    landlord_name = tables.Column(verbose_name=_("Landlord"), empty_values=(), orderable=False, attrs=IN_LINE)
    living_now = OccupancyColumn(verbose_name=_("Living / limit"), orderable=False, attrs={"td": {"class": "num in1"}})
    rental_registered = tables.Column(
        verbose_name=_("Rental registration"), orderable=False, attrs={"td": {"class": "corner"}}
    )

    class Meta(ViewerTable.Meta):
        model = Dwelling
        fields = ("address", "area", "kind", "landlord_name", "living_now", "rental_registered")
        empty_text = _("No dwelling matches these filters.")

    areas: dict[str, str] = {}

    def render_landlord_name(self, record: Dwelling) -> str:
        return project(record, viewer=self.viewer)["landlord_name"]

    def render_area(self, value: str) -> str:
        return self.areas.get(value, value)

    def render_rental_registered(self, value: bool) -> SafeString:  # noqa: FBT001 - django-tables2 calls it by name
        return (
            tags.badge(pgettext("rental", "Registered"), "ok") if value else tags.badge(gettext("Not registered"), "o")
        )


def occupancy(living: int, capacity: int | None) -> SafeString:
    if capacity is None:
        return html("{} / —", living)
    if living > capacity:
        return tags.badge(f"{living} / {capacity}", "bad", "triangle-alert")
    return html("{} / {}", living, capacity)
