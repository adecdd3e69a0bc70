"""Who lived where on a day, as the register knew it at the end of another day.

Two times: `on` is the day lived through (a stay lasts from `arrived_on` until `left_on`, the day of leaving not
counted), `known_on` the day at whose end we ask the register. A stay of 1 May that was entered on 6 May is unknown on
5 May; one that was taken back on 10 May is still known on 5 May. People who may only be stored, and people who were
forgotten since, are not shown for any day.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from portal.audit.past import as_known, end_of, prefixed
from portal.core import clock
from portal.core.errors import DomainError
from portal.org.models import User
from portal.org.scoping import scope_of
from portal.org.walls.context import admit
from residents.choices import RegistrationStatus
from residents.models import SEE_RESTRICTED, Dwelling, Person, Registration
from residents.past import STAYS

DOOR, UNIT, BUILDING = "door", "unit", "building"
REACHES = (DOOR, UNIT, BUILDING)
MOST = 500
LIVED = """
SELECT p.id, p.area_code, p.name, p.sex, p.birth_date, p.document_kind, p.document_number, p.nationality,
    p.native_code, p.restricted_on, r.id AS stay_id, r.dwelling_id, r.area_code AS stay_area, r.arrived_on, r.left_on,
    r.lodging, r.relation, coalesce(r.head_id, r.id) AS household, d.address,
    (SELECT min(n.pgh_created_at) FROM sec.registration_steps n WHERE n.pgh_obj_id = r.id) AS recorded_at
FROM residents_registration r
JOIN residents_person p ON p.id = r.person_id
JOIN public.residents_dwelling d ON d.id = r.dwelling_id
WHERE {where} AND r.status <> %s AND r.arrived_on <= %s AND (r.left_on IS NULL OR r.left_on > %s)
    AND (coalesce(p.restricted_on IS NULL, false) OR {handled})
ORDER BY d.address, household, r.head_id NULLS FIRST, r.id
LIMIT {most}
"""
SAME_PLACE = """r.dwelling_id = ANY (ARRAY(SELECT o.id FROM public.residents_dwelling o
    JOIN public.residents_dwelling s ON s.id = %s AND s.area_code = o.area_code
        AND s.estate = o.estate AND s.building = o.building{unit}))"""


@dataclass(frozen=True, slots=True)
class Lived:
    """`person` is the row as it was then; its fields beyond what a list shows are those of today. `left_on` may lie
    after the day asked for, `recorded_at` tells when the register first heard of the stay."""

    person: Person
    stay_id: int
    dwelling_id: int
    area_code: str
    address: str
    arrived_on: date
    left_on: date | None
    lodging: str
    relation: str
    household: int
    recorded_at: datetime


def residents_of(*, dwelling_id: int, reach: str = DOOR, on: date, known_on: date, actor: User) -> list[Lived]:
    """Everybody who lived behind the door, or in its whole unit or building (`reach`), by address and household.

    Only stays of areas where the actor may look at registrations. Raises ObjectDoesNotExist for a dwelling out of
    sight, DomainError for a day that has not come.
    """
    _require_past(on, known_on)
    Dwelling.objects.restrict(actor, "view").only("pk").get(pk=dwelling_id)
    inside, values = scope_of(actor, Registration, "view").sql("r")
    place = "r.dwelling_id = %s"
    if reach != DOOR:
        place = SAME_PLACE.format(unit=" AND s.unit = o.unit" if reach == UNIT else "")
    return _lived(f"{place} AND {inside}", [dwelling_id, *values], on, known_on, actor)


def address_of(*, person_id: int, on: date, known_on: date, actor: User) -> Lived | None:
    """Where the person lived on the day, wherever in the register: earlier stays elsewhere belong to the file.

    Raises ObjectDoesNotExist for a file out of sight, DomainError for a day that has not come.
    """
    _require_past(on, known_on)
    Person.objects.restrict(actor, "view").only("pk").get(pk=person_id)
    admit(person=person_id)
    return next(iter(_lived("r.person_id = %s", [person_id], on, known_on, actor)), None)


def household_of(lived: Lived, *, on: date, known_on: date, actor: User) -> list[Lived]:
    """Who had come with that person and lived at the same address on the day, without the person."""
    inside, values = scope_of(actor, Registration, "view").sql("r")
    where = f"r.dwelling_id = %s AND (r.id = %s OR r.head_id = %s) AND r.id <> %s AND {inside}"
    keys = [lived.dwelling_id, lived.household, lived.household, lived.stay_id]
    return _lived(where, [*keys, *values], on, known_on, actor)


def _lived(where: str, values: list[Any], on: date, known_on: date, actor: User) -> list[Lived]:
    """One statement, whatever the number of people."""
    handled, more = scope_of(actor, Person, SEE_RESTRICTED).sql("p")
    statement = prefixed(as_known(STAYS, end_of(known_on)), LIVED.format(where=where, handled=handled, most=MOST))
    rows: Any = Person.objects.raw(statement, [*values, RegistrationStatus.VOID, on, on, *more])
    return [
        Lived(
            person=row,
            stay_id=row.stay_id,
            dwelling_id=row.dwelling_id,
            area_code=row.stay_area,
            address=row.address,
            arrived_on=row.arrived_on,
            left_on=row.left_on,
            lodging=row.lodging,
            relation=row.relation,
            household=row.household,
            recorded_at=row.recorded_at,
        )
        for row in rows
    ]


def _require_past(on: date, known_on: date) -> None:
    if on > clock.today():
        raise DomainError(_("This day has not come yet. Choose today or an earlier day."), field="on")
    if known_on > clock.today():
        raise DomainError(_("This day has not come yet. Choose today or an earlier day."), field="known")
