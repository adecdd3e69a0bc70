"""A county of two townships and three communities with six stays, and the two administrators of a re-organisation."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group

from portal.administration.services.reorganisation import services as service
from portal.core import clock
from portal.jobs import worker
from portal.jobs.models import Job, JobState
from portal.org.models import Area, AreaChange, AreaGroupGrant, User
from portal.org.scoping import forget_grants
from portal.org.services import grant_to_group
from residents.choices import ChangeKind as StepKind
from residents.models import Registration, RegistrationChange
from tests.factories.org import AreaFactory, StaffFactory
from tests.factories.residents import DwellingFactory, RegistrationFactory

COUNTY, EAST, WEST = "330822", "330822001", "330822002"
A, B, C, D = "330822001001", "330822001002", "330822001003", "330822002001"
GRID = f"{A}001"
NAMES = {COUNTY: "常山县", EAST: "天马街道", WEST: "招贤镇", A: "东明", B: "西峰", D: "古县", GRID: "东明一格"}


@pytest.fixture
def county(db):
    """Three stays in 东明 (one of them in its grid), two in 西峰, one in 古县 of the other township."""
    areas: dict[str, Area] = {}
    for code, name in sorted(NAMES.items()):
        above = next((areas[code[:n]] for n in (12, 9, 6) if n < len(code) and code[:n] in areas), None)
        areas[code] = AreaFactory.create(code=code, name=name, parent=above)
    houses = {
        "东1": DwellingFactory.create(area_code=A, estate="东明花园", building="1", address="东明花园1幢"),
        "东2": DwellingFactory.create(area_code=A, estate="东明花园", building="2", address="东明花园2幢"),
        "格": DwellingFactory.create(area_code=GRID, code="330822001001900001", estate="格内", address="格内1幢"),
        "西1": DwellingFactory.create(area_code=B, estate="西峰路", building="1", address="西峰路1幢"),
        "西2": DwellingFactory.create(area_code=B, estate="西峰路", building="2", address="西峰路2幢"),
        "古": DwellingFactory.create(area_code=D, estate="古县路", building="1", address="古县路1幢"),
    }
    for house in houses.values():
        stay = RegistrationFactory.create(dwelling=house)
        arrival(stay)
    return areas


def arrival(stay: Registration) -> RegistrationChange:
    return RegistrationChange.objects.create(
        registration=stay,
        person=stay.person,
        area_code=stay.area_code,
        kind=StepKind.ARRIVAL,
        recorded_on=stay.registered_on,
        happened_on=stay.arrived_on,
        actor=stay.registrar,
    )


@pytest.fixture
def planner(staff, county) -> User:
    return staff(Area, "view", "change", at=COUNTY, role="administration")


@pytest.fixture
def releaser(staff, county) -> User:
    user = staff(AreaGroupGrant, "view", "change", at=COUNTY, role="administration")
    return staff(Area, "view", at=COUNTY, user=user)


def settled(planner: User, *, today: bool = True) -> dict[str, Any]:
    day = clock.today() if today else clock.today() + timedelta(days=30)
    return {"effective_on": day, "basis": "常民〔2026〕18 号", "actor": planner}


def merge(planner: User, *, code: str = C, name: str = "明峰", **more) -> AreaChange:
    areas = list(Area.objects.filter(code__in=[A, B]))
    return service.plan_merge(areas=areas, code=code, name=name, **settled(planner, **more))


def carried_out(change: AreaChange, releaser: User) -> AreaChange:
    service.release(change_id=change.pk, version=change.version, actor=releaser)
    change.refresh_from_db()
    worker.run(str(change.job))
    change.refresh_from_db()
    job = Job.objects.get(pk=str(change.job))
    assert (job.state, job.error_detail) == (JobState.DONE, ""), (job.error, job.error_detail)
    return change


def codes_of(model) -> list[str]:
    return sorted(model.objects.values_list("area_code", flat=True))


def group_with(code: str, name: str, model=Registration) -> tuple[Group, User]:
    group = Group.objects.create(name=name)
    grant_to_group(group, model, ["view"], at=Area.objects.get(code=code))
    user = StaffFactory.create(role="station", area_code=code)
    user.groups.add(group)
    return group, user


def seen(user: User, model=Registration) -> set[int]:
    forget_grants(user)
    return set(model.objects.restrict(user).values_list("pk", flat=True))
