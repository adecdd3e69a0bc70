"""Code tables. An entry is never deleted: old rows need its label; it is retired with a last day."""

from datetime import date

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from portal.audit import services as audit
from portal.core import clock
from portal.core.errors import DomainError
from portal.org.models import User
from portal.org.scoping import can
from portal.policy.models import CodeItem


def tables() -> QuerySet:
    """Every table with how many entries it has and how many nobody has checked yet."""
    rows = CodeItem.objects.order_by().values("table")
    return rows.annotate(
        entries=Count("pk"), active=Count("pk", filter=Q(active=True)), unchecked=Count("pk", filter=Q(verified=False))
    ).order_by("table")


@transaction.atomic
def save_item(
    *,
    table: str,
    item_id: int | None = None,
    code: str,
    name: str,
    name_en: str,
    bucket: str,
    standard: str,
    source: str,
    valid_from: date | None,
    valid_to: date | None,
    verified: bool,
    actor: User,
) -> CodeItem:
    """The entry counts as entered by hand from then on: loading a policy pack leaves it alone."""
    _may_change(actor)
    if valid_from and valid_to and valid_to < valid_from:
        raise DomainError(_("The last day lies before the first."), field="valid_to")
    if item_id is None:
        if CodeItem.objects.filter(table=table, code=code).exists():
            raise DomainError(_("This code exists in the table already. Codes are never used twice."), field="code")
        last = CodeItem.objects.filter(table=table).order_by("-sort").first()
        row = CodeItem(table=table, code=code, sort=last.sort + 1 if last else 0)
    else:
        row = CodeItem.objects.select_for_update().get(pk=item_id, table=table)
    before = {"name": row.name, "valid_to": row.valid_to}
    row.name, row.name_en, row.bucket, row.standard, row.source = name, name_en, bucket, standard, source
    row.valid_from, row.valid_to, row.verified, row.pack = valid_from, valid_to, verified, ""
    row.active = valid_to is None or valid_to >= clock.today()
    row.save()
    audit.record(
        actor=actor, action="code_saved", target=row, table=table, code=row.code, before=before, after={"name": name}
    )
    return row


@transaction.atomic
def retire_item(*, table: str, item_id: int, actor: User) -> CodeItem:
    """No form offers it from tomorrow on; what was entered with it keeps its label."""
    _may_change(actor)
    row = CodeItem.objects.select_for_update().get(pk=item_id, table=table)
    if not row.active:
        raise DomainError(_("This entry is retired already."))
    row.valid_to, row.active, row.pack = clock.today(), False, ""
    row.save()
    audit.record(actor=actor, action="code_retired", target=row, table=table, code=row.code)
    return row


def _may_change(actor: User) -> None:
    if not can(actor, CodeItem, "change", at=settings.COUNTY_CODE):
        raise PermissionDenied
