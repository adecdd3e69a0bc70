"""The two administrators of the county and what they are about."""

import pytest
from django.contrib.auth.models import Group

from portal.org.models import Area, AreaGroupGrant, Delegation, Department, User
from portal.org.services import grant_to_group
from portal.policy.models import CodeItem
from residents.models import Dwelling
from tests.factories.org import AreaFactory, DepartmentFactory, StaffFactory

COUNTY, TOWNSHIP, COMMUNITY, OTHER = "330822", "330822001", "330822001001", "330822002"


@pytest.fixture
def areas(db):
    return {code: AreaFactory.create(code=code) for code in (COUNTY, TOWNSHIP, COMMUNITY, OTHER)}


@pytest.fixture
def sysadmin(staff, areas) -> User:
    user = staff(User, "view", "add", "change", at=COUNTY, role="administration")
    staff(Area, "view", "change", at=COUNTY, user=user)
    return staff(Department, "view", "change", at=COUNTY, user=user)


@pytest.fixture
def secadmin(staff, areas) -> User:
    user = staff(User, "view", at=COUNTY, role="administration")
    staff(Delegation, "view", "change", at=COUNTY, user=user)
    staff(CodeItem, "view", "change", at=COUNTY, user=user)
    return staff(AreaGroupGrant, "view", "change", at=COUNTY, user=user)


@pytest.fixture
def township_secadmin(staff, areas) -> User:
    user = staff(User, "view", at=TOWNSHIP, role="administration")
    return staff(AreaGroupGrant, "view", "change", at=TOWNSHIP, user=user)


@pytest.fixture
def clerk(areas) -> User:
    return StaffFactory.create(role="station", area_code=COMMUNITY, display_name="李小红")


@pytest.fixture
def department() -> Department:
    return DepartmentFactory.create(code="housing")


@pytest.fixture
def housing_group(areas) -> Group:
    group = Group.objects.create(name="房屋核查·天马")
    grant_to_group(group, Dwelling, ["view"], at=areas[TOWNSHIP])
    return group
