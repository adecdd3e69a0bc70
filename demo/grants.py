"""Who may do what in the demo county: least privilege, as a table that a security administrator could read aloud."""

from collections.abc import Iterator

from django.apps import apps
from django.db import models

from portal.audit.three_admins import RIGHTS

Grants = dict[str, tuple[str, ...]]
VIEW = ("view",)
REGISTER_DAILY: Grants = {
    "residents.Person": ("view", "add", "change"),
    "residents.Dwelling": ("view", "add", "change", "merge", "import"),
    "residents.Registration": ("view", "add", "change", "deregister", "restore", "verify", "import"),
    "residents.RegistrationChange": VIEW,
    "residents.Visit": VIEW,
    "residents.Permit": ("view", "remind"),
    "residents.PermitStep": VIEW,
    "residents.TransferRequest": ("view", "answer"),
    "residents.Household": ("view", "change"),
    "residents.VisitTask": ("view", "work"),
    "residents.DepartureRequest": ("view", "ask"),
    "residents.SampleItem": ("view", "check"),
    "rentals.RentalRegistration": ("view", "add"),
    "rentals.LeaseFiling": ("view", "add"),
    "rentals.TenancyReport": ("view", "review"),
    "rentals.Inspection": ("view", "work"),
    "rentals.Hazard": ("view", "work"),
    "rentals.HouseGrade": ("view", "record"),
    "rentals.RentalCampaign": VIEW,
}
SUPERVISION: Grants = {
    "rentals.TenancyReport": ("view", "review", "refer"),
    "rentals.PenaltyReferral": ("view", "add"),
    "residents.VisitTask": ("view", "work", "assign"),
    "residents.DepartureRequest": ("view", "ask", "approve"),
    "residents.SamplingCampaign": ("view", "conduct"),
}
REGISTER_READ: Grants = {
    "residents.Person": VIEW,
    "residents.Dwelling": VIEW,
    "residents.Registration": VIEW,
    "residents.RegistrationChange": VIEW,
    "residents.Visit": VIEW,
    "residents.Household": VIEW,
    "residents.Permit": VIEW,
    "residents.PermitApplication": VIEW,
    "residents.PermitStep": VIEW,
    "residents.SamplingCampaign": VIEW,
    "rentals.RentalRegistration": VIEW,
    "rentals.LeaseFiling": VIEW,
    "rentals.TenancyReport": VIEW,
    "rentals.PenaltyReferral": VIEW,
    "rentals.Inspection": VIEW,
    "rentals.Hazard": VIEW,
    "rentals.HouseGrade": VIEW,
    "rentals.RentalCampaign": VIEW,
}
RIGHTS_DESK: Grants = {"privacy.SubjectRequest": ("view", "add"), "privacy.Consent": ("view", "record", "withdraw")}
DASHBOARD: Grants = {"reports.AreaCount": VIEW}
WORK_ORDERS: Grants = {"rentals.HazardReferral": ("view", "handle"), "files.Attachment": VIEW}
LEDGERS: Grants = {
    "residents.Person": ("view", "export"),
    "residents.PermitApplication": ("view", "export"),
    "rentals.RentalRegistration": ("view", "export"),
    "rentals.Inspection": ("view", "export"),
}
APPROVAL: Grants = {"exchange.ExportRequest": ("approve",)}

# Role -> models -> actions. The three administrators hold no business data at all.
ROLES: dict[str, Grants] = {
    "coadmin": REGISTER_DAILY
    | RIGHTS_DESK
    | {"residents.PermitApplication": ("view", "add", "accept"), "files.Attachment": ("view", "add")}
    | DASHBOARD,
    "station": REGISTER_DAILY
    | RIGHTS_DESK
    | SUPERVISION
    | {
        "residents.Person": ("view", "add", "change", "correct", "reveal", "merge"),
        "residents.PermitApplication": ("view", "add", "accept", "deliver", "withdraw", "print"),
        "files.Attachment": ("view", "add", "remove"),
        "residents.Permit": ("view", "remind", "endorse", "change", "print"),
    }
    | DASHBOARD,
    "township": REGISTER_READ
    | LEDGERS
    | {"residents.Person": ("view", "export", "merge"), "residents.PersonMerge": ("change",)}
    | WORK_ORDERS
    | DASHBOARD,
    "police": REGISTER_DAILY
    | RIGHTS_DESK
    | SUPERVISION
    | {"privacy.SubjectRequest": ("view", "add", "handle")}
    | {
        "residents.Person": (
            "view",
            "add",
            "change",
            "correct",
            "reveal",
            "export",
            "export_full",
            "restrict",
            "merge",
            "see_restricted",
        ),
        "residents.PersonMerge": ("change",),
        "rentals.RentalRegistration": ("view", "add", "review", "export", "export_full"),
        "rentals.Inspection": ("view", "work", "export"),
        "rentals.RentalCampaign": ("view", "conduct"),
        "residents.PermitApplication": (
            "view",
            "add",
            "accept",
            "review",
            "sign",
            "deliver",
            "withdraw",
            "print",
            "export",
            "export_full",
        ),
        "residents.Permit": ("view", "remind", "endorse", "change", "terminate", "print"),
        "files.Attachment": ("view", "add", "remove"),
    }
    | DASHBOARD,
    "housing": {
        "residents.Dwelling": VIEW,
        "rentals.RentalRegistration": ("view", "export"),
        "rentals.LeaseFiling": ("view", "add", "review"),
        "rentals.Inspection": ("view", "work", "export"),
        "rentals.RentalCampaign": ("view", "conduct"),
        "rentals.Hazard": ("view", "work"),
        "rentals.HazardReferral": ("view", "handle"),
        "rentals.HouseGrade": ("view", "record", "review"),
        "files.Attachment": ("view", "add"),
    }
    | DASHBOARD,
    "fire": WORK_ORDERS | DASHBOARD,
    "market": WORK_ORDERS | DASHBOARD,
    "labour": DASHBOARD,
    "education": DASHBOARD,
    "health": DASHBOARD,
    "civil": DASHBOARD,
    "justice": DASHBOARD,
    "office": REGISTER_READ | LEDGERS | APPROVAL | DASHBOARD,
    "leader": APPROVAL | DASHBOARD,
    "clerk": REGISTER_READ | LEDGERS | DASHBOARD,
    **RIGHTS,
}


def grants_of(role: str) -> Iterator[tuple[type[models.Model], tuple[str, ...]]]:
    """Raises LookupError for a model that is not installed and ValueError for an action that a model does not know."""
    for label, actions in ROLES[role].items():
        model = apps.get_model(label)
        unknown = set(actions) - set(getattr(model, "scope_actions", ()))
        if unknown:
            raise ValueError(f"{label} has no action {', '.join(sorted(unknown))}")
        yield model, actions
