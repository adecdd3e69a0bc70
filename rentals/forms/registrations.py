"""Form F-2 and the steps of a registration. Shape only: what may be let is judged by `rentals.services`."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.core import clock
from portal.policy import codes
from portal.ui.forms import DayField, PortalForm, Section
from portal.ui.widgets import CheckChips, ComboInput, RadioChips
from rentals.choices import Gas, LandlordKind, Letting
from rentals.models import RentalRegistration
from rentals.services.registrations import RentalInput
from residents.choices import DocumentKind
from residents.forms.people import VersionedForm, address_of

PLAIN = {"autocomplete": "off"}
CHOOSE = _("Choose the address from the list, or add a new dwelling")
HOUSE_USES = "house_use"


def of_table(table: str, *, empty: Any = None) -> Any:
    """Read anew for each form: the code tables are the administrator's."""

    def choices() -> list[tuple[str, Any]]:
        found: list[tuple[str, Any]] = list(codes.choices(table))
        return found if empty is None else [("", empty), *found]

    return choices


class RentalFields(PortalForm):
    landlord_kind = forms.ChoiceField(label=_("The landlord is"), choices=LandlordKind, widget=RadioChips)
    landlord_name = forms.CharField(label=_("Name of the landlord"), max_length=80, widget=forms.TextInput(PLAIN))
    document_kind = forms.ChoiceField(
        label=_("Kind of document"),
        choices=[("", _("Organisation: none needed")), *DocumentKind.choices],
        required=False,
    )
    document_number = forms.CharField(
        label=_("Document number or unified social credit code"), max_length=30, widget=forms.TextInput(PLAIN)
    )
    landlord_phone = forms.CharField(
        label=_("Phone of the landlord"), max_length=20, widget=forms.TextInput(PLAIN | {"inputmode": "tel"})
    )
    contact_address = forms.CharField(
        label=_("Contact address"), max_length=120, required=False, widget=forms.TextInput(PLAIN)
    )
    agent_name = forms.CharField(
        label=_("Agent or broker"), max_length=80, required=False, widget=forms.TextInput(PLAIN)
    )
    agent_phone = forms.CharField(
        label=_("Phone of the agent"),
        max_length=20,
        required=False,
        widget=forms.TextInput(PLAIN | {"inputmode": "tel"}),
    )
    ownership = forms.ChoiceField(label=_("Ownership"), choices=of_table("property_kind"), widget=RadioChips)
    title_kind = forms.ChoiceField(label=_("Proof of title"), choices=of_table("title_proof"))
    title_number = forms.CharField(label=_("Number of the proof"), max_length=60, widget=forms.TextInput(PLAIN))
    structure = forms.ChoiceField(label=_("Structure"), choices=of_table("house_structure"))
    planned_use = forms.ChoiceField(label=_("Permitted use"), choices=of_table(HOUSE_USES))
    danger_grade = forms.ChoiceField(
        label=_("Grade of danger"), choices=of_table("danger_grade", empty=_("Not appraised")), required=False
    )
    appraisal_number = forms.CharField(
        label=_("Number of the safety appraisal"), max_length=60, required=False, widget=forms.TextInput(PLAIN)
    )
    self_built = forms.BooleanField(label=_("Self-built without a construction permit"), required=False)
    floor_area = forms.DecimalField(label=_("Floor area let (m²)"), max_digits=8, decimal_places=2)
    rooms_total = forms.IntegerField(label=_("Rooms in all"), min_value=1, max_value=999)
    rooms_let = forms.IntegerField(label=_("Rooms let"), min_value=1, max_value=999)
    letting = forms.ChoiceField(label=_("Let as"), choices=Letting, widget=RadioChips)
    spaces = forms.MultipleChoiceField(
        label=_("Kinds of rooms let"),
        choices=of_table("letting_space"),
        widget=CheckChips,
        required=False,
        help_text=_("Only where the dwelling is let in parts."),
    )
    let_from = DayField(label=_("Let since"), ahead=90)
    let_to = DayField(label=_("Let until"), ahead=3650, quick=(), required=False)
    monthly_rent = forms.DecimalField(
        label=_("Monthly rent (yuan)"), max_digits=9, decimal_places=2, required=False, help_text=_("Only if you wish.")
    )
    fire_passage = forms.BooleanField(label=_("The fire passage is clear"), required=False)
    safety_exit = forms.BooleanField(label=_("There is a safety exit"), required=False)
    gas = forms.ChoiceField(label=_("Gas supply"), choices=Gas, widget=RadioChips)

    sections = (
        Section(_("The address"), ("dwelling",)),
        Section(
            _("Who lets it"),
            (
                "landlord_kind",
                "landlord_name",
                "landlord_phone",
                "document_kind",
                "document_number",
                "contact_address",
                "agent_name",
                "agent_phone",
            ),
        ),
        Section(
            _("The house"),
            (
                "ownership",
                "title_kind",
                "title_number",
                "structure",
                "planned_use",
                "danger_grade",
                "appraisal_number",
                "self_built",
            ),
        ),
        Section(
            _("What is let"),
            (
                "floor_area",
                "rooms_total",
                "rooms_let",
                "letting",
                "spaces",
                "let_from",
                "let_to",
                "monthly_rent",
            ),
        ),
        Section(_("Fire and gas"), ("fire_passage", "safety_exit", "gas")),
    )
    columns = {
        "dwelling": "c12",
        "landlord_kind": "c12",
        "contact_address": "c12",
        "ownership": "c12",
        "self_built": "c12",
        "floor_area": "c4",
        "rooms_total": "c4 m6",
        "rooms_let": "c4 m6",
        "letting": "c12",
        "spaces": "c12",
        "let_from": "c4",
        "let_to": "c4",
        "monthly_rent": "c4",
        "gas": "c12",
    }

    def given(self) -> RentalInput:
        left_out = {"dwelling", "version"}
        values = {name: value for name, value in self.cleaned_data.items() if name not in left_out}
        return RentalInput(**values | {"spaces": tuple(values["spaces"])})


class RentalForm(RentalFields):
    dwelling = forms.IntegerField(
        label=_("Address of the dwelling"),
        widget=ComboInput(
            "residents:arrival_addresses",
            {"placeholder": _("Estate, building and room; initials work: jxhy 3-2-501"), "autofocus": True},
            label_of=address_of,
            icon="map-pin",
        ),
        error_messages={"required": CHOOSE, "invalid": CHOOSE},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        start = {
            "landlord_kind": LandlordKind.PERSON,
            "document_kind": DocumentKind.RESIDENT_ID,
            "ownership": "2",
            "planned_use": "01",
            "structure": "2",
            "letting": Letting.WHOLE,
            "let_from": clock.today(),
            "gas": Gas.PIPED,
        }
        kwargs["initial"] = start | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)


class RentalEditForm(RentalFields, VersionedForm):
    """Numbers stand masked on the page: an empty one stays as it is."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("document_number", "landlord_phone"):
            self.fields[name].required = False
            self.fields[name].help_text = _("Leave empty to keep the present one.")


UNSHOWN = {"document_number", "landlord_phone", "agent_phone"}


def initial_of(row: RentalRegistration) -> dict[str, Any]:
    """What stands in the form when a registration is opened for a change."""
    names = [name for name in RentalFields.base_fields if name not in UNSHOWN]
    return {name: getattr(row, name) for name in names} | {"version": row.version}


class ReturnForm(VersionedForm):
    reason = forms.CharField(label=_("What has to be completed"), max_length=200, widget=forms.Textarea({"rows": 2}))
    columns = {"reason": "c12"}


class RenewForm(VersionedForm):
    let_to = DayField(label=_("Let until"), ahead=3650, quick=())
    columns = {"let_to": "c12"}


class EndForm(VersionedForm):
    ended_on = DayField(label=_("Let no longer since"), ahead=0)
    reason = forms.CharField(label=_("Why it ended"), max_length=200, widget=forms.TextInput(PLAIN))
    columns = {"ended_on": "c12", "reason": "c12"}
