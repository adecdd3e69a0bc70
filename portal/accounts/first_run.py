"""The first accounts of an installation. There is none before, and none has a password that anybody else chose.

Three people administer (等保 8.1.4.2 d): accounts and areas, rights, and the audit. Whoever holds the code of the
first start becomes the first of them, and hands a one-time code to each of the two others.
"""

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from portal.accounts import services
from portal.accounts.choices import CodePurpose
from portal.accounts.lockout import normalised
from portal.audit import services as audit
from portal.audit.three_admins import appoint
from portal.core import clock
from portal.core.errors import DomainError
from portal.org.choices import AreaLevel, Duty
from portal.org.middleware import scoped_transaction
from portal.org.models import Area, Department, User
from portal.org.services import system_user
from portal.policy.models import Division

SYSTEM, SECURITY, AUDIT = "sysadmin", "secadmin", "auditor"


@dataclass(frozen=True, slots=True)
class Administrators:
    """`codes` are shown once, each for the person who takes that office."""

    system: User
    codes: dict[str, services.IssuedCode]


@transaction.atomic
def make_administrator(*, code: str, username: str, display_name: str, password: str) -> Administrators:
    """Raises DomainError beside `code`, `username` or `password1`. Works once: afterwards there are accounts."""
    row = services.find_code(code=code, purpose=CodePurpose.FIRST_RUN)
    if row is None or not services.needs_first_run():
        raise DomainError(
            _("This code is wrong or has expired. The command first_run_code prints a new one."), field="code"
        )
    name = normalised(username)
    if name in {SECURITY, AUDIT}:
        raise DomainError(_("This name is kept for another administrator. Choose another one."), field="username")
    county, office = _county(), _office()
    user = _account(name, display_name, SYSTEM, county, office)
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise DomainError(" ".join(error.messages), field="password1") from None
    user.set_password(password)
    user.save(update_fields=["password"])
    services.credential_of(user)
    others = {
        SECURITY: _account(SECURITY, _("Security administrator"), SECURITY, county, office),
        AUDIT: _account(AUDIT, _("Audit administrator"), AUDIT, county, office),
    }
    row.used_at = clock.now()
    row.save(update_fields=["used_at"])
    audit.record(actor=user, action="accounts.first_run", target=user)
    codes = {key: services.issue_reset_code(user=other, actor=user) for key, other in others.items()}
    return Administrators(system=user, codes=codes)


def _county() -> Area:
    code = settings.COUNTY_CODE
    name = Division.objects.filter(code=code).values_list("name", flat=True).first() or code
    with scoped_transaction(system_user()):  # nobody is there yet who may shape the tree
        return Area.objects.get_or_create(code=code, defaults={"name": name, "level": AreaLevel.COUNTY})[0]


def _office() -> Department:
    return Department.objects.get_or_create(
        code="administration",
        defaults={
            "name": _("System administration"),
            "name_en": "System administration",
            "duties": [Duty.ADMINISTRATION],
            "area_code": settings.COUNTY_CODE,
        },
    )[0]


def _account(username: str, display_name: str, office: str, county: Area, department: Department) -> User:
    user = User(username=username, display_name=display_name, department=department, area_code=county.code)
    user.set_unusable_password()
    user.save()
    with scoped_transaction(system_user()):  # nobody is there yet who may grant
        appoint(user=user, kind=office, actor=None)
    return user
