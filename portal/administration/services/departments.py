"""Departments, their duties, and the police matters that stations do for the police."""

from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from portal.administration.reach import below, departments_of
from portal.audit import services as audit
from portal.core import clock
from portal.core.errors import DomainError
from portal.org.choices import Duty
from portal.org.models import Area, Delegation, Department, User
from portal.org.scoping import require, scope_of


@transaction.atomic
def save_department(
    *,
    department_id: int | None = None,
    code: str,
    name: str,
    name_en: str,
    duties: list[str],
    area: Area,
    actor: User,
) -> Department:
    """A new one without `department_id`; the code of an existing one stays what it is."""
    require(actor, Department, "change", at=area.code)
    if department_id is None:
        if Department.objects.filter(code=code).exists():
            raise DomainError(_("This code is taken. Choose another one."), field="code")
        row = Department(code=code)
    else:
        row = departments_of(actor, "change").select_for_update(of=("self",)).get(pk=department_id)
        if row.pk == actor.department_id and set(duties) != set(row.duties):
            raise PermissionDenied
    before = {"name": row.name, "duties": list(row.duties)}
    row.name, row.name_en, row.duties, row.area_code = name, name_en, sorted(duties), area.code
    row.save()
    audit.record(actor=actor, action="department_saved", target=row, before=before, after={"duties": row.duties})
    return row


@transaction.atomic
def add_delegation(
    *,
    delegator: Department,
    area: Area,
    matters: list[str],
    basis: str,
    valid_from: date,
    valid_to: date | None,
    actor: User,
) -> Delegation:
    """Stations below `area` may do these police matters from now on (decree 663 art. 10 keeps signing out of it)."""
    require(actor, Delegation, "change", at=area.code)
    if Duty.POLICE not in delegator.duties:
        raise DomainError(_("Only a police department can delegate police matters."), field="delegator")
    if not area.code.startswith(delegator.area_code):
        raise DomainError(_("The department does not answer for this area."), field="area")
    if valid_to is not None and valid_to < valid_from:
        raise DomainError(_("The last day lies before the first."), field="valid_to")
    row = Delegation.objects.create(
        delegator=delegator,
        area_code=area.code,
        matters=matters,
        basis=basis,
        valid_from=valid_from,
        valid_to=valid_to,
    )
    audit.record(actor=actor, action="delegation_added", target=row, matters=matters, basis=basis)
    return row


@transaction.atomic
def end_delegation(*, delegation_id: int, reason: str, actor: User) -> Delegation:
    """Yesterday was its last day: from now on stations do none of its matters."""
    scope = scope_of(actor, Delegation, "change")
    rows = Delegation.objects.filter(below(scope, "area_code")).select_for_update(of=("self",))
    row = rows.get(pk=delegation_id)
    yesterday = date.fromordinal(clock.today().toordinal() - 1)
    if row.valid_to is not None and row.valid_to <= yesterday:
        raise DomainError(_("This delegation has ended already."))
    row.valid_to = max(yesterday, row.valid_from)
    if row.valid_from > yesterday:
        row.valid_from = row.valid_to = yesterday
    row.save(update_fields=["valid_from", "valid_to", "updated_at"])
    audit.record(actor=actor, action="delegation_ended", target=row, reason=reason)
    return row
