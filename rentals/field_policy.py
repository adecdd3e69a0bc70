"""Who sees what of rental registrations: numbers of landlords masked, whole ones only in a file that gives a reason."""

from portal.core.classes import DataClass
from portal.policy import codes
from portal.vault.masks import mask_id_number, mask_phone
from portal.vault.projection import EXPORT, EXPORT_FULL, Gets, Policy, Rule, register
from rentals.choices import Gas, Letting
from rentals.models import LeaseFiling, LeaseTenant, RentalRegistration, RentalStep

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
register(Policy(RentalStep, rules=(Rule((RentalRegistration, "view"), Gets(full=(C2, C3))),)))
