"""What the shell around every page needs."""

import json
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from portal.core import clock
from portal.org.codes import parent_candidates
from portal.org.models import Area, User
from portal.ui import navigation
from portal.ui.messages import js_messages
from portal.ui.prefs import Preferences

SCOPE_CACHE_SECONDS = 300
COUNTY_DIGITS = 6
MOST_DEMO_ACCOUNTS = 24


def shell(request: HttpRequest) -> dict[str, Any]:
    """Everything is lazy: a fragment that shows no menu costs no query."""
    context: dict[str, Any] = {
        "prefs": getattr(request, "prefs", Preferences()),
        "ui_messages": js_messages,
        "ui_styleguide": settings.UI_STYLEGUIDE,
        "request_id": getattr(request, "request_id", ""),
        "today": SimpleLazyObject(clock.today),
        "demo_accounts": demo_accounts,
    }
    user = getattr(request, "user", None)
    if isinstance(user, User) or getattr(user, "is_authenticated", False):
        context["shell"] = SimpleLazyObject(lambda: _shell_of(request, user))  # type: ignore[arg-type]
    return context


def demo_accounts() -> list[dict[str, str]]:
    """The accounts of the demo county for the login page; none in production. Called by the template alone."""
    if not settings.DEMO_ACCOUNTS:
        return []
    people = User.objects.filter(is_active=True, is_system=False, groups__isnull=False).exclude(username__contains="-")
    password = getattr(settings, "DEMO_PASSWORD", "")
    return [
        {
            "username": user.username,
            "name": str(user),
            "title": user.title,
            "unit": str(user.department or ""),
            "fill": json.dumps({"username": user.username, "password": password}),
        }
        for user in people.select_related("department").distinct().order_by("pk")[:MOST_DEMO_ACCOUNTS]
    ]


def _shell_of(request: HttpRequest, user: User) -> dict[str, Any]:
    groups = navigation.menu_of(request)
    entries = [entry for group in groups for entry in group["entries"]]
    bell = navigation.bell()
    return {
        "user_name": str(user),
        "groups": groups,
        "tabs": [entry for entry in entries if entry["tab"]][:4],
        "new_arrival": next((entry for entry in entries if entry["url_name"] == "residents:arrival_new"), None),
        "scope": scope_names(user.area_code),
        "bell": bell,
        "unread": bell.unread(user) if bell else 0,
        "alarms": navigation.alarms(user),
    }


def scope_names(code: str) -> dict[str, str]:
    """The place a user works in: its own name, and the names above it from the county down."""
    if not code:
        return {"name": _("All areas"), "above": ""}
    key = f"ui:scope:{code}"
    found: dict[str, str] | None = cache.get(key)
    if found is None:
        above = [one for one in parent_candidates(code) if len(one) >= COUNTY_DIGITS]
        names = dict(Area.objects.filter(code__in=[code, *above]).values_list("code", "name"))
        found = {
            "name": names.get(code, code),
            "above": " / ".join(names[one] for one in sorted(above, key=len) if one in names),
        }
        cache.set(key, found, SCOPE_CACHE_SECONDS)
    return found
