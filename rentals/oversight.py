"""Words of this department for the auditor's console."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portal.oversight.records import named, register_records
from portal.oversight.wording import register_words
from rentals.models import LeaseFiling, RentalRegistration

ACTIONS = {
    "rental.submitted": _("Rental registration handed in"),
    "rental.changed": _("Rental registration changed"),
    "rental.accepted": _("Rental registration accepted"),
    "rental.returned": _("Rental registration returned"),
    "rental.renewed": _("Rental registration renewed"),
    "rental.ended": _("Rental registration ended"),
    "lease.submitted": _("Lease handed in for filing"),
    "lease.filed": _("Lease filed"),
    "lease.refused": _("Filing of a lease refused"),
    "lease.renewed": _("Lease renewed"),
    "lease.ended": _("Lease ended"),
    "dwelling.rental_noted": _("Rental registration noted at the dwelling"),
}

register_words(actions=ACTIONS, purposes={"lease": _("Lease of a dwelling")})
register_records(
    {
        "rentals.rentalregistration": pgettext_lazy("record", "Rental registration"),
        "rentals.rentalstep": pgettext_lazy("record", "Step of a rental registration"),
        "rentals.leasefiling": pgettext_lazy("record", "Lease filing"),
        "rentals.leasetenant": pgettext_lazy("record", "Tenant of a lease"),
    },
    {
        "rentals.rentalregistration": named(RentalRegistration, lambda row: row.number),
        "rentals.leasefiling": named(LeaseFiling, lambda row: row.number),
    },
)
