from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class ExchangeConfig(AppConfig):
    name = "portal.exchange"

    def ready(self) -> None:
        autodiscover_modules("ledgers")
