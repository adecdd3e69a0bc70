"""Buildings, door plates, doubles and missing addresses: all under the rights on dwellings."""

from typing import Any

from residents.models import AddressLead, Building, Dwelling, DwellingAlias, DwellingMerge, Registration
from tests.factories.org import StaffFactory
from tests.factories.residents import BuildingFactory, DwellingFactory
from tests.matrix import PUBLIC, Endpoint, Grant

LOOK, ADD, CHANGE, MERGE = (Grant(Dwelling, action) for action in ("view", "add", "change", "merge"))


def dwelling(area_code: str) -> Dwelling:
    return DwellingFactory.create(area_code=area_code)


def building(area_code: str) -> Building:
    found = BuildingFactory.create(area_code=area_code)
    DwellingFactory.create(area_code=area_code, stands_in=found)
    return found


def alias(area_code: str) -> DwellingAlias:
    return DwellingAlias.objects.create(dwelling=dwelling(area_code), text="老供销社", shorthand="lgxs")


def merge(area_code: str) -> DwellingMerge:
    survivor, double = dwelling(area_code), dwelling(area_code)
    Dwelling.objects.filter(pk=double.pk).update(merged_into=survivor)
    return DwellingMerge.objects.create(
        area_code=area_code,
        survivor=survivor,
        double=double,
        reason="同一户",
        actor=StaffFactory.create(),
        moved={"areas": {"moved": []}, "alias": {"moved": []}},
    )


def lead(area_code: str) -> AddressLead:
    return AddressLead.objects.create(area_code=area_code, text="老码头三号仓库", noted_by=StaffFactory.create())


def nothing(_row: Any) -> list[Any]:
    return []


ENDPOINTS = [
    Endpoint("residents:building_list", LOOK, row=building, args=nothing),
    Endpoint("residents:building_grid", LOOK, row=building, by_row=True),
    Endpoint("residents:building_rooms", ADD, form=True),
    Endpoint("residents:plate_sheets", LOOK, row=dwelling, args=nothing),
    Endpoint("residents:dwelling_merge", MERGE, row=dwelling, by_row=True, form=True),
    Endpoint("residents:dwelling_merge_undo", MERGE, row=merge, by_row=True, method="post", ok=(302,)),
    Endpoint("residents:dwelling_places", CHANGE, row=dwelling, by_row=True, form=True),
    Endpoint("residents:dwelling_bed", CHANGE, row=dwelling, by_row=True, method="post", ok=(302,)),
    Endpoint("residents:alias_remove", CHANGE, row=alias, by_row=True, method="post", ok=(302,)),
    Endpoint("residents:lead_list", CHANGE, row=lead, args=nothing, secret=lambda _row: "老码头三号仓库"),
    Endpoint("residents:lead_add", Grant(Registration, "add"), form=True),
    Endpoint("residents:lead_answer", CHANGE, row=lead, by_row=True, form=True),
    # The page answers a few times a minute for each address, then asks to wait; staff of the area are led on.
    Endpoint("residents:dwelling_scan", PUBLIC, row=dwelling, args=lambda row: [row.plate], ok=(200, 302, 429)),
]
