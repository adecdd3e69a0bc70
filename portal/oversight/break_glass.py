"""Every right in the county for a few hours, when nobody else can act: taken on the server's console, never by web."""

import logging
import socket
from dataclasses import dataclass
from datetime import timedelta
from secrets import token_urlsafe

import pghistory
from django.conf import settings
from django.contrib.auth.models import Permission
from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit import services as audit
from portal.audit.models import AuditEntry, BreakGlass
from portal.core import clock
from portal.core.errors import DomainError
from portal.org.models import Area, AreaUserGrant, User
from portal.org.scoping import can, forget_grants

log = logging.getLogger("anju.audit.alarm")
LONGEST_HOURS = 24
OPENED, ENDED = "break_glass.opened", "break_glass.ended"


@dataclass(frozen=True, slots=True)
class Opened:
    """`password` is shown once on the console, and only for an account that was made for the occasion."""

    row: BreakGlass
    password: str


@transaction.atomic
def open_glass(*, username: str, reason: str, hours: int) -> Opened:
    """Give `username` every right until `hours` from now; makes the account when there is none of that name.

    The rights end with their term whatever else happens. Raises DomainError for a missing reason, a term beyond 24
    hours or a closed account.
    """
    if not reason.strip():
        raise DomainError(_("Please say why: the auditor reads it."), field="reason")
    if not 0 < hours <= LONGEST_HOURS:
        raise DomainError(_("Between 1 and %(hours)s hours.") % {"hours": LONGEST_HOURS}, field="hours")
    user = User.objects.filter(username=username).first()
    password = ""
    if user is None:
        password = token_urlsafe(18)
        user = User(username=username, display_name=_("Emergency access"), area_code=settings.COUNTY_CODE)
        user.set_password(password)
        user.save()
    elif not user.is_active or user.is_system:
        raise DomainError(_("This account is closed. Choose another name."), field="username")
    ends = clock.now() + timedelta(hours=hours)
    row = BreakGlass.objects.create(
        user=user,
        reason=reason.strip()[:200],
        console=socket.gethostname()[:120],
        made_account=bool(password),
        ends_at=ends,
    )
    with pghistory.context(actor=user.pk, purpose=OPENED, reason=row.reason):
        _grant_everything(user, row)
    audit.record(actor=user, action=OPENED, target=row, hours=hours, console=row.console)
    log.critical("break glass: account %s holds every right until %s", user.pk, ends.isoformat(timespec="minutes"))
    return Opened(row, password)


def _grant_everything(user: User, row: BreakGlass) -> None:
    county = Area.objects.get(code=settings.COUNTY_CODE)
    permissions = Permission.objects.filter(content_type__app_label=Area._meta.app_label, codename__contains="__")
    held = AreaUserGrant.objects.filter(user=user, content_object=county).values_list("permission", flat=True)
    AreaUserGrant.objects.bulk_create(
        AreaUserGrant(user=user, permission=one, content_object=county, valid_to=row.ends_at, reason=OPENED)
        for one in permissions.exclude(pk__in=held)
    )
    # What was lent for an earlier emergency begins anew; a standing right stays as it is.
    for grant in AreaUserGrant.objects.filter(user=user, reason=OPENED, valid_to__lt=row.ends_at):
        grant.valid_to = row.ends_at
        grant.save(update_fields=["valid_to"])
    forget_grants(user)


def open_now() -> list[BreakGlass]:
    now = clock.now()
    return list(BreakGlass.objects.filter(opened_at__lte=now, ends_at__gt=now).select_related("user"))


def may_see(user: User) -> bool:
    return can(user, BreakGlass, "view", at=settings.COUNTY_CODE)


@transaction.atomic
def close_ended() -> int:
    """Close accounts made for an emergency that is over, and say so in the log. The rights have ended by themselves."""
    told = AuditEntry.objects.filter(action=ENDED, target_model=BreakGlass._meta.label_lower)
    known = {int(pk) for pk in told.values_list("target_id", flat=True)}
    ended = BreakGlass.objects.filter(ends_at__lte=clock.now()).exclude(pk__in=known).select_related("user")
    for row in ended:
        still_open = BreakGlass.objects.filter(user=row.user, ends_at__gt=clock.now()).exists()
        if row.made_account and not still_open:
            User.objects.filter(pk=row.user_id).update(is_active=False)
        audit.record(actor=None, action=ENDED, target=row)
    return len(ended)
