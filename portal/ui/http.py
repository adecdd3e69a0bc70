from typing import Any

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from portal.org.models import User
from portal.ui.prefs import Preferences


class StaffRequest(HttpRequest):
    """What every view receives: LoginRequiredMiddleware has already turned visitors away."""

    user: User
    htmx: HtmxDetails
    prefs: Preferences
    request_id: str


def toast(text: str, *, undo: str = "", level: str = "ok") -> dict[str, Any]:
    """The payload of `HX-Trigger: {"toast": …}`. `undo` is a URL that takes a POST; `level` is ok, warn or bad."""
    return {"text": str(text), "undo": undo, "level": level}
