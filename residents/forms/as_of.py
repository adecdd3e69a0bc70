"""Two days: the one lived through, and the one at whose end the register is asked."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.core import clock
from portal.ui.forms import DayField
from residents.services.as_of import BUILDING, DOOR, UNIT


class PersonThenForm(forms.Form):
    """Names of the fields are those of the address, so an answer can be linked to."""

    on = DayField(label=_("Lived there on"))
    known = DayField(label=_("As the register knew it on"), required=False)

    def days(self) -> dict[str, date]:
        """Keywords of the services; without a second day, what is known today."""
        return {"on": self.cleaned_data["on"], "known_on": self.cleaned_data.get("known") or clock.today()}


class DwellingThenForm(PersonThenForm):
    reach = forms.ChoiceField(
        label=_("How far"),
        choices=[(DOOR, _("This dwelling")), (UNIT, _("The whole unit")), (BUILDING, _("The whole building"))],
        required=False,
    )

    def clean_reach(self) -> str:
        return str(self.cleaned_data.get("reach") or DOOR)

    def asked(self) -> dict[str, Any]:
        return {**self.days(), "reach": self.cleaned_data["reach"]}
