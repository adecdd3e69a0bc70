from typing import ClassVar

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "portal.reports"
    # Counting triggers look a change's person and earlier stay up, wherever they stand.
    definer_triggers = ("reports_count_",)
    area_followers = ("reports_follow_change",)
    # The fold and the nightly count (portal.reports.services).
    system_actions: ClassVar[dict[str, tuple[str, ...]]] = {
        "reports.AreaCount": ("view", "write"),
        "residents.Person": ("view",),
        "residents.Registration": ("view",),
        "residents.RegistrationChange": ("view",),
        "residents.Permit": ("view",),
        "residents.PermitApplication": ("view",),
    }
