from datetime import date

import factory
from factory.django import DjangoModelFactory

from portal.org.codes import level_of
from portal.org.models import Area, Delegation, Department, User

DUTIES = {
    "police": ["police"],
    "station": ["police"],
    "coadmin": ["station"],
    "township": ["station"],
    "clerk": ["office"],
    "leader": ["leadership"],
}


class AreaFactory(DjangoModelFactory[Area]):
    class Meta:
        model = Area
        django_get_or_create = ("code",)

    code = "330822001001"
    name = factory.LazyAttribute(lambda area: f"区域{area.code}")
    level = factory.LazyAttribute(lambda area: level_of(area.code))


class DepartmentFactory(DjangoModelFactory[Department]):
    class Meta:
        model = Department
        django_get_or_create = ("code",)

    code = "police"
    name = factory.LazyAttribute(lambda department: f"部门{department.code}")
    duties = factory.LazyAttribute(lambda department: DUTIES.get(department.code, [department.code]))
    area_code = "330822"


class UserFactory(DjangoModelFactory[User]):
    class Meta:
        model = User

    username = factory.Sequence(lambda n: f"clerk{n}")
    display_name = factory.Sequence(lambda n: f"职员{n}")


class StaffFactory(UserFactory):
    """A member of staff of the department that `role` belongs to; no grants yet."""

    class Params:
        role = "police"

    department = factory.LazyAttribute(lambda user: DepartmentFactory.create(code=user.role))
    area_code = "330822001001"


class PoliceDelegationFactory(DjangoModelFactory[Delegation]):
    class Meta:
        model = Delegation

    delegator = factory.LazyAttribute(lambda _row: DepartmentFactory.create(code="police"))
    area_code = "330822"
    matters = factory.LazyAttribute(lambda _row: ["permit.accept", "permit.deliver", "permit.endorse"])
    basis = "浙江省流动人口居住登记条例第七条"
    valid_from = date(2020, 1, 1)
