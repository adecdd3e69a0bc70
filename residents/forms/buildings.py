"""Forms of buildings, beds, doubles and missing addresses. Shape only: the services judge."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.ui.forms import PortalForm
from portal.ui.widgets import ComboInput, RadioChips
from residents.forms.people import address_of, lodging_choices

PLACEHOLDER = _("Estate, building and room; initials work: jxhy 3-2-501")


def address_box(label: Any) -> forms.IntegerField:
    widget = ComboInput(
        "residents:arrival_addresses", {"placeholder": PLACEHOLDER}, label_of=address_of, icon="map-pin"
    )
    return forms.IntegerField(
        label=label, widget=widget, error_messages={"required": _("Please choose an address from the list.")}
    )


class CommunityForm(PortalForm):
    def __init__(self, *args: Any, communities: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        area: Any = self.fields["area_code"]
        area.choices = communities


class RoomsForm(CommunityForm):
    area_code = forms.ChoiceField(label=_("Community"))
    estate = forms.CharField(
        label=_("Estate, road or village"),
        max_length=60,
        widget=forms.TextInput({"autocomplete": "off", "autofocus": True}),
    )
    building = forms.CharField(label=_("Building"), max_length=20, widget=forms.TextInput({"autocomplete": "off"}))
    units = forms.IntegerField(
        label=_("Units"), min_value=0, max_value=30, initial=1, help_text=_("0 for a building without units.")
    )
    floor_from = forms.IntegerField(label=_("Lowest floor"), min_value=1, max_value=99, initial=1)
    floor_to = forms.IntegerField(label=_("Top floor"), min_value=1, max_value=99, initial=6)
    rooms = forms.IntegerField(
        label=_("Rooms on each floor of a unit"),
        min_value=1,
        max_value=99,
        initial=2,
        help_text=_("Numbered by floor: room 3 on floor 12 is 1203."),
    )
    kind = forms.ChoiceField(label=_("Dwelling kind"), widget=RadioChips, choices=lodging_choices)
    capacity = forms.IntegerField(label=_("Most occupants"), min_value=1, max_value=999, required=False)
    columns = {
        "area_code": "c6",
        "estate": "c6",
        "building": "c4 m6",
        "units": "c4 m6",
        "floor_from": "c4 m6",
        "floor_to": "c4 m6",
        "rooms": "c4",
        "capacity": "c4",
        "kind": "c12",
    }


class PlacesForm(PortalForm):
    capacity = forms.IntegerField(label=_("Most occupants"), min_value=1, max_value=999, required=False)
    beds = forms.IntegerField(
        label=_("Beds let one by one"),
        min_value=1,
        max_value=200,
        required=False,
        help_text=_("Empty: the dwelling is let as a whole."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput())
    columns = {"capacity": "c6", "beds": "c6"}


class BedForm(forms.Form):
    registration = forms.IntegerField()
    bed = forms.IntegerField(required=False)


class MergeForm(PortalForm):
    double = address_box(_("The same door, a second time"))
    columns = {"double": "c12"}


class MergeConfirmForm(PortalForm):
    double = forms.IntegerField(widget=forms.HiddenInput())
    survivor_version = forms.IntegerField(widget=forms.HiddenInput())
    double_version = forms.IntegerField(widget=forms.HiddenInput())
    reason = forms.CharField(
        label=_("Why is this one and the same door?"),
        max_length=200,
        widget=forms.TextInput({"autocomplete": "off", "autofocus": True}),
    )
    columns = {"reason": "c12"}


class LeadForm(CommunityForm):
    area_code = forms.ChoiceField(label=_("Community"))
    text = forms.CharField(
        label=_("Address as it was told"),
        max_length=200,
        widget=forms.TextInput({"autocomplete": "off", "autofocus": True}),
        help_text=_("Nobody is registered here until the address is found. Please write no ID or phone number."),
    )
    told_by = forms.CharField(label=_("Told by"), max_length=60, required=False)
    columns = {"area_code": "c6", "told_by": "c6", "text": "c12"}


class LeadAnswerForm(PortalForm):
    dwelling = address_box(_("It is this dwelling"))
    answer = forms.CharField(label=_("Or why there is no such address"), max_length=200, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput())
    columns = {"dwelling": "c12", "answer": "c12"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["dwelling"].required = False

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors and not cleaned.get("dwelling") and not cleaned.get("answer"):
            self.add_error("dwelling", _("Please choose the dwelling, or say why there is none."))
        return cleaned
