"""Words of this department for the auditor's console."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portal.oversight.records import named, register_records
from portal.oversight.wording import register_words
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

ACTIONS = {
    "rental.submitted": _("Rental registration handed in"),
    "rental.changed": _("Rental registration changed"),
    "rental.accepted": _("Rental registration accepted"),
    "rental.returned": _("Rental registration returned"),
    "rental.renewed": _("Rental registration renewed"),
    "rental.ended": _("Rental registration ended"),
    "rental.landlord_told": _("Landlord told about a let dwelling"),
    "letter.batch_asked": _("Letters of responsibility asked for an area"),
    "letter.batch_issued": _("Letters of responsibility of an area issued"),
    "letter.issued": _("Letter of responsibility issued"),
    "letter.signed": _("Letter of responsibility signed"),
    "lease.submitted": _("Lease handed in for filing"),
    "lease.filed": _("Lease filed"),
    "lease.refused": _("Filing of a lease refused"),
    "lease.renewed": _("Lease renewed"),
    "lease.ended": _("Lease ended"),
    "report.code_sent": _("One-time code sent to a reporter"),
    "report.code_tried": _("One-time code of a reporter tried"),
    "report.received": _("Report of tenants received"),
    "report.door_found": _("Address of a report found"),
    "report.arrival_begun": _("Arrival begun from a report"),
    "report.registered": _("Reported tenant registered"),
    "report.linked": _("Reported tenant was registered already"),
    "report.left": _("Reported departure confirmed"),
    "report.untrue": _("Report found not true"),
    "report.phone_shown": _("Phone of a reporter looked at"),
    "report.referred": _("Late reports referred for a penalty"),
    "dwelling.rental_noted": _("Rental registration noted at the dwelling"),
    "campaign.planned": _("Campaign for rented homes planned"),
    "campaign.started": _("Campaign for rented homes started"),
    "campaign.ended": _("Campaign for rented homes ended"),
    "inspection.opened": _("Inspection of a rented home opened"),
    "inspection.taken": _("Inspection of a rented home taken on"),
    "inspection.dropped": _("Inspection of a rented home no longer needed"),
    "inspection.done": _("Rented home inspected"),
    "hazard.found": _("Hazard found"),
    "hazard.mended": _("Hazard said to be mended"),
    "hazard.referred": _("Hazard referred to a department"),
    "hazard.failed": _("Hazard looked at again and not mended"),
    "hazard.closed": _("Hazard closed"),
    "referral.taken": _("Referred hazard taken on"),
    "referral.answered": _("Referred hazard dealt with"),
    "referral.returned": _("Referred hazard sent back"),
    "grade.appealed": _("Appeal against the grade of a house"),
    "grade.decided": _("Appeal against the grade of a house decided"),
}

register_words(
    actions=ACTIONS, purposes={"lease": _("Lease of a dwelling"), "tenancy_report": _("Verifying a report of tenants")}
)
register_records(
    {
        "rentals.rentalregistration": pgettext_lazy("record", "Rental registration"),
        "rentals.rentalstep": pgettext_lazy("record", "Step of a rental registration"),
        "rentals.responsibilityletter": pgettext_lazy("record", "Letter of responsibility"),
        "rentals.landlordmessage": pgettext_lazy("record", "Message to a landlord"),
        "rentals.leasefiling": pgettext_lazy("record", "Lease filing"),
        "rentals.leasetenant": pgettext_lazy("record", "Tenant of a lease"),
        "rentals.tenancyreport": pgettext_lazy("record", "Report of a tenant"),
        "rentals.penaltyreferral": pgettext_lazy("record", "Referral for a penalty"),
        "rentals.rentedhome": pgettext_lazy("record", "Counts of a rented home"),
        "rentals.reportervisit": pgettext_lazy("record", "Phone of a reporter"),
        "rentals.rentalcampaign": pgettext_lazy("record", "Campaign for rented homes"),
        "rentals.campaigninspection": pgettext_lazy("record", "Inspection of a campaign"),
        "rentals.inspection": pgettext_lazy("record", "Inspection of a rented home"),
        "rentals.hazard": pgettext_lazy("record", "Hazard of a rented home"),
        "rentals.hazardreferral": pgettext_lazy("record", "Referred hazard"),
        "rentals.hazardstep": pgettext_lazy("record", "Step of a hazard"),
        "rentals.housegrade": pgettext_lazy("record", "Hazard grade of a house"),
        "rentals.gradeappeal": pgettext_lazy("record", "Appeal against a hazard grade"),
    },
    {
        "rentals.rentalregistration": named(RentalRegistration, lambda row: row.number),
        "rentals.leasefiling": named(LeaseFiling, lambda row: row.number),
        "rentals.tenancyreport": named(TenancyReport, lambda row: row.number),
        "rentals.penaltyreferral": named(PenaltyReferral, lambda row: row.number),
        "rentals.rentalcampaign": named(RentalCampaign, lambda row: row.name),
        "rentals.inspection": named(Inspection, lambda row: row.number),
        "rentals.hazard": named(Hazard, lambda row: row.number),
        "rentals.hazardreferral": named(HazardReferral, lambda row: row.number),
    },
)
