from django.core.exceptions import PermissionDenied

from portal.core import clock
from portal.org.choices import Duty
from portal.org.models import Delegation, User


def may_act_for_police(user: User, *, matter: str, at: str) -> bool:
    """Police staff act in their own name; station staff only under a delegation in force (row 15, PIPL art. 21)."""
    if user.has_duty(Duty.POLICE) or user.is_system:
        return True
    today = clock.today()
    return any(
        at.startswith(area) and matter in matters and (until is None or until >= today)
        for area, matters, until in Delegation.objects.filter(
            delegator__duties__contains=[Duty.POLICE], valid_from__lte=today
        ).values_list("area_code", "matters", "valid_to")
    )


def require_police_matter(user: User, *, matter: str, at: str) -> None:
    """Raises PermissionDenied when no delegation covers the matter at this area."""
    if not may_act_for_police(user, matter=matter, at=at):
        raise PermissionDenied
