"""Who answers for the doors of an area: whoever may work visit tasks there, from the narrowest area upwards."""

import hashlib
from collections import defaultdict
from dataclasses import dataclass

from portal.org.codes import COMMUNITY
from portal.org.models import AreaGroupGrant, AreaUserGrant, User
from portal.org.scoping import grant_codename
from residents.models import VisitTask


@dataclass(frozen=True, slots=True)
class Answerable:
    """Co-administrators by the area of their grant. Supervisors of whole townships are nobody's default."""

    by_area: dict[str, tuple[int, ...]]

    def for_door(self, area_code: str, building: str) -> int | None:
        """All doors of one building fall to the same person; None when nobody answers for the area."""
        for length in range(len(area_code), COMMUNITY - 1, -1):
            people = self.by_area.get(area_code[:length])
            if people:
                turn = int.from_bytes(hashlib.sha256(f"{area_code}|{building}".encode()).digest()[:8])
                return people[turn % len(people)]
        return None


def answerable() -> Answerable:
    codename = grant_codename(VisitTask, "work")
    found: dict[str, set[int]] = defaultdict(set)
    own = AreaUserGrant.objects.in_force().filter(
        permission__codename=codename, user__is_active=True, delegated_from=None
    )
    of_groups = AreaGroupGrant.objects.in_force().filter(permission__codename=codename, group__user__is_active=True)
    for pairs in (
        own.values_list("content_object__code", "user"),
        of_groups.values_list("content_object__code", "group__user"),
    ):
        for code, user in pairs:
            if len(code) >= COMMUNITY:
                found[code].add(user)
    return Answerable({code: tuple(sorted(users)) for code, users in found.items()})


def workers_at(area_code: str) -> list[User]:
    """Whom a task at `area_code` may be given to: everybody who may work there."""
    ids = {user for code, users in answerable().by_area.items() if area_code.startswith(code) for user in users}
    return list(User.objects.filter(pk__in=ids).order_by("display_name", "pk"))
