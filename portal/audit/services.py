from collections.abc import Iterable
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from portal.audit.context import current
from portal.audit.models import AccessEvent, AuditEntry
from portal.core import logs
from portal.org.models import User
from portal.vault.blind import blind_index

ENCODER = DjangoJSONEncoder()
TOLD = frozenset({"reveal", "export", "print"})  # looks that the log of the machine tells as well


def record(*, actor: User | None, action: str, target: models.Model, **details: Any) -> AuditEntry:
    """Say that `actor` did `action` to `target`; `details` must hold no ID number, phone or other C4 value."""
    plain = {
        key: ENCODER.default(value) if not isinstance(value, str | int | float | bool | list | dict | None) else value
        for key, value in details.items()
    }
    logs.audited(action, by=actor and actor.pk, target=f"{target._meta.label_lower}:{target.pk}")
    return AuditEntry.objects.create(
        actor=actor,
        action=action,
        target_model=target._meta.label_lower,
        target_id=str(target.pk),
        area_code=getattr(target, "area_code", ""),
        request_id=current().request_id,
        details=plain,
    )


def access(
    *,
    actor: User,
    action: str,
    person_ids: Iterable[int] = (),
    fields: Iterable[str] = (),
    purpose: str = "",
    case_number: str = "",
    reason: str = "",
    row_count: int | None = None,
    query: str = "",
    result: str = AccessEvent.Result.SHOWN,
) -> AccessEvent:
    """Write the access row in the transaction of the read itself: no trace, no data."""
    ids = list(person_ids)
    if action in TOLD:
        logs.audited(action, by=actor.pk, fields=list(fields), rows=len(ids) if row_count is None else row_count)
    return AccessEvent.objects.create(
        actor=actor,
        actor_unit_id=actor.department_id,
        session_hash=current().session_hash,
        action=action,
        person_ids=ids,
        fields=list(fields),
        purpose=purpose[:80],
        case_number=case_number[:60],
        reason=reason[:200],
        row_count=len(ids) if row_count is None else row_count,
        result=result,
        request_id=current().request_id,
        address=current().address,
        query_hash=blind_index("access.query", query) if query else None,
    )
