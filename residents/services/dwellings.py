"""The address master: finding a door by the way clerks write it, and adding a new one."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import IntegrityError, connection, transaction
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from portal.audit import services as audit
from portal.core.errors import DomainError
from portal.org.codes import COMMUNITY, COUNTY
from portal.org.models import Area, User
from portal.org.scoping import Scope, require, scope_of
from portal.org.services import initials_of
from residents.choices import RegistrationStatus
from residents.models import Dwelling, DwellingAlias, Registration
from residents.services.addresses import address_key
from residents.services.buildings import building_for
from residents.services.code_fields import require_code
from residents.services.doors import NearDoor, known_door, near_doors
from residents.services.names import check_phone, normalise_phone
from residents.services.versions import violated

PARTS = re.compile(r"(?:号楼|[#号幢栋座单元室弄]|\s|-|—|–|_|/)+")
DIGIT_AFTER_WORD = re.compile(r"(?<=[a-z\u3400-\u9fff])-(?=\d)")
HAN = re.compile(r"[\u3400-\u9fff]")
MOST_CANDIDATES = 40
EXISTS, NEAR = "dwelling_exists", "dwelling_near"
ELSEWHERE = """SELECT id, address, area_code, kind, rental_registered, capacity, living
    FROM sec.find_dwellings(%s, %s, %s, %s)"""


@dataclass(frozen=True, slots=True)
class DwellingHit:
    """`own` is False for an address outside the places where the actor may register: shown, flagged, not choosable
    for a new arrival. The landlord is told for own addresses only."""

    dwelling_id: int
    address: str
    area_code: str
    community: str
    own: bool
    landlord: str
    rental_registered: bool
    kind: str
    living: int
    capacity: int | None

    @property
    def is_full(self) -> bool:
        return self.capacity is not None and self.living >= self.capacity


def shorthand_of(text: str) -> str:
    """锦绣花园3幢2单元501室, `jxhy 3-2-501` and `JXHY3－2－501` all give `jxhy3-2-501`."""
    plain = unicodedata.normalize("NFKC", text).lower().strip()
    joined = PARTS.sub("-", plain).strip("-")
    return initials_of(DIGIT_AFTER_WORD.sub("", joined))


def find_dwellings(
    *, text: str, actor: User, limit: int = 8, elsewhere: bool = True, as_written: bool = False
) -> list[DwellingHit]:
    """By shorthand, pinyin initials, Chinese address or alias, each from its beginning; own addresses come first, then
    with `elsewhere` those of the county beyond one's areas. `as_written`: addresses that only sound like it are left
    out, other names of an address are not.

    Costs the same few indexed queries whatever the number of hits. Empty text gives nothing.
    """
    wanted = shorthand_of(text)
    scope = scope_of(actor, Registration, "add") or scope_of(actor, Dwelling, "view")
    if not wanted or scope.is_nowhere:
        return []
    found = _matching(wanted, text, scope, by_sound=not as_written)
    rows = found.filter(scope.q()).order_by("shorthand", "pk")[: max(limit, MOST_CANDIDATES)]
    hits = _hits(list(rows))
    han = "".join(HAN.findall(text))
    hits.sort(key=lambda hit: bool(han) and han[:2] not in hit.address)
    if elsewhere and len(hits) < limit:
        known = {hit.dwelling_id for hit in hits}
        others = _found_elsewhere(wanted, text, limit + len(known), scope)
        hits += [hit for hit in others if hit.dwelling_id not in known]
    return hits[:limit]


@transaction.atomic
def add_dwelling(
    *,
    area_code: str,
    estate: str,
    building: str = "",
    unit: str = "",
    room: str = "",
    kind: str,
    landlord_name: str = "",
    landlord_phone: str = "",
    capacity: int | None = None,
    rental_registered: bool = False,
    is_new: bool = False,
    actor: User,
) -> Dwelling:
    """`area_code` is a community or grid; `kind` a code of `dwelling_kind`. The number is given here.

    Raises DomainError(code="dwelling_exists", context={"dwelling_id", "address"}) for an address that the community
    has already, however it was written, and code="dwelling_near", context={"near": list[NearDoor]} for one that may
    be meant, unless the clerk has looked at those (`is_new`).
    """
    require(actor, Dwelling, "add", at=area_code)
    require_code("dwelling_kind", kind, field="kind")
    estate, building, unit, room = (tidy(part) for part in (estate, building, unit, room))
    if not estate:
        raise DomainError(_("Please enter the estate, road or village."), field="estate")
    phone = check_phone(normalise_phone(landlord_phone), field="landlord_phone")
    if capacity is not None and capacity < 1:
        raise DomainError(_("A dwelling holds at least one person."), field="capacity")
    address = compose_address(estate, building, unit, room)
    _refuse_known(area_code, address)
    if not is_new:
        _ask_about_near(area_code, address)
    try:
        with transaction.atomic():
            dwelling = Dwelling.objects.create(
                area_code=area_code,
                code=next_codes(area_code)[0],
                estate=estate,
                building=building,
                unit=unit,
                room=room,
                address=address,
                shorthand=shorthand_of(address)[:80],
                key=address_key(address),
                stands_in=building_for(area_code=area_code, estate=estate, number=building) if room else None,
                kind=kind,
                landlord_name=landlord_name.strip(),
                landlord_phone=phone,
                capacity=capacity,
                rental_registered=rental_registered,
            )
    except IntegrityError as error:
        if violated(error) != "dwelling_address_once":
            raise
        _refuse_known(area_code, address)
        raise
    audit.record(actor=actor, action="dwelling.added", target=dwelling)
    return dwelling


@dataclass(frozen=True, slots=True)
class DoorMatch:
    """`dwelling` is None when the row needs an eye: `near` are the doors that may be meant."""

    dwelling: Dwelling | None
    created: bool = False
    near: tuple[NearDoor, ...] = ()


def create_or_match_dwelling(
    *,
    area_code: str,
    estate: str,
    building: str = "",
    unit: str = "",
    room: str = "",
    kind: str,
    landlord_name: str = "",
    landlord_phone: str = "",
    capacity: int | None = None,
    rental_registered: bool = False,
    is_new: bool = False,
    actor: User,
) -> DoorMatch:
    """For lists of addresses: the known door, a new one, or neither when a near one may be meant.

    A known door is not changed. Raises DomainError as `add_dwelling` does for everything that is wrong with the row.
    """
    try:
        dwelling = add_dwelling(
            area_code=area_code,
            estate=estate,
            building=building,
            unit=unit,
            room=room,
            kind=kind,
            landlord_name=landlord_name,
            landlord_phone=landlord_phone,
            capacity=capacity,
            rental_registered=rental_registered,
            is_new=is_new,
            actor=actor,
        )
    except DomainError as refusal:
        if refusal.code == EXISTS:
            return DoorMatch(Dwelling.objects.get(pk=refusal.context["dwelling_id"]))
        if refusal.code == NEAR:
            return DoorMatch(None, near=tuple(refusal.context["near"]))
        raise
    return DoorMatch(dwelling, created=True)


@transaction.atomic
def add_alias(*, dwelling_id: int, text: str, actor: User) -> DwellingAlias:
    """Another way people write this address; adding it again changes nothing."""
    dwelling = Dwelling.objects.restrict(actor, "change").get(pk=dwelling_id)
    text = tidy(text)
    if not text:
        raise DomainError(_("Please enter the other name of this address."), field="text")
    alias, created = DwellingAlias.objects.get_or_create(
        dwelling=dwelling, text=text[:120], defaults={"shorthand": shorthand_of(text)[:80]}
    )
    if created:
        audit.record(actor=actor, action="dwelling.alias_added", target=dwelling)
    return alias


@transaction.atomic
def remove_alias(*, alias_id: int, actor: User) -> Dwelling:
    """The dwelling keeps its own address; only the other way to it is gone."""
    scope = scope_of(actor, Dwelling, "change")
    alias = DwellingAlias.objects.filter(scope.q("dwelling__")).select_related("dwelling").get(pk=alias_id)
    alias.delete()
    audit.record(actor=actor, action="dwelling.alias_removed", target=alias.dwelling)
    return alias.dwelling


def compose_address(estate: str, building: str, unit: str, room: str) -> str:
    """锦绣花园3幢2单元501室; a number without a room is a house number: 同弓村12号."""
    parts = (
        (building, "幢" if unit or room else "号"),
        (unit, "单元"),
        (room, "室"),
    )
    return estate + "".join(f"{part}{word}" if part[-1:].isalnum() and part.isascii() else part for part, word in parts)


def _matching(wanted: str, text: str, scope: Scope, *, by_sound: bool) -> QuerySet[Dwelling]:
    """The county stands first in the indexes of shorthand and address; other names are looked up before, because one
    condition that reaches into their table would keep the others from the indexes."""
    alias = DwellingAlias.objects.filter(shorthand__begins=wanted).values_list("dwelling_id", flat=True)
    condition = Q(pk__in=list(alias[:MOST_CANDIDATES]))
    if by_sound:
        condition |= Q(shorthand__begins=wanted)
    typed = tidy(text)
    if HAN.search(typed):
        condition |= Q(address__begins=typed)
    rows = Dwelling.objects.standing().filter(condition)
    counties = {code[:COUNTY] for code in scope.codes}
    return rows.filter(county_code__in=counties) if all(len(code) == COUNTY for code in counties) else rows


def _found_elsewhere(wanted: str, text: str, most: int, scope: Scope) -> list[DwellingHit]:
    """Doors of the county that the wall hides: a narrow function tells the address and how full it is."""
    typed = tidy(text)
    with connection.cursor() as cursor:
        near = list({code[:COUNTY] for code in scope.codes})
        cursor.execute(ELSEWHERE, [near, wanted, typed if HAN.search(typed) else "", most])
        found = [row for row in cursor.fetchall() if row[2] not in scope]
    names = _communities({row[2] for row in found})
    return [
        DwellingHit(
            dwelling_id=pk,
            address=address,
            area_code=area_code,
            community=names.get(area_code[:COMMUNITY], ""),
            own=False,
            landlord="",
            rental_registered=registered,
            kind=kind,
            living=living,
            capacity=capacity,
        )
        for pk, address, area_code, kind, registered, capacity, living in found
    ]


def _communities(area_codes: Iterable[str]) -> dict[str, str]:
    wanted = {code[:COMMUNITY] for code in area_codes}
    return dict(Area.objects.filter(code__in=wanted).values_list("code", "name"))


def _hits(rows: list[Dwelling]) -> list[DwellingHit]:
    ids = [row.pk for row in rows]
    counted = Registration.objects.filter(dwelling_id__in=ids, status=RegistrationStatus.ACTIVE)
    living = dict(counted.values_list("dwelling_id").order_by("dwelling_id").annotate(people=Count("pk")))
    names = _communities(row.area_code for row in rows)
    return [
        DwellingHit(
            dwelling_id=row.pk,
            address=row.address,
            area_code=row.area_code,
            community=names.get(row.area_code[:COMMUNITY], ""),
            own=True,
            landlord=row.landlord_name,
            rental_registered=row.rental_registered,
            kind=row.kind,
            living=living.get(row.pk, 0),
            capacity=row.capacity,
        )
        for row in rows
    ]


def _refuse_known(area_code: str, address: str) -> None:
    known = known_door(area_code=area_code, address=address)
    if known is not None:
        raise DomainError(
            _("This address is already in the register: %(address)s.") % {"address": known.address},
            field="estate",
            code=EXISTS,
            context={"dwelling_id": known.pk, "address": known.address},
        )


def _ask_about_near(area_code: str, address: str) -> None:
    near = near_doors(area_code=area_code, address=address, shorthand=shorthand_of(address)[:80])
    if near:
        message = _("The register has nearly this address. Please look whether one of these doors is meant.")
        raise DomainError(message, field="estate", code=NEAR, context={"near": near})


def next_codes(area_code: str, count: int = 1) -> list[str]:
    """Community and a running number of six digits; one transaction at a time in each community."""
    community = area_code[:COMMUNITY]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"dwelling:{community}"])
        cursor.execute("SELECT sec.last_dwelling_code(%s)", [community])
        last = cursor.fetchone()[0]
    first = int(last[COMMUNITY:]) + 1 if last else 1
    return [f"{community}{number:06d}" for number in range(first, first + count)]


def tidy(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())
