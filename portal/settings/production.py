"""Behind nginx with TLS. Refuses to start without a secret key."""

from portal.settings.base import *  # noqa: F403
from portal.settings.base import LOGGING, SECRET_KEY, env

if not SECRET_KEY:
    raise SystemExit("SECRET_KEY is not set: put a long random text into the environment or into SECRET_KEY_FILE.")

SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-sid"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-csrf"
LOG_FORMAT = env("LOG_FORMAT", default="json")
LOGGING = LOGGING | {"formatters": {"clean": {"()": "portal.core.logs.formatter", "form": LOG_FORMAT}}}
