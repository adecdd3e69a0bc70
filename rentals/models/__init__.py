from rentals.models.campaign import CampaignInspection, RentalCampaign
from rentals.models.filing import WHOLE, LeaseFiling, LeaseTenant
from rentals.models.grade import GradeAppeal, HouseGrade
from rentals.models.hazard import Hazard, HazardReferral, HazardStep
from rentals.models.home import RentedHome
from rentals.models.inspection import Inspection
from rentals.models.letter import ResponsibilityLetter
from rentals.models.message import LandlordMessage
from rentals.models.registration import RentalRegistration, RentalStep
from rentals.models.report import PenaltyReferral, ReporterVisit, TenancyReport

__all__ = [
    "WHOLE",
    "CampaignInspection",
    "GradeAppeal",
    "Hazard",
    "HazardReferral",
    "HazardStep",
    "HouseGrade",
    "Inspection",
    "LandlordMessage",
    "LeaseFiling",
    "LeaseTenant",
    "PenaltyReferral",
    "RentalCampaign",
    "RentalRegistration",
    "RentalStep",
    "RentedHome",
    "ReporterVisit",
    "ResponsibilityLetter",
    "TenancyReport",
]
