from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django import forms
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from portal.audit.past import end_of
from portal.core import clock
from portal.exchange.ledgers import Ledger
from portal.exchange.periods import MONTHS_A_QUARTER, Period, PeriodKind, month_of, quarter_of
from portal.exchange.services import Order, default_order, may_unmask
from portal.org.areas_then import changes_after
from portal.org.models import Area, User
from portal.org.scoping import Scope, areas_for, scope_of
from portal.ui.forms import DayField, PortalForm, Section
from portal.ui.widgets import RadioChips

LONG_AGO = date(1900, 1, 1)
MONTHS_OFFERED = 24
QUARTERS_OFFERED = 12
COMMUNITY_DIGITS = 12
TOWNSHIP_DIGITS = 9


class Reason(models.TextChoices):
    UPWARD = "upward", _("Report to the level above")
    ANALYSIS = "analysis", _("Analysis and meetings")
    VERIFY = "verify", _("Checking on the spot")
    HANDOVER = "handover", _("Work with another department")
    OTHER = "other", _("Another reason")


class Destination(models.TextChoices):
    INSIDE = "inside", _("Stays in the department")
    OUTWARD = "outward", _("Handed to others")


class ExportForm(PortalForm):
    """What to take out, in which form, and why. Reach is checked again by the service and by the job."""

    sections = (
        Section(_("Contents"), ("area_code", "subject", "period", "start", "end", "format", "full")),
        Section(_("Moment of the data"), ("known_on", "known_time", "areas_then")),
        Section(_("What for"), ("reason", "reason_text", "destination", "recipient")),
    )
    columns = {
        "area_code": "c6",
        "subject": "c6",
        "period": "c6",
        "start": "c3 m6",
        "end": "c3 m6",
        "format": "c6",
        "full": "c6",
        "areas_then": "c12",
        "known_on": "c6",
        "known_time": "c3 m6",
        "reason": "c12",
        "reason_text": "c12",
        "destination": "c6",
        "recipient": "c6",
    }

    area_code = forms.ChoiceField(label=_("Area"))
    subject = forms.ChoiceField(required=False)
    period = forms.ChoiceField(label=_("Period of the ledger"))
    start = DayField(label=_("First day"))
    end = DayField(label=_("Last day"))
    format = forms.ChoiceField(
        label=_("File type"), choices=[("xlsx", _("Workbook (.xlsx)")), ("csv", "CSV")], widget=RadioChips(joined=True)
    )
    full = forms.BooleanField(
        label=_("Full ID numbers and phones"),
        required=False,
        help_text=_("Only when the masked ones are not enough: each full export is kept in the access log."),
    )
    known_on = DayField(
        label=_("As the register knew it on"),
        required=False,
        help_text=_(
            "Empty: as it stands now. With a day: what was entered or corrected later is left out, and what was taken"
            " back later still counts."
        ),
    )
    known_time = forms.TimeField(
        label=_("At"),
        required=False,
        help_text=_("Empty: the end of that day."),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    areas_then = forms.BooleanField(
        label=_("By the areas of that time"),
        required=False,
        help_text=_("Where areas were re-organised since the last day of the period: the old areas, with equal sums."),
    )
    reason = forms.ChoiceField(label=_("Reason for the file"), choices=Reason, widget=RadioChips)
    reason_text = forms.CharField(label=_("Document or matter"), max_length=80, required=False)
    destination = forms.ChoiceField(label=_("Where it goes"), choices=Destination, widget=RadioChips(joined=True))
    recipient = forms.CharField(label=_("Recipient of the file"), max_length=100, required=False)

    def __init__(self, *args: Any, ledger: Ledger, user: User, **kwargs: Any) -> None:
        order = default_order(ledger, actor=user)
        kwargs.setdefault("initial", {}).update(
            {
                "area_code": order.area_code,
                "start": order.start,
                "end": order.end,
                "format": order.format,
                "destination": Destination.INSIDE,
            }
        )
        super().__init__(*args, user=user, **kwargs)
        self.ledger = ledger
        self._offer_areas(user)
        self._offer_periods()
        self._offer_subjects(user)
        scope = scope_of(user, ledger.model, ledger.action_full)
        if scope.is_nowhere or not ledger.has_masked_columns:
            del self.fields["full"]
        if not (ledger.is_statistic and ledger.has_past and changes_after(LONG_AGO).exists()):
            del self.fields["areas_then"]
        if not ledger.has_past:
            del self.fields["known_on"], self.fields["known_time"]

    def _offer_areas(self, user: User) -> None:
        scope = scope_of(user, self.ledger.model, self.ledger.action)
        areas = areas_for(user, self.ledger.model, self.ledger.action).order_by("code")
        field: Any = self.fields["area_code"]
        field.choices = area_choices(list(areas.values_list("code", "name")), scope)

    def _offer_subjects(self, user: User) -> None:
        if self.ledger.subjects is None:
            del self.fields["subject"]
            return
        field: Any = self.fields["subject"]
        field.label = self.ledger.subject_label
        field.choices = [("", _("All")), *self.ledger.subjects(user)]

    def _offer_periods(self) -> None:
        kind, today = self.ledger.period, clock.today()
        if kind not in {PeriodKind.MONTH, PeriodKind.QUARTER}:
            del self.fields["period"]
        else:
            field: Any = self.fields["period"]
            field.choices = [(one.start.isoformat(), one.label) for one in past_periods(kind, today)]
        if kind != PeriodKind.RANGE:
            del self.fields["end"]
            if kind != PeriodKind.DAY:
                del self.fields["start"]
            else:
                self.fields["start"].label = _("Day of the ledger")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("reason") == Reason.OTHER and not cleaned.get("reason_text", "").strip():
            self.add_error("reason_text", _("Please say in a few words what the file is needed for."))
        if cleaned.get("destination") == Destination.OUTWARD and not cleaned.get("recipient", "").strip():
            self.add_error("recipient", _("Please name who receives the file."))
        if cleaned.get("known_time") and not cleaned.get("known_on"):
            self.add_error("known_on", _("Please choose the day of this time."))
        elif (moment := self._moment(cleaned)) and moment > clock.now():
            message = _("This moment has not come yet. Choose an earlier one, or leave it empty.")
            self.add_error("known_time" if cleaned.get("known_time") else "known_on", message)
        area, full = cleaned.get("area_code", ""), cleaned.get("full", False)
        if full and self.user and area and not may_unmask(self.user, self.ledger, area):
            self.add_error("full", _("You may see full numbers only in a part of this area. Choose that part."))
        return cleaned

    def _moment(self, values: Mapping[str, Any]) -> datetime | None:
        """The end of the day unless a time is given; for today that is now."""
        day, time = values.get("known_on"), values.get("known_time")
        if not day:
            return None
        if time:
            return timezone.make_aware(datetime.combine(day, time))
        return clock.now() if day == clock.today() else end_of(day)

    def order(self) -> Order:
        values, today = self.cleaned_data, clock.today()
        start = values.get("start") or values.get("known_on") or today
        if values.get("period"):
            start = date.fromisoformat(values["period"])
        return Order(
            code=self.ledger.code,
            area_code=values["area_code"],
            start=start,
            end=values.get("end") or start,
            format=values["format"],
            full=values.get("full", False),
            known_at=self._moment(values),
            areas_then=values.get("areas_then", False),
            subject=values.get("subject", ""),
        )

    def reason_sentence(self) -> str:
        """In Chinese, because it stands on the file."""
        with override("zh-hans"):
            label = str(Reason(self.cleaned_data["reason"]).label)
        text = self.cleaned_data.get("reason_text", "").strip()
        return f"{label}：{text}" if text else label


def past_periods(kind: PeriodKind, today: date) -> list[Period]:
    """The running month (or quarter) and those before it, newest first."""
    step, offered, of = (1, MONTHS_OFFERED, month_of)
    if kind == PeriodKind.QUARTER:
        step, offered, of = (MONTHS_A_QUARTER, QUARTERS_OFFERED, quarter_of)
    found = []
    for back in range(0, offered * step, step):
        year, month = divmod(today.year * 12 + today.month - 1 - back, 12)
        found.append(of(date(year, month + 1, 1)))
    return found


def area_choices(areas: list[tuple[str, str]], scope: Scope) -> list[Any]:
    """Wide areas first; communities grouped under the name of their township."""
    names = dict(areas)
    wide = [(code, name) for code, name in areas if len(code) < COMMUNITY_DIGITS and code in scope]
    groups: dict[str, list[tuple[str, str]]] = {}
    for code, name in areas:
        if len(code) == COMMUNITY_DIGITS:
            groups.setdefault(names.get(code[:TOWNSHIP_DIGITS], ""), []).append((code, name))
    grouped: list[Any] = []
    for title, members in groups.items():
        if title:
            grouped.append((title, members))
        else:
            grouped.extend(members)
    return [*wide, *grouped]


def preview_area(form_data: Any, ledger: Ledger, user: User) -> str:
    """The area of a preview's address, or the widest one in reach when it names none that is in reach."""
    wanted = str(form_data.get("area", ""))
    inside = scope_of(user, ledger.model, ledger.action)
    if wanted and wanted in inside and Area.objects.filter(code=wanted).exists():
        return wanted
    return inside.codes[0] if inside.codes else ""
