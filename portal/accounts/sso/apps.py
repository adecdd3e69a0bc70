import importlib

from django.apps import AppConfig


class SsoConfig(AppConfig):
    name = "portal.accounts.sso"
    label = "sso"

    def ready(self) -> None:
        importlib.import_module("portal.accounts.sso.checks")
