"""Companions: people who live with somebody registered already, named by the document number of that person."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.core.errors import DomainError
from portal.imports.kinds import Applied, Checker, Column, Effect, Given, Reader, Staged, Verdict
from portal.imports.models import ImportBatch
from portal.org.models import User
from residents.choices import DocumentKind
from residents.imports import lookups
from residents.imports.arrivals import Around, ArrivalChecker, Row
from residents.imports.columns import ARRIVED, IDENTITY, REMARK, table
from residents.imports.lookups import Door
from residents.imports.registrations import RegisterKind
from residents.models import Household, HouseholdAct, Registration
from residents.services.guardians import require_guardian
from residents.services.households import following
from residents.services.identity import document_index, normalise_document
from residents.services.people import CheckedIdentity

STAY, BOOK, ACT = (model._meta.db_table for model in (Registration, Household, HouseholdAct))
HEAD = Column(
    key="head_number",
    title="主登记人证件号码",
    synonyms=("户主证件号码", "户主身份证号", "主登记人身份证号", "随同人身份证号"),
    reads=Reader.NUMBER,
    required=True,
    example="520322199303082464",
    about="已在本地登记的人",
    width=22,
    secret=True,
)
RELATION = Column(
    key="relation",
    title="与主登记人关系",
    synonyms=("与户主关系", "关系"),
    reads=Reader.CODE,
    words=table("relationship"),
    required=True,
    example="配偶",
    width=14,
)


class CompanionChecker(ArrivalChecker):
    """Address, lodging and reason come from the person they live with."""

    def __init__(self, batch: ImportBatch, actor: User) -> None:
        super().__init__(batch, actor)
        self.heads: dict[bytes, Registration] = {}

    def place(self, block: Sequence[Row]) -> None:
        indexes = {id(row): self._head_index(row.given) for row in block}
        standing = lookups.standings(index for index in indexes.values() if index)
        ids = [one.registration_id for one in standing.values() if one.is_active and one.registration_id]
        stays = {
            stay.pk: stay
            for stay in Registration.objects.filter(pk__in=ids).select_related("person", "dwelling")
            if stay.area_code in self.scopes["import"]
        }
        for row in block:
            index = indexes[id(row)]
            if index is None:
                continue
            found = standing.get(index)
            head = stays.get(found.registration_id or 0) if found else None
            if head is None:
                message = _("Nobody with this number is in residence where you may import. Register that person first.")
                row.wrong(DomainError(message, field="head_number", code="unknown_head"))
                continue
            self._live_with(row, head)

    def _live_with(self, row: Row, head: Registration) -> None:
        row.head, row.relation = head, row.given.values.get("relation", "")
        row.door = Door(head.dwelling_id, head.dwelling.area_code, head.dwelling.address)
        given = row.given.values
        given.setdefault("arrived_on", head.arrived_on)
        given |= {"lodging": head.lodging, "reason": head.reason, "channel": head.channel}

    def _head_index(self, given: Given) -> bytes | None:
        number = given.values.get("head_number", "")
        if not number or "*" in number:
            return None
        return document_index(normalise_document(DocumentKind.RESIDENT_ID, number, imported=True))

    def judge_guardian(self, row: Row, checked: CheckedIdentity) -> None:
        """The child is related to a person who is registered; the rule of the form, seen from the other side."""
        if row.head is None or row.stay is None:
            return
        require_guardian(
            head_born=row.head.person.birth_date,
            companions=[(row.relation, checked.values["birth_date"])],
            explanation=row.stay.remark,
            on=self.today,
        )

    def verdict(self, row: Row, around: Around) -> Verdict:
        if not row.given.values.get("head_number") and not row.given.problems:
            row.wrong(DomainError(_("Please enter the number of the person they live with."), field="head_number"))
        return super().verdict(row, around)


class Companions(RegisterKind):
    code = "companions"
    title = gettext_lazy("Companions")
    about = gettext_lazy(
        "Spouses, children and others who live with a registered person; the address comes from there."
    )
    icon = "users"
    columns = (HEAD, RELATION, *IDENTITY, replace(ARRIVED, required=False, about="不填按主登记人"), REMARK)

    def checker(self, batch: ImportBatch, actor: User) -> Checker:
        return CompanionChecker(batch, actor)

    def apply(
        self, batch: ImportBatch, rows: Sequence[Staged], actor: User
    ) -> tuple[Sequence[Applied], Sequence[Effect]]:
        applied, effects = super().apply(batch, rows, actor)
        return applied, [*effects, *into_books(effects, actor)]


def into_books(effects: Sequence[Effect], actor: User) -> Iterator[Effect]:
    """Whoever was registered stands in the household book of the person they live with, as after the arrival form."""
    rows = {one.object_id: one.row_number for one in effects if one.before is None and one.table == STAY}
    stays = Registration.objects.filter(pk__in=rows).exclude(head=None).select_related("person", "head__person")
    came: dict[int, list[Registration]] = defaultdict(list)
    for stay in stays.order_by("pk"):
        came[stay.head_id or 0].append(stay)
    for companions in came.values():
        head, row = companions[0].head, rows[companions[0].pk]
        if head is None:
            continue
        stood = Household.objects.filter(members__person=head.person_id, members__left_on=None).first()
        act = following.joined(head, companions, actor)
        if act is not None:
            before = {"updated_at": stood.updated_at.isoformat()} if stood else None
            yield Effect(row, BOOK, act.household_id, act.household.version, before)
            yield Effect(row, ACT, act.pk)
