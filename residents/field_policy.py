"""Who sees what of the register (digest §7; security design §2.3). Whatever is not named here is hidden.

A masked document number, the hukou county and the whole birth date together are the whole number. So the day of birth
stays with the reveal wherever the number is masked, in files as on pages.
"""

from datetime import date

from portal.core.classes import DataClass
from portal.policy import codes
from portal.vault.masks import mask_id_number, mask_name, mask_phone
from portal.vault.projection import BROWSE, ENTRY, EXPORT, EXPORT_FULL, Gets, Policy, Rule, register
from residents.choices import DocumentKind, Sex
from residents.models import (
    AddressLead,
    Building,
    DepartureItem,
    DepartureRequest,
    DuplicatePair,
    DuplicateSide,
    Dwelling,
    DwellingAlias,
    DwellingMerge,
    Endorsement,
    Household,
    HouseholdAct,
    HouseholdMember,
    MappingFile,
    Permit,
    PermitApplication,
    PermitMaterial,
    PermitStep,
    Person,
    PersonCorrection,
    PersonMerge,
    Registration,
    RegistrationChange,
    SampleItem,
    SamplingCampaign,
    SamplingFrame,
    TransferRequest,
    Visit,
    VisitTask,
)

CARD, CHECK, VOUCHER = "card", "check", "voucher"
C2, C3 = DataClass.C2, DataClass.C3
PAGES = (BROWSE, ENTRY, VOUCHER)
ORDINARY = Gets(full=(C2, C3))


def mask_birth_date(day: date) -> str:
    """The year alone."""
    return f"{day:%Y}"


def mask_address(_value: str) -> str:
    """The county stands beside it in a field of its own; street and house are not shown at all."""
    return "****"


PLAIN = (C2, "name", "sex", "document_kind", "document_note", "nationality", "native_code", "mismatch_reason")
STATISTICS = ("education", "marital_status", "political_status")
MASKED = ("document_number", "phone", "birth_date", "native_address")
WITH_FULL_NUMBERS = Gets(full=(*PLAIN, *STATISTICS, *MASKED))
WITH_MASKED_NUMBERS = Gets(full=(*PLAIN, *STATISTICS), masked=MASKED)

OUTWARD = tuple(
    Rule((model, action), ORDINARY, (purpose,))
    for model in (Person, PermitApplication)
    for action, purpose in (("export", EXPORT), ("export_full", EXPORT_FULL))
)

register(
    Policy(
        Person,
        rules=(
            Rule((Person, "view"), WITH_MASKED_NUMBERS, PAGES),
            Rule((Person, "reveal"), Gets(reveal=(*MASKED, "ethnicity")), (BROWSE,)),
            Rule((Registration, "add"), Gets(full=("native_address",)), (ENTRY,)),
            Rule((Registration, "view"), Gets(full=("name", "sex", "native_code", "native_address")), (VOUCHER,)),
            Rule((Permit, "print"), Gets(full=("name", "sex", "ethnicity", *MASKED, "photo")), (CARD,)),
            Rule((Person, "export"), WITH_MASKED_NUMBERS, (EXPORT,)),
            Rule((Person, "export_full"), WITH_FULL_NUMBERS, (EXPORT_FULL,)),
            Rule((PermitApplication, "export"), WITH_MASKED_NUMBERS, (EXPORT,)),
            Rule((PermitApplication, "export_full"), WITH_FULL_NUMBERS, (EXPORT_FULL,)),
        ),
        masks={
            "name": mask_name,
            "document_number": mask_id_number,
            "phone": mask_phone,
            "birth_date": mask_birth_date,
            "native_address": mask_address,
        },
        words={
            "sex": lambda code: str(Sex(code).label),
            "document_kind": lambda code: str(DocumentKind(code).label),
            "ethnicity": lambda code: codes.name("ethnicity", code),
            "birth_date": date.isoformat,
        },
        staff=Gets(full=("sex", "document_kind", "nationality"), masked=("name", "document_number", "birth_date")),
        public=Gets(masked=("name",)),
    )
)
register(
    Policy(
        Dwelling,
        rules=(
            Rule((Dwelling, "view"), Gets(full=(C2, C3), masked=("landlord_phone",)), PAGES),
            Rule((Registration, "view"), Gets(full=(C2, C3)), PAGES),
        ),
        masks={"landlord_phone": mask_phone},
        staff=Gets(full=(C2,)),
    )
)
register(
    Policy(
        Registration,
        rules=(
            Rule((Registration, "view"), ORDINARY, PAGES),
            Rule((PermitApplication, "view"), ORDINARY, PAGES),
            *OUTWARD,
        ),
    )
)
register(
    Policy(
        Permit,
        rules=(
            Rule((Permit, "view"), ORDINARY, PAGES),
            Rule(None, Gets(full=("number",)), (CHECK,)),  # for whoever holds the card and asks whether it is genuine
            *OUTWARD,
        ),
    )
)
register(Policy(PersonCorrection, rules=(Rule((PersonCorrection, "view"), ORDINARY, PAGES),)))
register(Policy(TransferRequest, rules=(Rule((TransferRequest, "view"), ORDINARY, PAGES),)))
for model in (RegistrationChange, Visit, PermitApplication, PermitStep):
    register(Policy(model, rules=(Rule((model, "view"), ORDINARY, PAGES), *OUTWARD)))
for address in (DwellingAlias, DwellingMerge, Building, AddressLead):
    register(Policy(address, rules=(Rule((Dwelling, "view"), ORDINARY, PAGES),)))
register(Policy(PermitMaterial, rules=(Rule((PermitApplication, "view"), ORDINARY, PAGES),)))
register(Policy(Endorsement, rules=(Rule((Permit, "view"), ORDINARY, PAGES),)))
for errand in (VisitTask, DepartureRequest, SamplingCampaign):
    register(Policy(errand, rules=(Rule((errand, "view"), ORDINARY, PAGES),)))
register(Policy(SampleItem, rules=(Rule((SampleItem, "view"), ORDINARY, PAGES), *OUTWARD)))
register(Policy(MappingFile, rules=(Rule((MappingFile, "view"), Gets(full=(DataClass.C1, C2)), PAGES),)))
register(Policy(DepartureItem, rules=(Rule((DepartureRequest, "view"), ORDINARY, PAGES),)))
register(Policy(SamplingFrame, rules=(Rule((SamplingCampaign, "view"), ORDINARY, PAGES),)))
for book in (Household, HouseholdMember, HouseholdAct):
    register(Policy(book, rules=(Rule((Household, "view"), ORDINARY, PAGES), *OUTWARD)))
for double in (DuplicatePair, DuplicateSide, PersonMerge):
    register(Policy(double, rules=(Rule((Person, "merge"), ORDINARY, PAGES),)))
