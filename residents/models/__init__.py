from residents.models.building import Building
from residents.models.correction import PersonCorrection
from residents.models.dwelling import AddressLead, Dwelling, DwellingAlias, DwellingMerge
from residents.models.household import HEAD, Household, HouseholdAct, HouseholdMember
from residents.models.intake import Draft, NotSamePerson
from residents.models.looks import RecentLook
from residents.models.mapping import MappingFile
from residents.models.mass_departure import DepartureItem, DepartureRequest
from residents.models.merge import DuplicatePair, DuplicateSide, PersonMerge
from residents.models.numbers import NumberSeries
from residents.models.permit import (
    OPEN_APPLICATION,
    Endorsement,
    Permit,
    PermitApplication,
    PermitMaterial,
    PermitStep,
)
from residents.models.person import SEE_RESTRICTED, Person, PersonalQuerySet
from residents.models.registration import Notice, Registration, RegistrationChange, Visit
from residents.models.sampling import SampleItem, SamplingCampaign, SamplingFrame
from residents.models.transfer import TransferRequest
from residents.models.visit_task import VisitTask

__all__ = [
    "HEAD",
    "OPEN_APPLICATION",
    "SEE_RESTRICTED",
    "AddressLead",
    "Building",
    "DepartureItem",
    "DepartureRequest",
    "Draft",
    "DuplicatePair",
    "DuplicateSide",
    "Dwelling",
    "DwellingAlias",
    "DwellingMerge",
    "Endorsement",
    "Household",
    "HouseholdAct",
    "HouseholdMember",
    "MappingFile",
    "NotSamePerson",
    "Notice",
    "NumberSeries",
    "Permit",
    "PermitApplication",
    "PermitMaterial",
    "PermitStep",
    "Person",
    "PersonCorrection",
    "PersonMerge",
    "PersonalQuerySet",
    "RecentLook",
    "Registration",
    "RegistrationChange",
    "SampleItem",
    "SamplingCampaign",
    "SamplingFrame",
    "TransferRequest",
    "Visit",
    "VisitTask",
]
