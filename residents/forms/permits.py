from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.policy import codes
from portal.ui.forms import PortalForm, Section
from residents.choices import ApplicationKind, Ground, ProofKind
from residents.services.permits import materials
from residents.services.permits.applications import NO_RELATIVE, Agent


class FindPersonForm(PortalForm):
    """An ID number or a name; posted, because neither belongs in a URL."""

    q = forms.CharField(label=_("ID number or name"), max_length=50)


class ApplicationForm(PortalForm):
    """What the window writes down. Which papers are asked for follows from business, condition and age."""

    applied_by_agent = forms.BooleanField(
        label=_("A guardian or close relative applies for the holder"), required=False
    )
    applicant = forms.CharField(label=_("Name of the person who applies"), max_length=50, required=False)
    applicant_relation = forms.ChoiceField(label=_("This person is the holder's"), required=False)
    reduced_mobility = forms.BooleanField(label=_("The holder is of reduced mobility"), required=False)
    papers = forms.MultipleChoiceField(
        label=_("Papers handed in"), choices=ProofKind, required=False, widget=forms.CheckboxSelectMultiple
    )
    fee = forms.DecimalField(
        label=_("Fee for the card (yuan)"), max_digits=6, decimal_places=2, min_value=0, required=False
    )

    columns: ClassVar[dict[str, str]] = {"applicant": "c6", "applicant_relation": "c6"}

    def __init__(self, *args: Any, kind: str, ground: str, by_guardian: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        self.ground = ground
        self.by_guardian = by_guardian
        relations = [(code, text) for code, text in codes.choices("relationship") if code != NO_RELATIVE]
        self.fields["applicant_relation"].choices = [("", "—"), *relations]  # type: ignore[attr-defined]
        if by_guardian:
            del self.fields["applied_by_agent"], self.fields["reduced_mobility"]
        if kind == ApplicationKind.FIRST:
            del self.fields["fee"]

    @property
    def groups(self) -> list[tuple[ProofKind, ...]]:
        """The check list of the page; the guardian's card is listed for everybody and counts when one applies."""
        return materials.needed(kind=self.kind, ground=self.ground, by_agent=True)

    def clean_fee(self) -> Decimal:
        return self.cleaned_data.get("fee") or Decimal(0)

    @property
    def agent(self) -> Agent | None:
        data = self.cleaned_data
        if not self.by_guardian and not data.get("applied_by_agent"):
            return None
        return Agent(
            name=data["applicant"].strip(),
            relation=data["applicant_relation"],
            reduced_mobility=bool(data.get("reduced_mobility")),
        )


class PapersForm(PortalForm):
    """The missing papers that have been brought."""

    papers = forms.MultipleChoiceField(
        label=_("Papers handed in"), choices=ProofKind, required=False, widget=forms.CheckboxSelectMultiple
    )


class EndorseForm(PortalForm):
    ground = forms.ChoiceField(label=_("The condition that still holds"), choices=Ground)


class EndForm(PortalForm):
    reason = forms.ChoiceField(label=_("Why the permit ends"))
    note = forms.CharField(label=_("Remark"), max_length=120, required=False)

    sections: ClassVar[tuple[Section, ...]] = (Section("", ("reason", "note")),)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reasons = [(code, text) for code, text in codes.choices("permit_end_reason") if code != "not_endorsed"]
        self.fields["reason"].choices = reasons  # type: ignore[attr-defined]
