"""Is this door in the master already? The same address however written, and those that may be meant."""

from dataclasses import dataclass

from django.db import connection
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.org.codes import COMMUNITY, COUNTY
from portal.org.scoping import Scope
from residents.models import Dwelling, DwellingAlias
from residents.services.addresses import address_key, is_alike, split_key

SAME_ELSEWHERE, SOUNDS_ALIKE, LOOKS_ALIKE = "elsewhere", "sounds", "looks"
WORDS: dict[str, Promise] = {
    SAME_ELSEWHERE: _("The same address in another community"),
    SOUNDS_ALIKE: _("Sounds the same"),
    LOOKS_ALIKE: _("The same number, and nearly the same name"),
}
MOST_NEAR = 5


@dataclass(frozen=True, slots=True)
class NearDoor:
    """`why` is one of WORDS."""

    dwelling_id: int
    address: str
    community_code: str
    why: str

    @property
    def words(self) -> Promise:
        return WORDS[self.why]


def hold_door(dwelling_id: int) -> int:
    """The dwelling that a stay written in this transaction belongs to: the door, or the one it was merged into.

    No merge of that door comes between until the transaction ends. 0 for no such door; what it is and whether one
    may register there is for the caller to ask.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT hold_dwelling(%s)", [dwelling_id])
        found: int | None = cursor.fetchone()[0]
    return found or 0


def known_door(*, area_code: str, address: str) -> Dwelling | None:
    """The door at this very address in the community of `area_code`, by address or alias; the surviving one of
    doubles. Sees what the present user sees behind the wall."""
    key, community = address_key(address), area_code[:COMMUNITY]
    here = Dwelling.objects.filter(community_code=community)
    found = here.filter(Q(key=key) | Q(address=address)).order_by("merged_into", "pk").first()
    if found is None:
        found = _by_alias(key, address, community)
    return found.merged_into if found and found.merged_into_id else found


def near_doors(*, area_code: str, address: str, shorthand: str) -> list[NearDoor]:
    """Doors that may be meant, likeliest first, at most five; without the one `known_door` finds.

    The same address in another community, homophones (锦秀花园 for 锦绣花园) and the same numbers under a name that
    shares most of its signs (锦绣家园).
    """
    key, community = address_key(address), area_code[:COMMUNITY]
    wanted = split_key(key)
    standing = Dwelling.objects.standing().only("pk", "address", "area_code", "key", "community_code")
    alike = standing.filter(county_code=area_code[:COUNTY], shorthand=shorthand).order_by("pk")[:MOST_NEAR]
    rows = {row.pk: row for row in alike}
    if wanted.numbers:
        numbered = standing.filter(community_code=community, key__endswith=wanted.numbers).order_by("pk")
        rows |= {row.pk: row for row in numbered if _looks(row.key, key)}
    found = [
        NearDoor(row.pk, row.address, row.community_code, _why(row, key))
        for row in rows.values()
        if (row.community_code, row.key) != (community, key)
    ]
    order = list(WORDS)
    found.sort(key=lambda near: (order.index(near.why), near.dwelling_id))
    return found[:MOST_NEAR]


def doors_in(scope: Scope, keys: dict[str, str]) -> dict[str, Dwelling]:
    """By address, for many addresses of one community each (`keys`: address → community code), in one query."""
    wanted = {(community, address_key(address)): address for address, community in keys.items()}
    rows = Dwelling.objects.filter(
        scope.q(),
        community_code__in={community for community, _key in wanted},
        key__in={key for _community, key in wanted},
    ).select_related("merged_into")
    found = {}
    for row in rows:
        address = wanted.get((row.community_code, row.key))
        if address is not None:
            found[address] = row.merged_into or row
    return found


def _by_alias(key: str, address: str, community: str) -> Dwelling | None:
    rows = DwellingAlias.objects.filter(dwelling__community_code=community).select_related("dwelling__merged_into")
    exact = rows.filter(text=address).order_by("pk").first()
    if exact is None:
        wanted = split_key(key)
        numbered = rows.filter(text__contains=wanted.name).order_by("pk") if wanted.name else ()
        exact = next((row for row in numbered if address_key(row.text) == key), None)
    return exact.dwelling if exact else None


def _looks(one: str, other: str) -> bool:
    first, second = split_key(one), split_key(other)
    return first.numbers == second.numbers and is_alike(first.name, second.name)


def _why(row: Dwelling, key: str) -> str:
    if row.key == key:
        return SAME_ELSEWHERE
    return LOOKS_ALIKE if _looks(row.key, key) else SOUNDS_ALIKE
