"""The notice of data collection: which version holds today, and how a new one is entered (digest P3)."""

import tomllib
from datetime import date
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit import services as audit
from portal.core import clock
from portal.core.errors import DomainError
from portal.org.models import User
from portal.org.scoping import require
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


@transaction.atomic
def publish_notice(
    *, version: str, effective_from: date, body: str, body_en: str = "", code: str = REGISTRATION, actor: User
) -> Notice:
    """Enter the next version; it is shown from `effective_from` on. Former versions stay: people were shown them.

    Raises DomainError beside the field for a version that exists, a day that is over, or a day before the newest.
    """
    require(actor, Notice, "publish", at=settings.COUNTY_CODE)
    if not version.strip():
        raise DomainError(_("Please give the version a number, such as 2027-1."), field="version")
    if Notice.objects.filter(code=code, version=version.strip()).exists():
        raise DomainError(_("This version exists already. A change of the text is a new version."), field="version")
    if effective_from < clock.today():
        raise DomainError(_("A notice cannot come into force on a day that is over."), field="effective_from")
    newest = Notice.objects.filter(code=code).first()
    if newest is not None and effective_from < newest.effective_from:
        message = _("Version %(version)s comes into force on %(day)s. Choose that day or a later one.")
        words = {"version": newest.version, "day": newest.effective_from.isoformat()}
        raise DomainError(message % words, field="effective_from")
    if not body.strip():
        raise DomainError(_("Please enter the text that people are shown."), field="body")
    made = Notice.objects.create(
        code=code,
        version=version.strip(),
        effective_from=effective_from,
        body=body.strip(),
        body_en=body_en.strip(),
    )
    audit.record(actor=actor, action="notice.published", target=made, version=made.version)
    return made
