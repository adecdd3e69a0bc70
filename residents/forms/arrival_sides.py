"""The small forms beside the arrival form: a new dwelling, and why a suggested person is somebody else."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.core.errors import DomainError
from portal.ui.forms import PortalForm
from portal.ui.widgets import RadioChips
from residents.choices import DocumentKind
from residents.forms.arrival_fields import LODGING_ORDER, ordered_choices
from residents.services.names import check_phone, normalise_phone


class DwellingForm(PortalForm):
    """New dwelling beside the arrival form: only what the address needs; the rest is completed in the house list."""

    area_code = forms.ChoiceField(label=_("Community"))
    estate = forms.CharField(
        label=_("Estate or road"), max_length=60, error_messages={"required": _("Please enter the estate or road")}
    )
    building = forms.CharField(label=_("Building"), max_length=20, required=False)
    unit = forms.CharField(label=_("Unit"), max_length=20, required=False)
    room = forms.CharField(
        label=_("Room"), max_length=20, error_messages={"required": _("Please enter the room or door number")}
    )
    kind = forms.ChoiceField(label=_("Kind of dwelling"), widget=RadioChips)
    landlord_name = forms.CharField(label=_("Landlord"), max_length=50, required=False)
    landlord_phone = forms.CharField(
        label=_("Landlord's phone"), max_length=24, required=False, widget=forms.TextInput({"inputmode": "tel"})
    )
    capacity = forms.IntegerField(label=_("Most occupants"), min_value=1, max_value=999, required=False)
    is_new = forms.BooleanField(required=False)

    def __init__(self, *args: Any, communities: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["area_code"].choices = communities
        fields["kind"].choices = ordered_choices("dwelling_kind", LODGING_ORDER)

    def clean_landlord_phone(self) -> str:
        try:
            return check_phone(normalise_phone(self.cleaned_data["landlord_phone"]))
        except DomainError as error:
            raise forms.ValidationError(error.message) from error


class NotSamePersonForm(PortalForm):
    """`document_number` is the one being registered, not the one on file."""

    person = forms.IntegerField()
    document_kind = forms.ChoiceField(choices=DocumentKind.choices, required=False)
    document_number = forms.CharField(
        error_messages={"required": _("Enter the ID number of the person in front of you first")}
    )
    why = forms.ChoiceField(
        label=_("Why is it somebody else?"),
        choices=[
            ("photo", _("The photograph shows somebody else")),
            ("namesake", _("Same name, another person")),
            ("other", _("Another reason")),
        ],
        error_messages={"required": _("Please choose why it is somebody else")},
    )
    text = forms.CharField(label=_("Reason"), max_length=120, required=False)

    def reason(self) -> str:
        labels: dict[str, Any] = dict(self.fields["why"].choices)  # type: ignore[attr-defined]
        return "；".join(
            part for part in (str(labels[self.cleaned_data["why"]]), self.cleaned_data["text"].strip()) if part
        )
