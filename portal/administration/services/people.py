"""Accounts of staff. The system administrator makes them; what they may do is the security administrator's."""

import unicodedata

from django.core.exceptions import PermissionDenied
from django.core.validators import RegexValidator
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts import sessions
from portal.accounts.choices import EndReason
from portal.accounts.services import IssuedCode, issue_reset_code
from portal.administration.reach import people_of
from portal.audit import services as audit
from portal.core.errors import DomainError
from portal.org.models import Area, Department, User
from portal.org.scoping import require

check_username = RegexValidator(
    r"^[a-z][a-z0-9._-]{2,29}$",
    gettext_lazy("3 to 30 small letters, digits, dots or hyphens, with a letter first"),
)


def clean_username(text: str) -> str:
    """Full-width letters, capitals and blanks would open a second account of the same name."""
    return unicodedata.normalize("NFKC", text).strip().lower()


@transaction.atomic
def create_person(
    *, username: str, display_name: str, title: str, department: Department, area: Area, actor: User
) -> User:
    """An account without rights and without a password: a one-time code opens it."""
    require(actor, User, "add", at=area.code)
    name = clean_username(username)
    if User.objects.filter(username__iexact=name).exists():
        raise DomainError(_("This account name is taken. Choose another one."), field="username")
    user = User(
        username=name, display_name=display_name.strip(), title=title, department=department, area_code=area.code
    )
    user.set_unusable_password()
    user.save()
    audit.record(actor=actor, action="account_created", target=user, department=department.code, area=area.code)
    return user


@transaction.atomic
def change_person(
    *, user_id: int, display_name: str, title: str, department: Department, area: Area, actor: User
) -> User:
    """The department decides about duties, so nobody changes an account of their own."""
    user = _one(user_id, actor)
    require(actor, User, "change", at=area.code)
    before = {"department": user.department_id, "area": user.area_code}
    user.display_name, user.title = display_name.strip(), title
    user.department, user.area_code = department, area.code
    user.save(update_fields=["display_name", "title", "department", "area_code"])
    after = {"department": user.department_id, "area": user.area_code}
    audit.record(actor=actor, action="account_changed", target=user, before=before, after=after)
    return user


@transaction.atomic
def disable_person(*, user_id: int, reason: str, actor: User) -> User:
    """The next request of the account is refused. Everything it ever did stays under its name."""
    user = _one(user_id, actor)
    if not user.is_active:
        raise DomainError(_("This account is disabled already."))
    user.is_active = False
    user.save(update_fields=["is_active"])
    sessions.end_all(user=user, reason=EndReason.DISABLED)
    audit.record(actor=actor, action="account_disabled", target=user, reason=reason)
    return user


@transaction.atomic
def enable_person(*, user_id: int, reason: str, actor: User) -> User:
    """Grants that are still in force count again; look at them before."""
    user = _one(user_id, actor)
    if user.is_active:
        raise DomainError(_("This account is in use already."))
    user.is_active = True
    user.save(update_fields=["is_active"])
    audit.record(actor=actor, action="account_enabled", target=user, reason=reason)
    return user


@transaction.atomic
def issue_code(*, user_id: int, actor: User) -> IssuedCode:
    """For a first password or a forgotten one. The code is known to nobody but who sees this answer."""
    return issue_reset_code(user=_one(user_id, actor), actor=actor)


def _one(user_id: int, actor: User) -> User:
    """Raises User.DoesNotExist outside the actor's areas, PermissionDenied for the actor's own account."""
    user = people_of(actor, "change").select_for_update(of=("self",)).get(pk=user_id)
    if user.pk == actor.pk:
        raise PermissionDenied
    return user
