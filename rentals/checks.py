from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.utils.module_loading import import_string

from rentals.services.reports.senders import shows_codes


@register("security")
def codes_are_sent_and_not_shown(**_kwargs: Any) -> list[CheckMessage]:
    """A page that shows the code to whoever asks for it proves nothing about a phone."""
    if shows_codes() and not settings.DEMO_ACCOUNTS:
        return [
            Error(
                "REPORT_CODE_SENDER shows codes on the page, and this is no demo.",
                hint="Name a class that sends them (docs/how-to/landlord-codes.md), or leave the setting empty.",
                id="rentals.E001",
            )
        ]
    try:
        if settings.REPORT_CODE_SENDER:
            import_string(settings.REPORT_CODE_SENDER)
    except ImportError as error:
        return [Error(f"REPORT_CODE_SENDER cannot be imported: {error}", id="rentals.E002")]
    return []
