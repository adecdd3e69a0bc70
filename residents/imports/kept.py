"""Mapping files that administrators put in: kept in the database, used at once by every process."""

import tomllib
from collections.abc import Sequence

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit import services as audit
from portal.core.errors import DomainError
from portal.imports.kinds import ImportKind, all_kinds
from portal.org.models import User
from portal.org.scoping import can
from residents.imports.checking import told_in
from residents.imports.mapped import Mapped
from residents.models import MappingFile
from residents.services.versions import require_version


class Kept:
    """A source of kinds of import; asks the table each time, so that a change needs no restart."""

    def offered(self) -> Sequence[ImportKind]:
        return [as_kind(row) for row in MappingFile.objects.filter(is_active=True)]

    def find(self, code: str) -> ImportKind | None:
        row = MappingFile.objects.filter(code=code).first()
        return as_kind(row) if row else None


KEPT = Kept()


def as_kind(row: MappingFile) -> Mapped:
    """The file was checked when it came in; the columns of the register only ever grow."""
    kind = Mapped(tomllib.loads(row.source))
    kind.is_offered = row.is_active
    return kind


@transaction.atomic
def keep(*, content: bytes, actor: User) -> MappingFile:
    """Take a file in, or a newer one of the same code in its place; then it is offered again. Raises DomainError at
    the field "file" that says what is wrong with it."""
    _require(actor)
    source, told = told_in(content)
    if told["code"] in {kind.code for kind in all_kinds()}:
        message = _("The code “%(code)s” belongs to an import of the product. Please give the file another code.")
        raise DomainError(message % {"code": told["code"]}, field="file", code="code_taken")
    known = MappingFile.objects.select_for_update(of=("self",)).filter(code=told["code"]).first()
    row = known or MappingFile(code=told["code"], version=0)
    row.title, row.about, row.source = told["title"], told.get("about", ""), source
    row.is_active, row.added_by = True, actor
    row.version += 1
    row.save()
    audit.record(
        actor=actor,
        action="mapping.replaced" if known else "mapping.added",
        target=row,
        code=row.code,
        columns=sorted(told["columns"]),
    )
    return row


@transaction.atomic
def switch(*, mapping_id: int, is_active: bool, version: int, actor: User) -> MappingFile:
    """Offer the mapping for new imports, or offer it no more."""
    _require(actor)
    row: MappingFile = MappingFile.objects.select_for_update(of=("self",)).get(pk=mapping_id)
    require_version(row, version)
    row.is_active = is_active
    row.version += 1
    row.save(update_fields=["is_active", "version"])
    audit.record(
        actor=actor, action="mapping.switched_on" if is_active else "mapping.switched_off", target=row, code=row.code
    )
    return row


def _require(actor: User) -> None:
    if not can(actor, MappingFile, "change", at=settings.COUNTY_CODE):
        raise PermissionDenied
