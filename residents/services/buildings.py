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


def _known(area_code: str, key: str) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT sec.building_of(%s, %s)", [area_code[:COMMUNITY], key])
        found: int | None = cursor.fetchone()[0]
    return found
