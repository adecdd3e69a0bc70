"""Addresses: a list of doors, each added by the service of the page."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.core.errors import DomainError
from portal.imports.kinds import (
    Applied,
    Checker,
    Column,
    Effect,
    Given,
    ImportKind,
    Reader,
    Staged,
    Verdict,
    problem,
    refused,
)
from portal.imports.models import Decision, ImportBatch, Outcome
from portal.org.codes import COMMUNITY
from portal.org.models import Area, User
from portal.org.scoping import scope_of
from portal.vault.blind import blind_index
from residents.imports import lookups, taking_back
from residents.imports.columns import table
from residents.models import Building, Dwelling
from residents.services.buildings import is_new
from residents.services.code_fields import require_code
from residents.services.dwellings import add_dwelling, compose_address
from residents.services.names import check_phone, normalise_phone

PLACE = Column(
    key="community",
    title="社区",
    synonyms=("村社", "所属社区", "村居", "居委会"),
    required=True,
    example="东明社区",
    width=18,
)
ESTATE = Column(
    key="estate",
    title="小区或道路",
    synonyms=("小区", "道路", "小区名称", "街路巷", "自然村"),
    reads=Reader.PLAIN,
    required=True,
    example="锦绣花园",
    width=20,
)
BUILDING = Column(key="building", title="幢", synonyms=("楼幢", "楼栋", "栋", "幢号"), example="3", width=8)
UNIT = Column(key="unit", title="单元", synonyms=("单元号",), example="2", width=8)
ROOM = Column(key="room", title="室", synonyms=("房号", "室号", "门牌号"), example="501", width=8)
KIND = Column(
    key="kind",
    title="房屋类别",
    synonyms=("房屋类型", "居住处所"),
    reads=Reader.CODE,
    words=table("dwelling_kind"),
    required=True,
    example="租赁房屋",
    width=12,
)
LANDLORD = Column(
    key="landlord_name", title="房东姓名", synonyms=("出租人", "房主", "户主"), reads=Reader.TEXT, width=12
)
LANDLORD_PHONE = Column(
    key="landlord_phone",
    title="房东电话",
    synonyms=("出租人电话", "房主电话"),
    reads=Reader.NUMBER,
    width=15,
    secret=True,
)
CAPACITY = Column(key="capacity", title="最多居住人数", synonyms=("可住人数", "核定人数"), reads=Reader.WHOLE, width=12)
RENTAL = Column(key="rental_registered", title="已登记出租", synonyms=("出租登记",), reads=Reader.TRUTH, width=10)
PARTS = {"estate": 60, "building": 20, "unit": 20, "room": 20, "landlord_name": 50}


class AddressChecker(Checker):
    def __init__(self, actor: User) -> None:
        self.scope = lookups.meet(scope_of(actor, Dwelling, "import"), scope_of(actor, Dwelling, "add"))
        self.names: dict[str, list[str]] = {}
        for code, name in Area.objects.filter(valid_to=None, code__regex=f"^.{{{COMMUNITY}}}").values_list(
            "code", "name"
        ):
            self.names.setdefault(name, []).append(code)

    def check(self, rows: Sequence[Given]) -> Iterator[Verdict]:
        judged = [self._judged(row) for row in rows]
        wanted = [(one["area_code"], one["address"]) for one in judged if one]
        known = set(
            Dwelling.objects.filter(address__in={address for _area, address in wanted}).values_list(
                "area_code", "address"
            )
        )
        for row, one in zip(rows, judged, strict=True):
            yield self._verdict(row, one, known)

    def _verdict(self, row: Given, one: dict[str, Any] | None, known: set[tuple[str, str]]) -> Verdict:
        if one is None:
            return refused(*row.problems)
        place = (one["area_code"], one.pop("address"))
        key = blind_index("import.address", "|".join(place))
        if place in known:
            return Verdict(Decision.UNCHANGED, key, None, note=_("This address is already in the register."))
        return Verdict(Decision.CREATE, key, one)

    def _judged(self, row: Given) -> dict[str, Any] | None:
        values = dict(row.values)
        for judge in (self._place, self._parts, self._rest):
            try:
                judge(values)
            except DomainError as error:
                row.problems.append(problem(error))
        if row.problems:
            return None
        parts = [values.get(name, "") for name in ("estate", "building", "unit", "room")]
        return {
            **{name: values[name] for name in ("capacity", "rental_registered") if values.get(name) is not None},
            **{name: values.get(name, "") for name in PARTS},
            "landlord_phone": values.get("landlord_phone", ""),
            "area_code": values["area_code"],
            "kind": values["kind"],
            "address": compose_address(*("".join(part.split()) for part in parts)),
        }

    def _place(self, values: dict[str, Any]) -> None:
        told = str(values.get("community", "")).replace(" ", "")
        if told.isdigit():
            found = [code for codes in self.names.values() for code in codes if code == told]
        else:
            found = self.names.get(told) or [
                c for name, codes in self.names.items() if told.endswith(name) for c in codes
            ]
        own = [code for code in found if code in self.scope]
        if found and not own:
            raise DomainError(
                _("You may not import addresses of this community."), field="community", code="foreign_area"
            )
        if len(own) != 1:
            message = _("Please enter the community as it is named in the county, or its code.")
            raise DomainError(message, field="community", code="unknown_area")
        values["area_code"] = own[0]

    def _parts(self, values: dict[str, Any]) -> None:
        if not values.get("estate"):
            raise DomainError(_("Please enter the estate, road or village."), field="estate")
        for name, longest in PARTS.items():
            if len(str(values.get(name, ""))) > longest:
                message = _("At most %(count)s characters fit here.") % {"count": longest}
                raise DomainError(message, field=name)

    def _rest(self, values: dict[str, Any]) -> None:
        require_code("dwelling_kind", values.get("kind", ""), field="kind")
        values["landlord_phone"] = check_phone(
            normalise_phone(values.get("landlord_phone", "")), field="landlord_phone"
        )
        capacity = values.get("capacity")
        if capacity is not None and not 1 <= capacity <= 999:  # noqa: PLR2004 - what the form takes
            raise DomainError(_("A dwelling holds at least one person."), field="capacity")


class Addresses(ImportKind):
    code = "addresses"
    title = gettext_lazy("Addresses")
    about = gettext_lazy("A list of estates, buildings and rooms for the list of dwellings.")
    icon = "house"
    grant = (Dwelling, "import")
    columns = (PLACE, ESTATE, BUILDING, UNIT, ROOM, KIND, LANDLORD, LANDLORD_PHONE, CAPACITY, RENTAL)

    def checker(self, _batch: ImportBatch, actor: User) -> Checker:
        return AddressChecker(actor)

    def apply(
        self, _batch: ImportBatch, rows: Sequence[Staged], actor: User
    ) -> tuple[Sequence[Applied], Sequence[Effect]]:
        applied: list[Applied] = []
        effects: list[Effect] = []
        for row in rows:
            try:
                with transaction.atomic():
                    dwelling = add_dwelling(**row.cleaned, actor=actor)
            except DomainError as error:
                applied.append(Applied(row.number, Outcome.SKIPPED, error.message))
                continue
            house = dwelling.stands_in
            if house is not None and is_new(house):  # before its door: what is undone is undone from the end
                effects.append(Effect(row.number, Building._meta.db_table, house.pk, house.version))
            effects.append(Effect(row.number, Dwelling._meta.db_table, dwelling.pk, dwelling.version))
            applied.append(Applied(row.number, Outcome.CREATED))
        return applied, effects

    def obstacles(self, batch: ImportBatch, _actor: User) -> list[dict[str, Any]]:
        return taking_back.obstacles(batch)

    def undo(self, batch: ImportBatch, effects: Sequence[Effect], actor: User) -> None:
        taking_back.take_back(batch, effects, actor)
