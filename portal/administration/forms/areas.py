from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.administration.forms.people import NO_GRID, TreeChoiceField
from portal.administration.reach import tree_of
from portal.ui.forms import DayField, PortalForm, Section

YEARS_AHEAD = 730


class AreaNewForm(PortalForm):
    code = forms.CharField(
        label=_("Area code"),
        max_length=15,
        help_text=_("Statistics code: 9 digits for a township, 12 for a community, 15 for a grid"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    name = forms.CharField(label=_("Name of the area"), max_length=80)
    valid_from = DayField(label=_("First day"), ahead=YEARS_AHEAD, quick=(0,))
    sections = (Section("", ("code", "name", "valid_from")),)
    columns = {"code": "c6", "name": "c6", "valid_from": "c6"}


class AreaRenameForm(PortalForm):
    name = forms.CharField(label=_("Name of the area"), max_length=80)
    reason = forms.CharField(label=_("Why"), max_length=200, help_text=_("The notice or the decision behind it"))
    sections = (Section("", ("name", "reason")),)
    columns = {"name": "c12", "reason": "c12"}


class AreaArchiveForm(PortalForm):
    last_day = DayField(label=_("Last day"), ahead=YEARS_AHEAD, quick=(0,))
    successor = TreeChoiceField(label=_("Taken over by"))
    reason = forms.CharField(label=_("Why"), max_length=200, help_text=_("The notice or the decision behind it"))
    sections = (Section("", ("last_day", "successor", "reason")),)
    columns = {"last_day": "c6", "successor": "c6", "reason": "c12"}

    def __init__(self, *args: Any, user: Any = None, area: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        offered = tree_of(user).filter(valid_to=None, level__in=NO_GRID).order_by("code")
        if area is not None:
            offered = offered.exclude(code__startswith=area.code)
        self.fields["successor"].queryset = offered  # type: ignore[attr-defined]
