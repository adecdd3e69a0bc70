"""Wall 1: grants on areas, their term, and what a user gets of them."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser, Group
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction

from portal.core import clock
from portal.core.errors import DomainError
from portal.org.delegation import may_act_for_police, require_police_matter
from portal.org.duties import require_other_person
from portal.org.middleware import scoped_transaction
from portal.org.models import Area, AreaUserGrant
from portal.org.scoping import NOWHERE, Scope, areas_for, can, forget_grants, require, scope_of
from portal.org.services import grant_to_group, grant_to_user, system_user
from residents.models import Dwelling
from tests.factories.org import AreaFactory, PoliceDelegationFactory, StaffFactory
from tests.factories.residents import DwellingFactory

pytestmark = pytest.mark.django_db
TOWN, HERE, THERE, ABROAD = "330822001", "330822001001", "330822001002", "330203001001"


@pytest.fixture
def dwellings():
    return {code: DwellingFactory.create(area_code=code) for code in (HERE, THERE, ABROAD)}


def seen(user) -> set[str]:
    return set(Dwelling.objects.restrict(user).values_list("area_code", flat=True))


def test_codes_that_another_one_covers_are_dropped():
    assert Scope.over([HERE, TOWN, "330203"]).codes == ("330203", TOWN)


def test_the_generated_columns_hold_the_levels(dwellings):
    dwellings[HERE].refresh_from_db()
    assert (dwellings[HERE].county_code, dwellings[HERE].township_code) == ("330822", TOWN)


@pytest.mark.parametrize(
    ("area", "expected"),
    [
        (HERE, {HERE}),
        (TOWN, {HERE, THERE}),
        ("330822", {HERE, THERE}),
        ("33", {HERE, THERE, ABROAD}),
        ("330822001001001", set()),
    ],
)
def test_a_grant_holds_in_its_area_and_below(staff, dwellings, area, expected):
    assert seen(staff(Dwelling, "view", at=area)) == expected


def test_without_a_grant_there_is_nothing(staff, dwellings):
    assert seen(staff()) == set()
    assert seen(staff(Dwelling, "change", at=TOWN)) == set()


def test_a_visitor_and_a_disabled_account_get_nothing(staff, dwellings):
    user = staff(Dwelling, "view", at=TOWN)
    user.is_active = False
    assert scope_of(user, Dwelling, "view") is NOWHERE
    assert scope_of(AnonymousUser(), Dwelling, "view") is NOWHERE


def test_a_grant_outside_its_term_does_not_count(staff, dwellings):
    user = staff(Dwelling, "view", at=TOWN)
    AreaUserGrant.objects.update(valid_to=clock.now() - timedelta(seconds=1))
    forget_grants(user)
    assert seen(user) == set()
    AreaUserGrant.objects.update(valid_to=None, valid_from=clock.now() + timedelta(hours=1))
    forget_grants(user)
    assert seen(user) == set()


def test_a_group_s_grant_reaches_its_members(dwellings):
    group = Group.objects.create(name="Housing reviewers, Tianma")
    user = StaffFactory.create()
    user.groups.add(group)
    grant_to_group(group, Dwelling, ["view"], at=AreaFactory.create(code=TOWN))
    assert seen(user) == {HERE, THERE}


def test_reading_grants_costs_one_query_once(staff, dwellings, django_assert_num_queries):
    user = staff(Dwelling, "view", "change", at=TOWN)
    with django_assert_num_queries(2):
        list(Dwelling.objects.restrict(user))
    with django_assert_num_queries(1):
        list(Dwelling.objects.restrict(user, "change"))


def test_require_and_can_name_the_place(staff):
    user = staff(Dwelling, "add", at=TOWN)
    require(user, Dwelling, "add", at=HERE)
    assert can(user, Dwelling, "add")
    assert not can(user, Dwelling, "add", at=ABROAD)
    with pytest.raises(PermissionDenied):
        require(user, Dwelling, "add", at=ABROAD)


def test_hand_written_sql_gets_the_same_rows(staff, dwellings):
    for area in (HERE, TOWN, "330822", "33", ABROAD):
        user = staff(Dwelling, "view", at=area)
        condition, values = scope_of(user, Dwelling, "view").sql("d")
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT d.area_code FROM residents_dwelling d WHERE {condition}", values)
            assert {row[0] for row in cursor.fetchall()} == seen(user)
    assert NOWHERE.sql("d") == ("(FALSE)", [])


def test_looking_at_a_part_never_widens():
    scope = Scope((TOWN, "330203"))
    assert scope.narrowed_to(HERE).codes == (HERE,)
    assert scope.narrowed_to("330822").codes == (TOWN,)
    assert scope.narrowed_to("4403").is_nowhere


def test_areas_on_offer_are_those_of_the_grant(staff):
    user = staff(Dwelling, "add", at=TOWN)
    AreaFactory.create(code=HERE)
    AreaFactory.create(code=ABROAD)
    AreaFactory.create(code=THERE, valid_to=clock.today())
    assert set(areas_for(user, Dwelling, "add").values_list("code", flat=True)) == {TOWN, HERE}


def test_an_unknown_action_cannot_be_granted(staff):
    with pytest.raises(ValueError, match="no such grant: residents__erase_dwelling"):
        grant_to_user(StaffFactory.create(), Dwelling, ["erase"], at=AreaFactory.create(code=TOWN))


class TestDelegation:
    def test_police_act_in_their_own_name(self):
        assert may_act_for_police(StaffFactory.create(role="police"), matter="permit.accept", at=HERE)

    def test_a_station_needs_a_delegation_for_the_matter_and_the_place(self):
        clerk = StaffFactory.create(role="coadmin")
        with pytest.raises(PermissionDenied):
            require_police_matter(clerk, matter="permit.accept", at=HERE)
        PoliceDelegationFactory.create(area_code=TOWN, matters=["permit.accept"])
        require_police_matter(clerk, matter="permit.accept", at=HERE)
        assert not may_act_for_police(clerk, matter="permit.deliver", at=HERE)
        assert not may_act_for_police(clerk, matter="permit.accept", at=ABROAD)

    def test_a_delegation_ends(self):
        clerk = StaffFactory.create(role="coadmin")
        PoliceDelegationFactory.create(area_code=TOWN, valid_to=clock.today() - timedelta(days=1))
        assert not may_act_for_police(clerk, matter="permit.accept", at=HERE)


def test_who_accepted_a_file_does_not_decide_on_it():
    user = StaffFactory.create()
    require_other_person(user, than_id=None)
    require_other_person(user, than_id=user.pk + 1)
    with pytest.raises(DomainError, match="由您本人登记或受理"):
        require_other_person(user, than_id=user.pk)


def test_the_system_account_cannot_log_in():
    assert not system_user().has_usable_password()
    assert system_user().pk == system_user().pk


def current_user_id() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(sec.uid()::text, '')")
        return cursor.fetchone()[0]


class TestScopedTransaction:
    def test_the_scope_holds_inside_and_comes_back_outside(self):
        first, second = StaffFactory.create(), StaffFactory.create()
        with scoped_transaction(first):
            assert current_user_id() == str(first.pk)
            with scoped_transaction(second):
                assert current_user_id() == str(second.pk)
            assert current_user_id() == str(first.pk)
        assert current_user_id() == ""

    def test_a_rolled_back_inner_part_does_not_leave_its_scope_behind(self):
        first, second = StaffFactory.create(), StaffFactory.create()
        with scoped_transaction(first):
            with pytest.raises(RuntimeError), scoped_transaction(second):
                raise RuntimeError
            assert current_user_id() == str(first.pk)

    def test_a_request_runs_with_the_scope_of_its_user(self, client, monkeypatch):
        user = StaffFactory.create()
        client.force_login(user)
        told = []
        monkeypatch.setattr("portal.reports.views.todo_items", lambda _user: told.append(current_user_id()) or [])
        client.get("/")
        assert told == [str(user.pk)]

    def test_an_answer_of_500_rolls_back(self, client, monkeypatch):
        user = StaffFactory.create()
        client.force_login(user)
        client.raise_request_exception = False

        def write_and_fail(_user):
            Area.objects.create(code="330822009", name="半途而废", level="township")
            raise RuntimeError

        monkeypatch.setattr("portal.reports.views.todo_items", write_and_fail)
        with transaction.atomic():
            assert client.get("/").status_code == 500
        assert not Area.objects.filter(code="330822009").exists()
