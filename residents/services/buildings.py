"""Buildings: the house a door stands in."""

from django.db import IntegrityError, connection, transaction

from portal.org.codes import COMMUNITY
from residents.models import Building
from residents.services.addresses import building_key


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


def is_new(building: Building) -> bool:
    """Whether this very call of `building_for` made it; one that was there comes back as a bare key."""
    return building.created_at is not None


def _known(area_code: str, key: str) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT sec.building_of(%s, %s)", [area_code[:COMMUNITY], key])
        found: int | None = cursor.fetchone()[0]
    return found
