from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.administration.forms.people import NO_GRID, TreeChoiceField
from portal.administration.reach import below
from portal.administration.wording import MATTERS
from portal.org.choices import Duty
from portal.org.models import Area, Delegation, Department
from portal.org.scoping import scope_of
from portal.ui.forms import DayField, PortalForm, Section
from portal.ui.widgets import CheckChips

YEARS_AHEAD = 3660


def areas_where(user: Any, model: Any) -> Any:
    scope = scope_of(user, model, "change")
    return Area.objects.filter(below(scope, "code"), valid_to=None, level__in=NO_GRID).order_by("code")


class DepartmentForm(PortalForm):
    name = forms.CharField(label=_("Name of the department"), max_length=80)
    name_en = forms.CharField(
        label=_("English name"), max_length=120, required=False, widget=forms.TextInput({"lang": "en"})
    )
    duties = forms.MultipleChoiceField(
        label=_("Duties"),
        choices=Duty.choices,
        widget=CheckChips,
        help_text=_("Modules belong to a duty, so a county may host an office where it likes."),
    )
    area = TreeChoiceField(label=_("Answers for"))
    sections = (Section("", ("code", "name", "name_en", "duties", "area")),)
    columns = {"code": "c6", "name": "c6", "name_en": "c6", "duties": "c12", "area": "c6"}

    def __init__(self, *args: Any, user: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        self.fields["area"].queryset = areas_where(user, Department)  # type: ignore[attr-defined]


class NewDepartmentForm(DepartmentForm):
    code = forms.RegexField(
        label=_("Short code"), regex=r"^[a-z0-9:_-]{2,32}$", max_length=32, help_text=_("Small letters and digits")
    )


class DelegationForm(PortalForm):
    delegator = forms.ModelChoiceField(label=_("Police department"), queryset=Department.objects.none())
    area = TreeChoiceField(label=_("For the stations of"))
    matters = forms.MultipleChoiceField(label=_("Matters"), choices=list(MATTERS.items()), widget=CheckChips)
    basis = forms.CharField(label=_("Basis"), max_length=200, help_text=_("The rule and the letter of delegation"))
    valid_from = DayField(label=_("First day"), ahead=YEARS_AHEAD, quick=(0,))
    valid_to = DayField(label=_("Last day"), required=False, ahead=YEARS_AHEAD, quick=())
    sections = (Section("", ("delegator", "area", "matters", "basis", "valid_from", "valid_to")),)
    columns = {
        "delegator": "c12",
        "area": "c12",
        "matters": "c12",
        "basis": "c12",
        "valid_from": "c6",
        "valid_to": "c6",
    }

    def __init__(self, *args: Any, user: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        police = Department.objects.filter(duties__contains=[Duty.POLICE])
        self.fields["delegator"].queryset = police  # type: ignore[attr-defined]
        self.fields["area"].queryset = areas_where(user, Delegation)  # type: ignore[attr-defined]
