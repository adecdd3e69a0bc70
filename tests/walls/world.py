"""Random counties for the agreement test: an area tree, one account, its grants, and rows; and what it may see.

The oracle is plain string arithmetic over what was drawn. It shares no line with the product.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.models import Group, Permission
from hypothesis import strategies as st

from portal.core import clock
from portal.org.models import Area, AreaGroupGrant, AreaUserGrant, User
from portal.org.scoping import grant_codename
from portal.reports.models import AreaCount
from residents.models import Dwelling, Person, Registration
from tests.factories.org import AreaFactory, StaffFactory
from tests.factories.residents import DwellingFactory, PersonFactory, RegistrationFactory

# Two counties of two prefectures, a grid below a community, and Dongguan, whose townships hang on the prefecture.
COMMUNITIES = (
    "330822001001",
    "330822001002",
    "330822002001",
    "330203001001",
    "441900003001",
)
GRID = "330822001001007"
PLACES = (*COMMUNITIES, GRID)
LENGTHS = (2, 4, 6, 9, 12, 15)
NODES = sorted({code[:length] for code in PLACES for length in LENGTHS if length <= len(code)})
# What a grant of the test covers; wall 1 asks for one action, wall 2 for any.
MODELS = {
    "view": (Registration, Person, Dwelling, AreaCount),
    "change": (Registration, Person, Dwelling),
    "export": (Person,),
}
TERMS = {"in force": (-1, None), "ends tomorrow": (-1, 1), "ended": (-2, -1), "not yet": (1, None)}
IN_FORCE = {"in force", "ends tomorrow"}
SURNAMES = "赵钱孙李周吴郑王"


@dataclass(frozen=True)
class Right:
    code: str
    action: str
    through_group: bool
    term: str


@dataclass(frozen=True)
class World:
    rights: tuple[Right, ...]
    rows: tuple[str, ...]
    is_active: bool

    def may(self, action: str, area_code: str) -> bool:
        return self.is_active and any(
            right.action == action and right.term in IN_FORCE and area_code.startswith(right.code)
            for right in self.rights
        )

    def may_anything(self, area_code: str) -> bool:
        return any(self.may(action, area_code) for action in ("view", "change"))

    def named(self, action: str) -> set[str]:
        return {name_of(number) for number, code in enumerate(self.rows) if self.may(action, code)}


def name_of(number: int) -> str:
    """Each person of a world has a name of its own, so that a page tells who is on it."""
    return f"{SURNAMES[number]}安居"


def address_of(number: int) -> str:
    return f"安居里{100 + number}室"


rights = st.builds(
    Right,
    code=st.sampled_from(NODES),
    action=st.sampled_from(sorted(MODELS)),
    through_group=st.booleans(),
    term=st.sampled_from(sorted(TERMS)),
)
worlds = st.builds(
    World,
    rights=st.lists(rights, max_size=5, unique_by=lambda right: (right.code, right.action, right.through_group)).map(
        tuple
    ),
    rows=st.lists(st.sampled_from(PLACES), min_size=1, max_size=len(SURNAMES)).map(tuple),
    is_active=st.sampled_from([True, True, True, False]),
)


def build(world: World) -> tuple[User, list[Registration]]:
    areas = {code: AreaFactory.create(code=code) for code in NODES}
    user = StaffFactory.create(role="police", area_code="330822", is_active=world.is_active)
    group = Group.objects.create(name="the group")
    user.groups.add(group)
    for right in world.rights:
        for model in MODELS[right.action]:
            _grant(right, areas[right.code], grant_codename(model, right.action), user, group)
    return user, [_register(number, code) for number, code in enumerate(world.rows)]


def _grant(right: Right, area: Area, codename: str, user: User, group: Group) -> None:
    begins, ends = TERMS[right.term]
    term = {
        "valid_from": clock.now() + timedelta(days=begins),
        "valid_to": None if ends is None else clock.now() + timedelta(days=ends),
    }
    permission = Permission.objects.get(codename=codename)
    if right.through_group:
        AreaGroupGrant.objects.get_or_create(group=group, permission=permission, content_object=area, defaults=term)
    else:
        AreaUserGrant.objects.get_or_create(user=user, permission=permission, content_object=area, defaults=term)


def _register(number: int, area_code: str) -> Registration:
    dwelling = DwellingFactory.create(
        area_code=area_code,
        code=f"{area_code[:12]}{number:06d}",
        estate="安居里",
        room=str(100 + number),
        address=address_of(number),
    )
    person = PersonFactory.create(area_code=area_code, name=name_of(number))
    return RegistrationFactory.create(dwelling=dwelling, person=person, area_code=area_code)
