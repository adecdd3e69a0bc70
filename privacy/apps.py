from typing import ClassVar

from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    name = "privacy"
    unwalled: ClassVar[dict[str, str]] = {
        "privacy_legalhold": "investigations of the whole county; the pages ask for the grant at the county",
    }
    system_actions: ClassVar[dict[str, tuple[str, ...]]] = {"privacy.SubjectRequest": ("view", "handle")}
