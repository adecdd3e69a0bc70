"""Why somebody asks to see more than a page shows."""

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.policy import codes
from portal.ui.forms import PortalForm
from portal.ui.widgets import RadioChips


def reasons() -> list[tuple[str, str]]:
    return list(codes.choices("access_reason"))


class ReasonForm(PortalForm):
    reason_code = forms.ChoiceField(label=_("Reason"), widget=RadioChips, choices=reasons)
    reason_text = forms.CharField(
        label=_("In words"),
        max_length=200,
        required=False,
        help_text=_("Needed for the reason “other”."),
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    case_number = forms.CharField(
        label=_("Case number"), max_length=60, required=False, widget=forms.TextInput({"autocomplete": "off"})
    )
    columns = {"reason_code": "c12", "reason_text": "c8", "case_number": "c4"}
