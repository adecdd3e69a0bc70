"""Buildings: the house a door stands in."""

from django.db import IntegrityError, connection, transaction

from portal.audit import services as audit
from portal.org.codes import COMMUNITY
from portal.org.models import User
from portal.org.scoping import scope_of
from residents.models import Building, Dwelling
from residents.services.addresses import building_key
from residents.services.versions import require_version


def building_for(*, area_code: str, estate: str, number: str) -> Building | None:
    """The building at this place, made when the community does not have it. None without a number.

    May be a row that the actor sees only once a door of his stands in it.
    """
    if not number:
        return None
    key = building_key(estate, number)
    known = _known(area_code, key)
    if known is None:
        try:
            with transaction.atomic():
                return Building.objects.create(area_code=area_code, estate=estate, number=number, key=key)
        except IntegrityError:
            known = _known(area_code, key)
            if known is None:
                raise
    return Building(pk=known)


@transaction.atomic
def change_building(*, building_id: int, floors: int | None, units: int | None, version: int, actor: User) -> Building:
    """How many floors and units it has; None: not known. Doors are never taken away by it."""
    rows = Building.objects.filter(scope_of(actor, Dwelling, "change").q()).select_for_update(of=("self",))
    building = require_version(rows.get(pk=building_id), version)
    building.floors, building.units = floors, units
    building.save(update_fields=["floors", "units", "version"])
    audit.record(actor=actor, action="building.changed", target=building)
    return building


def _known(area_code: str, key: str) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT sec.building_of(%s, %s)", [area_code[:COMMUNITY], key])
        found: int | None = cursor.fetchone()[0]
    return found
