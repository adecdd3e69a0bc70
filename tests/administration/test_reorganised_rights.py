"""No right widens: for random trees, rights, loans and re-organisations nobody sees a row afterwards that they did not
see before, through either wall."""

from datetime import timedelta

from django.contrib.auth.models import Permission
from django.db import connection
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from portal.administration.services.reorganisation.grants import carry_out
from portal.administration.services.reorganisation.tree import Part, Plan, divided, merged, recoded
from portal.administration.services.reorganisation.work import _begin_areas, _end_areas
from portal.core import clock
from portal.org.middleware import scoped_transaction
from portal.org.models import Area, AreaChange, AreaGroupGrant, AreaUserGrant, User
from portal.org.scoping import Scope, forget_grants, grant_codename, scope_of
from residents.models import Registration
from tests.factories.org import AreaFactory, StaffFactory

COUNTY, EAST, WEST = "330822", "330822001", "330822002"
A, B, C = f"{EAST}001", f"{EAST}002", f"{WEST}001"
TREE = {code: code for code in (COUNTY, EAST, WEST, A, B, C, f"{A}001", f"{A}002", f"{B}001", f"{C}001")}
NODES = sorted(TREE)
PLACES = [code for code in NODES if len(code) >= 12]
CHANGES = {
    "merge into a new one": merged([A, B], f"{EAST}003", "新", TREE, TREE),
    "merge into one of them": merged([A, B], A, "甲", TREE, TREE),
    "merge over the border of townships": merged([A, C], C, "丙", TREE, TREE),
    "merge of townships": merged([EAST, WEST], "330822003", "新镇", TREE, TREE),
    "merge of grids": merged([f"{A}001", f"{A}002"], f"{A}003", "新格", TREE, TREE),
    "rename": recoded(A, f"{EAST}009", "新", TREE, TREE),
    "move": recoded(A, f"{WEST}009", "甲", TREE, TREE),
    "move of a grid": recoded(f"{A}001", f"{B}009", "格", TREE, TREE),
    "split": divided(A, [(A, "甲"), (f"{EAST}008", "乙")], {f"{A}002": f"{EAST}008"}, TREE, TREE),
    "split of a township": divided(EAST, [(EAST, "东"), ("330822004", "新")], {B: "330822004"}, TREE, TREE),
}
changes = st.sampled_from(list(CHANGES.items()))
rights = st.lists(st.tuples(st.sampled_from(NODES), st.booleans(), st.sampled_from(["view", "verify"])), max_size=4)
loans = st.lists(st.sampled_from(NODES), max_size=2, unique=True)


def gone_to(code: str, parts: list[Part], choice: int) -> str:
    """Where a row of `code` may go: one of the targets of its longest `before`."""
    fitting = [part for part in parts if code.startswith(part.before)]
    if not fitting:
        return code
    longest = max(len(part.before) for part in fitting)
    targets = sorted(part.after for part in fitting if len(part.before) == longest)
    return targets[choice % len(targets)]


class TestNoRightWidens(TestCase):
    @settings(max_examples=40, deadline=None, phases=(Phase.generate,), suppress_health_check=list(HealthCheck))
    @given(change=changes, held=rights, lent=loans, of_lender=rights, choice=st.integers(0, 3))
    def test_whatever_is_reorganised_and_whoever_holds_what(self, change, held, lent, of_lender, choice):
        name, parts = change
        event(name)
        areas = self.build_tree()
        user, lender = StaffFactory.create(role="station"), StaffFactory.create(role="police")
        self.give(user, held, areas)
        self.give(lender, of_lender, areas)
        self.lend(user, lender, [code for code in lent if (code, "view") not in self.own(held)], areas)
        before = {person.pk: self.scopes(person) for person in (user, lender)}
        self.reorganise(parts)
        for person in (user, lender):
            self.check(person, before[person.pk], parts, choice)

    def build_tree(self) -> dict[str, Area]:
        areas: dict[str, Area] = {}
        for code in NODES:
            above = next((areas[code[:n]] for n in (12, 9, 6) if n < len(code) and code[:n] in areas), None)
            areas[code] = AreaFactory.create(code=code, parent=above)
        return areas

    def own(self, held: list[tuple[str, bool, str]]) -> set[tuple[str, str]]:
        return {(code, action) for code, by_group, action in held if not by_group}

    def give(self, user: User, held: list[tuple[str, bool, str]], areas: dict[str, Area]) -> None:
        for code, action in self.own(held):
            AreaUserGrant.objects.create(user=user, permission=permission(action), content_object=areas[code])
        for number, (code, by_group, action) in enumerate(held):
            if by_group:
                group = user.groups.create(name=f"{user.pk} {number}")
                AreaGroupGrant.objects.create(group=group, permission=permission(action), content_object=areas[code])

    def lend(self, user: User, lender: User, codes: list[str], areas: dict[str, Area]) -> None:
        for code in codes:
            AreaUserGrant.objects.create(
                user=user,
                permission=permission("view"),
                content_object=areas[code],
                delegated_from=lender,
                valid_to=clock.now() + timedelta(days=3),
            )

    def scopes(self, person: User) -> dict[str, Scope]:
        forget_grants(person)
        return {action: scope_of(person, Registration, action) for action in ("view", "verify")} | {
            "wall": walled(person)
        }

    def reorganise(self, parts: list[Part]) -> None:
        planner = StaffFactory.create(role="administration")
        change = AreaChange.objects.create(kind="merge", effective_on=clock.today(), basis="批复", planned_by=planner)
        plan = Plan.over(parts, Area.objects.filter(valid_to=None).values_list("code", flat=True))
        _begin_areas(change, plan)
        carry_out(change, plan)
        _end_areas(change, plan)

    def check(self, person: User, before: dict[str, Scope], parts: list[Part], choice: int) -> None:
        after = self.scopes(person)
        for action, scope in after.items():
            for code in [*PLACES, EAST, WEST]:
                if gone_to(code, parts, choice) in scope:
                    assert code in before[action], (action, code, scope, before[action])


def permission(action: str) -> Permission:
    return Permission.objects.get(codename=grant_codename(Registration, action), content_type__app_label="org")


def walled(person: User) -> Scope:
    """What the database lets this person read, by its own arithmetic."""
    with scoped_transaction(person), connection.cursor() as cursor:
        cursor.execute("SELECT sec.codes('residents_registration', false)")
        return Scope.over(cursor.fetchone()[0])
