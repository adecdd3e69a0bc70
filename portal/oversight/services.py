"""What the auditor does: enter inspections, look at findings, ask who was touched by whom."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import connection, models, transaction
from django.utils.translation import gettext as _

from portal.audit import services as audit
from portal.core import clock
from portal.core.errors import DomainError
from portal.org.models import User
from portal.org.scoping import can
from portal.oversight.models import Finding, Inspection

PURPOSE = "oversight"
TOUCHED = """
SELECT person, count(*), min(at), max(at), array_agg(DISTINCT action ORDER BY action),
       bool_or(cardinality(fields) > 0)
FROM audit_accessevent CROSS JOIN LATERAL unnest(person_ids) AS person
WHERE actor_id = %(actor)s AND at >= %(start)s AND at < %(end)s
GROUP BY person ORDER BY max(at) DESC, person LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class Touched:
    """One person that an account was shown; `full` when a whole value was among it."""

    person_id: int
    times: int
    first: datetime
    last: datetime
    actions: list[str]
    full: bool


def require(actor: User, model: type[models.Model], action: str = "view") -> None:
    """The log is one for the whole county: a grant on a part of it opens nothing."""
    if not can(actor, model, action, at=settings.COUNTY_CODE):
        raise PermissionDenied


def touched_by(*, account: User, start: datetime, end: datetime, most: int) -> list[Touched]:
    """Whom the account was shown in [start, end), newest first; at most `most` people."""
    with connection.cursor() as cursor:
        cursor.execute(TOUCHED, {"actor": account.pk, "start": start, "end": end, "most": most})
        return [Touched(*row) for row in cursor.fetchall()]


@transaction.atomic
def conclude(*, finding_id: int, conclusion: str, actor: User) -> Finding:
    """Somebody looked at it and says in words what came of it. Nobody concludes on their own work."""
    require(actor, Finding, "change")
    finding = Finding.objects.select_for_update().get(pk=finding_id)
    if finding.actor_id == actor.pk:
        raise DomainError(_("This is about your own account. Another auditor has to look at it."))
    if finding.looked_at:
        raise DomainError(_("Somebody has looked at this already."), code="wrong_state")
    if not conclusion.strip():
        raise DomainError(_("Please write what you found."), field="conclusion")
    finding.looked_by, finding.looked_at, finding.conclusion = actor, clock.now(), conclusion.strip()
    finding.save(update_fields=["looked_by", "looked_at", "conclusion"])
    audit.record(actor=actor, action="finding.concluded", target=finding, kind=finding.kind)
    return finding


@transaction.atomic
def enter_inspection(*, day: date, title: str, actor: User) -> Inspection:
    require(actor, Inspection, "change")
    row, created = Inspection.objects.get_or_create(day=day, title=title.strip(), defaults={"entered_by": actor})
    if not created:
        raise DomainError(_("This inspection is entered already."), field="title")
    audit.record(actor=actor, action="inspection.entered", target=row, day=day)
    return row


def looked_into(*, actor: User, person_ids: Iterable[int], action: str = "open", reason: str = "") -> None:
    """The auditor's own look at somebody is a look like any other."""
    audit.access(actor=actor, action=action, purpose=PURPOSE, person_ids=person_ids, reason=reason)
