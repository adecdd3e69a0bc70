from typing import ClassVar

from django.apps import AppConfig


class ResidentsConfig(AppConfig):
    name = "residents"
    # Subscribers and nightly jobs: permits follow their holders, expire, are suspended; clocks are counted anew.
    system_actions: ClassVar[dict[str, tuple[str, ...]]] = {
        "residents.Person": ("view",),
        "residents.Registration": ("view",),
        "residents.Permit": ("view", "write"),
        "residents.PermitApplication": ("view", "write"),
        "residents.PermitStep": ("view", "write"),
        "residents.Draft": ("write",),
    }
    unwalled: ClassVar[dict[str, str]] = {
        "residents_numberseries": "running numbers of papers by county, nothing about a person",
    }
