"""The rights that an account has at this moment, its own, on loan and of its groups, in one statement.

Written as SQL: every page asks it, and putting two queries together costs more than running this one.
"""

from typing import NamedTuple

from django.db import connection

from portal.core import clock
from portal.org.models import User

IN_FORCE = "g.valid_from <= %(now)s AND (g.valid_to IS NULL OR g.valid_to > %(now)s)"
NAMED = """JOIN auth_permission p ON p.id = g.permission_id JOIN org_area a ON a.id = g.content_object_id"""
STATEMENT = f"""
    SELECT FALSE, g.id, p.codename, a.code, g.delegated_from_id FROM org_areausergrant g {NAMED}
    WHERE g.user_id = %(user)s AND {IN_FORCE}
    UNION ALL
    SELECT TRUE, g.id, p.codename, a.code, NULL FROM org_areagroupgrant g {NAMED}
    WHERE g.group_id IN (SELECT m.group_id FROM org_user_groups m WHERE m.user_id = %(user)s) AND {IN_FORCE}
"""  # noqa: S608 - put together from this file alone


class OwnGrant(NamedTuple):
    """`lender` is the account whose right this is, None unless it is on loan."""

    of_group: bool
    pk: int
    codename: str
    area_code: str
    lender: int | None


def own_grants(user: User) -> list[OwnGrant]:
    """Not judged yet: seals and what lenders still hold are looked at by `portal.org.scoping`."""
    with connection.cursor() as cursor:
        cursor.execute(STATEMENT, {"user": user.pk, "now": clock.now()})
        return [OwnGrant(*row) for row in cursor.fetchall()]
