"""A door is in the master once: the known one is found before a second is made, and near ones are asked about."""

import pytest

from portal.core.errors import DomainError
from portal.org.models import User
from residents.models import Building, Dwelling, Registration
from residents.services.doors import hold_door, known_door, near_doors
from residents.services.dwellings import add_alias, add_dwelling, create_or_match_dwelling, remove_alias
from tests.factories.org import AreaFactory
from tests.factories.residents import COMMUNITY, DwellingFactory

pytestmark = pytest.mark.django_db
GRID = f"{COMMUNITY}001"


@pytest.fixture
def coadmin(staff) -> User:
    return staff(Dwelling, "view", "add", "change", user=staff(Registration, "view", "add"))


@pytest.fixture
def home() -> Dwelling:
    return DwellingFactory.create(room="501")


def door(coadmin, **changes):
    given = {"area_code": COMMUNITY, "estate": "锦绣花园", "building": "3", "unit": "2", "room": "501", "kind": "05"}
    return add_dwelling(**(given | changes), actor=coadmin)


@pytest.mark.parametrize(
    "typed",
    [
        {"building": "３"},
        {"building": "三幢"},
        {"building": "3号楼", "unit": "2单元", "room": "501室"},
        {"building": "03", "unit": "02"},
        {"estate": "锦绣 花园"},
        {"area_code": GRID},
    ],
)
def test_the_same_door_written_otherwise_is_offered_instead_of_a_second(coadmin, home, typed):
    AreaFactory.create(code=GRID)
    with pytest.raises(DomainError) as refusal:
        door(coadmin, **typed)
    assert (refusal.value.code, refusal.value.context["dwelling_id"]) == ("dwelling_exists", home.pk)
    assert Dwelling.objects.count() == 1


def test_an_alias_is_the_door_too(coadmin, home):
    alias = add_alias(dwelling_id=home.pk, text="锦绣小区三栋二单元501", actor=coadmin)
    assert known_door(area_code=COMMUNITY, address="锦绣小区3幢2单元501室") == home
    remove_alias(alias_id=alias.pk, actor=coadmin)
    assert known_door(area_code=COMMUNITY, address="锦绣小区3幢2单元501室") is None


@pytest.mark.parametrize(
    ("typed", "why"),
    [({"estate": "锦秀花园"}, "looks"), ({"estate": "锦绣家园"}, "looks"), ({"estate": "吉祥画苑"}, "sounds")],
)
def test_a_near_door_is_asked_about_before_a_new_one_is_made(coadmin, home, typed, why):
    with pytest.raises(DomainError) as refusal:
        door(coadmin, **typed)
    assert refusal.value.code == "dwelling_near"
    assert [(near.dwelling_id, near.why) for near in refusal.value.context["near"]] == [(home.pk, why)]
    made = door(coadmin, **typed, is_new=True)
    assert made.estate == typed["estate"]


def test_the_same_address_in_another_community_is_asked_about(coadmin, staff):
    AreaFactory.create(code="330822001002", name="西门社区")
    other = DwellingFactory.create(area_code="330822001002", room="501")
    found = near_doors(area_code=COMMUNITY, address="锦绣花园3幢2单元501室", shorthand="jxhy3-2-501")
    assert [(near.dwelling_id, near.why) for near in found] == [(other.pk, "elsewhere")]


@pytest.mark.parametrize("typed", [{"room": "502"}, {"building": "4"}, {"estate": "望江苑"}])
def test_a_neighbour_is_no_near_door(coadmin, home, typed):
    assert door(coadmin, **typed).pk != home.pk


def test_a_list_of_addresses_is_matched_made_or_left_to_an_eye(coadmin, home):
    def match(**changes):
        given = {
            "area_code": COMMUNITY,
            "estate": "锦绣花园",
            "building": "3",
            "unit": "2",
            "room": "501",
            "kind": "05",
        }
        return create_or_match_dwelling(**(given | changes), actor=coadmin)

    known, unsure, new = match(building="三栋"), match(estate="锦秀花园"), match(room="601")
    assert (known.dwelling, known.created) == (home, False)
    assert (unsure.dwelling, [near.dwelling_id for near in unsure.near]) == (None, [home.pk])
    assert (new.created, new.dwelling.address) == (True, "锦绣花园3幢2单元601室")
    with pytest.raises(DomainError) as refusal:
        match(kind="zz")
    assert refusal.value.field == "kind"


def test_doors_with_rooms_share_the_row_of_their_building(coadmin):
    first, second = door(coadmin), door(coadmin, building="三", room="502")
    house = door(coadmin, estate="同弓村", building="12", unit="", room="")
    assert first.stands_in_id == second.stands_in_id
    assert Building.objects.get(pk=first.stands_in_id).key == "锦绣花园3"
    assert house.stands_in_id is None


def test_a_stay_goes_to_the_surviving_door(home):
    double = DwellingFactory.create(merged_into=home)
    older = DwellingFactory.create(merged_into=double)
    assert [hold_door(pk) for pk in (home.pk, double.pk, older.pk, 0)] == [home.pk, home.pk, home.pk, 0]
