"""As it was and as re-stated: the same rows counted by the areas of that time and by those of today."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from portal.administration.services.reorganisation import services as service
from portal.core import clock
from portal.core.errors import DomainError
from portal.exchange.ledgers import ledger_of
from portal.exchange.services import Order, params_of
from portal.jobs import worker
from portal.org.models import Area, AreaGroupGrant, User
from portal.reports.dashboard import dashboard
from portal.reports.models import AreaCount
from portal.reports.periods import period_of
from residents.choices import ChangeKind as StepKind
from residents.models import PermitApplication, Person, Registration, RegistrationChange
from tests.factories.org import AreaFactory
from tests.factories.residents import DwellingFactory, RegistrationFactory

pytestmark = pytest.mark.django_db
COUNTY, EAST, WEST = "330822", "330822001", "330822002"
A, B, D = "330822001001", "330822001002", "330822002001"
NEW, AWAY = "330822001003", "330822002009"
NAMES = {COUNTY: "常山县", EAST: "天马街道", WEST: "招贤镇", A: "东明", B: "西峰", D: "古县"}
STAYS = {A: 3, B: 2, D: 1}


@pytest.fixture
def county(db) -> dict[str, Area]:
    """Arrivals ten days ago: three in 东明, two in 西峰, one in 古县."""
    areas: dict[str, Area] = {}
    for code in sorted(NAMES):
        above = next((areas[code[:n]] for n in (9, 6) if n < len(code) and code[:n] in areas), None)
        areas[code] = AreaFactory.create(code=code, name=NAMES[code], parent=above)
    day = clock.today() - timedelta(days=10)
    for code, number in STAYS.items():
        for _each in range(number):
            arrive(code, day)
    return areas


def arrive(code: str, day: date) -> Registration:
    stay = RegistrationFactory.create(dwelling=DwellingFactory.create(area_code=code), arrived_on=day)
    RegistrationChange.objects.create(
        registration=stay,
        person=stay.person,
        area_code=code,
        kind=StepKind.ARRIVAL,
        recorded_on=day,
        happened_on=day,
        actor=stay.registrar,
    )
    return stay


@pytest.fixture
def reorganised(staff, county) -> Callable[..., None]:
    """`reorganised("merge")` of 东明 and 西峰, or `reorganised("move")` of 东明 to the other township, today."""

    def carry_out(kind: str) -> None:
        planner = staff(Area, "view", "change", at=COUNTY, role="administration")
        releaser = staff(AreaGroupGrant, "view", "change", at=COUNTY, role="administration")
        day = {"effective_on": clock.today(), "basis": "批复", "actor": planner}
        if kind == "merge":
            change = service.plan_merge(areas=[county[A], county[B]], code=NEW, name="明峰", **day)
        else:
            change = service.plan_recode(area=county[A], code=AWAY, name="东明", **day)
        service.release(change_id=change.pk, version=change.version, actor=releaser)
        change.refresh_from_db()
        worker.run(str(change.job))
        change.refresh_from_db()
        assert change.state == "done"

    return carry_out


def arrivals(code: str, *, then: bool) -> dict[str, int | None]:
    found = dashboard(
        area=Area.objects.get(code=code), period=period_of("month"), small_cells_hidden=False, areas_then=then
    )
    return {row.name: row.arrivals for row in found.children if row.arrivals}


def test_the_overview_counts_arrivals_by_the_old_areas_and_by_the_new_ones_with_one_sum(reorganised):
    reorganised("merge")
    assert arrivals(EAST, then=False) == {"明峰": 5}
    assert arrivals(EAST, then=True) == {"东明": 3, "西峰": 2}
    assert arrivals(COUNTY, then=False) == arrivals(COUNTY, then=True) == {"天马街道": 5, "招贤镇": 1}


def test_a_moved_community_counts_in_its_old_township_until_the_day(reorganised):
    reorganised("move")
    assert arrivals(COUNTY, then=False) == {"招贤镇": 4, "天马街道": 2}
    assert arrivals(COUNTY, then=True) == {"招贤镇": 1, "天马街道": 5}
    assert arrivals(EAST, then=True) == {"东明": 3, "西峰": 2}


def test_what_arrives_after_the_day_counts_in_the_new_area_by_both(reorganised):
    reorganised("merge")
    arrive(NEW, clock.today())
    assert arrivals(EAST, then=False) == {"明峰": 6}
    assert arrivals(EAST, then=True) == {"东明": 3, "西峰": 2, "明峰": 1}


def test_a_step_undone_after_the_day_is_gone_from_both_sums(reorganised, county):
    reorganised("merge")
    before = sum(n or 0 for n in arrivals(EAST, then=True).values())
    line = RegistrationChange.objects.filter(area_code=NEW).first()
    line.undone_by = RegistrationChange.objects.create(
        registration=line.registration,
        person=line.person,
        area_code=NEW,
        kind=StepKind.UNDO,
        recorded_on=clock.today(),
        happened_on=clock.today(),
        actor=line.actor,
    )
    line.save(update_fields=["undone_by"])
    sums = [sum(n or 0 for n in arrivals(EAST, then=then).values()) for then in (False, True)]
    assert sums == [before - 1, before - 1]


@pytest.fixture
def reporter(staff, county) -> User:
    user = staff(Person, "view", "export", at=COUNTY, role="office")
    return staff(PermitApplication, "view", "export", at=COUNTY, user=user)


def made(code: str, actor: User, *, area: str, then: bool) -> list[tuple[object, ...]]:
    """The ledger of last month's end: yesterday would not do, a monthly report ends with its month."""
    day = (clock.today().replace(day=1) - timedelta(days=1)).replace(day=1)
    params = params_of(Order(code=code, area_code=area, start=day, end=day, areas_then=then), actor=actor)
    rows: Any = ledger_of(code).source(params)
    return [tuple(row) for row in rows]


@pytest.fixture
def last_month(county) -> None:
    """The same stays again, forty days old: they stand in last month's reports."""
    day = clock.today().replace(day=1) - timedelta(days=5)
    for code, number in STAYS.items():
        for _each in range(number):
            arrive(code, day)


def test_S1_of_a_township_that_lost_a_community_by_both_trees(reorganised, reporter, last_month):
    reorganised("move")
    men = 1
    now = {area: made("S1", reporter, area=area, then=False)[-1][men] for area in (COUNTY, EAST, WEST)}
    then = {area: made("S1", reporter, area=area, then=True)[-1][men] for area in (COUNTY, EAST, WEST)}
    assert now == {COUNTY: 6, EAST: 2, WEST: 4}
    assert then == {COUNTY: 6, EAST: 5, WEST: 1}


def test_S5_has_the_lines_of_the_old_communities_and_the_same_total(reorganised, reporter, last_month):
    for code, number in {A: 2, B: 1}.items():
        for stay in Registration.objects.filter(area_code=code)[:number]:
            PermitApplication.objects.create(
                person=stay.person,
                registration=stay,
                area_code=code,
                number=f"H{stay.pk}",
                kind="first",
                ground="job",
                status="returned",
                submitted_on=stay.registered_on,
                notice_issued_on=clock.today().replace(day=1) - timedelta(days=2),
                registrar=stay.registrar,
            )
    reorganised("merge")
    notices = 3
    now = {row[0]: row[notices] for row in made("S5", reporter, area=EAST, then=False)}
    then = {row[0]: row[notices] for row in made("S5", reporter, area=EAST, then=True)}
    assert now == {"明峰": 3, "合计": 3}
    assert then == {"东明": 2, "西峰": 1, "合计": 3}


def test_whoever_sees_only_a_part_of_what_was_there_is_told_instead_of_misled(reorganised, staff, county):
    clerk = staff(Person, "view", "export", at=EAST, role="township")
    reorganised("move")
    with pytest.raises(DomainError, match="其他区域"):
        made("S1", clerk, area=EAST, then=True)


def test_the_overview_offers_the_old_tree_where_the_period_reaches_back(client, reorganised, staff, county):
    leader = staff(AreaCount, "view", at=COUNTY, role="leader")
    client.force_login(leader)
    assert client.get("/dashboard/?p=month").context["trees"] == []
    reorganised("merge")
    page = client.get(f"/dashboard/{EAST}/?p=month&by=then")
    assert [tree["current"] for tree in page.context["trees"]] == [False, True]
    assert "当时区划" in page.content.decode()
    assert {row.name for row in page.context["found"].children} == {"东明", "西峰", "明峰"}
