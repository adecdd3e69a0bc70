from django.apps import AppConfig


class DemoConfig(AppConfig):
    """The demo county. Installed by the demo profile only, never in production."""

    name = "demo"
