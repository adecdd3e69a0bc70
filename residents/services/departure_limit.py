"""Nobody empties the register alone: above these numbers a supervisor approves first (digest §6.2)."""

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from portal.core import clock
from portal.core.errors import DomainError
from portal.org.models import User
from portal.policy.services import rule
from residents.choices import ChangeKind
from residents.models import DepartureItem, RegistrationChange

CODE = "needs_approval"


def departures_today(actor: User) -> int:
    """Deregistrations that `actor` recorded today by himself: neither undone nor approved by two."""
    approved = DepartureItem.objects.filter(registration=OuterRef("registration"), done=True)
    lines = RegistrationChange.objects.filter(
        actor=actor, kind=ChangeKind.DEPARTURE, recorded_on=clock.today(), undone_by=None
    )
    return lines.exclude(Exists(approved)).count()


def needs_approval(actor: User, *, people: int, area_code: str) -> bool:
    """`people` end their stay by one act."""
    at_once = int(rule("departure.approve_above", area_code=area_code).value)
    a_day = int(rule("departure.approve_above_day", area_code=area_code).value)
    return people > at_once or departures_today(actor) + people > a_day


def require_few(actor: User, *, people: int, area_code: str) -> None:
    """Raises DomainError(code="needs_approval"). The scheduled work of the product is no person and has no limit."""
    if actor.is_system or not needs_approval(actor, people=people, area_code=area_code):
        return
    message = _(
        "So many deregistrations at once, or on one day, need the approval of a supervisor. Please ask for it on the "
        "page “Seem to have left”."
    )
    raise DomainError(message, code=CODE)
