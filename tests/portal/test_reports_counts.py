"""The figures kept by triggers against hand counts, and against counting anew."""

from datetime import date
from pathlib import Path

import pytest

from portal.reports import facts
from portal.reports.counts import by_part, read, total
from portal.reports.models import AreaCount, AreaCountDelta
from portal.reports.services import fold, rebuild
from residents.choices import ChangeKind, RegistrationStatus
from residents.models import RegistrationChange
from tests.factories.org import StaffFactory
from tests.factories.residents import DwellingFactory, PersonFactory, RegistrationFactory

pytestmark = pytest.mark.django_db
FACTS = ["residence", "residence.age", "residence.reason", "quality.verified"]
COUNTY, TOWN, HERE, THERE = "330822", "330822001", "330822001001", "330822002001"


@pytest.fixture
def population():
    """Two men and a woman here, one woman there; one of the men came to join relatives."""
    here, there = DwellingFactory.create(area_code=HERE), DwellingFactory.create(area_code=THERE)
    person = PersonFactory.create
    return [
        RegistrationFactory.create(dwelling=here, person=person(sex="1", birth_date=date(1990, 5, 17))),
        RegistrationFactory.create(dwelling=here, person=person(sex="1", birth_date=date(1985, 1, 2)), reason="09"),
        RegistrationFactory.create(dwelling=here, person=person(sex="2", birth_date=date(1992, 5, 1))),
        RegistrationFactory.create(
            dwelling=there, person=person(sex="2", birth_date=date(2015, 9, 9), phone="", phone_index=None)
        ),
    ]


def residents(area: str) -> int:
    return total(read([area], ["residence"]))


def everything() -> list[str]:
    return sorted(map(str, read([COUNTY, TOWN, HERE, THERE], FACTS, by_day=True)))


def test_new_stays_are_counted_at_every_level_before_any_fold(population):
    assert (residents(COUNTY), residents(TOWN), residents(HERE), residents(THERE)) == (4, 3, 3, 1)


def test_folding_moves_the_figures_without_changing_them(population):
    before = everything()
    fold()
    assert not AreaCountDelta.objects.exists()
    assert everything() == before
    assert AreaCount.objects.get(fact="residence", area_code=COUNTY).number == 4


def test_parts_are_counted_by_hand(population):
    assert by_part(read([COUNTY], ["residence.reason"])) == {"01": 3, "09": 1}
    assert by_part(read([COUNTY], ["residence.age"])) == {"1": 2, "2": 2}
    assert by_part(read([COUNTY], ["residence.origin"])) == {"52": 4}
    assert by_part(read([COUNTY], ["quality.phone"])) == {"present": 3, "missing": 1}


def test_a_departure_takes_one_off_after_a_fold(population):
    fold()
    stay = population[0]
    stay.status, stay.left_on = RegistrationStatus.LEFT, stay.arrived_on
    stay.save(update_fields=["status", "left_on"])
    assert (residents(COUNTY), residents(HERE)) == (3, 2)
    fold()
    assert (residents(COUNTY), residents(HERE)) == (3, 2)


def test_a_corrected_sex_moves_the_person_between_parts(population):
    fold()
    person = population[0].person
    person.sex = "2"
    person.save(update_fields=["sex"])
    assert by_part(read([HERE], ["residence.age"])) == {"1": 1, "2": 2}


def test_a_change_of_nothing_counted_writes_no_difference(population):
    fold()
    population[0].remark = "同乡会联系人"
    population[0].save(update_fields=["remark"])
    assert not AreaCountDelta.objects.exists()


def test_flows_are_counted_by_day_and_an_undone_step_is_taken_back(population):
    actor = StaffFactory.create()

    def record(kind: str, stay) -> RegistrationChange:
        return RegistrationChange.objects.create(
            registration=stay,
            person=stay.person,
            area_code=stay.area_code,
            kind=kind,
            recorded_on=date(2026, 11, 3),
            happened_on=date(2026, 11, 2),
            actor=actor,
        )

    arrival = record(ChangeKind.ARRIVAL, population[0])
    record(ChangeKind.RENEWAL, population[1])
    record(ChangeKind.DEPARTURE, population[3])
    day = {"first": date(2026, 11, 3), "last": date(2026, 11, 3)}
    assert by_part(read([COUNTY], ["flow"], **day)) == {"arrival": 2, "departure": 1}
    arrival.undone_by = record(ChangeKind.UNDO, population[0])
    arrival.save(update_fields=["undone_by"])
    assert by_part(read([COUNTY], ["flow"], **day)) == {"arrival": 1, "departure": 1}


def test_counting_anew_gives_the_same(population):
    kept = everything()
    rebuild()
    assert not AreaCountDelta.objects.exists()
    assert everything() == kept


def test_the_installed_triggers_are_those_of_the_code():
    migration = Path(facts.__file__).parent / "migrations" / "sql" / "0002_count_triggers.sql"
    assert migration.read_text(encoding="utf-8") == facts.install_sql().lstrip()
