"""Registrations: one person a row, as the arrival form takes them."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.imports.kinds import Applied, Checker, Column, Effect, ImportKind, Reader, Staged
from portal.imports.models import ImportBatch, ImportEffect
from portal.jobs.services import enqueue
from portal.org.models import User
from residents.imports import taking_back
from residents.imports.arrivals import ArrivalChecker
from residents.imports.columns import ARRIVAL, fixed
from residents.imports.writing import Block
from residents.models import Person, Registration

PAIRS = "residents.refresh_pairs"
STATUS = Column(
    key="status",
    title="状态",
    reads=Reader.CODE,
    words=fixed({"在住": "active", "有效": "active", "已离开": "left", "已注销": "left", "注销": "left"}),
    about="台账再导入时用，新登记不填",
    width=8,
)


class RegisterKind(ImportKind):
    """What kinds that write stays have in common."""

    grant = (Registration, "import")

    def checker(self, batch: ImportBatch, actor: User) -> Checker:
        return ArrivalChecker(batch, actor)

    def apply(
        self, batch: ImportBatch, rows: Sequence[Staged], actor: User
    ) -> tuple[Sequence[Applied], Sequence[Effect]]:
        return Block(batch, rows, actor).run()

    def finished(self, batch: ImportBatch, actor: User) -> None:
        """Likely duplicates are looked for at once on the screen; a whole list gets a task of its own."""
        files = ImportEffect.objects.filter(batch=batch, table=Person._meta.db_table)
        ids = sorted(set(files.values_list("object_id", flat=True)))
        if ids:
            enqueue(kind=PAIRS, actor=actor, title=gettext("Looking for duplicates after an import"), ids=ids)

    def obstacles(self, batch: ImportBatch, _actor: User) -> list[dict[str, Any]]:
        return taking_back.obstacles(batch)

    def undo(self, batch: ImportBatch, effects: Sequence[Effect], actor: User) -> None:
        taking_back.take_back(batch, effects, actor)


class Registrations(RegisterKind):
    code = "registrations"
    title = _("Registrations")
    about = _("New arrivals, or the ledger L1 exported with full numbers, changed and brought back.")
    icon = "user-plus"
    columns = (*ARRIVAL, STATUS)
    shared = True
