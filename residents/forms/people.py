"""Forms of the person's page. Shape only: whether a change is allowed is judged by `residents.services`."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.policy import codes
from portal.ui.forms import DayField, PortalForm
from portal.ui.widgets import ComboInput, RadioChips
from residents.choices import DiscoveredBy, VisitResult
from residents.models import Dwelling

LODGING_ORDER = ("05", "03", "02", "04", "01", "99")
ADDRESS_CHANGED = "02"
FOUND_BY = [
    (DiscoveredBy.PERSON.value, DiscoveredBy.PERSON.label),
    (DiscoveredBy.LANDLORD.value, DiscoveredBy.LANDLORD.label),
    (DiscoveredBy.EMPLOYER.value, DiscoveredBy.EMPLOYER.label),
    (DiscoveredBy.VISIT.value, DiscoveredBy.VISIT.label),
]


def address_of(pk: Any) -> str:
    """The text that stands in the address box for a chosen dwelling."""
    known = str(pk).isdigit()
    return (Dwelling.objects.filter(pk=pk).values_list("address", flat=True).first() or "") if known else ""


def lodging_choices() -> list[tuple[str, str]]:
    found = dict(codes.choices("dwelling_kind"))
    return [*((code, found.pop(code)) for code in LODGING_ORDER if code in found), *found.items()]


def leaving_choices() -> list[tuple[str, str]]:
    """Without the change of address, which is its own form."""
    return [(code, label) for code, label in codes.choices("dereg_reason") if code != ADDRESS_CHANGED]


class VersionedForm(PortalForm):
    """Carries the version that the reader saw (pattern P17)."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class MoveForm(VersionedForm):
    dwelling = forms.IntegerField(
        label=_("New address"),
        widget=ComboInput(
            "residents:arrival_addresses",
            {"placeholder": _("Estate, building and room; initials work: jxhy 3-2-501"), "autofocus": True},
            label_of=address_of,
            icon="map-pin",
        ),
        error_messages={
            "required": _("Choose the address from the list, or add a new dwelling"),
            "invalid": _("Choose the address from the list, or add a new dwelling"),
        },
    )
    moved_on = DayField(label=_("Moved on"), ahead=0)
    lodging = forms.ChoiceField(label=_("Kind of lodging"), widget=RadioChips, choices=lodging_choices)
    discovered_by = forms.ChoiceField(label=_("Found by"), widget=RadioChips, choices=FOUND_BY)
    why = forms.CharField(
        label=_("Why the address changes again"),
        max_length=200,
        required=False,
        help_text=_("Needed only when the address was changed a short while ago."),
    )
    with_companions = forms.BooleanField(label=_("The people who came along move too"), required=False)
    columns = {
        "dwelling": "c8",
        "moved_on": "c4",
        "lodging": "c12",
        "discovered_by": "c12",
        "why": "c12",
        "with_companions": "c12",
    }


class WorkplaceForm(VersionedForm):
    workplace = forms.CharField(
        label=_("New employer or school"),
        max_length=100,
        required=False,
        help_text=_("Leave it empty when the person has no work any more."),
        widget=forms.TextInput({"autocomplete": "off", "autofocus": True}),
    )
    occupation = forms.ChoiceField(label=_("Occupation"), required=False)
    changed_on = DayField(label=_("Since"), ahead=0)
    columns = {"workplace": "c12", "occupation": "c8", "changed_on": "c4"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        occupation: Any = self.fields["occupation"]
        occupation.choices = [("", _("As before")), *codes.choices("occupation")]


class LeaveForm(VersionedForm):
    reason = forms.ChoiceField(label=_("Reason for leaving"), widget=RadioChips, choices=leaving_choices)
    left_on = DayField(label=_("Left on"), ahead=0)
    destination = forms.CharField(
        label=_("Gone to"),
        max_length=80,
        required=False,
        widget=forms.TextInput({"placeholder": _("Province and city")}),
    )
    discovered_by = forms.ChoiceField(label=_("Found by"), widget=RadioChips, choices=FOUND_BY)
    with_companions = forms.BooleanField(label=_("The people who came along left too"), required=False)
    columns = {
        "reason": "c12",
        "left_on": "c5",
        "destination": "c7",
        "discovered_by": "c12",
        "with_companions": "c12",
    }


class RestoreForm(VersionedForm):
    reason = forms.CharField(
        label=_("Why it is restored"),
        max_length=200,
        widget=forms.TextInput({"autocomplete": "off", "autofocus": True}),
    )
    was_away = forms.TypedChoiceField(
        label=_("What happened"),
        widget=RadioChips,
        choices=[
            ("no", _("The deregistration was a mistake")),
            ("yes", _("The person was away and came back")),
        ],
        coerce=lambda value: value == "yes",
        help_text=_("Days away do not count towards the half-year; after a mistake everything counts."),
    )
    columns = {"reason": "c12", "was_away": "c12"}


class VerifyForm(forms.Form):
    """One tap; the note is optional."""

    result = forms.ChoiceField(choices=VisitResult.choices)
    note = forms.CharField(max_length=200, required=False)


class DwellingAddForm(PortalForm):
    area_code = forms.ChoiceField(label=_("Community"))
    estate = forms.CharField(
        label=_("Estate, road or village"),
        max_length=60,
        widget=forms.TextInput({"autocomplete": "off", "autofocus": True}),
    )
    building = forms.CharField(label=_("Building"), max_length=20, required=False)
    unit = forms.CharField(label=_("Unit"), max_length=20, required=False)
    room = forms.CharField(label=_("Room"), max_length=20, required=False)
    kind = forms.ChoiceField(label=_("Dwelling kind"), widget=RadioChips, choices=lodging_choices)
    landlord_name = forms.CharField(label=_("Landlord"), max_length=50, required=False)
    landlord_phone = forms.CharField(
        label=_("Landlord's phone"),
        max_length=24,
        required=False,
        widget=forms.TextInput({"inputmode": "tel", "autocomplete": "off"}),
    )
    capacity = forms.IntegerField(label=_("Most occupants"), min_value=1, max_value=999, required=False)
    rental_registered = forms.BooleanField(label=_("Registered as rental with the police"), required=False)
    is_new = forms.BooleanField(required=False, widget=forms.HiddenInput())
    columns = {
        "area_code": "c6",
        "estate": "c6",
        "building": "c4 m6",
        "unit": "c4 m6",
        "room": "c4 m6",
        "kind": "c12",
        "landlord_name": "c4",
        "landlord_phone": "c4",
        "capacity": "c4",
        "rental_registered": "c12",
    }

    def __init__(self, *args: Any, communities: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        area: Any = self.fields["area_code"]
        area.choices = communities


class AliasForm(forms.Form):
    text = forms.CharField(label=_("Another way people write this address"), max_length=120)
