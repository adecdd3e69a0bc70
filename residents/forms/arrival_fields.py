"""What the forms of an arrival share: code lists in the clerks' order, and the check of name and document."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.utils.translation import gettext

from portal.core.errors import DomainError
from portal.policy import codes
from residents.choices import DocumentKind, Sex
from residents.services.identity import DocumentFacts, check_document, normalise_document
from residents.services.names import check_name, normalise_name

# The order in which clerks need the codes, so that the digit keys stay where the fingers know them.
LODGING_ORDER = ("05", "03", "02", "04", "01", "99")
REASON_ORDER = ("01", "03", "09", "06", "04", "08", "02", "10", "07")
MASKED = "*"


def ordered_choices(table: str, order: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    found = dict(codes.choices(table))
    first = [(code, found.pop(code)) for code in order if code in found]
    return [*first, *found.items()]


def optional_choices(table: str) -> list[tuple[str, str]]:
    return [("", gettext("Not given")), *codes.choices(table)]


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
