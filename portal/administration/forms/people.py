from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.administration.reach import below, departments_of
from portal.administration.services.people import check_username, clean_username
from portal.org.choices import AreaLevel
from portal.org.models import Area, Department, User
from portal.org.scoping import scope_of
from portal.ui.filters import INDENT
from portal.ui.forms import PortalForm, Section

NO_GRID = (AreaLevel.COUNTY, AreaLevel.TOWNSHIP, AreaLevel.COMMUNITY)


class TreeChoiceField(forms.ModelChoiceField):
    """Areas in the order of their codes, indented by level. The value is the code."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=Area.objects.none(), to_field_name="code", **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        depth = {AreaLevel.TOWNSHIP: 1, AreaLevel.COMMUNITY: 2}.get(obj.level, 0)
        return f"{INDENT * depth}{obj.name}"


class PersonForm(PortalForm):
    display_name = forms.CharField(label=_("Name of the staff member"), max_length=50)
    title = forms.CharField(label=_("Post"), max_length=50, required=False)
    department = forms.ModelChoiceField(label=_("Department"), queryset=Department.objects.none())
    area = TreeChoiceField(label=_("Works in"), help_text=_("New records start here. It gives no right."))
    sections = (Section("", ("username", "display_name", "title", "department", "area")),)
    columns = {"username": "c6", "display_name": "c6", "title": "c6", "department": "c6", "area": "c12"}
    action = "change"

    def __init__(self, *args: Any, user: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        scope = scope_of(user, User, self.action)
        areas = Area.objects.filter(below(scope, "code"), valid_to=None, level__in=NO_GRID)
        self.fields["department"].queryset = departments_of(user)  # type: ignore[attr-defined]
        self.fields["area"].queryset = areas.order_by("code")  # type: ignore[attr-defined]


class NewPersonForm(PersonForm):
    action = "add"
    username = forms.CharField(
        label=_("Account name"),
        max_length=60,
        help_text=_("3 to 30 small letters or digits, for instance the initials with a number"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_username(self) -> str:
        name = clean_username(self.cleaned_data["username"])
        check_username(name)
        return name


class ReasonForm(PortalForm):
    reason = forms.CharField(label=_("Why"), max_length=200)
    sections = (Section("", ("reason",)),)
    columns = {"reason": "c12"}
