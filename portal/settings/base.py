"""Values only: everything comes from the environment (see .env.example); no logic beyond reading it."""

from pathlib import Path

import environ
import pghistory
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parents[2]
env = environ.FileAwareEnv()

SECRET_KEY = env("SECRET_KEY", default="")
DEBUG = False
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=[])
DATA_DIR = Path(env("DATA_DIR", default=str(BASE_DIR / ".data")))

PLATFORM_APPS = [
    "portal.core",
    "portal.org",
    "portal.vault",
    "portal.policy",
    "portal.audit",
    "portal.events",
    "portal.jobs",
    "portal.files",
    "portal.exchange",
    "portal.ui",
    "portal.administration",
    "portal.exports",
    "portal.imports",
    "portal.accounts",
    "portal.accounts.sso",
    "portal.oversight",
    "portal.reports",
]
DEPARTMENT_APPS = ["residents", "privacy", "rentals", "employers", "familyplanning", "education", "casework"]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.mfa",
    "axes",
    "csp",
    "django_filters",
    "django_htmx",
    "django_tables2",
    "guardian",
    "pgtrigger",
    "pghistory",
    *PLATFORM_APPS,
    *DEPARTMENT_APPS,
]
MIDDLEWARE = [
    "portal.core.web.address.TrustedProxyMiddleware",
    # Whatever answers below, the refusals included, carries the headers of these.
    "django.middleware.security.SecurityMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "portal.audit.middleware.RequestIdMiddleware",
    "portal.core.web.requests.RequestLogMiddleware",
    "portal.core.web.surface.SurfaceMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "portal.ui.middleware.PreferencesMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "portal.accounts.throttle.LoginThrottleMiddleware",
    "portal.accounts.middleware.SessionMiddleware",
    "portal.accounts.middleware.FirstThingsMiddleware",
    "portal.org.middleware.ScopedTransactionMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "portal.audit.middleware.HistoryContextMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.ui.context_processors.shell",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static", "portal.ui.templatetags.ui"],
        },
    }
]
FORM_RENDERER = "portal.ui.forms.PortalRenderer"

# Two database roles (security design §2.4): the product runs as app_rw, migrations as app_owner.
AS_OWNER = env("ANJU_DB_ROLE", default="") == "owner"
DATABASE_URL_NAME = "DATABASE_OWNER_URL" if AS_OWNER else "DATABASE_URL"
LIMITS = {
    "statement_timeout": "0" if AS_OWNER else "30s",  # a migration of a county of millions takes as long as it takes
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "60s",
}
DATABASES = {"default": env.db(DATABASE_URL_NAME, default="postgresql:///anju")}
DATABASES["default"] |= {
    "CONN_MAX_AGE": env.int("CONN_MAX_AGE", default=60),
    "CONN_HEALTH_CHECKS": True,
    "OPTIONS": {
        **DATABASES["default"].get("OPTIONS", {}),  # ?host=/folder/of/the/socket arrives here
        "application_name": "anju",
        "options": " ".join(f"-c {name}={value}" for name, value in LIMITS.items()),
    },
    "DISABLE_SERVER_SIDE_CURSORS": False,
    "TEST": {"NAME": env("TEST_DB_NAME", default="test_anju")},
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "org.User"
# Row permissions are resolved by portal.org.scoping alone; a locked account is answered like a wrong password.
SILENCED_SYSTEM_CHECKS = ["guardian.W001", "axes.W002"]
AUTHENTICATION_BACKENDS = ["portal.accounts.backends.PasswordBackend"]
ANONYMOUS_USER_NAME = None
GUARDIAN_MONKEY_PATCH_USER = False
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/login/"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "portal.accounts.passwords.LengthValidator"},
    {"NAME": "portal.accounts.passwords.ClassesValidator"},
    {"NAME": "portal.accounts.passwords.CommonValidator"},
    {"NAME": "portal.accounts.passwords.LocalWordsValidator"},
    {"NAME": "portal.accounts.passwords.HistoryValidator"},
]

# Login (docs/adr/0012): allauth drives it, no account is opened and no mail sent by anybody but an administrator.
ACCOUNT_ADAPTER = "portal.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_NOTIFICATIONS = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_RATE_LIMITS = False  # portal.accounts.throttle counts in the database, for all workers together
SOCIALACCOUNT_AUTO_SIGNUP = False
SOCIALACCOUNT_LOGIN_ON_GET = False
SOCIALACCOUNT_STORE_TOKENS = False
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = "安居"
MFA_TOTP_TOLERANCE = 1  # steps of 30 s, for phones whose clock is a little off; no step counts twice
MFA_ADAPTER = "portal.accounts.factors.MFAAdapter"
MFA_REQUIRED = env.bool("MFA_REQUIRED", default=True)
MFA_KEY_FOR_ADMINISTRATORS = env.bool("MFA_KEY_FOR_ADMINISTRATORS", default=True)
PASSWORD_PROFILE = env("PASSWORD_PROFILE", default="djbh3")
LOGIN_THROTTLED_PATHS = ("/login/", "/reset/", "/first-run/", "/confirm/", "/landlord/")
SOCIALACCOUNT_ADAPTER = "portal.accounts.sso.adapter.SocialAdapter"

# Single sign-on (docs/how-to/single-sign-on.md): none unless named here; secrets as NAME_FILE=/path.
SSO_PROVIDERS: list[str] = env.list("SSO_PROVIDERS", default=[])
SSO_HOSTS: list[str] = env.list("SSO_HOSTS", default=[])
SSO_CA_FILE = env("SSO_CA_FILE", default="")
SSO_OIDC_URL = env("SSO_OIDC_URL", default="")
SSO_OIDC_CLIENT_ID = env("SSO_OIDC_CLIENT_ID", default="")
SSO_OIDC_SECRET = env("SSO_OIDC_SECRET", default="")
CAS_SERVER_URL = env("CAS_SERVER_URL", default="")
CAS_VERSION = env("CAS_VERSION", default="3")
CAS_VERIFY_SSL_CERTIFICATE = True
CAS_USERNAME_ATTRIBUTE = "cas:user"
CAS_EXTRA_LOGIN_PARAMS: dict[str, str] = {}
CAS_RENEW = False
CAS_PROXY_CALLBACK = None
CAS_SESSION_FACTORY = None
SSO_ZZD_LOGIN_URL = env("SSO_ZZD_LOGIN_URL", default="https://login-pro.ding.zj.gov.cn")
SSO_ZZD_API_URL = env("SSO_ZZD_API_URL", default="https://openplatform-pro.ding.zj.gov.cn")
SSO_ZZD_CLIENT_ID = env("SSO_ZZD_CLIENT_ID", default="")
SSO_ZZD_APP_KEY = env("SSO_ZZD_APP_KEY", default="")
SSO_ZZD_APP_SECRET = env("SSO_ZZD_APP_SECRET", default="")
# Whoever asks for history by a foreign key says so where the model is tracked (`portal.core.history`).
PGHISTORY_FOREIGN_KEY_FIELD = pghistory.ForeignKey(db_index=False)
PGHISTORY_OBJ_FIELD = pghistory.ObjForeignKey(db_index=True)
AXES_VERBOSE = False
AXES_DISABLE_ACCESS_LOG = True
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"], ["username"]]
AXES_HANDLER = "portal.accounts.lockout.LockoutHandler"
AXES_FAILURE_LIMIT = "portal.accounts.lockout.failures_by_address"
AXES_COOLOFF_TIME = "portal.accounts.lockout.cool_off"
AXES_USERNAME_CALLABLE = "portal.accounts.lockout.client_username"
AXES_CLIENT_IP_CALLABLE = "portal.accounts.lockout.client_address"

USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LOCALE_PATHS = sorted(path for path in (BASE_DIR / "locale").glob("*") if path.is_dir())
DATE_FORMAT = "Y-m-d"
DATETIME_FORMAT = "Y-m-d H:i"

STATIC_URL = "/static/"
STATIC_ROOT = Path(env("STATIC_ROOT", default=str(DATA_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = DATA_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 8 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "portal.ui.pages.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
        "report-uri": "/csp-report",
    }
}
# Uploads stay in memory until they are encrypted. FILES_SCAN_COMMAND: `clamdscan --no-summary --fdpass` or alike; once
# it is set, no file is taken without its word.
FILE_UPLOAD_HANDLERS = ["portal.files.memory.MemoryUploadHandler"]
FILES_SCAN_COMMAND = env("FILES_SCAN_COMMAND", default="")
# Networks whose X-Forwarded-For and X-Forwarded-Proto count (nginx of the compose file); everybody else's are dropped.
TRUSTED_PROXIES: list[str] = env.list("TRUSTED_PROXIES", default=[])
# In the session, not in a cookie: messages name files and people.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
NO_FEATURE = "accelerometer autoplay browsing-topics camera display-capture encrypted-media geolocation"
NO_FEATURE += " gyroscope hid magnetometer microphone midi payment serial usb"
PERMISSIONS_POLICY: dict[str, list[str]] = {feature: [] for feature in NO_FEATURE.split()}

DJANGO_TABLES2_TEMPLATE = "ui/table.html"
VAULT_KEY_FILE = env("VAULT_KEY_FILE", default=str(DATA_DIR / "keys" / "vault.key"))
VAULT_SUITE = env("VAULT_SUITE", default="AES-256-GCM")
AUDIT_HASH = env("AUDIT_HASH", default="sha256")  # or sm3
REDIS_URL = env("REDIS_URL", default="redis://localhost:6379/0")
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)
JOBS_LEASE_SECONDS = env.int("JOBS_LEASE_SECONDS", default=15)
JOB_WORKERS = env.int("JOB_WORKERS", default=2)
COUNTY_CODE = env("COUNTY_CODE", default="330822")
DEMO_ACCOUNTS = env.bool("DEMO_ACCOUNTS", default=False)
UI_STYLEGUIDE = env.bool("UI_STYLEGUIDE", default=False)
# The class that sends one-time codes to landlords (docs/how-to/landlord-codes.md); none: only door plates lead in.
REPORT_CODE_SENDER = env("REPORT_CODE_SENDER", default="")

LOG_FORMAT = env("LOG_FORMAT", default="line")
METRICS_TOKEN = env("METRICS_TOKEN", default="")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"clean": {"()": "portal.core.logs.formatter", "form": LOG_FORMAT}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "clean"}},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", default="INFO")},
    "loggers": {
        "axes": {"level": "ERROR"},  # failures stand in the audit, without what was typed
        # RequestLogMiddleware tells of every answer, and of every unhandled exception once.
        "django.request": {"level": "CRITICAL"},
        "django.security.csrf": {"level": "CRITICAL"},
        "django.server": {"handlers": ["console"], "propagate": False},
    },
}
