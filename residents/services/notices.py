"""The notice of data collection: which version holds today, and how a new one is entered (digest P3)."""

import tomllib
from datetime import date
from pathlib import Path

from django.db import transaction

from portal.core import clock
from residents.models import Notice

NOTICE_FILE = Path(__file__).resolve().parents[1] / "data" / "notice.toml"
REGISTRATION = "registration"


def current_notice(*, code: str = REGISTRATION, on: date | None = None) -> Notice | None:
    """The newest version in force on `on` (today when not given); None before the first one was loaded."""
    return Notice.objects.filter(code=code, effective_from__lte=on or clock.today()).first()


@transaction.atomic
def load_notices(path: Path = NOTICE_FILE) -> bool:
    """Enter the version of the file unless it is known; True when it was new.

    A version that exists is never touched: people were shown that very text.
    """
    entry = tomllib.loads(path.read_text(encoding="utf-8"))
    _notice, created = Notice.objects.get_or_create(
        code=entry["code"],
        version=entry["version"],
        defaults={
            "effective_from": entry["effective_from"],
            "body": entry["body"].strip(),
            "body_en": entry["body_en"].strip(),
        },
    )
    return created
