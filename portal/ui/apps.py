from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class UiConfig(AppConfig):
    name = "portal.ui"

    def ready(self) -> None:
        autodiscover_modules("navigation")
        autodiscover_modules("tiles")
