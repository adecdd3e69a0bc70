"""Separation of duties: two steps of one file that one person must not do both of."""

from django.db.models import F, Q
from django.db.models.constraints import CheckConstraint
from django.utils.translation import gettext as _

from portal.core.errors import DomainError
from portal.org.models import User
from portal.org.scoping import lenders_of


def require_other_person(actor: User, *, than_id: int | None) -> None:
    """Raises DomainError when `actor` did the earlier step (registrar ≠ approver), or stands in for who did it."""
    if than_id is not None and (actor.pk == than_id or than_id in lenders_of(actor)):
        raise DomainError(
            _("You registered or accepted this file yourself. A colleague has to decide on it."), code="same_person"
        )


def differs(later: str, earlier: str, *, name: str) -> CheckConstraint:
    """The same rule in the database, for the fields `later_id` and `earlier_id`."""
    return CheckConstraint(
        condition=Q(**{f"{later}__isnull": True}) | Q(**{f"{earlier}__isnull": True}) | ~Q(**{later: F(earlier)}),
        name=name,
    )
