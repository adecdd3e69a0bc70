from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.administration.forms.groups import StaffChoiceField
from portal.administration.forms.people import NO_GRID, TreeChoiceField
from portal.administration.reach import below
from portal.administration.services import explain
from portal.org.models import Area, AreaGroupGrant, User
from portal.org.scoping import scope_of
from portal.ui.filters import refuse_private_number
from portal.ui.forms import PortalForm, Section


class WhyForm(PortalForm):
    person = StaffChoiceField(label=_("Staff member"), queryset=User.objects.none())
    action = forms.ChoiceField(label=_("To do what"))
    record = forms.CharField(
        label=_("Link or number of the record"),
        max_length=200,
        required=False,
        validators=[refuse_private_number],
        help_text=_("The address of the page, or the number of a file or a permit. No ID numbers."),
    )
    model = forms.ChoiceField(label=_("Or a kind of record"), required=False)
    area = TreeChoiceField(label=_("in the area"), required=False)
    sections = (Section("", ("person", "action", "record", "model", "area")),)
    columns = {"person": "c12", "action": "c12", "record": "c12", "model": "c12", "area": "c12"}

    def __init__(self, *args: Any, user: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        scope = scope_of(user, AreaGroupGrant, "view")
        people = User.objects.filter(below(scope, "area_code"), is_system=False).select_related("department")
        self.fields["person"].queryset = people.order_by("area_code", "display_name")  # type: ignore[attr-defined]
        areas = Area.objects.filter(below(scope, "code"), valid_to=None, level__in=NO_GRID)
        self.fields["area"].queryset = areas.order_by("code")  # type: ignore[attr-defined]
        self.fields["action"].choices = explain.actions()  # type: ignore[attr-defined]
        self.fields["model"].choices = [("", "—"), *explain.kinds()]  # type: ignore[attr-defined]
