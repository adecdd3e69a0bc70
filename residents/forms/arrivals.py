"""The arrival form: the person at the window, the address and the stay.

What a field must look like is judged here, with the same functions that the services use, so that everything wrong in
a form is named at once; whether the register accepts the people is judged by the service alone.
"""

import re
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from portal.core import clock
from portal.policy import codes
from portal.policy.divisions import division_name
from portal.ui.forms import DayField, IdNumberField, PortalForm
from portal.ui.widgets import ComboInput, IdNumberInput, RadioChips
from portal.vault.masks import mask_id_number
from residents.choices import DocumentKind
from residents.forms.arrival_fields import (
    LODGING_ORDER,
    MASKED,
    REASON_ORDER,
    IdentityMixin,
    optional_choices,
    ordered_choices,
    sexes,
)
from residents.models import Dwelling, Person
from residents.services.dwellings import find_dwellings
from residents.services.names import check_phone, normalise_phone

NO_PHONE = frozenset({"无", "没有", "none", "-"})
NATIONALITY = re.compile(r"[A-Z]{3}")
CHINA = "CHN"


def address_of(pk: Any) -> str:
    found = Dwelling.objects.filter(pk=pk).values_list("address", flat=True).first() if str(pk).isdigit() else None
    return found or ""


class ArrivalForm(IdentityMixin, PortalForm):
    """The person at the window (or the head of a household), the address and the stay.

    `person` is the id of a record that was loaded for renewal: its document number stays masked on the page, and a
    phone number left empty means the one on file.
    """

    submission_id = forms.UUIDField(widget=forms.HiddenInput)
    person = forms.IntegerField(required=False, widget=forms.HiddenInput)
    phone_on_file = forms.CharField(required=False, widget=forms.HiddenInput)
    document_kind = forms.ChoiceField(label=_("Kind of document"), choices=DocumentKind.choices, required=False)
    document_number = IdNumberField(
        label=_("ID card number"),
        widget=IdNumberInput(
            {
                "placeholder": _("18 characters; sex, birth date and native place fill themselves in"),
                "autofocus": True,
                "data-fills-head": True,
            },
            fills={"birth": "birth_date"},
        ),
    )
    name = forms.CharField(
        label=pgettext_lazy("person", "Name"),
        max_length=60,
        error_messages={"required": _("Please enter the name")},
        widget=forms.TextInput({"autocomplete": "off", "data-live": True}),
    )
    sex = forms.ChoiceField(
        label=_("Sex"),
        choices=sexes,
        widget=RadioChips(joined=True),
        required=False,
    )
    birth_date = DayField(label=_("Birth date"), quick=(), ahead=0, required=False)
    nationality = forms.CharField(
        label=_("Nationality"),
        max_length=3,
        required=False,
        help_text=_("Three letters as in the passport: USA, KOR, VNM"),
    )
    ethnicity = forms.ChoiceField(label=_("Ethnicity"), required=False)
    native_code = forms.CharField(
        label=_("Native place"),
        required=False,
        widget=ComboInput(
            "residents:arrival_divisions",
            {"placeholder": _("Comes from the ID number; initials work too")},
            label_of=division_name,
        ),
    )
    native_address = forms.CharField(label=_("Hukou address"), max_length=120, required=False)
    phone = forms.CharField(
        label=_("Mobile number"),
        max_length=24,
        error_messages={"required": _("Please enter the 11-digit mobile number; write “none” if there is none")},
        widget=forms.TextInput({"inputmode": "tel", "autocomplete": "off", "data-live": True, "data-live-min": "11"}),
    )
    education = forms.ChoiceField(label=pgettext_lazy("arrival form", "Education"), required=False)
    marital_status = forms.ChoiceField(label=_("Marital status"), required=False)
    political_status = forms.ChoiceField(label=_("Political status"), required=False)
    mismatch_reason = forms.CharField(
        label=_("Why the facts differ from the number"),
        max_length=200,
        required=False,
        widget=forms.TextInput({"placeholder": _("For instance: the register was corrected, hukou was moved")}),
    )

    dwelling = forms.IntegerField(
        label=_("Present address"),
        widget=ComboInput(
            "residents:arrival_addresses",
            {"placeholder": _("Estate, building and room; initials work: jxhy 3-2-501"), "required": True},
            label_of=address_of,
            icon="map-pin",
        ),
        required=False,
        error_messages={"invalid": _("Choose the address from the list, or add a new dwelling")},
    )
    arrived_on = DayField(label=_("Arrival date"))
    lodging = forms.ChoiceField(
        label=pgettext_lazy("arrival form", "Kind of lodging"),
        widget=RadioChips,
        error_messages={"required": _("Please choose")},
    )
    reason = forms.ChoiceField(
        label=pgettext_lazy("arrival form", "Reason for coming"),
        widget=RadioChips,
        error_messages={"required": _("Please choose")},
    )
    workplace = forms.CharField(label=_("Employer / school"), max_length=100, required=False)
    planned_until = DayField(label=_("Intends to stay until"), quick=(), ahead=3650, required=False)
    channel = forms.ChoiceField(label=_("Registered through"), required=False)
    occupation = forms.ChoiceField(label=_("Occupation"), required=False)
    remark = forms.CharField(label=_("Remark"), max_length=200, required=False)

    optional_codes: ClassVar[dict[str, str]] = {
        "ethnicity": "ethnicity",
        "education": "education",
        "marital_status": "marital",
        "political_status": "political",
        "occupation": "occupation",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        for name, table in self.optional_codes.items():
            fields[name].choices = optional_choices(table)
        fields["channel"].choices = codes.choices("channel")
        fields["lodging"].choices = ordered_choices("dwelling_kind", LODGING_ORDER)
        fields["reason"].choices = ordered_choices("stay_reason", REASON_ORDER)
        on_file = self["phone_on_file"].value()
        if on_file:
            fields["phone"].required = False
            fields["phone"].widget.attrs["placeholder"] = on_file
        if self.other_document:
            fields["document_number"].widget.attrs["data-any"] = True

    @property
    def other_document(self) -> bool:
        """Anything but the resident ID card: the fields that its number would tell have to be typed."""
        kind = self["document_kind"].value()
        return bool(kind) and kind != DocumentKind.RESIDENT_ID.value

    @property
    def has_mismatch(self) -> bool:
        return bool(self["mismatch_reason"].errors or self["mismatch_reason"].value())

    @property
    def opens_person(self) -> bool:
        """Whether the folded part holds something to look at."""
        return any(self[name].errors for name in ("native_address", "marital_status", "political_status"))

    @property
    def opens_stay(self) -> bool:
        return any(self[name].errors or self[name].value() for name in ("remark", "occupation"))

    def clean_phone(self) -> str:
        typed = self.cleaned_data["phone"]
        if typed.strip().lower() in NO_PHONE:
            return ""
        return str(self.judged("phone", lambda: check_phone(normalise_phone(typed))))

    def clean_nationality(self) -> str:
        code = self.cleaned_data["nationality"].strip().upper()
        if code and not NATIONALITY.fullmatch(code):
            raise forms.ValidationError(gettext("Please enter the three letters that stand in the passport"))
        if not code and self.data.get("document_kind") == DocumentKind.PASSPORT:
            raise forms.ValidationError(gettext("Please enter the nationality"), code="required")
        return code or CHINA

    def clean_dwelling(self) -> int:
        """Text that fits one own address alone is as good as a choice: the list may have come too late."""
        chosen: int | None = self.cleaned_data["dwelling"]
        text = str(self.data.get("dwelling_text", ""))
        if not chosen and text.strip():
            own = [hit.dwelling_id for hit in find_dwellings(text=text, actor=self.user) if hit.own]
            chosen = own[0] if len(own) == 1 else None
        if not chosen:
            raise forms.ValidationError(
                gettext("Choose the address from the list, or add a new dwelling"), code="required"
            )
        return chosen

    def clean_arrived_on(self) -> date:
        day: date = self.cleaned_data["arrived_on"]
        if day > clock.today():
            raise forms.ValidationError(gettext("The arrival date lies in the future"), code="future")
        return day

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("person"):
            self._take_loaded_number()
        self.check_identity()
        self._require_facts()
        if self.differences() and not data.get("mismatch_reason"):
            self.add_error(
                "mismatch_reason",
                gettext("Sex, birth date or native place differ from the number: correct them or say why"),
            )
        until, arrived = data.get("planned_until"), data.get("arrived_on")
        if until and arrived and until < arrived:
            self.add_error("planned_until", gettext("This lies before the arrival date"))
        return data

    def _take_loaded_number(self) -> None:
        """A masked number stands for the record that was loaded; a number typed instead counts alone."""
        data = self.cleaned_data
        if MASKED not in data.get("document_number", ""):
            return
        person = Person.objects.restrict(self.user, "view").filter(pk=data["person"]).first()
        if person is None or mask_id_number(person.document_number) != data["document_number"]:
            self.add_error("document_number", gettext("Please enter the number again"))
            return
        data["document_kind"], data["document_number"] = person.document_kind, person.document_number

    def _require_facts(self) -> None:
        """Sex and birth date come from the number or have to be typed."""
        if not self.cleaned_data.get("document_number"):
            return
        for name, text in (
            ("sex", gettext("Please choose the sex")),
            ("birth_date", gettext("Please enter the birth date")),
        ):
            if not self.cleaned_data.get(name) and name not in self.errors:
                self.add_error(name, text)
