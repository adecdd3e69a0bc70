from typing import ClassVar

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules

MAPPINGS = "how tables of other platforms are read, nothing about a person; the service asks for the right"


class ResidentsConfig(AppConfig):
    name = "residents"
    # Subscribers and nightly jobs: permits follow their holders, expire, are suspended; clocks are counted anew.
    system_actions: ClassVar[dict[str, tuple[str, ...]]] = {
        "residents.Person": ("view",),
        "residents.Registration": ("view",),
        "residents.Dwelling": ("view",),
        "residents.VisitTask": ("view", "write"),
        "residents.Permit": ("view", "write"),
        "residents.PermitApplication": ("view", "write"),
        "residents.PermitStep": ("view", "write"),
        "residents.Draft": ("write",),
        "residents.DuplicatePair": ("write",),
        "residents.DuplicateSide": ("write",),
    }
    # In a split: buildings are chosen, everything else goes where the record it belongs to has gone.
    area_places: ClassVar[dict[str, tuple[str, ...]]] = {"residents.Dwelling": ("estate", "building")}
    area_follows: ClassVar[dict[str, tuple[str, str, str]]] = {
        "residents.Registration": ("dwelling_id", "residents.Dwelling", "id"),
        "residents.Building": ("id", "residents.Dwelling", "stands_in_id"),
        "residents.DwellingMerge": ("survivor_id", "residents.Dwelling", "id"),
        "residents.Person": ("id", "residents.Registration", "person_id"),
        "residents.RegistrationChange": ("registration_id", "residents.Registration", "id"),
        "residents.Visit": ("registration_id", "residents.Registration", "id"),
        "residents.TransferRequest": ("registration_id", "residents.Registration", "id"),
        "residents.Permit": ("person_id", "residents.Person", "id"),
        "residents.PermitApplication": ("registration_id", "residents.Registration", "id"),
        "residents.PermitStep": ("permit_id", "residents.Permit", "id"),
        "files.Attachment": ("person_id", "residents.Person", "id"),
        "residents.DuplicateSide": ("person_id", "residents.Person", "id"),
    }
    area_kept: ClassVar[dict[str, str]] = {
        "residents.SamplingFrame": "how many stood in an area when the sample was drawn there",
    }
    area_named: ClassVar[dict[str, tuple[str, ...]]] = {
        "residents.TransferRequest": ("to_area",),
        "residents.PersonMerge": ("absorbed_area",),
    }
    unwalled: ClassVar[dict[str, str]] = {
        "residents_numberseries": "running numbers of papers by county, nothing about a person",
        "residents_mappingfile": MAPPINGS,
        "residents_mappingfileevent": MAPPINGS,
    }

    definer_triggers = ("residents_household_",)  # the guard of the books has to see every line of them

    def ready(self) -> None:
        autodiscover_modules("panels")
        autodiscover_modules("links")
        autodiscover_modules("timeline_sources")
