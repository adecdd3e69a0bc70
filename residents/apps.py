from typing import ClassVar

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


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
        "residents.DuplicatePair": ("view", "write"),
        "residents.DuplicateSide": ("view", "write"),
    }
    unwalled: ClassVar[dict[str, str]] = {
        "residents_numberseries": "running numbers of papers by county, nothing about a person",
    }

    definer_triggers = ("residents_household_",)  # the guard of the books has to see every line of them

    def ready(self) -> None:
        autodiscover_modules("panels")
        autodiscover_modules("links")
