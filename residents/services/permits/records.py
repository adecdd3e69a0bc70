"""What every step leaves behind: a line of the permit's life, an audit entry, and the database's word as a sentence."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from portal.core.errors import DomainError
from portal.org.models import User
from residents.models import Permit, PermitApplication, PermitStep


def log(permit: Permit, kind: str, *, on: date, actor: User | None, reason: str = "") -> PermitStep:
    return PermitStep.objects.create(
        permit=permit, kind=kind, happened_on=on, reason=reason[:200], actor=actor, area_code=permit.area_code
    )


def locked_permit(application: PermitApplication) -> Permit:
    return Permit.objects.select_for_update(of=("self",)).get(pk=application.permit_id or 0)


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Two windows at once: the second one is told in words what the constraint said."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if "application_one_open" in str(error):
            raise DomainError(
                _("A colleague has just opened a file for this person. Go on with that one."), code="already_open"
            ) from error
        if "permit_one_living" in str(error):
            raise DomainError(_("This person already holds a living permit."), code="already_holds") from error
        raise
