"""A re-organisation of areas takes the rented homes along: every queue shows them under the new area, to nobody new."""

from datetime import date
from typing import Any

import pytest

from portal.org.scoping import forget_grants
from rentals.models import (
    Hazard,
    HouseGrade,
    Inspection,
    LeaseFiling,
    RentalCampaign,
    RentalRegistration,
    RentedHome,
    TenancyReport,
)
from rentals.selectors import crowded, unregistered
from rentals.services.recount import recount_homes
from residents.models import Dwelling
from tests.administration.little_county import (
    EAST,
    WEST,
    A,
    B,
    C,
    D,
    carried_out,
    county,
    merge,
    planner,
    releaser,
)
from tests.factories.inspections import GradeFactory, HazardFactory
from tests.factories.org import StaffFactory
from tests.factories.rentals import LeaseFactory, RentalFactory, ReportFactory
from tests.factories.residents import DwellingFactory, RegistrationFactory
from tests.walls.test_agreement import behind_the_wall

__all__ = ["county", "planner", "releaser"]
pytestmark = pytest.mark.django_db
MOVED: tuple[Any, ...] = (
    RentalRegistration,
    LeaseFiling,
    TenancyReport,
    Inspection,
    Hazard,
    HouseGrade,
    RentalCampaign,
)


def of_a_home(area: str) -> RentalRegistration:
    """Three people in one room of 90 m², with everything that can stand at a let home."""
    door = DwellingFactory.create(area_code=area)
    RegistrationFactory.create_batch(3, dwelling=door, lodging="05")
    rental = RentalFactory.create(
        dwelling=door, status="registered", registered_on=date(2026, 11, 1), rooms_total=1, rooms_let=1
    )
    LeaseFactory.create(dwelling=door)
    ReportFactory.create(dwelling=door)
    HazardFactory.create(inspection__dwelling=door)
    GradeFactory.create(dwelling=door, area_code=area)
    RentalCampaign.objects.create(
        area_code=area,
        name="冬季消防专项整治",
        category="01",
        starts_on=date(2026, 11, 1),
        ends_on=date(2026, 12, 31),
        conducted_by=StaffFactory.create(),
    )
    return rental


def places(model: Any) -> list[str]:
    return sorted(model.objects.values_list("area_code", flat=True))


def queue(user: Any) -> set[RentalRegistration]:
    forget_grants(user)
    with behind_the_wall(user):
        return set(crowded(RentalRegistration.objects.restrict(user, "view")))


def test_row_77_a_merge_takes_lettings_reports_inspections_hazards_and_campaigns_along(planner, releaser, county):
    for area in (A, B, D):
        of_a_home(area)
    numbers = set(RentalRegistration.objects.values_list("number", flat=True))
    carried_out(merge(planner), releaser)
    for model in MOVED:
        assert places(model) == [C, C, D], model
    assert sorted(RentedHome.objects.filter(lettings=1).values_list("area_code", flat=True)) == [C, C, D]
    assert set(RentalRegistration.objects.values_list("number", flat=True)) == numbers
    assert recount_homes() == 0


def test_row_77_the_queue_shows_them_under_the_new_area_and_to_nobody_new(planner, releaser, county, staff):
    here, near, far = (of_a_home(area) for area in (A, B, D))
    readers = {at: staff(RentalRegistration, "view", at=at) for at in (A, B, EAST, WEST)}
    before = {at: queue(user) for at, user in readers.items()}
    assert before == {A: {here}, B: {near}, EAST: {here, near}, WEST: {far}}
    carried_out(merge(planner), releaser)
    after = {at: queue(user) for at, user in readers.items()}
    assert (after[EAST], after[WEST]) == ({here, near}, {far})
    for at in (A, B):
        assert after[at] <= before[at]


def test_a_lead_follows_its_door_into_the_new_area(planner, releaser, county, staff):
    stay = RegistrationFactory.create(dwelling=DwellingFactory.create(area_code=A), lodging="05")
    carried_out(merge(planner), releaser)
    assert RentedHome.objects.get(pk=stay.dwelling_id).area_code == C
    with behind_the_wall(staff(RentalRegistration, "view", at=EAST)):
        assert stay.dwelling_id in set(unregistered(Dwelling.objects.all()).values_list("pk", flat=True))
