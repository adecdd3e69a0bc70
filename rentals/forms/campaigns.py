"""A new campaign. Shape only: the rules are in `rentals.services.campaigns`."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.policy import codes
from portal.ui.forms import DayField, PortalForm
from portal.ui.widgets import RadioChips
from rentals.choices import Grade
from rentals.services.campaigns import CATEGORIES, NAME

FROM_GRADE = [
    (Grade.LOW.value, _("All let homes")),
    (Grade.MEDIUM.value, _("Houses of medium and high grade")),
    (Grade.HIGH.value, _("Houses of high grade only")),
]


class RentalCampaignForm(PortalForm):
    name = forms.CharField(
        label=_("Name of the campaign"), max_length=NAME, widget=forms.TextInput({"autofocus": True})
    )
    category = forms.ChoiceField(label=_("What it is against"), widget=RadioChips)
    area_code = forms.ChoiceField(label=_("Area"))
    least_grade = forms.ChoiceField(label=_("Which houses"), choices=FROM_GRADE, widget=RadioChips)
    starts_on = DayField(label=_("From"))
    ends_on = DayField(label=_("Until"))
    columns = {
        "name": "c12",
        "category": "c12",
        "area_code": "c6",
        "least_grade": "c12",
        "starts_on": "c6",
        "ends_on": "c6",
    }

    def __init__(self, *args: Any, areas: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        area: Any = self.fields["area_code"]
        area.choices = areas
        category: Any = self.fields["category"]
        category.choices = codes.choices(CATEGORIES)
