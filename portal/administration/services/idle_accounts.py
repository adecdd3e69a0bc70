"""Accounts that nobody logs in with are closed by themselves (GB/T 22239 8.1.4.2 c: no superfluous account)."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from portal.accounts import sessions
from portal.accounts.choices import EndReason
from portal.audit import services as audit
from portal.audit.models import AuditEntry, ThreeAdmin
from portal.core import clock
from portal.org.models import User
from portal.policy.services import rule

ENABLED = "account_enabled"


def unused_since(people: QuerySet[User]) -> QuerySet[User]:
    """Accounts in use that nobody has logged in with for the days of the rule."""
    before = _before()
    idle = Q(last_login__lt=before) | Q(last_login=None, date_joined__lt=before)
    return people.filter(idle, is_active=True)


@transaction.atomic
def disable_unused(*, actor: User) -> list[User]:
    """Closes them, except the last account of each kind of administrator: somebody has to be able to open the others
    again. An account that was opened again gets the whole term anew."""
    opened_again = AuditEntry.objects.filter(action=ENABLED, at__gte=_before()).values_list("target_id", flat=True)
    kept = {int(pk) for pk in opened_again} | _last_administrators()
    rows = unused_since(User.objects.filter(is_system=False).exclude(pk__in=kept)).select_for_update()
    closed = list(rows.order_by("pk"))
    for user in closed:
        user.is_active = False
        user.save(update_fields=["is_active"])
        sessions.end_all(user=user, reason=EndReason.DISABLED)
        audit.record(actor=actor, action="account_disabled_unused", target=user, days=_days())
    return closed


def _last_administrators() -> set[int]:
    """Of each kind the one who logged in last."""
    rows = ThreeAdmin.objects.filter(user__is_active=True).select_related("user")
    newest: dict[str, User] = {}
    for row in rows:
        known = newest.get(row.kind)
        if known is None or _seen(row.user) > _seen(known):
            newest[row.kind] = row.user
    return {user.pk for user in newest.values()}


def _seen(user: User) -> datetime:
    return user.last_login or user.date_joined


def _before() -> datetime:
    return clock.now() - timedelta(days=_days())


def _days() -> int:
    return int(rule("account.idle_days").value)
