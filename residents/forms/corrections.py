from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.ui.forms import DayField, IdNumberField, Section
from residents.choices import DocumentKind, Sex
from residents.forms.people import VersionedForm

AS_IT_IS = ("", _("As it is"))


class CorrectionForm(VersionedForm):
    """Everything empty at first: what stays empty stays as it is, and no full number travels to the page."""

    name = forms.CharField(
        label=_("Right name"), max_length=60, required=False, widget=forms.TextInput({"autocomplete": "off"})
    )
    document_kind = forms.ChoiceField(
        label=_("Right kind of document"), required=False, choices=[AS_IT_IS, *DocumentKind.choices]
    )
    document_number = IdNumberField(label=_("Right document number"), required=False)
    birth_date = DayField(label=_("Right birth date"), required=False, ahead=0, quick=())
    sex = forms.ChoiceField(label=_("Right sex"), required=False, choices=[AS_IT_IS, *Sex.choices])
    mismatch_reason = forms.CharField(
        label=_("Why it differs from the number"),
        max_length=200,
        required=False,
        help_text=_("Only when sex or birth date are not those of the document number."),
    )
    evidence = forms.CharField(
        label=_("Paper that was seen"),
        max_length=200,
        widget=forms.TextInput({"placeholder": _("ID card, household booklet page 3 …"), "autocomplete": "off"}),
    )
    reason = forms.CharField(
        label=_("What was wrong"),
        max_length=120,
        widget=forms.TextInput({"placeholder": _("Typing error at the registration …"), "autocomplete": "off"}),
    )
    sections = (
        Section(
            _("What is right"),
            ("name", "document_kind", "document_number", "birth_date", "sex", "mismatch_reason"),
            _("What is left empty stays as it is"),
        ),
        Section(_("On what grounds"), ("evidence", "reason")),
    )
    columns = {"mismatch_reason": "c12", "evidence": "c12", "reason": "c12"}

    def clean_sex(self) -> str:
        return str(self.cleaned_data.get("sex") or "")

    def correction(self) -> dict[str, Any]:
        keys = ("name", "document_kind", "document_number", "sex", "birth_date", "mismatch_reason")
        return {key: self.cleaned_data[key] for key in keys}
