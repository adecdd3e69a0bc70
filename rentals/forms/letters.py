"""Letters of responsibility. Shape only: the rules are in `rentals.services.letters`."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.ui.forms import DayField, PortalForm
from portal.ui.widgets import RadioChips
from rentals.choices import SignedHow
from rentals.forms.inspections import PICTURES
from rentals.services.inspections.hazards import Photo
from residents.forms.people import VersionedForm


class IssueForm(PortalForm):
    area_code = forms.ChoiceField(label=_("Area"))
    columns = {"area_code": "c6"}

    def __init__(self, *args: Any, areas: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        area: Any = self.fields["area_code"]
        area.choices = areas


class SignForm(VersionedForm):
    manner = forms.ChoiceField(label=_("How the letter is signed"), choices=SignedHow, widget=RadioChips)
    signer_name = forms.CharField(
        label=_("Name of whoever signs"),
        max_length=80,
        widget=forms.TextInput({"autocomplete": "off"}),
        help_text=_("On screen the landlord or the agent types the own name, in front of you."),
    )
    signed_on = DayField(label=_("Signed on"), ahead=0)
    file = forms.FileField(
        label=_("Scan of the signed paper"),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput({"accept": PICTURES}),
        help_text=_("Needed where it was signed on paper."),
    )
    columns = {"manner": "c12", "signer_name": "c6", "signed_on": "c6", "file": "c12"}

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        sent = data.pop("file", None)
        return data | {"scan": Photo(sent, sent.size) if sent else None}
