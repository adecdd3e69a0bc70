"""Sheets with personal data that are handed over: the look, and the record of data handed on (digest P8)."""

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit import services as audit
from portal.exchange.models import ProvisionRecord
from portal.exchange.provisions import record_provision
from portal.org.models import User

REGISTRATION_LAW = "《浙江省流动人口居住登记条例》"
PERMIT_LAW = "《居住证暂行条例》（国务院令第663号）"


@transaction.atomic
def sheet_printed(
    *, purpose: str, people: Iterable[int], fields: Iterable[str] = (), number: str = "", actor: User
) -> None:
    """Call it when a sheet for the person is shown for printing. `purpose` is that of the access row, `fields` are
    those printed in full, `number` is the paper's own number."""
    title, law, kinds = _sheet(purpose)
    ids, full = list(people), list(fields)
    audit.access(actor=actor, action="print", person_ids=ids, fields=full, purpose=purpose)
    record_provision(
        form=ProvisionRecord.Form.PAPER,
        title=title,
        recipient_kind=ProvisionRecord.Recipient.PERSON,
        purpose=_("Handed to the person"),
        legal_basis=law,
        data_kinds=kinds,
        row_count=len(ids),
        full_numbers="document_number" in full,
        reference=number,
        actor=actor,
    )


def _sheet(purpose: str) -> tuple[str, str, list[str]]:
    known = {
        "voucher": (_("Registration voucher"), REGISTRATION_LAW, [_("Identity"), _("Present address")]),
        "permit_card": (_("Residence permit"), PERMIT_LAW, [_("Identity"), _("Present address"), _("Photograph")]),
        "permit_receipt": (_("Receipt for a permit file"), PERMIT_LAW, [_("Identity"), _("Papers handed in")]),
        "permit_notice": (_("One-time notice"), PERMIT_LAW, [_("Identity"), _("Papers handed in")]),
        "permit_endorsement": (_("Endorsement sheet"), PERMIT_LAW, [_("Identity"), _("Endorsements")]),
    }
    return known[purpose]
