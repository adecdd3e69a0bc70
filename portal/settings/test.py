"""Tests: a fast hasher, files in a temporary folder, tasks called directly (never through a broker)."""

import atexit
import base64
import os
import shutil
import tempfile
from pathlib import Path

TEMPORARY = Path(tempfile.mkdtemp(prefix="anju-test-"))
atexit.register(shutil.rmtree, TEMPORARY, ignore_errors=True)
KEY_FILE = TEMPORARY / "vault.key"
KEY_FILE.write_text(base64.b64encode(b"0123456789abcdef0123456789abcdef").decode())
KEY_FILE.chmod(0o600)
os.environ["VAULT_KEY_FILE"] = str(KEY_FILE)

from portal.settings.dev import *  # noqa: E402, F403
from portal.settings.dev import DATABASES, MIDDLEWARE  # noqa: E402

ALLOWED_HOSTS = ["*"]
MIDDLEWARE = ["tests.behind_the_wall.BehindTheWallMiddleware", *MIDDLEWARE]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
MEDIA_ROOT = TEMPORARY / "media"
# The live server of the browser tests hands out stored files below MEDIA_URL, which would be every address.
MEDIA_URL = "/no-page-is-here/"
STATIC_ROOT = TEMPORARY / "static"
STATIC_ROOT.mkdir()
DATABASES["default"]["CONN_MAX_AGE"] = 0
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
CELERY_BROKER_URL = "memory://"
