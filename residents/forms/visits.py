"""Forms of a visit round. One card a person; the shape only, the rules are in `residents.services.visits`."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.org.models import User
from portal.ui.forms import DayField, PortalForm
from portal.ui.widgets import ComboInput, RadioChips
from residents.choices import VisitResult
from residents.forms.evidence import TAKEN
from residents.forms.people import VersionedForm, address_of, leaving_choices, lodging_choices
from residents.services.visits.answers import Answer


class AnswerForm(VersionedForm):
    """What was seen of one person. `submission_id` makes a second press of the button, or a second try after the
    connection broke, the same answer."""

    prefix_of = 0
    """The stay whose card this is."""

    result = forms.ChoiceField(choices=VisitResult.choices)
    submission_id = forms.UUIDField(widget=forms.HiddenInput)
    happened_on = DayField(label=_("Since when"), ahead=0, required=False)
    reason = forms.ChoiceField(label=_("Reason for leaving"), choices=leaving_choices, required=False)
    destination = forms.CharField(
        label=_("Gone to"), max_length=80, required=False, widget=forms.TextInput({"autocomplete": "off"})
    )
    dwelling = forms.IntegerField(
        label=_("New address"),
        required=False,
        widget=ComboInput(
            "residents:arrival_addresses",
            {"placeholder": _("Estate, building and room; initials work: jxhy 3-2-501")},
            label_of=address_of,
            icon="map-pin",
        ),
    )
    lodging = forms.ChoiceField(label=_("Kind of lodging"), choices=lodging_choices, required=False)
    why = forms.CharField(label=_("Why the address changes again"), max_length=200, required=False)
    with_companions = forms.BooleanField(label=_("The people who came along move too"), required=False)
    hint = forms.BooleanField(label=_("A landlord or neighbour says they have moved out"), required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("result") == VisitResult.MOVED and not data.get("dwelling"):
            self.add_error("dwelling", _("Choose the address from the list, or add a new dwelling"))
        if data.get("result") == VisitResult.LEFT and not data.get("reason"):
            self.add_error("reason", _("Please choose: %(label)s") % {"label": _("Reason for leaving")})
        return data

    def answer(self) -> Answer:
        data = self.cleaned_data
        return Answer(
            result=data["result"],
            happened_on=data["happened_on"],
            reason=data["reason"],
            destination=data["destination"],
            dwelling_id=data["dwelling"],
            lodging=data["lodging"],
            why=data["why"],
            with_companions=data["with_companions"],
            hint=data["hint"],
        )


class PostponeForm(VersionedForm):
    until = DayField(label=_("Until"))
    reason = forms.CharField(
        label=_("Why the visit is put off"),
        max_length=200,
        widget=forms.TextInput({"autocomplete": "off", "autofocus": True}),
    )
    columns = {"until": "c4", "reason": "c8"}


class AssignForm(VersionedForm):
    assignee = forms.TypedChoiceField(label=_("Who goes there"), coerce=int)

    def __init__(self, *args: Any, people: list[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        assignee: Any = self.fields["assignee"]
        assignee.choices = [(user.pk, str(user)) for user in people]


class DoorPhotoForm(PortalForm):
    """The door plate, not people: it belongs to the dwelling."""

    file = forms.FileField(
        label=_("Photo of the door plate"),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": TAKEN, "capture": "environment"}),
    )


class DepartureAskForm(PortalForm):
    reason = forms.ChoiceField(label=_("Reason for leaving"), widget=RadioChips, choices=leaving_choices)
    left_on = DayField(label=_("Left on"), ahead=0)
    explanation = forms.CharField(
        label=_("How it is known that they have left"),
        max_length=200,
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    ids = forms.CharField(widget=forms.HiddenInput)
    columns = {"reason": "c12", "left_on": "c4", "explanation": "c8"}

    def clean_ids(self) -> list[int]:
        return [int(part) for part in self.cleaned_data["ids"].split(",") if part.isdigit()]


class DepartureDecisionForm(VersionedForm):
    decision = forms.ChoiceField(
        label=_("Decision"),
        widget=RadioChips,
        choices=[("approve", _("Approve: deregister these people")), ("refuse", _("Turn down: they stay registered"))],
    )
    answer = forms.CharField(
        label=_("Reason for the decision"), max_length=200, widget=forms.TextInput({"autocomplete": "off"})
    )
    columns = {"decision": "c12", "answer": "c12"}
