"""The tree of areas. Nothing is ever deleted: an area ends on a day and names the one that takes over."""

from datetime import date

from django.apps import apps
from django.db import connection, models, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from portal.administration.reach import tree_of
from portal.administration.wording import record_label
from portal.audit import services as audit
from portal.core import clock
from portal.core.errors import DomainError
from portal.org.choices import CODE_LENGTHS
from portal.org.models import Area, AreaGroupGrant, AreaUserGrant, Department, User
from portal.org.scoping import ScopedModel, require
from portal.org.services import initials_of

DERIVED_APPS = frozenset({"reports"})
"""Figures follow the records they count; they hold no area by themselves."""
CAP = 1000


def search_areas(actor: User, text: str) -> QuerySet[Area]:
    """By the beginning of the code or the initials, or by a part of the name."""
    found = tree_of(actor)
    if text:
        lowered = text.lower()
        found = found.filter(Q(code__startswith=text) | Q(name__contains=text) | Q(initials__startswith=lowered))
    return found.order_by("code")


@transaction.atomic
def add_area(*, parent: Area, code: str, name: str, valid_from: date, actor: User) -> Area:
    """The code says where it belongs: the parent's code and the digits of a level below."""
    require(actor, Area, "change", at=parent.code)
    parent = Area.objects.select_for_update().get(pk=parent.pk)
    if not code.isdigit() or not code.startswith(parent.code) or code == parent.code:
        raise DomainError(_("The code has to begin with %(code)s.") % {"code": parent.code}, field="code")
    if len(code) not in CODE_LENGTHS:
        raise DomainError(_("A code has 6, 9, 12 or 15 digits, by its level."), field="code")
    if parent.valid_to is not None:
        raise DomainError(_("“%(name)s” is archived; nothing can be added below it.") % {"name": parent.name})
    if Area.objects.filter(code=code).exists():
        raise DomainError(_("This code is taken. Codes are never used twice."), field="code")
    area = Area.objects.create(
        code=code,
        name=name,
        level=CODE_LENGTHS[len(code)],
        parent=parent,
        initials=initials_of(name),
        valid_from=valid_from,
    )
    audit.record(actor=actor, action="area_added", target=area, code=code, name=name)
    return area


@transaction.atomic
def rename_area(*, area_id: int, name: str, reason: str, actor: User) -> Area:
    """Records keep the code; printed sheets from now on carry the new name."""
    area = tree_of(actor, "change").select_for_update(of=("self",)).get(pk=area_id)
    before = area.name
    area.name, area.initials = name, initials_of(name)
    area.save(update_fields=["name", "initials", "updated_at"])
    audit.record(actor=actor, action="area_renamed", target=area, before=before, after=name, reason=reason)
    return area


@transaction.atomic
def archive_area(*, area_id: int, last_day: date, successor: Area, reason: str, actor: User) -> Area:
    """Raises DomainError naming what still stands on the area: it has to be moved first."""
    area = tree_of(actor, "change").select_for_update(of=("self",)).get(pk=area_id)
    if area.valid_to is not None:
        raise DomainError(_("This area is archived already."))
    if successor.code.startswith(area.code) or successor.valid_to is not None:
        raise DomainError(_("Choose an area in use that lies outside this one."), field="successor")
    if area.valid_from and last_day < area.valid_from:
        raise DomainError(_("The last day lies before the first."), field="last_day")
    standing = what_stands(area)
    if standing:
        told = "；".join(_("%(what)s: %(count)s") % {"what": what, "count": count} for what, count in standing)
        raise DomainError(
            _("The area cannot be archived yet. Still there: %(told)s. Move or end these first.") % {"told": told},
            code="occupied",
        )
    area.valid_to, area.successor = last_day, successor
    area.save(update_fields=["valid_to", "successor", "updated_at"])
    audit.record(
        actor=actor,
        action="area_archived",
        target=area,
        successor=successor.code,
        last_day=last_day,
        reason=reason,
    )
    return area


def what_stands(area: Area) -> list[tuple[str, str]]:
    """What keeps an area from being archived: areas below, rights in force, accounts, departments and records."""
    below = {"code__startswith": area.code}
    holders: tuple[tuple[str, models.QuerySet], ...] = (
        (_("areas below"), Area.objects.filter(**below, valid_to=None).exclude(pk=area.pk)),
        (_("rights in force"), AreaGroupGrant.objects.in_force().filter(content_object__code__startswith=area.code)),
        (_("rights of persons"), AreaUserGrant.objects.in_force().filter(content_object__code__startswith=area.code)),
        (_("accounts in use"), User.objects.filter(area_code__startswith=area.code, is_active=True)),
        (_("departments"), Department.objects.filter(area_code__startswith=area.code)),
    )
    found = [(label, rows.count()) for label, rows in holders]
    found += [
        (str(record_label(model)), _rows_in(model, area.code))
        for model in apps.get_models()
        if issubclass(model, ScopedModel) and model._meta.app_label not in DERIVED_APPS
    ]
    return [(label, f"{min(count, CAP)}{'+' if count > CAP else ''}") for label, count in found if count]


def _rows_in(model: type[models.Model], code: str) -> int:
    """Administrators see no records; the database counts to a thousand for whoever may change the area."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sec.rows_in_area(%s, %s, %s)", [model._meta.db_table, code, CAP + 1])
        return int(cursor.fetchone()[0] or 0)


def is_over(area: Area) -> bool:
    return area.valid_to is not None and area.valid_to < clock.today()
