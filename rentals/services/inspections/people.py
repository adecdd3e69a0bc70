"""Who inspects: whoever may work inspections at an area."""

from django.db.models import Q

from portal.org.models import AreaGroupGrant, AreaUserGrant, User
from portal.org.scoping import grant_codename
from rentals.models import Inspection


def inspectors_at(area_code: str) -> list[User]:
    """By name; those of wider areas included."""
    codename = grant_codename(Inspection, "work")
    own = AreaUserGrant.objects.in_force().filter(permission__codename=codename)
    groups = AreaGroupGrant.objects.in_force().filter(permission__codename=codename)
    areas = [area_code[:length] for length in range(1, len(area_code) + 1)]
    holders = Q(pk__in=own.filter(content_object__code__in=areas).values("user")) | Q(
        groups__in=groups.filter(content_object__code__in=areas).values("group")
    )
    people = User.objects.filter(holders, is_active=True, is_system=False).distinct()
    return list(people.select_related("department").order_by("display_name", "pk"))
