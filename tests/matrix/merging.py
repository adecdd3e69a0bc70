from residents.models import DuplicatePair, DuplicateSide, Person, PersonMerge
from tests.factories.org import StaffFactory
from tests.factories.residents import PersonFactory
from tests.matrix import Endpoint, Grant


def pair(area_code: str) -> DuplicatePair:
    one, other = PersonFactory.create(area_code=area_code), PersonFactory.create(area_code=area_code)
    made = DuplicatePair.objects.create(first=one, second=other, score=60, reasons=[["name", 20]], area_code=area_code)
    for person in (one, other):
        DuplicateSide.objects.create(pair=made, person=person, area_code=area_code)
    return made


def file_at(area_code: str) -> Person:
    return PersonFactory.create(area_code=area_code)


def merge(area_code: str) -> PersonMerge:
    one = PersonFactory.create(area_code=area_code)
    other = PersonFactory.create(area_code="", merged_into=one)
    return PersonMerge.objects.create(
        survivor=one,
        absorbed=other,
        area_code=area_code,
        absorbed_area=area_code,
        reason="系同一人",
        snapshot={"files": {"survivor": {}, "absorbed": {}}, "after": {}, "adjusted": {}},
        actor=StaffFactory.create(),
    )


MERGE = Grant(Person, "merge")
ENDPOINTS = [
    Endpoint("residents:pair_list", MERGE, row=pair, args=lambda _row: [], secret=lambda row: row.get_absolute_url()),
    Endpoint("residents:pair_detail", MERGE, row=pair, by_row=True, form=True),
    Endpoint(
        "residents:pair_name", MERGE, row=lambda area: PersonFactory.create(area_code=area), by_row=True, form=True
    ),
    Endpoint("residents:pair_apart", MERGE, row=pair, by_row=True, method="post", ok=(302, 422)),
    Endpoint("residents:pair_reopen", MERGE, row=pair, by_row=True, method="post", ok=(302,)),
    Endpoint("residents:merge_list", MERGE, row=merge, args=lambda _row: [], secret=lambda row: row.get_absolute_url()),
    Endpoint("residents:merge_detail", MERGE, row=merge, by_row=True, form=True),
]
