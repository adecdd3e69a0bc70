from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.reports.dashboard import dashboard
from portal.reports.models import AreaCount
from portal.reports.periods import period_of
from portal.reports.suppression import suppressed
from residents.choices import ChangeKind
from residents.models import Person, RegistrationChange
from tests.factories.org import AreaFactory, StaffFactory
from tests.factories.residents import DwellingFactory, PersonFactory, RegistrationFactory

COUNTY, TOWN, HERE, THERE = "330822", "330822001", "330822001001", "330822001002"


def test_small_cells_are_hidden():
    assert suppressed({"a": 4, "b": 3, "c": 90, "d": 0}, threshold=5) == {"a": None, "b": None, "c": 90, "d": 0}


def test_one_small_cell_takes_the_next_smallest_with_it():
    """Otherwise 100 - 60 - 36 would give it away."""
    assert suppressed({"a": 4, "b": 36, "c": 60}, threshold=5) == {"a": None, "b": None, "c": 60}


def test_nothing_is_hidden_from_those_who_may_see_persons():
    assert suppressed({"a": 1, "b": 2}, threshold=0) == {"a": 1, "b": 2}


@pytest.fixture
def county(db, at):
    at("2026-11-20 09:00")
    areas = {}
    for code, parent in ((COUNTY, None), (TOWN, COUNTY), (HERE, TOWN), (THERE, TOWN)):
        areas[code] = AreaFactory.create(code=code, parent=areas.get(parent))
    return areas


def live(area_code: str, born: date, registered: date, **changes):
    stay = RegistrationFactory.create(
        dwelling=DwellingFactory.create(area_code=area_code),
        person=PersonFactory.create(birth_date=born, area_code=area_code),
        arrived_on=registered,
        **changes,
    )
    RegistrationChange.objects.create(
        registration=stay,
        person=stay.person,
        area_code=area_code,
        kind=ChangeKind.ARRIVAL,
        recorded_on=registered,
        happened_on=registered,
        actor=StaffFactory.create(),
    )
    return stay


def test_the_figures_of_a_town_by_hand(county):
    live(HERE, date(1990, 5, 17), date(2026, 11, 18))
    live(HERE, date(1988, 1, 1), date(2026, 3, 2))
    live(THERE, date(1950, 6, 6), date(2026, 10, 30))
    found = dashboard(area=county[TOWN], period=period_of("month"), small_cells_hidden=False)
    assert found.residents == 3
    assert (found.flow.arrivals, found.flow.departures, found.flow.net) == (2, 0, 2)  # 18 Nov and 30 Oct; not 2 March
    assert found.half_year == 1  # registered 2 March: half a year on 2 September
    assert [(row.code, row.residents, row.arrivals) for row in found.children] == [(HERE, 2, 1), (THERE, 1, 1)]
    ages = {age: men for age, men, _women in found.pyramid if men}
    assert ages == {"35–39": 2, "75–79": 1}  # 36, 38 and 76 years on 20 November 2026
    assert found.trend["residents"][-1] == 3
    assert found.trend["residents"][0] == 1  # on 22 October only the one of March lived there
    assert found.quality["stale"] == 1  # verified never, registered 2 March, rented homes every 90 days


def test_the_overview_costs_the_same_for_one_person_or_forty(county, client, staff):
    client.force_login(staff(AreaCount, "view", at=COUNTY, role="leader"))
    live(HERE, date(1990, 5, 17), date(2026, 11, 18))
    client.get(reverse("reports:dashboard"))
    with CaptureQueriesContext(connection) as for_one:
        client.get(reverse("reports:dashboard"))
    for month in range(1, 11):
        for day in (1, 9, 17, 25):
            live(THERE, date(1980 + month, month, day), date(2026, month, day))
    with CaptureQueriesContext(connection) as for_forty:
        client.get(reverse("reports:dashboard"))
    assert len(for_forty) == len(for_one)


def test_small_areas_are_hidden_in_the_comparison_too(county):
    for day in range(1, 7):
        live(HERE, date(1990, 5, day), date(2026, 11, day))
    live(THERE, date(1990, 5, 17), date(2026, 11, 18))
    hidden = dashboard(area=county[TOWN], period=period_of("month"), small_cells_hidden=True)
    assert [(row.code, row.residents, row.arrivals) for row in hidden.children] == [
        (HERE, None, None),  # 7 in all: six would give the one away
        (THERE, None, None),
    ]
    told = dashboard(area=county[TOWN], period=period_of("month"), small_cells_hidden=False)
    assert [row.residents for row in told.children] == [6, 1]


def test_a_leader_sees_no_small_cell_and_is_told_why(county, client, staff):
    live(HERE, date(1990, 5, 17), date(2026, 11, 18), reason="07")
    client.force_login(staff(AreaCount, "view", at=COUNTY, role="leader"))
    page = client.get(reverse("reports:dashboard")).content.decode()
    assert "不显示" in page
    assert "低于 5 人" in page


def test_police_who_may_see_persons_see_small_cells(county, client, staff):
    live(HERE, date(1990, 5, 17), date(2026, 11, 18))
    user = staff(AreaCount, "view", at=COUNTY, role="police")
    staff(Person, "view", at=COUNTY, user=user)
    client.force_login(user)
    assert "不显示" not in client.get(reverse("reports:dashboard")).content.decode()
