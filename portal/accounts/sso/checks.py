"""An installation with half a provider does not start."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from portal.accounts.sso.provider import NEEDS, PATHS


@register
def providers_are_complete(app_configs: Any = None, **_rest: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    for key in settings.SSO_PROVIDERS:
        if key not in PATHS:
            known = ", ".join(PATHS)
            found.append(Error(f"SSO_PROVIDERS names “{key}”; there is {known}.", id="sso.E001"))
            continue
        missing = [name for name in NEEDS[key] if not getattr(settings, name)]
        if missing:
            found.append(Error(f"Single sign-on “{key}” needs {', '.join(missing)}.", id="sso.E002"))
        if key == "cas" and not settings.CAS_SERVER_URL.endswith("/"):
            found.append(Error("CAS_SERVER_URL must end with a slash.", id="sso.E004"))
        found += [_unlisted(name) for name in NEEDS[key] if name.endswith("_URL") and not _is_listed(name)]
    return found


def _is_listed(name: str) -> bool:
    parts = urlsplit(getattr(settings, name) or "")
    return not parts.netloc or (parts.scheme == "https" and parts.netloc.lower() in settings.SSO_HOSTS)


def _unlisted(name: str) -> CheckMessage:
    return Error(f"{name} must be an https address of a host in SSO_HOSTS.", id="sso.E003")
