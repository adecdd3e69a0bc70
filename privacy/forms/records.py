"""Forms of the registers: activities, notices, consents, holds."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.core import clock
from portal.core.classes import DataClass
from portal.ui.forms import DayField, PortalForm, Section
from portal.ui.widgets import CheckChips, RadioChips
from privacy.choices import Basis, ConsentForm
from privacy.models import ProcessingActivity
from privacy.selectors import activities_on

YEAR_AHEAD = 366


class ActivityForm(PortalForm):
    purpose = forms.CharField(label=_("Purpose"), max_length=300, widget=forms.Textarea({"rows": 2}))
    basis = forms.ChoiceField(label=_("Legal ground"), choices=Basis, widget=RadioChips)
    law = forms.CharField(label=_("Text of law"), max_length=300, widget=forms.Textarea({"rows": 2}))
    data_kinds = forms.CharField(label=_("Kinds of data"), max_length=300, widget=forms.Textarea({"rows": 3}))
    data_classes = forms.MultipleChoiceField(
        label=_("Data classes"), choices=[(one.value, one.value) for one in DataClass], widget=CheckChips
    )
    retention_rule = forms.CharField(
        label=_("Rule of the retention term"), max_length=80, help_text=_("The code stands on the page of rules.")
    )
    recipients = forms.CharField(label=_("Shared with"), max_length=200, required=False)
    valid_to = DayField(label=_("Last day of validity"), required=False, ahead=10 * YEAR_AHEAD, quick=())
    verified = forms.BooleanField(label=_("I have compared the entry with the text of the law"), required=False)
    sections = (
        Section(_("What for and on which ground"), ("purpose", "basis", "law")),
        Section(_("Which data, how long, with whom"), ("data_kinds", "data_classes", "retention_rule", "recipients")),
        Section(_("Validity"), ("valid_to", "verified")),
    )
    columns = {
        "purpose": "c12",
        "basis": "c12",
        "law": "c12",
        "data_kinds": "c12",
        "data_classes": "c12",
        "recipients": "c12",
        "verified": "c12",
    }


class NoticeForm(PortalForm):
    version = forms.CharField(label=_("Version"), max_length=20, widget=forms.TextInput({"placeholder": "2027-1"}))
    effective_from = DayField(label=_("In force from"), ahead=YEAR_AHEAD, quick=(0,))
    body = forms.CharField(label=_("Chinese text"), widget=forms.Textarea({"rows": 14}))
    body_en = forms.CharField(
        label=_("English text of the notice"), required=False, widget=forms.Textarea({"rows": 8, "lang": "en"})
    )
    columns = {"version": "c6", "effective_from": "c6", "body": "c12", "body_en": "c12"}


class ConsentRecordForm(PortalForm):
    """`answer`: agreed or refused; a refusal is kept too, so that nobody asks again."""

    activity_code = forms.ChoiceField(label=_("What the consent is for"), widget=RadioChips)
    answer = forms.ChoiceField(
        label=_("Answer of the person"),
        widget=RadioChips,
        choices=[("given", _("Agrees")), ("refused", _("Does not agree"))],
    )
    told = forms.ChoiceField(label=_("How it was told"), widget=RadioChips, choices=ConsentForm)
    guardian_name = forms.CharField(
        label=_("Guardian who agrees"),
        max_length=50,
        required=False,
        help_text=_("For children under fourteen."),
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    on_own_wish = forms.BooleanField(
        label=_("The person came back to it on the own wish; nobody asked again"), required=False
    )
    columns = {"activity_code": "c12", "answer": "c12", "told": "c12", "guardian_name": "c12", "on_own_wish": "c12"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        activity: Any = self.fields["activity_code"]
        rows = activities_on(clock.today()).filter(basis=Basis.CONSENT)
        activity.choices = [(row.code, row.name) for row in rows]


class HoldForm(PortalForm):
    case_number = forms.CharField(label=_("Number of the case"), max_length=60)
    username = forms.CharField(
        label=_("Account under investigation"),
        max_length=150,
        required=False,
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    person_id = forms.IntegerField(label=_("Number of the file"), required=False, min_value=1)
    since = DayField(label=_("From day"), ahead=0, quick=(0,))
    until = DayField(label=_("Until day"), required=False, ahead=YEAR_AHEAD, quick=())
    reason = forms.CharField(label=_("Who investigates what"), max_length=200)
    columns = {"case_number": "c12", "username": "c6", "person_id": "c6", "reason": "c12"}


def initial_of(row: ProcessingActivity) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ActivityForm.base_fields}
