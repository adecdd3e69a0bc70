from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.administration.forms.groups import StaffChoiceField
from portal.administration.forms.people import NO_GRID, TreeChoiceField
from portal.administration.reach import below, grantable_areas
from portal.org.models import AreaGroupGrant, User
from portal.org.scoping import scope_of
from portal.ui.forms import DayField, PortalForm, Section

YEARS_AHEAD = 3660


class PlaceForm(PortalForm):
    """Which part of the matrix to look at: the area and, for a stand-in, whose rights are lent."""

    at = TreeChoiceField(label=_("Area of the rights"))
    lender = StaffChoiceField(
        label=_("On loan from"), queryset=User.objects.none(), required=False, empty_label=_("Nobody: own rights")
    )

    def __init__(self, *args: Any, user: Any = None, holder: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        areas = grantable_areas(user).filter(level__in=NO_GRID).order_by("code")
        self.fields["at"].queryset = areas  # type: ignore[attr-defined]
        if not isinstance(holder, User):
            del self.fields["lender"]
            return
        scope = scope_of(user, AreaGroupGrant, "change")
        people = User.objects.filter(below(scope, "area_code"), is_active=True, is_system=False)
        lenders = people.exclude(pk__in=[holder.pk, user.pk]).order_by("area_code", "display_name")
        self.fields["lender"].queryset = lenders  # type: ignore[attr-defined]


class TermForm(PortalForm):
    until = DayField(label=_("Last day"), required=False, ahead=YEARS_AHEAD, quick=())
    term_for_all = forms.BooleanField(label=_("Also for the rights that stand already"), required=False)
    sections = (Section("", ("until", "term_for_all")),)
    columns = {"until": "c6", "term_for_all": "c6"}


class ConfirmForm(PortalForm):
    reason = forms.CharField(
        label=_("Why"), max_length=200, help_text=_("Kept with every right, for instance: stands in for Li, on leave")
    )
    sections = (Section("", ("reason",)),)
    columns = {"reason": "c12"}
