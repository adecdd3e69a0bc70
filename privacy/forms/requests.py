from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.core import clock
from portal.ui.forms import DayField, PortalForm, Section
from portal.ui.widgets import RadioChips
from privacy.choices import Requester, RequestKind
from privacy.services.requests import RequestInput


class RequestForm(PortalForm):
    """Shape only; who may ask for what is judged by the service."""

    kind = forms.ChoiceField(label=_("What is asked for"), choices=RequestKind, widget=RadioChips)
    wish = forms.CharField(
        label=_("In the words of the person"),
        max_length=1000,
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("Needed for corrections and explanations."),
    )
    requester = forms.ChoiceField(
        label=_("Who asks"), choices=Requester, widget=RadioChips, initial=Requester.SELF.value
    )
    requester_name = forms.CharField(
        label=_("Name of the requester"),
        max_length=50,
        required=False,
        widget=forms.TextInput({"autocomplete": "off"}),
        help_text=_("Only when it is not the person."),
    )
    relation_proof = forms.CharField(
        label=_("Paper that allows it"),
        max_length=200,
        required=False,
        widget=forms.TextInput({"placeholder": _("Power of attorney, proof of kinship, death certificate …")}),
    )
    requester_contact = forms.CharField(
        label=_("Phone or address for the answer"),
        max_length=60,
        required=False,
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    received_on = DayField(label=_("Received on"), ahead=0)
    sections = (
        Section(_("Request"), ("kind", "wish", "received_on")),
        Section(_("Requester"), ("requester", "requester_name", "relation_proof", "requester_contact")),
    )
    columns = {"kind": "c12", "wish": "c12", "received_on": "c6", "requester": "c12", "relation_proof": "c12"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"received_on": clock.today()} | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)

    def given(self) -> RequestInput:
        return RequestInput(**self.cleaned_data)


class StepForm(PortalForm):
    version = forms.IntegerField(widget=forms.HiddenInput)


class IdentityForm(StepForm):
    means = forms.CharField(
        label=_("How you made sure who asks"),
        max_length=200,
        widget=forms.TextInput({"placeholder": _("ID card seen at the window …"), "autocomplete": "off"}),
    )
    columns = {"means": "c12"}


class AnswerForm(StepForm):
    text = forms.CharField(label=_("What the person is told"), max_length=2000, widget=forms.Textarea({"rows": 4}))
    columns = {"text": "c12"}


class RefusalForm(StepForm):
    reason = forms.CharField(
        label=_("Reason that the person is told"), max_length=1000, widget=forms.Textarea({"rows": 3})
    )
    columns = {"reason": "c12"}
