"""What a member of staff answers to a report, and the referral of late ones. Shape only."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.core import clock
from portal.ui.forms import DayField, PortalForm
from portal.ui.widgets import ComboInput, RadioChips
from residents.forms.people import VersionedForm, address_of, leaving_choices

CHOOSE = _("Choose the address from the list, or add a new dwelling")


class DoorForm(VersionedForm):
    dwelling = forms.IntegerField(
        label=_("Address"),
        widget=ComboInput(
            "residents:arrival_addresses",
            {"placeholder": _("Estate, building and room; initials work: jxhy 3-2-501")},
            label_of=address_of,
            icon="map-pin",
        ),
        error_messages={"required": CHOOSE, "invalid": CHOOSE},
    )
    columns = {"dwelling": "c12"}


class LinkForm(VersionedForm):
    registration_id = forms.IntegerField(widget=forms.HiddenInput)


class LeftForm(LinkForm):
    stay_version = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.ChoiceField(label=_("Reason for leaving"), widget=RadioChips)
    columns = {"reason": "c12"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = leaving_choices()  # type: ignore[attr-defined]


class UntrueForm(VersionedForm):
    answer = forms.CharField(label=_("What was found at the door"), max_length=200, widget=forms.Textarea({"rows": 2}))
    columns = {"answer": "c12"}


class ReferralForm(PortalForm):
    basis = forms.CharField(label=_("Legal basis"), max_length=200, widget=forms.TextInput({"autocomplete": "off"}))
    evidence = forms.CharField(label=_("Evidence"), max_length=1000, widget=forms.Textarea({"rows": 4}))
    notice = forms.CharField(
        label=_("What the duty-bearer was told"),
        max_length=1000,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("The facts, the law, and that they may state their case."),
    )
    notified_on = DayField(label=_("Notified on"), ahead=0)
    sent_to = forms.CharField(
        label=_("Who decides about it"), max_length=80, widget=forms.TextInput({"autocomplete": "off"})
    )
    columns = {"basis": "c12", "evidence": "c12", "notice": "c12"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"notified_on": clock.today()} | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
