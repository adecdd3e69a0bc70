"""What every answer of the product must carry (security design §5.4), whatever it is an answer to."""

import runpy
from typing import Any

import pytest

from portal.settings import base

PRODUCTION = ("SECURE_", "SESSION_COOKIE_", "CSRF_COOKIE_")
HSTS_ONE_YEAR = 31_536_000
POLICY = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "object-src 'none'",
    "report-uri /csp-report",
)
EXACT = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
NO_CAMERA = "camera=()"


def as_in_production(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The values of `portal.settings.production` for headers and cookies; the client must ask with `secure=True`."""
    monkeypatch.setattr(base, "SECRET_KEY", "for these tests only")
    for name, value in runpy.run_module("portal.settings.production").items():
        if name.startswith(PRODUCTION):
            setattr(settings, name, value)


def faults(response: Any) -> list[str]:
    """What is missing or too weak, in words; an empty list for a good answer over TLS."""
    headers = response.headers
    wrong = [f"{name} is {headers.get(name)!r}" for name, value in EXACT.items() if headers.get(name) != value]
    policy = headers.get("Content-Security-Policy", "")
    wrong += [f"the content policy lacks {part}" for part in POLICY if part not in policy]
    wrong += [f"the content policy allows {weak}" for weak in ("unsafe-", "*", "http:") if weak in policy]
    if NO_CAMERA not in headers.get("Permissions-Policy", ""):
        wrong.append("no Permissions-Policy")
    hsts = headers.get("Strict-Transport-Security", "max-age=0")
    if int(hsts.partition("max-age=")[2].partition(";")[0]) < HSTS_ONE_YEAR:
        wrong.append("no year of HSTS")
    if not is_uncached(response):
        wrong.append(f"may be cached: {headers.get('Cache-Control')}")
    return wrong + [fault for cookie in response.cookies.values() for fault in cookie_faults(cookie)]


def is_uncached(response: Any) -> bool:
    """The watermark alone may stay in the browser of its reader, who has to ask each time whether it still holds."""
    told = response.headers.get("Cache-Control", "")
    is_watermark = response.headers.get("Content-Type", "").startswith("image/svg+xml")
    return "no-store" in told or (is_watermark and told == "private, no-cache")


def cookie_faults(cookie: Any) -> list[str]:
    wrong = []
    if not cookie.key.startswith("__Host-") or cookie["domain"] or cookie["path"] != "/":
        wrong.append(f"cookie {cookie.key} is not bound to this host")
    is_deleted = not cookie.value and cookie["max-age"] == 0
    if not cookie["secure"] or not (cookie["httponly"] or is_deleted):
        wrong.append(f"cookie {cookie.key} is not Secure and HttpOnly")
    if cookie["samesite"] not in {"Lax", "Strict"}:
        wrong.append(f"cookie {cookie.key} goes to other sites")
    return wrong
