"""The tiles of the overview: each figure is that of the list behind it, for the same reader and area."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from portal.core import clock
from portal.org.models import User
from portal.reports.models import AreaCount
from portal.ui.tiles import tiles_of
from rentals.models import Hazard, LeaseFiling, RentalRegistration, TenancyReport
from tests.factories.inspections import HazardFactory
from tests.factories.org import AreaFactory
from tests.factories.rentals import LeaseFactory, RentalFactory, ReportFactory
from tests.factories.residents import DwellingFactory, RegistrationFactory
from tests.walls.test_agreement import behind_the_wall

pytestmark = pytest.mark.django_db
COUNTY, TOWN, HERE, NEAR, FAR = "330822", "330822001", "330822001001", "330822001002", "330822002001"


@pytest.fixture(autouse=True)
def homes(db) -> None:
    """In `HERE` three lettings, one of them with three people in one room; a lead, two hazards (one of them overdue),
    a lease, and three reports of landlords. In `NEAR` and `FAR` one letting each."""
    areas: dict[str, Any] = {}
    for code, above in ((COUNTY, None), (TOWN, COUNTY), (HERE, TOWN), (NEAR, TOWN), ("330822002", COUNTY)):
        areas[code] = AreaFactory.create(code=code, parent=areas.get(above or ""))
    AreaFactory.create(code=FAR, parent=areas["330822002"])
    for area in (HERE, HERE, NEAR, FAR):
        let(area)
    crowd = let(HERE, rooms_total=1, rooms_let=1)
    RegistrationFactory.create_batch(3, dwelling=crowd.dwelling, lodging="05")
    RegistrationFactory.create(dwelling=DwellingFactory.create(area_code=HERE), lodging="05")
    door = DwellingFactory.create(area_code=HERE)
    HazardFactory.create(inspection__dwelling=door)
    later = clock.today() + timedelta(days=7)
    HazardFactory.create(inspection__dwelling=door, due_on=later, mend_by=later)
    LeaseFactory.create(dwelling=door)
    for kind, name in (("in", "吴租客"), ("in", "郑租客"), ("out", "王租客")):
        ReportFactory.create(dwelling=door, kind=kind, name=name, document_number="", document_kind="")
    gone = {"name": "", "document_kind": "", "document_number": "", "document_index": None, "answer": "无人居住"}
    ReportFactory.create(dwelling=door, status="untrue", decided_on="2026-11-19", **gone)


def let(area: str, **changes: Any) -> RentalRegistration:
    door = DwellingFactory.create(area_code=area)
    return RentalFactory.create(dwelling=door, status="registered", registered_on="2026-11-01", **changes)


@pytest.fixture
def head(staff) -> User:
    user: User = staff(RentalRegistration, "view", at=COUNTY, role="housing")
    for model in (Hazard, LeaseFiling, TenancyReport, AreaCount):
        staff(model, "view", at=COUNTY, user=user)
    return user


def told(user: User, area: str) -> list[int | str]:
    with behind_the_wall(user):
        return [one.count for _title, tiles in tiles_of(user, area) for one in tiles]


def test_the_tiles_count_what_stands_in_the_area(head):
    assert told(head, COUNTY) == [5, 1, 1, 2, 1, 1, 2, 1]
    assert told(head, TOWN) == [4, 1, 1, 2, 1, 1, 2, 1]
    assert told(head, NEAR) == [1, 0, 0, 0, 0, 0, 0, 0]


@pytest.mark.parametrize("area", [COUNTY, TOWN, HERE, NEAR])
def test_each_figure_is_the_length_of_the_list_it_leads_to(client, head, area):
    with behind_the_wall(head):
        tiles = [one for _title, group in tiles_of(head, area) for one in group]
    assert len(tiles) == 8
    client.force_login(head)
    for tile in tiles:
        page = client.get(tile.url)
        assert page.status_code == 200
        assert page.context["table"].paginator.count == tile.count, tile.url


def test_only_whoever_may_open_the_whole_list_sees_its_figure(head, staff):
    reader = staff(RentalRegistration, "view", at=HERE)
    assert told(reader, HERE) == [3, 1, 1]
    assert told(reader, TOWN) == []
    assert told(staff(AreaCount, "view", at=COUNTY), COUNTY) == []


def test_the_overview_shows_them_with_their_lists(client, head):
    client.force_login(head)
    page = client.get(reverse("reports:dashboard_area", args=[TOWN])).content.decode()
    assert f'href="{reverse("rentals:crowded")}?area={TOWN}"' in page
    assert f'href="{reverse("rentals:hazard_list")}?t=overdue&amp;area={TOWN}"' in page
