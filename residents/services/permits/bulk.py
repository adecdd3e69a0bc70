"""Many files with one press: only those whose checks all passed; the others stay and say why (pattern P7)."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from portal.core.errors import DomainError
from portal.jobs import services as jobs
from portal.jobs.models import Job
from portal.org.models import User
from portal.org.scoping import can
from portal.policy.services import rule
from residents.models import PermitApplication
from residents.services.permits import decisions

REVIEW, SIGN = "review", "sign"


def decide_many(*, ids: Sequence[int], step: str, actor: User) -> Job:
    """Ask for a job that reviews or signs the files. Raises DomainError when there are none or too many."""
    if step not in {REVIEW, SIGN} or not can(actor, PermitApplication, step):
        raise PermissionDenied
    limit = int(rule("bulk.limit").value)
    if not ids:
        raise DomainError(_("Please tick at least one file."), field="ids")
    if len(ids) > limit:
        raise DomainError(_("At most %(limit)s files at a time.") % {"limit": limit}, field="ids", code="too_many")
    title = _("Review %(count)s permit files") if step == REVIEW else _("Sign %(count)s permit files")
    return jobs.enqueue(
        kind="residents.decide_applications",
        actor=actor,
        title=title % {"count": len(ids)},
        ids=list(dict.fromkeys(ids)),
        step=step,
    )


def decide_one(*, application_id: int, step: str, actor: User) -> dict[str, Any]:
    """One row of the job: `done`, and the reason when it was left alone."""
    rows = PermitApplication.objects.restrict(actor, step).filter(pk=application_id).select_related("person")
    application = rows.first()
    if application is None:
        return _result(application_id, "", _("This file is not within your area any more."))
    if not application.checks_passed:
        return _result(application_id, application.number, _("Not all checks passed: please decide on it singly."))
    try:
        with transaction.atomic():
            decide = decisions.review if step == REVIEW else decisions.sign
            decide(application_id=application_id, actor=actor)
    except DomainError as error:
        return _result(application_id, application.number, error.message)
    except PermissionDenied:
        return _result(application_id, application.number, _("Only the county police may sign."))
    return {"id": application_id, "number": application.number, "done": True, "reason": ""}


def _result(pk: int, number: str, reason: str) -> dict[str, Any]:
    return {"id": pk, "number": number, "done": False, "reason": reason}
