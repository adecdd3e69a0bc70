"""Who answers for the doors of an area: whoever may work visit tasks there, from the narrowest area upwards."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
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
    narrow = {code: tuple(sorted(users)) for code, users in _workers().items() if len(code) >= COMMUNITY}
    return Answerable(narrow)


def workers_at(area_code: str) -> list[User]:
    """Whom a task at `area_code` may be given to: everybody who may work there, supervisors included."""
    return workers_by_area([area_code])[area_code]


def workers_by_area(codes: Iterable[str]) -> dict[str, list[User]]:
    """The same for many areas, in as many queries as for one."""
    wanted, holders = list(codes), _workers()
    ids = {
        code: {user for area, users in holders.items() if code.startswith(area) for user in users} for code in wanted
    }
    people = User.objects.filter(pk__in=set().union(*ids.values())).order_by("display_name", "pk")
    found = list(people.select_related("department"))
    return {code: [user for user in found if user.pk in ids[code]] for code in wanted}


def _workers() -> dict[str, set[int]]:
    """By area of the grant."""
    codename = grant_codename(VisitTask, "work")
    active = AreaUserGrant.objects.in_force().filter(permission__codename=codename, user__is_active=True)
    own = active.filter(delegated_from=None).values_list("content_object__code", "user")
    groups = AreaGroupGrant.objects.in_force().filter(permission__codename=codename, group__user__is_active=True)
    found: dict[str, set[int]] = defaultdict(set)
    for code, user in (*own, *groups.values_list("content_object__code", "group__user")):
        found[code].add(user)
    return found
