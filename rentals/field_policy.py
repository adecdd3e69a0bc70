"""Who sees what of rental registrations: numbers of landlords masked, whole ones only in a file that gives a reason."""

from portal.core.classes import DataClass
from portal.policy import codes
from portal.vault.masks import mask_id_number, mask_phone
from portal.vault.projection import EXPORT, EXPORT_FULL, Gets, Policy, Rule, register
from rentals.choices import Gas, Letting
from rentals.models import (
    CampaignInspection,
    GradeAppeal,
    Hazard,
    HazardReferral,
    HazardStep,
    HouseGrade,
    Inspection,
    LandlordMessage,
    LeaseFiling,
    LeaseTenant,
    PenaltyReferral,
    RentalCampaign,
    RentalRegistration,
    RentalStep,
    ResponsibilityLetter,
    TenancyReport,
)

C2, C3 = DataClass.C2, DataClass.C3
NUMBERS = ("document_number", "landlord_phone", "agent_phone")
MASKED = Gets(full=(C2, C3), masked=NUMBERS)

register(
    Policy(
        RentalRegistration,
        rules=(
            Rule((RentalRegistration, "view"), MASKED),
            Rule((RentalRegistration, "export"), MASKED, (EXPORT,)),
            Rule((RentalRegistration, "export_full"), Gets(full=(C2, C3, *NUMBERS)), (EXPORT_FULL,)),
        ),
        masks={"document_number": mask_id_number, "landlord_phone": mask_phone, "agent_phone": mask_phone},
        words={
            "ownership": lambda code: codes.label("property_kind", code),
            "title_kind": lambda code: codes.label("title_proof", code),
            "structure": lambda code: codes.label("house_structure", code),
            "planned_use": lambda code: codes.label("house_use", code),
            "danger_grade": lambda code: codes.label("danger_grade", code),
            "spaces": lambda found: "、".join(codes.label("letting_space", code) for code in found),
            "letting": lambda code: str(Letting(code).label),
            "gas": lambda code: str(Gas(code).label),
        },
    )
)
register(Policy(LeaseFiling, rules=(Rule((LeaseFiling, "view"), Gets(full=(C2, C3))),)))
register(Policy(LeaseTenant, rules=(Rule((LeaseFiling, "view"), Gets(full=(C2, C3))),)))
register(Policy(LandlordMessage, rules=(Rule((RentalRegistration, "view"), Gets(full=(C2, C3))),)))
register(Policy(ResponsibilityLetter, rules=(Rule((RentalRegistration, "view"), Gets(full=(C2, C3))),)))
register(Policy(RentalStep, rules=(Rule((RentalRegistration, "view"), Gets(full=(C2, C3))),)))

REPORTED = ("document_number", "phone", "reporter_phone")
register(
    Policy(
        TenancyReport,
        rules=(
            Rule((TenancyReport, "view"), Gets(full=(C2, C3), masked=REPORTED)),
            Rule((TenancyReport, "review"), Gets(reveal=("reporter_phone",))),
        ),
        masks={"document_number": mask_id_number, "phone": mask_phone, "reporter_phone": mask_phone},
    )
)
register(Policy(PenaltyReferral, rules=(Rule((PenaltyReferral, "view"), Gets(full=(C2, C3))),)))
PLAIN = Gets(full=(C2, C3))
register(
    Policy(
        RentalCampaign,
        rules=(Rule((RentalCampaign, "view"), PLAIN),),
        words={"category": lambda code: codes.label("campaign_category", code)},
    )
)
register(Policy(CampaignInspection, rules=(Rule((RentalCampaign, "view"), PLAIN),)))
register(Policy(HouseGrade, rules=(Rule((HouseGrade, "view"), PLAIN), Rule((Inspection, "view"), PLAIN))))
register(Policy(GradeAppeal, rules=(Rule((HouseGrade, "view"), PLAIN),)))
register(
    Policy(
        Inspection,
        rules=(Rule((Inspection, "view"), PLAIN), Rule((Inspection, "export"), PLAIN, (EXPORT,))),
        words={
            name: lambda found: "、".join(codes.label("inspection_item", code) for code in found)
            for name in ("passed", "skipped")
        },
    )
)
register(
    Policy(
        Hazard,
        rules=(Rule((Hazard, "view"), PLAIN), Rule((HazardReferral, "view"), PLAIN)),
        words={"item": lambda code: codes.label("inspection_item", code)},
    )
)
register(Policy(HazardReferral, rules=(Rule((HazardReferral, "view"), PLAIN), Rule((Hazard, "view"), PLAIN))))
register(Policy(HazardStep, rules=(Rule((Hazard, "view"), PLAIN), Rule((HazardReferral, "view"), PLAIN))))
