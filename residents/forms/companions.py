"""The rows of people who came along."""

from datetime import date
from typing import Any

from django import forms
from django.forms import BaseFormSet, formset_factory
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.policy import codes
from portal.policy.services import rule
from portal.ui.forms import DayField, IdNumberField, PortalForm
from portal.ui.widgets import IdNumberInput
from residents.choices import DocumentKind
from residents.forms.arrival_fields import IdentityMixin, sexes

ROWS_AT_MOST = 50
HOUSEHOLDER = "02"


class CompanionForm(IdentityMixin, PortalForm):
    """One row: a resident ID number tells sex and birth date; with other documents both are asked for."""

    relation = forms.ChoiceField(label=_("Relation"), error_messages={"required": _("Please choose the relation")})
    document_kind = forms.ChoiceField(label=_("Kind of document"), choices=DocumentKind.choices, required=False)
    document_number = IdNumberField(
        label=_("ID number of the companion"),
        error_messages={"required": _("Please enter the ID number")},
        widget=IdNumberInput({"data-stop": True, "data-first": True}, fills={"birth": "birth_date"}, big=False),
    )
    name = forms.CharField(
        label=_("Name of the companion"),
        max_length=60,
        error_messages={"required": _("Please enter the name")},
        widget=forms.TextInput({"autocomplete": "off", "data-stop": True}),
    )
    sex = forms.ChoiceField(label=_("Sex of the companion"), required=False)
    birth_date = forms.CharField(
        label=_("Birth date of the companion"), required=False, widget=forms.TextInput({"placeholder": "2018-06-01"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        others = [(code, text) for code, text in codes.choices("relationship") if code != HOUSEHOLDER]
        fields["relation"].choices = [("", gettext("Choose")), *others]
        fields["sex"].choices = [("", fields["sex"].label), *sexes()]
        for field in fields.values():
            field.widget.attrs.setdefault("aria-label", field.label)
            if isinstance(field.widget, forms.TextInput):  # seen on phones, where the table has no head
                field.widget.attrs.setdefault("placeholder", field.label)

    def clean_birth_date(self) -> date | None:
        return DayField(required=False, ahead=0).clean(self.cleaned_data["birth_date"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        self.check_identity()
        if data.get("document_number") and "document_number" not in self.errors:
            for name, text in (
                ("sex", gettext("Please choose the sex")),
                ("birth_date", gettext("Please enter the birth date")),
            ):
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, text)
        return data

    def has_changed(self) -> bool:
        """The relation and the kind of document have values from the start: alone they are no row."""
        return any(name in self.changed_data for name in ("document_number", "name", "birth_date", "sex"))

    @property
    def taken_away(self) -> bool:
        return bool(self["DELETE"].value())

    @property
    def shows_facts(self) -> bool:
        """Sex and birth date are typed only where the document does not tell them."""
        kind = self["document_kind"].value()
        return bool(kind) and kind != DocumentKind.RESIDENT_ID.value


class BaseCompanionFormSet(BaseFormSet):
    """Rows left wholly empty are no rows; two rows may not carry the same number."""

    deletion_widget = forms.HiddenInput

    def clean(self) -> None:
        seen: set[str] = set()
        for form in self.filled():
            number = form.cleaned_data.get("document_number")
            if number and number in seen:
                form.add_error("document_number", gettext("This number stands in another row already"))
            seen.add(number or "")
        most = int(rule("registration.max_companions").value)
        if len(self.filled()) > most:
            raise forms.ValidationError(
                gettext("At most %(count)s people can come along in one registration.") % {"count": most}
            )

    def filled(self) -> list[Any]:
        """The rows that were typed in and not taken away, after validation."""
        return [form for form in self.forms if form.has_changed() and not form.cleaned_data.get("DELETE")]


CompanionFormSet = formset_factory(
    CompanionForm, formset=BaseCompanionFormSet, extra=0, can_delete=True, max_num=ROWS_AT_MOST
)
