from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class OversightConfig(AppConfig):
    name = "portal.oversight"

    def ready(self) -> None:
        autodiscover_modules("oversight")
