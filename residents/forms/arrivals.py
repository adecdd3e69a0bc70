"""The arrival form: one person or a whole household, and the people who come along.

What a field must look like is judged here, with the same functions that the services use, so that everything wrong in
a form is named at once; whether the register accepts the people is judged by the service alone.
"""

import re
from collections.abc import Callable
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.forms import BaseFormSet, formset_factory
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from portal.core import clock
from portal.core.errors import DomainError
from portal.policy import codes
from portal.policy.divisions import division_name
from portal.policy.services import rule
from portal.ui.forms import DayField, IdNumberField, PortalForm
from portal.ui.widgets import ComboInput, IdNumberInput, RadioChips
from portal.vault.masks import mask_id_number
from residents.choices import DocumentKind, Sex
from residents.models import Dwelling, Person
from residents.services.dwellings import find_dwellings
from residents.services.identity import DocumentFacts, check_document, normalise_document
from residents.services.names import check_name, check_phone, normalise_name, normalise_phone

# The order in which clerks need the codes, so that the digit keys stay where the fingers know them.
LODGING_ORDER = ("05", "03", "02", "04", "01", "99")
REASON_ORDER = ("01", "03", "09", "06", "04", "08", "02", "10", "07")
NO_PHONE = frozenset({"无", "没有", "none", "-"})
MASKED = "*"
NATIONALITY = re.compile(r"[A-Z]{3}")
CHINA = "CHN"
ROWS_AT_MOST = 50
HOUSEHOLDER = "02"


def ordered_choices(table: str, order: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    found = dict(codes.choices(table))
    first = [(code, found.pop(code)) for code in order if code in found]
    return [*first, *found.items()]


def optional_choices(table: str) -> list[tuple[str, str]]:
    return [("", gettext("Not given")), *codes.choices(table)]


def address_of(pk: Any) -> str:
    found = Dwelling.objects.filter(pk=pk).values_list("address", flat=True).first() if str(pk).isdigit() else None
    return found or ""


def sexes() -> list[tuple[str, Any]]:
    return [(Sex.MALE.value, Sex.MALE.label), (Sex.FEMALE.value, Sex.FEMALE.label)]


class IdentityMixin:
    """Checks name, phone and document of one form or row with the functions of the register."""

    facts: DocumentFacts | None = None

    def clean_name(self) -> str:
        return self.judged("name", lambda: check_name(normalise_name(self.cleaned_data["name"])))  # type: ignore[attr-defined]

    def judged(self, field: str, run: Callable[[], Any]) -> Any:
        """A broken rule of the services becomes the error of `field`."""
        try:
            return run()
        except DomainError as error:
            raise forms.ValidationError(error.message, code=error.code or field) from error

    def check_identity(self) -> None:
        data: dict[str, Any] = self.cleaned_data  # type: ignore[attr-defined]
        data["document_kind"] = data.get("document_kind") or DocumentKind.RESIDENT_ID.value
        raw = data.get("document_number")
        if not raw or MASKED in raw:
            return
        try:
            kind = data["document_kind"]
            self.facts = check_document(kind, normalise_document(kind, raw))
        except DomainError as error:
            self.add_error("document_number", error.message)  # type: ignore[attr-defined]
            return
        data["document_number"] = self.facts.number
        for name in ("birth_date", "sex", "native_code"):
            told = getattr(self.facts, name)
            if told and not data.get(name):
                data[name] = told

    def differences(self) -> list[str]:
        """Fields in which the clerk's word differs from what the number says."""
        data: dict[str, Any] = self.cleaned_data  # type: ignore[attr-defined]
        if self.facts is None:
            return []
        pairs = {name: (data.get(name), getattr(self.facts, name)) for name in ("sex", "birth_date", "native_code")}
        return [name for name, (typed, told) in pairs.items() if typed and told and typed != told]


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

    def clean_birth_date(self) -> date | None:
        return DayField(required=False, ahead=0).clean(self.cleaned_data["birth_date"])  # type: ignore[no-any-return]

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


class DwellingForm(PortalForm):
    """New dwelling beside the arrival form: only what the address needs; the rest is completed in the house list."""

    area_code = forms.ChoiceField(label=_("Community"))
    estate = forms.CharField(
        label=_("Estate or road"), max_length=60, error_messages={"required": _("Please enter the estate or road")}
    )
    building = forms.CharField(label=_("Building"), max_length=20, required=False)
    unit = forms.CharField(label=_("Unit"), max_length=20, required=False)
    room = forms.CharField(
        label=_("Room"), max_length=20, error_messages={"required": _("Please enter the room or door number")}
    )
    kind = forms.ChoiceField(label=_("Kind of dwelling"), widget=RadioChips)
    landlord_name = forms.CharField(label=_("Landlord"), max_length=50, required=False)
    landlord_phone = forms.CharField(
        label=_("Landlord's phone"), max_length=24, required=False, widget=forms.TextInput({"inputmode": "tel"})
    )
    capacity = forms.IntegerField(label=_("Most occupants"), min_value=1, max_value=999, required=False)

    def __init__(self, *args: Any, communities: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["area_code"].choices = communities
        fields["kind"].choices = ordered_choices("dwelling_kind", LODGING_ORDER)

    def clean_landlord_phone(self) -> str:
        try:
            return check_phone(normalise_phone(self.cleaned_data["landlord_phone"]))
        except DomainError as error:
            raise forms.ValidationError(error.message) from error


class NotSamePersonForm(PortalForm):
    """`document_number` is the one being registered, not the one on file."""

    person = forms.IntegerField()
    document_kind = forms.ChoiceField(choices=DocumentKind.choices, required=False)
    document_number = forms.CharField(
        error_messages={"required": _("Enter the ID number of the person in front of you first")}
    )
    why = forms.ChoiceField(
        label=_("Why is it somebody else?"),
        choices=[
            ("photo", _("The photograph shows somebody else")),
            ("namesake", _("Same name, another person")),
            ("other", _("Another reason")),
        ],
        error_messages={"required": _("Please choose why it is somebody else")},
    )
    text = forms.CharField(label=_("Reason"), max_length=120, required=False)

    def reason(self) -> str:
        labels: dict[str, Any] = dict(self.fields["why"].choices)  # type: ignore[attr-defined]
        return "；".join(
            part for part in (str(labels[self.cleaned_data["why"]]), self.cleaned_data["text"].strip()) if part
        )
