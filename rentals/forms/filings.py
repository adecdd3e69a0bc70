"""Filing a lease, and its steps. Shape only."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portal.core import clock
from portal.ui.forms import DayField, PortalForm
from portal.ui.widgets import CheckChips, RadioChips
from rentals.choices import FiledBy
from rentals.services.filings import FilingInput
from residents.forms.people import VersionedForm

PLAIN = {"autocomplete": "off"}
YEARS_AHEAD = 7300


class FilingForm(PortalForm):
    """`stays` are (key, name) of the people registered at the dwelling whom the user may see."""

    filed_by = forms.ChoiceField(label=_("The contract is filed by"), choices=FiledBy, widget=RadioChips)
    stays = forms.TypedMultipleChoiceField(
        label=_("Tenants registered here"), coerce=int, widget=CheckChips, required=False
    )
    others = forms.CharField(
        label=_("Other tenants, one name a line"),
        max_length=600,
        required=False,
        widget=forms.Textarea(PLAIN | {"rows": 2}),
        help_text=_("They are looked up as not yet registered."),
    )
    room = forms.CharField(
        label=pgettext_lazy("lease", "Room"),
        max_length=20,
        required=False,
        widget=forms.TextInput(PLAIN),
        help_text=_("Empty for the whole dwelling."),
    )
    monthly_rent = forms.DecimalField(
        label=_("Monthly rent (yuan)"), max_digits=9, decimal_places=2, required=False, help_text=_("Only if you wish.")
    )
    starts_on = DayField(label=_("Lease begins"), ahead=365)
    ends_on = DayField(label=_("Lease ends"), ahead=YEARS_AHEAD, quick=())
    columns = {"filed_by": "c12", "stays": "c12", "others": "c12"}

    def __init__(self, *args: Any, stays: list[tuple[int, str]], **kwargs: Any) -> None:
        start = {"filed_by": FiledBy.LANDLORD, "starts_on": clock.today()}
        kwargs["initial"] = start | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        if stays:
            self.fields["stays"].choices = stays  # type: ignore[attr-defined]
        else:
            del self.fields["stays"]

    def given(self) -> FilingInput:
        values = dict(self.cleaned_data)
        values["stays"] = tuple(values.get("stays", ()))
        values["others"] = tuple(values["others"].splitlines())
        return FilingInput(**values)


class RefusalForm(VersionedForm):
    reason = forms.CharField(label=_("Why it is not filed"), max_length=200, widget=forms.Textarea({"rows": 2}))
    columns = {"reason": "c12"}


class RenewalForm(VersionedForm):
    ends_on = DayField(label=_("Lease ends"), ahead=YEARS_AHEAD, quick=())
    columns = {"ends_on": "c12"}


class LeaseEndForm(VersionedForm):
    ended_on = DayField(label=_("Last day of the lease"), ahead=0)
    reason = forms.CharField(label=_("Why the lease ended"), max_length=200, widget=forms.TextInput(PLAIN))
    columns = {"ended_on": "c12", "reason": "c12"}
