import importlib

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "portal.accounts"

    def ready(self) -> None:
        importlib.import_module("portal.accounts.receivers")
