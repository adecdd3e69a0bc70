"""What `make run` uses: the demo profile on one machine, plain HTTP on the loopback address."""

from portal.settings.base import *  # noqa: F403
from portal.settings.base import ALLOWED_HOSTS, INSTALLED_APPS, SECRET_KEY, env

INSTALLED_APPS = [*INSTALLED_APPS, "demo"]
SECRET_KEY = SECRET_KEY or "only-for-the-demo-profile-on-one-machine-never-in-production"
ALLOWED_HOSTS = [*ALLOWED_HOSTS, "localhost", "127.0.0.1", "[::1]"]
DEMO_ACCOUNTS = True
UI_STYLEGUIDE = True
REPORT_CODE_SENDER = env("REPORT_CODE_SENDER", default="rentals.services.reports.senders.ShownOnScreen")
MFA_REQUIRED = env.bool("MFA_REQUIRED", default=False)
DEMO_PASSWORD = env("DEMO_PASSWORD", default="")
