"""Deciding about a pair, and taking a merge back."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.ui.forms import IdNumberField, PortalForm
from residents.forms.people import VersionedForm
from residents.services.merging.values import GROUPS

REASON = {"required": _("Please say how you know.")}


class MergeForm(VersionedForm):
    """`value_<group>` names the file whose value stands; the survivor's where nothing is chosen."""

    survivor = forms.IntegerField(error_messages={"required": _("Please choose which of the two files goes on.")})
    reason = forms.CharField(max_length=200, error_messages=REASON)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for group in GROUPS:
            self.fields[f"value_{group}"] = forms.IntegerField(required=False)

    def taken(self) -> list[str]:
        """Groups of values that come from the other file."""
        survivor = self.cleaned_data["survivor"]
        chosen = {group: self.cleaned_data.get(f"value_{group}") for group in GROUPS}
        return [group for group, person_id in chosen.items() if person_id not in (None, survivor)]


class PairNameForm(PortalForm):
    columns: ClassVar[dict[str, str]] = {"number": "c12"}
    number = IdNumberField(
        label=_("Document number of the other file"), help_text=_("The whole number, as it stands on the document.")
    )


class ApartForm(VersionedForm):
    reason = forms.CharField(max_length=200, error_messages=REASON)


class PartForm(VersionedForm):
    """`route-<n>` answers the n-th question of what came later."""

    reason = forms.CharField(
        max_length=200, error_messages={"required": _("Please say why the two files have to be apart again.")}
    )
