from django import forms
from django.utils.translation import gettext_lazy as _

from portal.ui.forms import DayField, PortalForm, Section

YEARS_AHEAD = 3660


class ItemForm(PortalForm):
    name = forms.CharField(label=_("Chinese name"), max_length=100)
    name_en = forms.CharField(label=_("English name"), max_length=100, widget=forms.TextInput({"lang": "en"}))
    bucket = forms.CharField(
        label=_("Row of the report"),
        max_length=40,
        required=False,
        help_text=_("Where the statutory report counts it; empty: under its own code"),
    )
    standard = forms.CharField(label=_("Standard"), max_length=60, required=False)
    source = forms.CharField(label=_("Source"), max_length=200, required=False)
    valid_from = DayField(label=_("First day"), required=False, ahead=YEARS_AHEAD, quick=())
    valid_to = DayField(label=_("Last day"), required=False, ahead=YEARS_AHEAD, quick=())
    verified = forms.BooleanField(label=_("I have compared the entry with the standard"), required=False)
    sections = (
        Section("", ("code", "name", "name_en", "bucket", "standard", "source", "valid_from", "valid_to", "verified")),
    )
    columns = {"source": "c12", "verified": "c12"}


class NewItemForm(ItemForm):
    code = forms.RegexField(
        label=_("Code of the entry"),
        regex=r"^[0-9A-Za-z_.-]{1,20}$",
        max_length=20,
        help_text=_("Letters and digits, 20 at most"),
    )
