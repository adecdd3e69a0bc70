"""The register of processing activities: loaded from its pack, kept by the security administrator (digest P1)."""

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pghistory
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit import services as audit
from portal.core.classes import DataClass
from portal.core.errors import DomainError
from portal.org.models import User
from portal.org.scoping import require
from portal.policy.services import rule
from privacy.choices import Basis
from privacy.models import ProcessingActivity

PACK = Path(__file__).resolve().parents[1] / "data" / "activities.toml"
FIELDS = (
    "name",
    "purpose",
    "basis",
    "law",
    "data_kinds",
    "data_classes",
    "retention_rule",
    "recipients",
    "valid_from",
    "valid_to",
    "verified",
)


@transaction.atomic
def load_activities(path: Path = PACK) -> int:
    """Bring the pack in; returns how many rows were new or changed. Rows changed by hand stay as they are."""
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    changed = 0
    for entry in content["activity"]:
        wanted = {"valid_to": None, "recipients": "", "verified": False} | entry
        row = ProcessingActivity.objects.filter(code=wanted["code"]).first()
        if row is not None and not row.pack:
            continue
        row = row or ProcessingActivity(code=wanted["code"], pack=content["name"])
        differs = row.pk is None or any(getattr(row, name) != wanted[name] for name in FIELDS)
        if differs:
            for name in FIELDS:
                setattr(row, name, wanted[name])
            row.save()
            changed += 1
    return changed


@transaction.atomic
def change_activity(
    *,
    activity_id: int,
    purpose: str,
    basis: str,
    law: str,
    data_kinds: str,
    data_classes: list[str],
    retention_rule: str,
    recipients: str,
    valid_to: date | None,
    verified: bool,
    actor: User,
) -> ProcessingActivity:
    """Change what is on record; the history keeps every former state. A changed purpose ends the consents given to
    the former one: they have to be asked anew (P6)."""
    require(actor, ProcessingActivity, "change", at=settings.COUNTY_CODE)
    row = ProcessingActivity.objects.select_for_update().get(pk=activity_id)
    values: dict[str, Any] = {
        "purpose": purpose.strip(),
        "basis": basis,
        "law": law.strip(),
        "data_kinds": data_kinds.strip(),
        "data_classes": sorted(data_classes),
        "retention_rule": retention_rule.strip(),
        "recipients": recipients.strip(),
        "valid_to": valid_to,
        "verified": verified,
    }
    _check(row, values)
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    if not changed:
        raise DomainError(_("Nothing differs from what is on record."))
    for name in changed:
        setattr(row, name, values[name])
    row.pack = ""
    with pghistory.context(actor=actor.pk, purpose="privacy.activities"):
        row.save(update_fields=[*changed, "pack"])
    audit.record(actor=actor, action="activity.changed", target=row, fields=changed)
    return row


def _check(row: ProcessingActivity, values: dict[str, Any]) -> None:
    if values["basis"] not in Basis.values:
        raise DomainError(_("Please choose the legal ground."), field="basis")
    if not values["law"]:
        raise DomainError(_("Please cite the law: every processing has one recorded ground."), field="law")
    if not values["purpose"]:
        raise DomainError(_("Please enter the purpose."), field="purpose")
    if not values["data_classes"] or not set(values["data_classes"]) <= {one.value for one in DataClass}:
        raise DomainError(_("Please choose at least one data class."), field="data_classes")
    if values["valid_to"] and values["valid_to"] < row.valid_from:
        raise DomainError(_("The last day lies before the first."), field="valid_to")
    try:
        rule(values["retention_rule"])
    except DomainError as error:
        raise DomainError(error.message, field="retention_rule", code=error.code) from error
