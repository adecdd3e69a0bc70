from django.utils.translation import gettext_lazy as _

from portal.org.scoping import can
from portal.ui.navigation import NavItem, register
from rentals.models import LeaseFiling, RentalRegistration
from rentals.selectors import filings_to_review, to_review

register(
    NavItem(
        group="approvals",
        url_name="rentals:rental_list",
        label=_("Rental registrations"),
        icon="key-round",
        order=45,
        visible=lambda user: can(user, RentalRegistration, "view"),
        badge=to_review,
    )
)
register(
    NavItem(
        group="daily",
        url_name="rentals:unregistered",
        section="/rentals/unregistered/",
        label=_("Rented but not registered"),
        icon="house",
        order=35,
        visible=lambda user: can(user, RentalRegistration, "view"),
    )
)
register(
    NavItem(
        group="approvals",
        url_name="rentals:filing_list",
        section="/rentals/leases/",
        label=_("Lease filings"),
        icon="file-check",
        order=46,
        visible=lambda user: can(user, LeaseFiling, "view"),
        badge=filings_to_review,
    )
)
