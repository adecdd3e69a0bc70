"""Words for a sheet that a person reads: what was looked at and why, without the codes of the log."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from portal.audit.models import AccessEvent
from portal.oversight.wording import PURPOSES
from portal.policy import codes
from privacy.services.data_copy import LABELS
from residents.models import Person

LEDGER = "ledger "
FIELDS = {"document": "document_number", "id": "document_number"}


def purpose_words(event: AccessEvent) -> str:
    """The reason somebody chose for a full value, or the business in which the page belongs."""
    if event.action == AccessEvent.Action.REVEAL and event.purpose in codes.items("access_reason"):
        return codes.label("access_reason", event.purpose)
    if event.purpose.startswith((LEDGER, "download ")):
        return _("Ledger in the official form")
    return str(PURPOSES.get(event.purpose) or _("Daily work with the register"))


def field_words(names: Iterable[str]) -> str:
    """Names of the fields shown in full; empty when numbers were masked."""
    known = {field.name: str(LABELS.get(field.name, field.verbose_name)) for field in Person._meta.concrete_fields}
    words = [known[FIELDS.get(name, name)] for name in names if FIELDS.get(name, name) in known]
    return "、".join(dict.fromkeys(words))
