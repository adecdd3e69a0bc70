"""Rights that wait after a re-organisation: issued anew by the ordinary rules of giving rights, or let go."""

from dataclasses import replace

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.administration.services.grants import Holder, Wish, apply, plan, standing
from portal.audit import services as audit
from portal.core import clock
from portal.core.errors import DomainError
from portal.org.models import Area, AreaChange, AreaChangeGrant, AreaGroupGrant, User
from portal.org.reorganisation import GrantOutcome
from portal.org.scoping import require

WAITING = (GrantOutcome.HELD, GrantOutcome.NARROWED)


def waiting(change: AreaChange) -> QuerySet[AreaChangeGrant]:
    return change.grants.filter(outcome__in=WAITING)


@transaction.atomic
def reissue(*, grant_id: int, actor: User) -> int:
    """All rights that wait for the same holder at the same area; returns how many. Terms of persons keep their end.

    Raises DomainError where the ordinary rules refuse it: nobody gives rights to themselves, a person's right ends.
    """
    rows, holder, area = _those_with(grant_id, actor)
    ends = [row.valid_to for row in rows if row.valid_to is not None]
    kept = frozenset(standing(holder, area))
    wish = Wish(
        area=area,
        codenames=kept | {row.codename for row in rows},
        until=timezone.localtime(min(ends)).date() if ends else None,
        lender=rows[0].lender,
    )
    if wish.lender is not None:
        wish = replace(
            wish,
            codenames=frozenset(row.codename for row in rows) | frozenset(standing(holder, area, lender=wish.lender)),
        )
    agreed = plan(holder=holder, wish=wish, actor=actor)
    reason = _("Re-organisation %(number)s: %(basis)s") % {"number": rows[0].change_id, "basis": rows[0].change.basis}
    apply(holder=holder, wish=wish, reason=reason, state=agreed.state, actor=actor)
    return _decided(rows, GrantOutcome.REISSUED, actor)


@transaction.atomic
def let_go(*, grant_id: int, actor: User) -> int:
    """Nothing is given; the list remembers who decided so."""
    rows, holder, area = _those_with(grant_id, actor)
    audit.record(actor=actor, action="reorganisation.right_lapsed", target=holder, area=area.code, rights=len(rows))
    return _decided(rows, GrantOutcome.LAPSED, actor)


def _those_with(grant_id: int, actor: User) -> tuple[list[AreaChangeGrant], Holder, Area]:
    one = AreaChangeGrant.objects.select_related("change", "group", "user").get(pk=grant_id)
    require(actor, AreaGroupGrant, "change", at=one.after)
    rows = list(
        waiting(one.change)
        .filter(user=one.user_id, group=one.group_id, after=one.after, lender=one.lender_id)
        .select_related("change", "lender")
        .select_for_update(of=("self",))
    )
    if not rows:
        raise DomainError(_("Somebody has decided about this right already."), code="stale")
    holder: Holder | None = one.group or one.user
    assert holder is not None  # noqa: S101 - a constraint of the table
    return rows, holder, Area.objects.get(code=one.after)


def _decided(rows: list[AreaChangeGrant], outcome: str, actor: User) -> int:
    pks = [row.pk for row in rows]
    return AreaChangeGrant.objects.filter(pk__in=pks).update(outcome=outcome, decided_by=actor, decided_at=clock.now())
