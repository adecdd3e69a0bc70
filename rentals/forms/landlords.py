"""The landlord's page: a phone, a code, and the report. Shape only; the page stays plain enough to work without
scripts, on any phone."""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portal.core import clock
from portal.org.choices import AreaLevel
from portal.org.models import Area
from portal.ui.forms import PortalForm
from portal.ui.widgets import RadioChips
from rentals.report_choices import ReporterKind, ReportKind
from rentals.services.reports.doors import OwnDoor
from rentals.services.reports.intake import ReportInput, TenantInput
from residents.choices import DocumentKind

ELSEWHERE = "0"
PHONE = {"inputmode": "tel", "autocomplete": "tel"}
DAY = {"type": "date"}


class PhoneForm(PortalForm):
    phone = forms.CharField(label=_("Your phone number"), max_length=20, widget=forms.TextInput(PHONE))
    columns = {"phone": "c12"}


class CodeForm(PortalForm):
    code = forms.CharField(
        label=_("Code from the message"),
        max_length=12,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )
    columns = {"code": "c12"}


def _day(label: Any, **more: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        widget=forms.DateInput(DAY, format="%Y-%m-%d"),
        error_messages={
            "required": _("Please enter the date"),
            "invalid": _("This date was not understood, please write it like 2026-11-20"),
        },
        **more,
    )


class ReportForm(PortalForm):
    """`doors` are the visitor's own; None at the plate of a door, where the phone is asked for instead."""

    submission_id = forms.UUIDField(widget=forms.HiddenInput)
    kind = forms.ChoiceField(label=_("What happened?"), choices=ReportKind, widget=RadioChips(joined=True))
    place = forms.ChoiceField(label=_("Which home?"))
    area_code = forms.ChoiceField(label=_("Community of the other home"), required=False)
    address = forms.CharField(
        label=_("Address of the other home"),
        max_length=120,
        required=False,
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    happened_on = _day(_("On which day?"))
    room = forms.CharField(
        label=pgettext_lazy("lease", "Room"),
        max_length=20,
        required=False,
        widget=forms.TextInput({"autocomplete": "off"}),
        help_text=_("Empty for the whole dwelling."),
    )
    reporter_kind = forms.ChoiceField(label=_("You are"), choices=ReporterKind, widget=RadioChips)
    told_on = _day(
        _("Told to you, or contract signed, on"), required=False, help_text=_("For property managers and brokers.")
    )
    reporter_name = forms.CharField(
        label=_("Your name, or that of your company"), max_length=80, widget=forms.TextInput({"autocomplete": "name"})
    )
    reporter_phone = forms.CharField(label=_("Your phone number"), max_length=20, widget=forms.TextInput(PHONE))

    def __init__(self, *args: Any, doors: list[OwnDoor] | None, **kwargs: Any) -> None:
        start = {
            "submission_id": uuid.uuid4(),
            "kind": ReportKind.MOVED_IN,
            "happened_on": clock.today(),
            "reporter_kind": ReporterKind.LANDLORD,
        }
        kwargs["initial"] = start | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        if doors is None:
            for name in ("place", "area_code", "address"):
                del self.fields[name]
            return
        del self.fields["reporter_phone"]
        places = [(str(door.dwelling_id), door.address) for door in doors]
        self.fields["place"].choices = [*places, (ELSEWHERE, _("Another home"))]  # type: ignore[attr-defined]
        communities = Area.objects.filter(level=AreaLevel.COMMUNITY, valid_to=None).order_by("code")
        named = list(communities.values_list("code", "name"))
        self.fields["area_code"].choices = [("", _("Please choose")), *named]  # type: ignore[attr-defined]

    def given(self, tenants: Iterable[TenantInput], *, plate: uuid.UUID | None) -> ReportInput:
        data = self.cleaned_data
        own = data.get("place", ELSEWHERE)
        return ReportInput(
            kind=data["kind"],
            happened_on=data["happened_on"],
            told_on=data["told_on"],
            tenants=tuple(tenants),
            plate=plate,
            dwelling_id=int(own) if own != ELSEWHERE else None,
            area_code=data.get("area_code", ""),
            address=data.get("address", ""),
            room=data["room"],
        )


class TenantForm(PortalForm):
    name = forms.CharField(
        label=pgettext_lazy("tenancy report", "Name of the tenant"),
        max_length=60,
        required=False,
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    document_number = forms.CharField(
        label=_("Document number"),
        max_length=30,
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "characters"}),
    )
    document_kind = forms.ChoiceField(
        label=_("Kind of document"),
        choices=DocumentKind.choices,
        initial=DocumentKind.RESIDENT_ID,
        required=False,
    )
    phone = forms.CharField(
        label=_("Phone, if you know it"),
        max_length=20,
        required=False,
        widget=forms.TextInput({"inputmode": "tel", "autocomplete": "off"}),
    )

    @property
    def is_filled(self) -> bool:
        return any(self.cleaned_data.get(name) for name in ("name", "document_number", "phone"))

    def given(self) -> TenantInput:
        data = self.cleaned_data
        return TenantInput(
            name=data["name"],
            document_kind=data["document_kind"] or DocumentKind.RESIDENT_ID,
            document_number=data["document_number"],
            phone=data["phone"],
        )


def tenant_forms(data: Mapping[str, Any] | None, *, most: int) -> list[TenantForm]:
    """The first one has to be filled in; the others may stay empty."""
    rows = [TenantForm(data, prefix=f"tenant{number}") for number in range(most)]
    rows[0].fields["name"].required = True
    return rows
