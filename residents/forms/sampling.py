from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.org.models import User
from portal.ui.forms import DayField, PortalForm
from portal.ui.widgets import CheckChips, RadioChips
from residents.choices import SampleOutcome, SamplingMethod
from residents.forms.people import VersionedForm
from residents.services.sampling.campaigns import Finding

WRONG_ITEMS = [
    ("name", _("Name")),
    ("document", _("Document number")),
    ("phone", _("Phone")),
    ("dwelling", _("Address")),
    ("arrived_on", _("Arrival date")),
    ("reason", _("Reason for coming")),
    ("workplace", _("Employer or school")),
]
OUTCOMES = [(key, label) for key, label in SampleOutcome.choices if key != SampleOutcome.OPEN]


class CampaignForm(PortalForm):
    name = forms.CharField(
        label=_("Name of the field test"), max_length=60, widget=forms.TextInput({"autofocus": True})
    )
    method = forms.ChoiceField(label=_("Method"), choices=SamplingMethod, widget=RadioChips)
    area_code = forms.ChoiceField(label=_("Area"))
    starts_on = DayField(label=_("From"))
    ends_on = DayField(label=_("Until"))
    columns = {"name": "c12", "method": "c6", "area_code": "c6", "starts_on": "c6 m6", "ends_on": "c6 m6"}

    def __init__(self, *args: Any, areas: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        area: Any = self.fields["area_code"]
        area.choices = areas


class SampleAssignForm(PortalForm):
    area_code = forms.CharField(max_length=15)
    assignee = forms.TypedChoiceField(label=_("Who goes there"), coerce=int)

    def __init__(self, *args: Any, people: list[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        assignee: Any = self.fields["assignee"]
        assignee.choices = [(user.pk, str(user)) for user in people]


class CountField(forms.IntegerField):
    def __init__(self, **kwargs: Any) -> None:
        widget = forms.NumberInput({"inputmode": "numeric", "autocomplete": "off"})
        super().__init__(min_value=0, max_value=99, initial=0, widget=widget, **kwargs)


class DoorForm(VersionedForm):
    """At a drawn door: people are counted, nobody is named."""

    outcome = forms.ChoiceField(label=_("Outcome"), choices=OUTCOMES, widget=RadioChips, initial="checked")
    people_found = CountField(label=_("People met who have to be registered"))
    people_registered = CountField(label=_("Of them in the register"))
    people_here = CountField(label=_("Of them at this very address"))
    left_found = CountField(label=_("Registered here but gone"))
    left_closed = CountField(label=_("Of them deregistered"))
    is_rented = forms.BooleanField(label=_("The dwelling is let"), required=False)
    undertaking_signed = forms.BooleanField(label=_("The landlord's undertaking is signed"), required=False)
    columns = {
        "outcome": "c12",
        "people_found": "c4",
        "people_registered": "c4",
        "people_here": "c4",
        "left_found": "c6 m6",
        "left_closed": "c6 m6",
        "is_rented": "c6",
        "undertaking_signed": "c6",
    }

    def finding(self) -> Finding:
        data = {name: value for name, value in self.cleaned_data.items() if name not in {"version", "outcome"}}
        return Finding(**data)


class RecordForm(VersionedForm):
    """For a drawn record: is the person there, and is what is on file right?"""

    outcome = forms.ChoiceField(label=_("Outcome"), choices=OUTCOMES, widget=RadioChips, initial="checked")
    place = forms.ChoiceField(
        label=_("The person"),
        widget=RadioChips,
        choices=[
            ("here", _("lives at the registered address")),
            ("elsewhere", _("lives at another address nearby")),
            ("gone", _("has left")),
        ],
        initial="here",
    )
    wrong_items = forms.MultipleChoiceField(
        label=_("Wrong on file"), required=False, choices=WRONG_ITEMS, widget=CheckChips
    )
    columns = {"outcome": "c12", "place": "c12", "wrong_items": "c12"}

    def finding(self) -> Finding:
        data = self.cleaned_data
        return Finding(
            is_there=data["place"] == "here",
            has_left=data["place"] == "gone",
            wrong_items=tuple(data["wrong_items"]),
        )
