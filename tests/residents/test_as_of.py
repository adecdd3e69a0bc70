"""Who lived in this flat on 1 May, as known on 5 May: hand-made timelines, read back at every side of each date."""

from datetime import date

import pytest
from django.core.exceptions import ObjectDoesNotExist

import tests.behind_the_wall  # noqa: F401 - the clock of the database goes on while the test stops its own
from portal.core.errors import DomainError
from portal.org.models import User
from portal.org.walls.context import scoped_transaction
from residents.choices import RegistrationStatus
from residents.models import SEE_RESTRICTED, Dwelling, Person, Registration
from residents.services.as_of import BUILDING, UNIT, address_of, household_of, residents_of
from residents.services.corrections import CorrectionInput, correct_person
from residents.services.moves import change_address, deregister, restore, undo
from residents.services.restriction import lift_restriction, restrict_use
from tests.factories.org import AreaFactory
from tests.factories.past import stamp
from tests.factories.residents import DwellingFactory, PersonFactory, RegistrationFactory
from tests.walls.wall import product

pytestmark = pytest.mark.django_db
HERE, NEXT_DOOR, TOWN, FAR = "330822001001", "330822001002", "330822001", "330822002001"
MAY_1, MAY_4, MAY_5, MAY_6 = (date(2026, 5, day) for day in (1, 4, 5, 6))
MAY_9, MAY_10, MAY_20 = (date(2026, 5, day) for day in (9, 10, 20))
STAYS = ("view", "add", "change", "deregister", "restore")


@pytest.fixture
def clerk(staff, at) -> User:
    at("2026-04-01 09:00")
    for code in (HERE, NEXT_DOOR, FAR):
        AreaFactory.create(code=code)
    user = staff(Registration, *STAYS, at="330822")
    staff(Person, "view", "correct", "restrict", at="330822", user=user)
    return staff(Dwelling, "view", at="330822", user=user)


@pytest.fixture
def flat(clerk) -> Dwelling:
    return DwellingFactory.create(area_code=HERE)


def live(dwelling: Dwelling, *, arrived: date, name: str = "王建国", **changes) -> Registration:
    person = changes.pop("person", None) or PersonFactory.create(area_code=dwelling.area_code, name=name)
    stay = RegistrationFactory.create(dwelling=dwelling, person=person, arrived_on=arrived, **changes)
    stamp()
    return stay


def names(dwelling: Dwelling, actor: User, *, on: date, known: date, **options) -> list[str]:
    found = residents_of(dwelling_id=dwelling.pk, on=on, known_on=known, actor=actor, **options)
    return [one.person.name for one in found]


class TestTwoTimes:
    def test_a_stay_of_1_may_entered_on_6_may_is_not_known_on_5_may(self, at, clerk, flat):
        at("2026-05-06 10:00")
        live(flat, arrived=MAY_1)
        at("2026-05-20 10:00")
        assert names(flat, clerk, on=MAY_1, known=MAY_5) == []
        assert names(flat, clerk, on=MAY_1, known=MAY_6) == ["王建国"]

    def test_a_stay_taken_back_on_10_may_is_still_known_on_5_may(self, at, clerk, flat):
        at("2026-05-04 10:00")
        stay = live(flat, arrived=MAY_1)
        at("2026-05-10 10:00")
        stay.status = RegistrationStatus.VOID
        stay.save(update_fields=["status"])
        stamp()
        at("2026-05-20 10:00")
        assert names(flat, clerk, on=MAY_1, known=MAY_5) == ["王建国"]
        assert names(flat, clerk, on=MAY_1, known=MAY_9) == ["王建国"]
        assert names(flat, clerk, on=MAY_1, known=MAY_10) == []

    def test_the_end_of_the_day_counts_in_the_county_and_not_in_utc(self, at, clerk, flat):
        at("2026-05-05 23:59")
        live(flat, arrived=MAY_1, name="李秀英")
        at("2026-05-06 00:00")
        live(flat, arrived=MAY_1)
        at("2026-05-20 10:00")
        assert names(flat, clerk, on=MAY_1, known=MAY_5) == ["李秀英"]

    def test_the_day_of_arrival_counts_and_the_day_of_leaving_does_not(self, at, clerk, flat):
        at("2026-05-01 10:00")
        live(flat, arrived=MAY_1, left_on=MAY_4, status=RegistrationStatus.LEFT)
        at("2026-05-20 10:00")
        seen = [names(flat, clerk, on=day, known=MAY_20) for day in (date(2026, 4, 30), MAY_1, date(2026, 5, 3), MAY_4)]
        assert seen == [[], ["王建国"], ["王建国"], []]

    def test_before_the_departure_was_recorded_the_person_still_lives_there(self, at, clerk, flat):
        at("2026-05-01 10:00")
        stay = live(flat, arrived=MAY_1)
        at("2026-05-09 10:00")
        deregister(registration_id=stay.pk, left_on=MAY_4, reason="01", version=1, actor=clerk)
        stamp()
        at("2026-05-20 10:00")
        assert names(flat, clerk, on=MAY_6, known=MAY_6) == ["王建国"]
        assert names(flat, clerk, on=MAY_6, known=MAY_9) == []

    def test_a_departure_that_was_restored_leaves_its_days_in_between(self, at, clerk, flat):
        at("2026-05-01 10:00")
        stay = live(flat, arrived=MAY_1)
        at("2026-05-05 10:00")
        deregister(registration_id=stay.pk, left_on=MAY_4, reason="01", version=1, actor=clerk)
        stamp()
        at("2026-05-10 10:00")
        restore(registration_id=stay.pk, reason="未离开", version=2, actor=clerk)
        stamp()
        at("2026-05-20 10:00")
        seen = [names(flat, clerk, on=MAY_4, known=day) for day in (MAY_4, MAY_5, MAY_9, MAY_10)]
        assert seen == [["王建国"], [], [], ["王建国"]]

    def test_an_undone_departure_is_honoured_from_the_day_of_the_undoing(self, at, clerk, flat):
        at("2026-05-01 10:00")
        stay = live(flat, arrived=MAY_1)
        at("2026-05-05 10:00")
        deregister(registration_id=stay.pk, left_on=MAY_4, reason="01", version=1, actor=clerk)
        stamp()
        at("2026-05-06 09:00")
        undo(change_id=stay.changes.get().pk, actor=clerk)
        stamp()
        at("2026-05-20 10:00")
        assert names(flat, clerk, on=MAY_5, known=MAY_5) == []
        assert names(flat, clerk, on=MAY_5, known=MAY_6) == ["王建国"]

    def test_a_name_corrected_later_is_told_as_it_was_known(self, at, clerk, flat):
        at("2026-05-01 10:00")
        stay = live(flat, arrived=MAY_1)
        at("2026-05-10 10:00")
        correct_person(
            person_id=stay.person_id,
            given=CorrectionInput(name="汪建国"),
            reason="录入错误",
            evidence="居民身份证",
            version=1,
            actor=clerk,
        )
        stamp()
        at("2026-05-20 10:00")
        assert names(flat, clerk, on=MAY_1, known=MAY_9) == ["王建国"]
        assert names(flat, clerk, on=MAY_1, known=MAY_10) == ["汪建国"]

    def test_a_move_is_told_at_both_doors(self, at, clerk, flat):
        other = DwellingFactory.create(area_code=NEXT_DOOR)
        at("2026-05-01 10:00")
        stay = live(flat, arrived=MAY_1)
        at("2026-05-09 10:00")
        change_address(
            registration_id=stay.pk, dwelling_id=other.pk, moved_on=MAY_5, lodging="05", version=1, actor=clerk
        )
        stamp()
        at("2026-05-20 10:00")
        found = {
            (on, known): address_of(person_id=stay.person_id, on=on, known_on=known, actor=clerk)
            for on in (MAY_4, MAY_5)
            for known in (MAY_6, MAY_9)
        }
        assert {key: one and one.dwelling_id for key, one in found.items()} == {
            (MAY_4, MAY_6): flat.pk,
            (MAY_5, MAY_6): flat.pk,
            (MAY_4, MAY_9): flat.pk,
            (MAY_5, MAY_9): other.pk,
        }

    def test_who_had_come_together_lived_together(self, at, clerk, flat):
        at("2026-05-01 10:00")
        head = live(flat, arrived=MAY_1)
        live(flat, arrived=MAY_1, name="李秀英", head=head, relation="10")
        live(flat, arrived=MAY_1, name="陈阿毛")
        at("2026-05-20 10:00")
        lived = address_of(person_id=head.person_id, on=MAY_4, known_on=MAY_20, actor=clerk)
        assert lived is not None
        assert [one.person.name for one in household_of(lived, on=MAY_4, known_on=MAY_20, actor=clerk)] == ["李秀英"]

    def test_a_day_that_has_not_come_is_refused_beside_its_field(self, at, clerk, flat):
        for on, known, field in ((MAY_20, MAY_1, "on"), (MAY_1, MAY_20, "known")):
            at("2026-05-10 10:00")
            with pytest.raises(DomainError) as caught:
                names(flat, clerk, on=on, known=known)
            assert caught.value.field == field


class TestReach:
    def test_the_unit_and_the_building_are_more_doors(self, at, clerk, flat):
        at("2026-05-01 10:00")
        upstairs = DwellingFactory.create(area_code=HERE, room="901")
        next_unit = DwellingFactory.create(area_code=HERE, unit="3", room="902")
        other_house = DwellingFactory.create(area_code=HERE, building="4", room="903")
        for dwelling, name in ((flat, "甲一"), (upstairs, "乙二"), (next_unit, "丙三"), (other_house, "丁四")):
            live(dwelling, arrived=MAY_1, name=name)
        at("2026-05-20 10:00")
        assert names(flat, clerk, on=MAY_4, known=MAY_20) == ["甲一"]
        assert set(names(flat, clerk, on=MAY_4, known=MAY_20, reach=UNIT)) == {"甲一", "乙二"}
        assert set(names(flat, clerk, on=MAY_4, known=MAY_20, reach=BUILDING)) == {"甲一", "乙二", "丙三"}

    @pytest.mark.parametrize("people", [1, 40])
    def test_one_statement_answers_whatever_the_number(self, at, clerk, flat, django_assert_num_queries, people):
        at("2026-05-01 10:00")
        for _one in range(people):
            live(DwellingFactory.create(area_code=HERE), arrived=MAY_1)
        names(flat, clerk, on=MAY_1, known=MAY_1)  # the grants are read once a request
        with django_assert_num_queries(2) as asked:  # the dwelling's own wall, and the answer
            assert len(names(flat, clerk, on=MAY_1, known=MAY_1, reach=BUILDING)) == people
        assert asked.captured_queries[1]["sql"].count("residents_registrationevent") == 1


class TestRights:
    def of(self, staff, at_area: str) -> User:
        user = staff(Registration, "view", at=at_area)
        staff(Person, "view", at=at_area, user=user)
        return staff(Dwelling, "view", at=at_area, user=user)

    @pytest.mark.parametrize(("area", "sees"), [(HERE, True), (TOWN, True), (FAR, False)])
    def test_own_and_parent_areas_see_and_a_foreign_one_is_refused(self, at, staff, clerk, flat, area, sees):  # noqa: PLR0917
        at("2026-05-01 10:00")
        live(flat, arrived=MAY_1)
        reader = self.of(staff, area)
        if sees:
            assert names(flat, reader, on=MAY_1, known=MAY_1) == ["王建国"]
        else:
            with pytest.raises(ObjectDoesNotExist):
                names(flat, reader, on=MAY_1, known=MAY_1)

    def test_wall_2_answers_the_same_and_still_knows_who_has_moved_away(self, at, staff, clerk, flat):
        at("2026-05-01 10:00")
        stay = live(flat, arrived=MAY_1)
        at("2026-05-09 10:00")
        far = DwellingFactory.create(area_code=FAR)
        change_address(
            registration_id=stay.pk, dwelling_id=far.pk, moved_on=MAY_5, lodging="05", version=1, actor=clerk
        )
        stamp()
        at("2026-05-20 10:00")
        reader, stranger = self.of(staff, HERE), self.of(staff, NEXT_DOOR)
        with product(reader):
            assert names(flat, reader, on=MAY_4, known=MAY_20) == ["王建国"]
            assert names(flat, reader, on=MAY_5, known=MAY_6) == ["王建国"]
            assert names(flat, reader, on=MAY_5, known=MAY_20) == []
        with product(stranger) as cursor:
            cursor.execute("SELECT count(*) FROM residents_registrationevent")
            assert cursor.fetchone() == (0,)

    def test_P11_a_person_whose_use_is_restricted_today_is_held_back_for_every_day(self, at, staff, clerk, flat):
        at("2026-05-01 10:00")
        stay = live(flat, arrived=MAY_1)
        at("2026-05-10 10:00")
        restrict_use(person_id=stay.person_id, reason="本人申请", actor=clerk)
        stamp()
        at("2026-05-20 10:00")
        handler = self.of(staff, HERE)
        assert names(flat, handler, on=MAY_1, known=MAY_5) == []
        staff(Person, SEE_RESTRICTED, at=HERE, user=handler)
        assert names(flat, handler, on=MAY_1, known=MAY_5) == ["王建国"]
        staff(Person, SEE_RESTRICTED, at="330822", user=clerk)
        lift_restriction(person_id=stay.person_id, reason="已核实", actor=clerk)
        stamp()
        assert names(flat, self.of(staff, HERE), on=MAY_1, known=MAY_5) == ["王建国"]

    def test_P7_nothing_is_told_of_a_person_who_was_forgotten(self, at, clerk, flat):
        at("2026-05-01 10:00")
        stay = live(flat, arrived=MAY_1)
        Person.objects.filter(pk=stay.person_id).update(name="已匿名", forgotten_on=MAY_10)
        stamp()
        at("2026-05-20 10:00")
        assert names(flat, clerk, on=MAY_1, known=MAY_5) == []
        assert address_of(person_id=stay.person_id, on=MAY_1, known_on=MAY_5, actor=clerk) is None

    def test_an_earlier_address_elsewhere_belongs_to_the_file(self, at, staff, clerk, flat):
        at("2026-05-01 10:00")
        stay = live(flat, arrived=MAY_1)
        at("2026-05-09 10:00")
        far = DwellingFactory.create(area_code=FAR)
        change_address(
            registration_id=stay.pk, dwelling_id=far.pk, moved_on=MAY_5, lodging="05", version=1, actor=clerk
        )
        stamp()
        at("2026-05-20 10:00")
        reader = self.of(staff, FAR)
        with scoped_transaction(reader):
            lived = address_of(person_id=stay.person_id, on=MAY_4, known_on=MAY_20, actor=reader)
        assert lived is not None
        assert (lived.dwelling_id, lived.area_code) == (flat.pk, HERE)
