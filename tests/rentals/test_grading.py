"""The grade of a house: points by public criteria, each with its reason (issue 5, part 5)."""

from collections import Counter
from datetime import date

import pytest

from portal.core.errors import DomainError
from rentals.models import HouseGrade
from rentals.services.inspections.appeals import appeal, decide
from rentals.services.inspections.grading import Facts, factors_of, grade_for, holds, houses_let, regrade
from residents.models import Building, Dwelling
from tests.factories.inspections import AppealFactory, GradeFactory, HazardFactory
from tests.factories.rentals import RentalFactory
from tests.factories.residents import DwellingFactory, RegistrationFactory

pytestmark = pytest.mark.django_db
AREA = "330822001001"


@pytest.fixture(autouse=True)
def on_20_november(at) -> None:
    at("2026-11-20 09:00")


def registered(dwelling: Dwelling | None = None, **changes):
    given = {"fire_passage": True, "safety_exit": True, "status": "registered", "registered_on": "2026-11-03"}
    return RentalFactory.create(dwelling=dwelling or DwellingFactory.create(stands_in=None), **given | changes)


def house() -> Building:
    return Building.objects.create(area_code=AREA, estate="金川花园", number="7", key="金川花园7")


def told(**facts) -> dict[str, tuple[int, str, int]]:
    found = factors_of(Facts(**facts), area_code=AREA)
    return {one["criterion"]: (one["points"], one["why"], one["count"]) for one in found}


def test_a_house_without_any_finding_has_no_points_and_says_so_for_each_criterion():
    nothing = (0, "", 0)
    assert told() == dict.fromkeys(("fire", "structure", "occupancy", "wiring", "gas", "past"), nothing)


def test_unmended_hazards_count_in_full_and_doubts_by_half():
    found = told(
        open_hazards=Counter(fire=2, wiring=1),
        doubts=Counter(fire=3, structure=1, occupancy=2, gas=1),
    )
    assert found == {
        "fire": (30, "open", 2),
        "structure": (12, "doubt", 1),
        "occupancy": (7, "doubt", 2),
        "wiring": (10, "open", 1),
        "gas": (5, "doubt", 1),
        "past": (0, "", 0),
    }


def test_a_house_that_must_not_be_let_has_the_full_points_of_its_structure():
    assert told(dangerous=1, doubts=Counter(structure=1))["structure"] == (25, "dangerous", 1)


def test_past_hazards_count_two_points_each_up_to_ten():
    assert told(past=3)["past"] == (6, "past", 3)
    assert told(past=9)["past"] == (10, "past", 9)


@pytest.mark.parametrize(("points", "grade"), [(0, "low"), (19, "low"), (20, "medium"), (49, "medium"), (50, "high")])
def test_the_grade_goes_by_the_thresholds_of_the_policy(points, grade):
    assert grade_for(points, area_code=AREA) == grade


def test_the_most_points_of_all_criteria_are_a_hundred():
    assert sum(one["most"] for one in factors_of(Facts(), area_code=AREA)) == 100


def test_row_76_a_building_is_graded_by_all_its_lettings_and_hazards():
    building = house()
    doors = [DwellingFactory.create(stands_in=building) for _number in range(2)]
    first = registered(doors[0], gas="bottled")
    registered(doors[1], safety_exit=False)
    HazardFactory.create(inspection__dwelling=first.dwelling, item="07")
    HazardFactory.create(inspection__dwelling=doors[1], item="05", status="closed")
    assert regrade([(building.pk, None)]) == 1
    row = HouseGrade.objects.get()
    assert (row.building, row.dwelling) == (building, None)
    assert [(one["criterion"], one["points"]) for one in row.factors if one["points"]] == [
        ("fire", 15),
        ("wiring", 10),
        ("gas", 5),
        ("past", 2),
    ]
    assert (row.points, row.grade) == (32, "medium")


def test_HL3_too_many_people_are_a_doubt_about_the_house_by_their_number_alone():
    rental = registered(rooms_let=1, rooms_total=1)
    RegistrationFactory.create_batch(3, dwelling=rental.dwelling)
    regrade([(None, rental.dwelling_id)])
    assert {"criterion": "occupancy", "points": 7, "most": 15, "why": "doubt", "count": 1} in (
        HouseGrade.objects.get().factors
    )


def test_the_same_house_with_other_people_has_the_same_grade():
    """Never about who lives there: origin, sex, ethnic group and age change nothing."""
    grades = []
    for people in ({"ethnicity": "01", "sex": "1"}, {"ethnicity": "05", "sex": "2"}):
        rental = registered()
        RegistrationFactory.create(
            dwelling=rental.dwelling, **{f"person__{name}": value for name, value in people.items()}
        )
        regrade([(None, rental.dwelling_id)])
        grades.append(HouseGrade.objects.get(dwelling=rental.dwelling).factors)
    assert grades[0] == grades[1]


def test_hazards_of_more_than_a_year_ago_no_longer_count():
    rental = registered()
    HazardFactory.create(inspection__dwelling=rental.dwelling, status="closed", found_on=date(2025, 11, 19))
    HazardFactory.create(inspection__dwelling=rental.dwelling, status="closed", found_on=date(2025, 11, 20))
    regrade([(None, rental.dwelling_id)])
    assert HouseGrade.objects.get().points == 2


def test_counting_again_changes_nothing_and_writes_nothing():
    rental = registered()
    assert regrade([(None, rental.dwelling_id)]) == 1
    assert regrade([(None, rental.dwelling_id)]) == 0
    assert HouseGrade.objects.get().version == 1


@pytest.mark.parametrize("houses", [1, 40])
def test_grading_costs_the_same_for_one_house_or_forty(houses, django_assert_num_queries):
    keys = [(None, registered().dwelling_id) for _number in range(houses)]
    regrade([(None, registered().dwelling_id)])
    with django_assert_num_queries(8):
        regrade(keys)


def test_every_house_with_a_letting_is_graded_at_night_once():
    building = house()
    for _number in range(2):
        registered(DwellingFactory.create(stands_in=building))
    single = registered()
    registered(status="ended", ended_on="2026-11-10")
    assert set(houses_let()) == {(building.pk, None), (None, single.dwelling_id)}


def test_an_appeal_is_decided_in_ten_working_days_by_somebody_else(staff):
    clerk = staff(HouseGrade, "view", "record", "review")
    row = appeal(house_id=GradeFactory.create().pk, asked_by="陈国强", reason="已整改", actor=clerk)
    assert row.due_on == date(2026, 12, 4)
    with pytest.raises(DomainError) as refused:
        decide(appeal_id=row.pk, set_grade="low", answer="已核实", version=1, actor=clerk)
    assert refused.value.code == "own"


def test_a_granted_appeal_sets_the_grade_for_180_days(staff):
    row = AppealFactory.create()
    decide(appeal_id=row.pk, set_grade="low", answer="已核实整改", version=1, actor=staff(HouseGrade, "review"))
    house_grade = HouseGrade.objects.get()
    assert (house_grade.grade, house_grade.set_grade, house_grade.set_until) == ("high", "low", date(2027, 5, 19))
    assert holds(house_grade, date(2027, 5, 19)) == "low"
    assert holds(house_grade, date(2027, 5, 20)) == "high"


def test_a_refused_appeal_leaves_the_grade_and_needs_a_reason(staff):
    row, reviewer = AppealFactory.create(), staff(HouseGrade, "review")
    with pytest.raises(DomainError) as refused:
        decide(appeal_id=row.pk, set_grade="", answer=" ", version=1, actor=reviewer)
    assert refused.value.field == "answer"
    assert decide(appeal_id=row.pk, set_grade="", answer="隐患仍在", version=1, actor=reviewer).status == "refused"
    assert holds(HouseGrade.objects.get(), date(2026, 11, 20)) == "high"


def test_one_appeal_waits_at_a_time(staff):
    row = AppealFactory.create()
    with pytest.raises(DomainError) as refused:
        appeal(house_id=row.house_id, asked_by="王房东", reason="不服", actor=staff(HouseGrade, "record"))
    assert refused.value.code == "open"
