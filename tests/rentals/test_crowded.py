"""Let homes with too many people (HL3, row 77): two a room and 4 m² each, as the product's rules say."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from portal.org.models import User
from portal.policy.services import set_rule
from rentals.jobs import plan_at_night
from rentals.models import Inspection, RentalRegistration, RentedHome
from rentals.selectors import crowded, crowded_homes
from rentals.services.occupancy import occupancy_of
from rentals.services.recount import recount_homes, recount_limits
from residents.models import Dwelling, Registration
from tests.factories.rentals import RentalFactory
from tests.factories.residents import DwellingFactory, RegistrationFactory
from tests.walls.test_agreement import behind_the_wall

pytestmark = pytest.mark.django_db
HERE, ELSEWHERE = "330822001001", "330822002001"
TODAY = date(2026, 11, 20)
LEFT = {"status": "left", "left_on": TODAY, "closed_on": TODAY}


def let(people: int, *, rooms: int = 1, area: int = 90, at: str = HERE, **changes: Any) -> RentalRegistration:
    door = DwellingFactory.create(area_code=at)
    RegistrationFactory.create_batch(people, dwelling=door, lodging="05")
    given = {"status": "registered", "registered_on": TODAY, "rooms_total": rooms, "rooms_let": rooms}
    return RentalFactory.create(dwelling=door, **given | {"floor_area": Decimal(area)} | changes)


def told() -> set[RentalRegistration]:
    return set(crowded(RentalRegistration.objects.all()))


def kept(rental: RentalRegistration) -> tuple[int, int | None]:
    home = RentedHome.objects.get(pk=rental.dwelling_id)
    return home.living, home.allowed


def test_HL3_row_77_one_more_than_the_limit_is_over_and_the_limit_itself_is_not():
    full, over = let(2), let(3)
    assert (kept(full), kept(over)) == ((2, 2), (3, 2))
    assert told() == {over}


def test_HL3_row_77_the_floor_area_counts_where_it_is_the_lower_limit():
    over = let(4, rooms=3, area=15)
    assert kept(over) == (4, 3)
    assert told() == {over}


def test_row_77_the_owners_family_counts_as_well_and_a_letting_not_yet_accepted_does_not():
    waiting = let(3, status="submitted", registered_on=None)
    assert kept(waiting) == (0, None)
    RentalRegistration.objects.filter(pk=waiting.pk).update(status="registered", registered_on=TODAY)
    assert kept(waiting) == (3, 2)
    RegistrationFactory.create(dwelling=waiting.dwelling, lodging="03")
    assert kept(waiting) == (4, 2)
    RentalRegistration.objects.filter(pk=waiting.pk).update(status="ended", ended_on=TODAY)
    assert kept(waiting) == (0, None)
    assert told() == set()


def test_row_77_arrival_departure_and_move_change_the_figure_at_once():
    rental = let(2)
    assert told() == set()
    stay = RegistrationFactory.create(dwelling=rental.dwelling)
    assert told() == {rental}
    Registration.objects.filter(pk=stay.pk).update(**LEFT)
    assert told() == set()
    elsewhere = RegistrationFactory.create()
    Registration.objects.filter(pk=elsewhere.pk).update(dwelling=rental.dwelling)
    assert (kept(rental), told()) == ((3, 2), {rental})
    Registration.objects.filter(pk=elsewhere.pk).delete()
    assert kept(rental) == (2, 2)


def test_row_77_a_corrected_letting_is_counted_anew():
    rental = let(3)
    RentalRegistration.objects.filter(pk=rental.pk).update(rooms_total=2, rooms_let=2)
    assert (kept(rental), told()) == ((3, 4), set())


def test_HL3_row_77_a_changed_rule_comes_in_with_the_count_at_night(staff, at):
    at("2026-11-20 09:00")
    here, there = let(2), let(2, at=ELSEWHERE)
    set_rule(
        code="rental.max_per_room",
        value=1,
        basis="常山县住房租赁管理办法",
        effective_from=TODAY,
        area_code="330822001",
        actor=staff(RentalRegistration, "view"),
    )
    assert told() == set()
    assert recount_limits(day=date(2026, 11, 19)) == 0
    assert recount_limits(day=TODAY) == 1
    assert (kept(here), kept(there)) == ((2, 1), (2, 2))
    assert told() == {here}
    assert recount_limits(day=TODAY) == 0
    assert recount_homes() == 0


def test_HL3_row_77_the_kept_limit_is_that_of_the_page(staff):
    set_rule(
        code="rental.min_area_per_person",
        value=Decimal("7.5"),
        basis="常山县住房租赁管理办法",
        effective_from=date(2026, 11, 1),
        area_code="330822",
        actor=staff(RentalRegistration, "view"),
    )
    for rooms, area in ((1, 6), (1, 15), (3, 29), (3, 30), (9, 90)):
        rental = let(1, rooms=rooms, area=area)
        assert kept(rental) == (1, occupancy_of(rental, 1).limit)


def test_row_77_the_recount_mends_what_stands_wrong():
    rental = let(3)
    RentedHome.objects.filter(pk=rental.dwelling_id).update(living=1, allowed=9)
    assert told() == set()
    assert recount_homes() == 1
    assert (kept(rental), told()) == ((3, 2), {rental})


def test_row_77_the_night_counts_the_limits(monkeypatch):
    days = []
    monkeypatch.setattr("rentals.jobs.recount_limits", lambda *, day: days.append(day))
    monkeypatch.setattr("rentals.jobs.regrade", lambda _houses: None)
    monkeypatch.setattr("rentals.jobs.plan_inspections", lambda **_given: 0)

    class Night:
        def advance(self, *_done: int) -> None:
            """Nobody watches."""

    plan_at_night(Night(), None)
    assert len(days) == 1


def test_row_77_a_door_of_another_area_follows_the_reorganisation(staff):
    rental = let(3)
    Dwelling.objects.filter(pk=rental.dwelling_id).update(area_code=ELSEWHERE)
    assert RentedHome.objects.get(pk=rental.dwelling_id).area_code == ELSEWHERE
    counted = {}
    for name, at in (("before", HERE), ("after", ELSEWHERE)):
        with behind_the_wall(staff(RentalRegistration, "view", at=at)), connection.cursor() as cursor:
            cursor.execute("SELECT sec.rented_crowded()")
            counted[name] = [row[0] for row in cursor.fetchall()]
    assert counted == {"before": [], "after": [rental.dwelling_id]}


@pytest.fixture
def inspector(staff) -> User:
    user: User = staff(Inspection, "view", "work", user=staff(RentalRegistration, "view"))
    return user


def test_row_77_the_number_in_the_menu_is_that_of_the_list_and_goes_to_inspectors(staff, inspector):
    over = let(3)
    let(3, at=ELSEWHERE)
    with behind_the_wall(inspector):
        assert crowded_homes(inspector) == 1
        assert list(crowded(RentalRegistration.objects.restrict(inspector, "view"))) == [over]
    reader = staff(RentalRegistration, "view")
    with behind_the_wall(reader):
        assert crowded_homes(reader) is None


def test_row_77_the_page_tells_how_many_and_never_who(client, inspector):
    rental = let(5, rooms=2)
    client.force_login(inspector)
    page = client.get(reverse("rentals:crowded")).content.decode()
    assert "5 / 4" in page
    assert rental.dwelling.address in page
    assert reverse("rentals:inspection_open", args=[rental.dwelling_id]) in page
    for stay in Registration.objects.filter(dwelling=rental.dwelling_id):
        assert stay.person.name not in page


def test_row_77_an_open_inspection_is_shown_instead_of_the_button(client, inspector):
    rental = let(3)
    row = Inspection.objects.create(dwelling=rental.dwelling, area_code=HERE, due_on=date(2026, 12, 1))
    client.force_login(inspector)
    page = client.get(reverse("rentals:crowded")).content.decode()
    assert row.get_absolute_url() in page
    assert reverse("rentals:inspection_open", args=[rental.dwelling_id]) not in page


@pytest.mark.parametrize("rows", [1, 25])
def test_row_77_the_list_costs_the_same_for_one_door_or_many(client, inspector, rows, django_assert_num_queries):
    for _row in range(rows):
        let(3)
    client.force_login(inspector)
    client.get(reverse("rentals:crowded"))
    with django_assert_num_queries(15):
        page = client.get(reverse("rentals:crowded"))
    assert page.content.decode().count("3 / 2") == rows


def test_row_77_the_list_is_read_from_the_counts_and_not_from_the_stays():
    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = 'rented_crowded'")
        (source,) = cursor.fetchone()
    assert "rentals_rentedhome" in source
    assert "residents_registration" not in source
