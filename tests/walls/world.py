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
    loans: tuple[Right, ...] = ()
    of_lender: tuple[Right, ...] = ()
    lender_is_active: bool = True

    def may(self, action: str, area_code: str) -> bool:
        """A loan reaches where it was given and the lender may go at this moment."""
        lent = (
            self.lender_is_active
            and covered(self.loans, action, area_code)
            and covered(self.of_lender, action, area_code)
        )
        return self.is_active and (lent or covered(self.rights, action, area_code))

    def may_anything(self, area_code: str) -> bool:
        return any(self.may(action, area_code) for action in ("view", "change"))

    def named(self, action: str) -> set[str]:
        return {name_of(number) for number, code in enumerate(self.rows) if self.may(action, code)}


def covered(rights: tuple[Right, ...], action: str, area_code: str) -> bool:
    return any(
        right.action == action and right.term in IN_FORCE and area_code.startswith(right.code) for right in rights
    )


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


def several(drawn: st.SearchStrategy[Right], at_most: int) -> st.SearchStrategy[tuple[Right, ...]]:
    once = st.lists(drawn, max_size=at_most, unique_by=lambda right: (right.code, right.action, right.through_group))
    return once.map(tuple)


def own_grants(held: tuple[Right, ...]) -> set[tuple[str, str]]:
    """A right stands once beside an account and an area, be it an own one or on loan."""
    return {(right.code, right.action) for right in held if not right.through_group}


loans = st.builds(
    Right,
    code=st.sampled_from(NODES),
    action=st.sampled_from(sorted(MODELS)),
    through_group=st.just(False),
    term=st.sampled_from(["ends tomorrow", "ended"]),
)
worlds = st.builds(
    World,
    rights=several(rights, 4),
    rows=st.lists(st.sampled_from(PLACES), min_size=1, max_size=len(SURNAMES)).map(tuple),
    is_active=st.sampled_from([True, True, True, False]),
    loans=several(loans, 2),
    of_lender=several(rights, 2),
    lender_is_active=st.sampled_from([True, True, False]),
).filter(lambda world: not own_grants(world.rights) & own_grants(world.loans))


def build(world: World) -> tuple[User, list[Registration]]:
    areas = {code: AreaFactory.create(code=code) for code in NODES}
    user = _account(world.is_active)
    lender = _account(world.lender_is_active)
    _hold(user, world.rights, areas)
    _hold(lender, world.of_lender, areas)
    for loan in world.loans:
        _grant(loan, areas[loan.code], user, lender=lender)
    return user, [_register(number, code) for number, code in enumerate(world.rows)]


def _account(is_active: bool) -> User:
    user: User = StaffFactory.create(role="police", area_code="330822", is_active=is_active)
    user.groups.add(Group.objects.create(name=f"group of {user.username}"))
    return user


def _hold(user: User, held: tuple[Right, ...], areas: dict[str, Area]) -> None:
    for right in held:
        _grant(right, areas[right.code], user)


def _grant(right: Right, area: Area, user: User, lender: User | None = None) -> None:
    begins, ends = TERMS[right.term]
    term = {
        "valid_from": clock.now() + timedelta(days=begins),
        "valid_to": None if ends is None else clock.now() + timedelta(days=ends),
    }
    for model in MODELS[right.action]:
        permission = Permission.objects.get(codename=grant_codename(model, right.action))
        held = {"permission": permission, "content_object": area, **term}
        if right.through_group:
            AreaGroupGrant.objects.create(group=user.groups.get(), **held)
        else:
            AreaUserGrant.objects.create(user=user, delegated_from=lender, **held)


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
