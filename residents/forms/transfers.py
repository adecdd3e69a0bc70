"""Asking another unit for a stay, and its answer."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.ui.forms import DayField, PortalForm
from portal.ui.widgets import ComboInput, RadioChips
from residents.forms.people import VersionedForm, address_of, lodging_choices

ACCEPT, REFUSE = "accept", "refuse"
ANSWERS = [(ACCEPT, _("Hand the stay over")), (REFUSE, _("Refuse"))]
CHOOSE = {
    "required": _("Choose the address from the list, or add a new dwelling"),
    "invalid": _("Choose the address from the list, or add a new dwelling"),
}


class TransferForm(PortalForm):
    dwelling = forms.IntegerField(
        label=_("New address"),
        widget=ComboInput(
            "residents:arrival_addresses",
            {"placeholder": _("Estate, building and room; initials work: jxhy 3-2-501"), "autofocus": True},
            label_of=address_of,
            icon="map-pin",
        ),
        error_messages=CHOOSE,
    )
    moved_on = DayField(label=_("Moved on"), ahead=0)
    lodging = forms.ChoiceField(label=_("Kind of lodging"), widget=RadioChips, choices=lodging_choices)
    reason = forms.CharField(
        label=_("What the person says about the move"),
        max_length=200,
        help_text=_("The unit that holds the registration reads this before it answers."),
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    columns = {"dwelling": "c8", "moved_on": "c4", "lodging": "c12", "reason": "c12"}


class TransferAnswerForm(VersionedForm):
    decision = forms.ChoiceField(label=_("Answer"), widget=RadioChips, choices=ANSWERS)
    answer = forms.CharField(
        label=_("Reason for the refusal"),
        max_length=200,
        required=False,
        help_text=_("Needed when the stay is not handed over."),
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    columns = {"decision": "c12", "answer": "c12"}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("decision") == REFUSE and not data.get("answer", "").strip():
            self.add_error("answer", _("Please say why the stay is not handed over."))
        return data
