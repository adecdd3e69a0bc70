"""Whose account a subject opens. Links are made by administrators; visitors make none."""

import hmac
from datetime import timedelta
from hashlib import sha256

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from portal.accounts.sso.models import Link, SpentProof
from portal.accounts.sso.provider import PATHS, RefusedError, checked_subject
from portal.audit import services as audit
from portal.core import clock
from portal.core.errors import DomainError
from portal.org.models import User

KEPT = timedelta(days=1)


@transaction.atomic
def link(*, user: User, provider: str, subject: str, actor: User) -> Link:
    """The caller must have asked for the right to change the account."""
    if provider not in PATHS:
        raise DomainError(_("Please choose a provider."), field="provider")
    try:
        text = checked_subject(subject.strip())
    except RefusedError:
        raise DomainError(_("Please enter the key of the person at the provider."), field="subject") from None
    if Link.objects.filter(provider=provider, subject=text).exists():
        raise DomainError(_("This key opens another account already. Remove it there first."), field="subject")
    if Link.objects.filter(provider=provider, user=user).exists():
        raise DomainError(
            _("The account has a key of this provider already. Remove it before entering another one."),
            field="provider",
        )
    made = Link.objects.create(user=user, provider=provider, subject=text, made_by=actor)
    audit.record(actor=actor, action="accounts.sso_linked", target=user, provider=provider)
    return made


@transaction.atomic
def unlink(*, link_id: int, user: User, actor: User) -> None:
    """Raises Link.DoesNotExist for a link of another account."""
    row = Link.objects.select_for_update().get(pk=link_id, user=user)
    row.delete()
    audit.record(actor=actor, action="accounts.sso_unlinked", target=user, provider=row.provider)


def spend(*, provider: str, proof: str) -> None:
    """A code or ticket counts once, whatever the provider thinks of it. Raises RefusedError the second time."""
    SpentProof.objects.filter(spent_at__lt=clock.now() - KEPT).delete()
    hashed = hmac.new(settings.SECRET_KEY.encode(), f"{provider}:{proof}".encode(), sha256).hexdigest()
    _row, is_new = SpentProof.objects.get_or_create(hashed=hashed)
    if not is_new:
        raise RefusedError("replayed")


def account_of(*, provider: str, subject: str) -> User:
    """The account that is linked, in use and not of the system. Raises RefusedError.

    Runs in the caller's transaction, which must not be rolled back for a refusal: its row in the log has to stay.
    """
    row = Link.objects.select_related("user").filter(provider=provider, subject=subject).first()
    if row is None:
        raise RefusedError("unknown")
    if not row.user.is_active or row.user.is_system:
        audit.record(actor=None, action="accounts.sso_refused", target=row.user, provider=provider, reason="disabled")
        raise RefusedError("unknown")
    Link.objects.filter(pk=row.pk).update(used_at=clock.now())
    audit.record(actor=row.user, action="accounts.sso_used", target=row.user, provider=provider)
    return row.user
