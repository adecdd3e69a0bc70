"""Investigations that keep access rows from the person and data from deletion."""

from datetime import date

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit import services as audit
from portal.core import clock
from portal.core.errors import DomainError
from portal.org.models import User
from portal.org.scoping import require
from privacy.models import LegalHold
from residents.models import Person


@transaction.atomic
def set_hold(
    *,
    case_number: str,
    username: str = "",
    person_id: int | None = None,
    since: date,
    until: date | None = None,
    reason: str,
    actor: User,
) -> LegalHold:
    """Name an account, the number of a file, or both."""
    require(actor, LegalHold, "change", at=settings.COUNTY_CODE)
    if not case_number.strip():
        raise DomainError(_("Please enter the number of the case."), field="case_number")
    if not reason.strip():
        raise DomainError(_("Please say which body investigates what."), field="reason")
    if until and until < since:
        raise DomainError(_("The last day lies before the first."), field="until")
    account = User.objects.filter(username=username.strip()).first() if username.strip() else None
    if username.strip() and account is None:
        raise DomainError(_("There is no account of this name."), field="username")
    if person_id and not Person.objects.filter(pk=person_id).exists():
        raise DomainError(_("There is no file of this number."), field="person_id")
    if account is None and not person_id:
        raise DomainError(_("Please name an account or the number of a file."), field="username")
    hold = LegalHold.objects.create(
        case_number=case_number.strip(),
        account=account,
        person_id=person_id or None,
        since=since,
        until=until,
        reason=reason.strip(),
        set_by=actor,
    )
    audit.record(actor=actor, action="hold.set", target=hold)
    return hold


@transaction.atomic
def lift_hold(*, hold_id: int, actor: User) -> LegalHold:
    """From now on the rows are told again, and retention goes its way."""
    require(actor, LegalHold, "change", at=settings.COUNTY_CODE)
    hold = LegalHold.objects.select_for_update().get(pk=hold_id)
    if hold.lifted_on is not None:
        raise DomainError(_("This hold has been lifted already."), code="wrong_state")
    hold.lifted_on, hold.lifted_by = clock.today(), actor
    hold.save(update_fields=["lifted_on", "lifted_by"])
    audit.record(actor=actor, action="hold.lifted", target=hold)
    return hold
