"""The piles of the permit desk: which files stand in which one, and how many."""

from datetime import date, timedelta

from django.db.models import Count, Q

from portal.core import clock
from portal.org.models import User
from portal.org.scoping import ScopedQuerySet, can
from portal.policy.services import rule
from residents.choices import ApplicationStatus as S
from residents.choices import PermitStatus
from residents.models import Permit, PermitApplication
from residents.services.permits.deadlines import soon_until
from residents.services.permits.endorsements import not_told_condition

REVIEW, SIGN, SOON, OPEN, RETURNED, ISSUED, CLOSED = "review", "sign", "soon", "open", "returned", "issued", "closed"
TO_REMIND, IN_WINDOW, SUSPENDED, TO_END, VALID = "remind", "window", "suspended", "end", "valid"


def pile(key: str, user: User, today: date) -> Q:
    """The condition of one pile. One's own files are not "mine to review": a colleague has to decide on them."""
    others = ~Q(registrar=user)
    undecided = Q(status__in=[S.ACCEPTED, S.REVIEWED])
    return {
        REVIEW: Q(status=S.ACCEPTED) & others,
        SIGN: Q(status=S.REVIEWED) & others,
        SOON: undecided & Q(due_on__lte=soon_until(today)),
        OPEN: undecided | Q(status=S.RETURNED),
        RETURNED: Q(status=S.RETURNED),
        ISSUED: Q(status=S.ISSUED),
        CLOSED: Q(status__in=[S.DELIVERED, S.REJECTED, S.WITHDRAWN]),
    }[key]


def piles_of(user: User) -> list[str]:
    """What this user's desk has, the first one being the one to open with."""
    mine = [REVIEW] if can(user, PermitApplication, "review") else []
    mine += [SIGN] if can(user, PermitApplication, "sign") else []
    return [*mine, *([SOON, OPEN] if mine else [OPEN, SOON]), RETURNED, ISSUED, CLOSED]


def pile_counts(rows: ScopedQuerySet, keys: list[str], user: User) -> dict[str, int]:
    """One query; what is closed is not counted, it only grows."""
    today = clock.today()
    counted = [key for key in keys if key != CLOSED]
    open_rows = rows.filter(status__in=[S.ACCEPTED, S.REVIEWED, S.RETURNED, S.ISSUED]).order_by()
    found: dict[str, int] = open_rows.aggregate(**{key: Count("pk", filter=pile(key, user, today)) for key in counted})
    return found


def mine_to_decide(user: User) -> int:
    """The number in the menu: files that wait for this user's review or signature."""
    condition = Q(pk__in=[])
    today = clock.today()
    for key, action in ((REVIEW, "review"), (SIGN, "sign")):
        if can(user, PermitApplication, action):
            condition |= pile(key, user, today)
    return PermitApplication.objects.restrict(user, "view").filter(condition).count()


def permit_pile(key: str, today: date) -> Q:
    """The piles of the reminder list (H6)."""
    living = ~Q(status=PermitStatus.TERMINATED)
    days = int(rule("permit.reminder_days", on=today).value)
    near = Q(status=PermitStatus.ACTIVE, valid_until=None)
    near &= Q(endorse_by__gt=today, endorse_by__lte=today + timedelta(days=days))
    return {
        TO_REMIND: near & not_told_condition(days),
        IN_WINDOW: Q(status=PermitStatus.ACTIVE, valid_until=None, endorse_from__lte=today, endorse_by__gt=today),
        SUSPENDED: Q(status=PermitStatus.SUSPENDED),
        TO_END: living & ~Q(end_proposed=""),
        VALID: Q(status=PermitStatus.ACTIVE),
    }[key]


def permit_pile_counts(rows: ScopedQuerySet, keys: list[str]) -> dict[str, int]:
    today = clock.today()
    living = rows.exclude(status=PermitStatus.TERMINATED).order_by()
    found: dict[str, int] = living.aggregate(**{key: Count("pk", filter=permit_pile(key, today)) for key in keys})
    return found


def to_remind(user: User) -> int:
    return Permit.objects.restrict(user, "view").filter(permit_pile(TO_REMIND, clock.today())).count()
