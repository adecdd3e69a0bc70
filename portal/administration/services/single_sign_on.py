"""Which key of a login platform opens an account. As strong as a new password, so the same right and the same care."""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from portal.accounts.sso import services as sso
from portal.administration.reach import people_of
from portal.org.models import User


@transaction.atomic
def link_key(*, user_id: int, provider: str, subject: str, actor: User) -> User:
    """Nobody links a key to an account of their own: a colleague looks at it (ASVS 6.6)."""
    user = _another(user_id, actor)
    sso.link(user=user, provider=provider, subject=subject, actor=actor)
    return user


@transaction.atomic
def unlink_key(*, user_id: int, link_id: int, actor: User) -> User:
    """Raises Link.DoesNotExist for a key of another account."""
    user = _another(user_id, actor)
    sso.unlink(link_id=link_id, user=user, actor=actor)
    return user


def _another(user_id: int, actor: User) -> User:
    """Raises User.DoesNotExist outside the actor's areas, PermissionDenied for the actor's own account."""
    user = people_of(actor, "change").select_for_update(of=("self",)).get(pk=user_id)
    if user.pk == actor.pk:
        raise PermissionDenied
    return user
