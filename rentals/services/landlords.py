"""Who lets: a person with a document, or an organisation with its unified social credit code."""

import unicodedata
from dataclasses import dataclass

from django.utils.translation import gettext as _
from stdnum.cn import uscc

from portal.core.errors import DomainError
from portal.vault.blind import blind_index
from rentals.choices import LandlordKind
from residents.choices import DocumentKind
from residents.services.identity import check_document, normalise_document
from residents.services.names import check_phone, normalise_phone

INDEX, PHONE = "rentals.landlord", "rentals.reporter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Landlord:
    """As it is stored: names tidied, numbers checked. `document_kind` is "" for an organisation."""

    kind: str
    name: str
    document_kind: str
    document_number: str
    phone: str


def landlord_of(*, kind: str, name: str, document_kind: str, document_number: str, phone: str) -> Landlord:
    """Raises DomainError beside the field. The check digits decide: GB 11643 for ID cards, GB 32100 for codes."""
    if kind not in LandlordKind.values:
        raise DomainError(_("Please choose who lets the dwelling."), field="landlord_kind")
    tidy = " ".join(unicodedata.normalize("NFKC", name).split())
    if not tidy:
        raise DomainError(_("Please enter the name of the landlord."), field="landlord_name")
    number_kind, number = _document(kind, document_kind, document_number)
    called = normalise_phone(phone)
    if not called:
        raise DomainError(_("Please enter a phone at which the landlord is reached."), field="landlord_phone")
    return Landlord(
        kind=kind,
        name=tidy,
        document_kind=number_kind,
        document_number=number,
        phone=check_phone(called, field="landlord_phone"),
    )


def landlord_index(number: str) -> bytes:
    return blind_index(INDEX, number)


def phone_index(phone: str) -> bytes | None:
    """Under which landlord, agent or broker is found once a phone is proved; None without one."""
    return blind_index(PHONE, phone) if phone else None


def _document(kind: str, document_kind: str, raw: str) -> tuple[str, str]:
    if kind == LandlordKind.ORGANISATION:
        code = unicodedata.normalize("NFKC", raw).upper().replace(" ", "").replace("-", "")
        if not uscc.is_valid(code):
            raise DomainError(
                _("This is no unified social credit code: it has 18 characters, the last of which is a check digit."),
                field="document_number",
                code="uscc",
            )
        return "", code
    if document_kind not in DocumentKind.values:
        raise DomainError(_("Please choose the kind of document."), field="document_kind")
    number = normalise_document(document_kind, raw)
    return document_kind, check_document(document_kind, number).number
