import os

import django


def product() -> None:
    """The product as it runs, with the demo county's accounts."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.dev")
    django.setup()
