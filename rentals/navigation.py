from django.utils.translation import gettext_lazy as _

from portal.org.scoping import can
from portal.ui.navigation import NavItem, register
from rentals.models import (
    Hazard,
    HazardReferral,
    Inspection,
    LeaseFiling,
    PenaltyReferral,
    RentalCampaign,
    RentalRegistration,
    TenancyReport,
)
from rentals.selectors import (
    crowded_homes,
    filings_to_review,
    inspections_left,
    orders_waiting,
    overdue_hazards,
    reports_to_verify,
    to_review,
)

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
        group="daily",
        url_name="rentals:crowded",
        section="/rentals/crowded/",
        label=_("Over-occupied let homes"),
        icon="users",
        order=39,
        visible=lambda user: can(user, RentalRegistration, "view"),
        badge=crowded_homes,
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
register(
    NavItem(
        group="daily",
        url_name="rentals:report_list",
        section="/rentals/reports/",
        label=_("Reports of landlords"),
        icon="inbox",
        order=34,
        visible=lambda user: can(user, TenancyReport, "view"),
        badge=reports_to_verify,
    )
)
register(
    NavItem(
        group="daily",
        url_name="rentals:inspection_plan",
        section="/rentals/inspections/",
        label=_("Inspections of rented homes"),
        icon="clipboard-check",
        order=36,
        visible=lambda user: can(user, Inspection, "view"),
        badge=inspections_left,
    )
)
register(
    NavItem(
        group="daily",
        url_name="rentals:hazard_list",
        section="/rentals/hazards/",
        label=_("Hazards of rented homes"),
        icon="triangle-alert",
        order=37,
        visible=lambda user: can(user, Hazard, "view"),
        badge=overdue_hazards,
        hot=True,
    )
)
register(
    NavItem(
        group="approvals",
        url_name="rentals:penalty_list",
        section="/rentals/penalties/",
        label=_("Referrals for a penalty"),
        icon="scale",
        order=47,
        visible=lambda user: can(user, PenaltyReferral, "view"),
    )
)
register(
    NavItem(
        group="approvals",
        url_name="rentals:referral_list",
        section="/rentals/referrals/",
        label=_("Referred hazards"),
        icon="send",
        order=48,
        visible=lambda user: can(user, HazardReferral, "view"),
        badge=orders_waiting,
    )
)
register(
    NavItem(
        group="daily",
        url_name="rentals:campaign_list",
        section="/rentals/campaigns/",
        label=_("Campaigns for rented homes"),
        icon="flag",
        order=38,
        visible=lambda user: can(user, RentalCampaign, "view"),
    )
)
register(
    NavItem(
        group="daily",
        url_name="rentals:letter_list",
        section="/rentals/letters/",
        label=_("Letters of responsibility"),
        icon="file-check",
        order=40,
        visible=lambda user: can(user, RentalRegistration, "view"),
    )
)
