"""What may not be let for living, and how many may live there. Values made by hand."""

from decimal import Decimal

import pytest

from portal.core.errors import DomainError
from rentals.services.letting_rules import check_safety, check_spaces, check_use
from rentals.services.occupancy import occupancy

HERE = "330822001001"
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("space", ["04", "05", "06", "07", "08", "09"])
def test_HL2_kitchen_bathroom_balcony_corridor_storeroom_and_garage_are_not_let_separately(space):
    with pytest.raises(DomainError, match="住房租赁条例") as refused:
        check_spaces("rooms", ["01", space], area_code=HERE)
    assert (refused.value.field, refused.value.code) == ("spaces", "unfit_space")


def test_HL2_names_every_refused_space_and_no_other():
    with pytest.raises(DomainError) as refused:
        check_spaces("beds", ["09", "01", "04"], area_code=HERE)
    assert "厨房、车库" in refused.value.message
    assert "卧室" not in refused.value.message


def test_HL2_bedroom_and_living_room_may_be_let_by_room_or_bed():
    assert check_spaces("rooms", ["02", "01"], area_code=HERE) == ["01", "02"]
    assert check_spaces("beds", ["01"], area_code=HERE) == ["01"]


def test_HL2_a_whole_dwelling_has_its_kitchen():
    assert check_spaces("whole", ["04"], area_code=HERE) == []


def test_letting_by_room_says_which_rooms():
    with pytest.raises(DomainError) as refused:
        check_spaces("rooms", [], area_code=HERE)
    assert refused.value.field == "spaces"


@pytest.mark.parametrize("use", ["03", "04", "05", "06", "07", "99"])
def test_row_74_a_building_not_approved_for_living_is_no_home(use):
    with pytest.raises(DomainError, match="规划用途") as refused:
        check_use(use, area_code=HERE)
    assert (refused.value.field, refused.value.code) == ("planned_use", "no_home")


@pytest.mark.parametrize("use", ["01", "02"])
def test_row_74_dwellings_and_dormitories_are_let(use):
    check_use(use, area_code=HERE)


def test_row_74_a_bicycle_shed_is_not_let_by_itself():
    with pytest.raises(DomainError) as refused:
        check_spaces("rooms", ["10"], area_code=HERE)
    assert "车棚" in refused.value.message


@pytest.mark.parametrize("grade", ["C", "D"])
def test_HL6_a_dangerous_house_is_not_let(grade):
    with pytest.raises(DomainError, match="第十五条") as refused:
        check_safety(danger_grade=grade, self_built=False, appraisal_number="2026-1", area_code=HERE)
    assert (refused.value.field, refused.value.code) == ("danger_grade", "dangerous")


@pytest.mark.parametrize("grade", ["", "A", "B"])
def test_HL6_a_house_that_is_not_dangerous_is_let(grade):
    check_safety(danger_grade=grade, self_built=False, appraisal_number="", area_code=HERE)


@pytest.mark.parametrize(
    ("grade", "number", "field"),
    [("", "", "appraisal_number"), ("A", "", "appraisal_number"), ("", "7", "danger_grade")],
)
def test_HL6_self_built_without_a_permit_needs_an_appraisal_first(grade, number, field):
    with pytest.raises(DomainError, match="第三十三条") as refused:
        check_safety(danger_grade=grade, self_built=True, appraisal_number=number, area_code=HERE)
    assert (refused.value.field, refused.value.code) == (field, "no_appraisal")


def test_HL6_self_built_and_appraised_is_let():
    check_safety(danger_grade="B", self_built=True, appraisal_number="常房鉴 2026-7", area_code=HERE)


@pytest.mark.parametrize(
    ("rooms", "area", "by_rooms", "by_area", "limit"),
    [
        (3, "90", 6, 22, 6),  # two a room; 90 / 4 = 22.5, half a person does not fit
        (5, "18", 10, 4, 4),  # the floor area is the narrower one
        (1, "7.99", 2, 1, 1),
        (1, "8.00", 2, 2, 2),
    ],
)
def test_HL3_row_77_the_lower_of_both_limits_counts(rooms, area, by_rooms, by_area, limit):
    found = occupancy(rooms_let=rooms, floor_area=Decimal(area), living=limit, area_code=HERE)
    assert (found.by_rooms, found.by_area, found.limit) == (by_rooms, by_area, limit)
    assert not found.is_over


def test_HL3_row_77_one_more_than_the_limit_is_over_and_the_figures_say_they_are_not_verified():
    found = occupancy(rooms_let=1, floor_area=Decimal(40), living=3, area_code=HERE)
    assert found.is_over
    assert not found.verified
