from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.administration.services.groups import LONGEST_NAME, candidates
from portal.org.models import User
from portal.ui.forms import PortalForm, Section


class GroupForm(PortalForm):
    name = forms.CharField(
        label=_("Name of the group"),
        max_length=LONGEST_NAME,
        help_text=_("What it does and where: Housing review, Tianma"),
    )
    sections = (Section("", ("name",)),)
    columns = {"name": "c12"}


class StaffChoiceField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj}（{obj.username}）"


class MemberForm(PortalForm):
    user = StaffChoiceField(label=_("Staff member"), queryset=User.objects.none())
    reason = forms.CharField(label=_("Why"), max_length=200)
    sections = (Section("", ("user", "reason")),)
    columns = {"user": "c12", "reason": "c12"}

    def __init__(self, *args: Any, user: Any = None, group: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        if group is not None:
            self.fields["user"].queryset = candidates(group, user)  # type: ignore[attr-defined]
