from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.policy.choices import DayKind
from portal.ui.forms import DayField, PortalForm, Section
from portal.ui.widgets import RadioChips

YEARS_AHEAD = 730


class DaysForm(PortalForm):
    """A line of the State Council's notice."""

    first = DayField(label=_("First day"), ahead=YEARS_AHEAD, quick=())
    last = DayField(label=_("Last day"), ahead=YEARS_AHEAD, quick=(), required=False)
    kind = forms.ChoiceField(label=_("These days are"), choices=DayKind.choices, widget=RadioChips(joined=True))
    name = forms.CharField(label=_("Occasion"), max_length=60)
    basis = forms.CharField(label=_("Notice"), max_length=200)
    sections = (Section("", ("first", "last", "kind", "name", "basis")),)
    columns = {"first": "c6", "last": "c6", "kind": "c12", "name": "c12", "basis": "c12"}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        cleaned["last"] = cleaned.get("last") or cleaned.get("first")
        return cleaned


class RuleForm(PortalForm):
    value = forms.DecimalField(label=_("Value"), min_value=Decimal(0), max_digits=12, decimal_places=2)
    effective_from = DayField(label=_("In force from"), ahead=YEARS_AHEAD, quick=(0,))
    basis = forms.CharField(label=_("Legal basis"), max_length=300)
    note = forms.CharField(label=_("Remark"), max_length=500, required=False)
    verified = forms.BooleanField(label=_("I have compared the value with the text"), required=False)
    sections = (Section("", ("value", "effective_from", "basis", "note", "verified")),)
    columns = {"value": "c6", "effective_from": "c6", "basis": "c12", "note": "c12", "verified": "c12"}
