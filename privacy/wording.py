"""Words for a sheet that a person reads: what was looked at and why, without the codes of the log."""

from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.audit.models import AccessEvent
from portal.policy import codes
from privacy.services.data_copy import LABELS
from residents.models import Person

PURPOSES: dict[str, Promise] = {
    "": gettext_lazy("Daily work with the register"),
    "duplicates": gettext_lazy("Looking for a file that exists already"),
    "palette": gettext_lazy("Search by name or number"),
    "recent": gettext_lazy("Own list of files opened last"),
    "voucher": gettext_lazy("Registration voucher"),
    "correction": gettext_lazy("Correction of the file"),
    "permit_queue": gettext_lazy("Residence permit review"),
    "permit_file": gettext_lazy("Residence permit review"),
    "permit_card": gettext_lazy("Printing of the residence permit"),
    "permit_receipt": gettext_lazy("Receipt for a permit file"),
    "permit_notice": gettext_lazy("One-time notice of missing papers"),
    "permit_endorsement": gettext_lazy("Endorsement of the residence permit"),
    "subject_request": gettext_lazy("Request of the person"),
    "access_sheet": gettext_lazy("Request of the person"),
    "data_copy": gettext_lazy("Request of the person"),
}
LEDGER = "ledger "
FIELDS = {"document": "document_number", "id": "document_number"}


def purpose_words(event: AccessEvent) -> str:
    """The reason somebody chose for a full value, or the business in which the page belongs."""
    if event.action == AccessEvent.Action.REVEAL and event.purpose in codes.items("access_reason"):
        return codes.label("access_reason", event.purpose)
    if event.purpose.startswith((LEDGER, "download ")):
        return _("Ledger in the official form")
    return str(PURPOSES.get(event.purpose, PURPOSES[""]))


def field_words(names: Iterable[str]) -> str:
    """Names of the fields shown in full; empty when numbers were masked."""
    known = {field.name: str(LABELS.get(field.name, field.verbose_name)) for field in Person._meta.concrete_fields}
    words = [known[FIELDS.get(name, name)] for name in names if FIELDS.get(name, name) in known]
    return "、".join(dict.fromkeys(words))
