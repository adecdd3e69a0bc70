"""Giving rights: scoped, with a term and a reason, never to oneself, looked at before it is done."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from portal.accounts.models import LoginSession
from portal.administration.services import grants
from portal.administration.services.grants import Wish
from portal.administration.services.matrix import matrix
from portal.administration.services.preview import see_as
from portal.administration.wording import (
    ACTIONS,
    RECORDS,
    ROOMS,
    administrators_only,
    grantable_actions,
    grantable_models,
)
from portal.audit.models import AuditEntry
from portal.core.errors import DomainError
from portal.org.models import AreaUserGrant, User
from portal.org.scoping import grant_codename, scope_of
from portal.org.seals import is_sealed
from portal.org.services import grant_to_user
from portal.policy.models import PolicyRule
from residents.models import Dwelling, PermitApplication, Registration
from tests.administration.conftest import COMMUNITY, COUNTY, OTHER, TOWNSHIP
from tests.factories.org import StaffFactory
from tests.factories.residents import DwellingFactory

pytestmark = pytest.mark.django_db

SEE, CHANGE = grant_codename(Dwelling, "view"), grant_codename(Dwelling, "change")
SIGN = grant_codename(PermitApplication, "sign")
TODAY = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def today(at):
    at("2026-11-20 09:00")


def wish(area, *codenames, days: int | None = 30, **rest) -> Wish:
    until = TODAY + timedelta(days=days) if days is not None else None
    return Wish(area=area, codenames=frozenset(codenames), until=until, **rest)


def give(holder, wanted: Wish, actor, reason="顶岗") -> grants.Plan:
    state = grants.plan(holder=holder, wish=wanted, actor=actor).state
    return grants.apply(holder=holder, wish=wanted, reason=reason, state=state, actor=actor)


def may(user, model, action):
    return scope_of(User.objects.get(pk=user.pk), model, action).codes


def test_a_stand_in_receives_rights_with_a_term_a_reason_and_a_giver(secadmin, clerk, areas):
    give(clerk, wish(areas[COMMUNITY], SEE, CHANGE), secadmin)
    assert may(clerk, Dwelling, "change") == (COMMUNITY,)
    grant = AreaUserGrant.objects.get(user=clerk, permission__codename=SEE)
    assert (grant.granted_by, grant.reason) == (secadmin, "顶岗")
    assert is_sealed(grant)
    entry = AuditEntry.objects.get(action="grants_changed")
    assert entry.details["added"] == sorted([SEE, CHANGE])


def test_a_right_is_honoured_until_the_end_of_its_last_day_and_not_a_second_longer(secadmin, clerk, areas, at):
    give(clerk, wish(areas[COMMUNITY], SEE, days=3), secadmin)
    at("2026-11-23 23:59:58")
    assert may(clerk, Dwelling, "view") == (COMMUNITY,)
    at("2026-11-24 00:00:00")
    assert may(clerk, Dwelling, "view") == ()


def test_a_right_of_one_person_needs_an_end_within_90_days(secadmin, clerk, areas):
    with pytest.raises(DomainError, match="请填写结束日期"):
        grants.plan(holder=clerk, wish=wish(areas[COMMUNITY], SEE, days=None), actor=secadmin)
    with pytest.raises(DomainError, match="90 天"):
        grants.plan(holder=clerk, wish=wish(areas[COMMUNITY], SEE, days=91), actor=secadmin)
    assert grants.plan(holder=clerk, wish=wish(areas[COMMUNITY], SEE, days=90), actor=secadmin).changes


def test_a_groups_right_may_last(secadmin, housing_group, areas):
    give(housing_group, wish(areas[TOWNSHIP], SEE, CHANGE, days=None), secadmin)
    assert {row.valid_to for row in housing_group.areagroupgrant_set.all()} == {None}


def test_a_reason_is_asked_for(secadmin, clerk, areas):
    with pytest.raises(DomainError, match="变更原因"):
        give(clerk, wish(areas[COMMUNITY], SEE), secadmin, reason="  ")


def test_the_difference_names_what_is_added_what_ends_and_what_gets_another_term(secadmin, clerk, areas):
    give(clerk, wish(areas[COMMUNITY], SEE, days=10), secadmin)
    planned = grants.plan(holder=clerk, wish=wish(areas[COMMUNITY], CHANGE, days=20, term_for_all=True), actor=secadmin)
    assert [(one.kind, one.codename) for one in planned.changes] == [("added", CHANGE), ("ended", SEE)]
    planned = grants.plan(holder=clerk, wish=wish(areas[COMMUNITY], SEE, days=20, term_for_all=True), actor=secadmin)
    assert [(one.kind, one.codename) for one in planned.changes] == [("term", SEE)]
    assert grants.plan(holder=clerk, wish=wish(areas[COMMUNITY], SEE, days=20), actor=secadmin).changes == ()


def test_a_right_taken_away_keeps_its_row_and_can_be_given_again(secadmin, clerk, areas, at):
    give(clerk, wish(areas[COMMUNITY], SEE), secadmin)
    at("2026-11-20 10:00")
    give(clerk, wish(areas[COMMUNITY]), secadmin)
    assert may(clerk, Dwelling, "view") == ()
    assert AreaUserGrant.objects.filter(user=clerk).count() == 1
    at("2026-11-20 11:00")
    give(clerk, wish(areas[COMMUNITY], SEE), secadmin)
    assert may(clerk, Dwelling, "view") == (COMMUNITY,)


def test_a_plan_that_somebody_overtook_is_shown_again(secadmin, clerk, areas):
    wanted = wish(areas[COMMUNITY], SEE)
    state = grants.plan(holder=clerk, wish=wanted, actor=secadmin).state
    give(clerk, wish(areas[COMMUNITY], CHANGE), secadmin)
    with pytest.raises(DomainError) as refused:
        grants.apply(holder=clerk, wish=wanted, reason="顶岗", state=state, actor=secadmin)
    assert refused.value.code == "stale"
    assert may(clerk, Dwelling, "change") == (COMMUNITY,)


def test_A12_a_security_administrator_grants_inside_the_own_areas_alone(township_secadmin, clerk, areas):
    give(clerk, wish(areas[COMMUNITY], SEE), township_secadmin)
    for code in (COUNTY, OTHER):
        with pytest.raises(PermissionDenied):
            grants.plan(holder=clerk, wish=wish(areas[code], SEE), actor=township_secadmin)
    outsider = StaffFactory.create(area_code=OTHER)
    with pytest.raises(PermissionDenied):
        grants.plan(holder=outsider, wish=wish(areas[COMMUNITY], SEE), actor=township_secadmin)


def test_A12_nobody_grants_to_themselves_not_through_a_group_either(secadmin, areas):
    with pytest.raises(PermissionDenied):
        grants.plan(holder=secadmin, wish=wish(areas[COMMUNITY], SEE), actor=secadmin)
    empty = Group.objects.create(name="值班")
    secadmin.groups.add(empty)
    with pytest.raises(PermissionDenied):
        grants.plan(holder=empty, wish=wish(areas[COMMUNITY], CHANGE), actor=secadmin)


def test_G6_an_administrator_gets_no_business_right(secadmin, sysadmin, areas):
    mixed = Group.objects.create(name="混编")
    sysadmin.groups.add(mixed)
    for holder in (sysadmin, mixed):
        with pytest.raises(DomainError, match="三员"):
            grants.plan(holder=holder, wish=wish(areas[COMMUNITY], SEE), actor=secadmin)


def test_G6_rights_of_the_three_administrators_are_not_given_here(secadmin, clerk, areas):
    with pytest.raises(PermissionDenied):
        grants.plan(holder=clerk, wish=wish(areas[COUNTY], grant_codename(PolicyRule, "change")), actor=secadmin)


def test_a_clerk_grants_nothing(clerk, areas):
    colleague = StaffFactory.create(area_code=COMMUNITY)
    with pytest.raises(PermissionDenied):
        grants.plan(holder=colleague, wish=wish(areas[COMMUNITY], SEE), actor=clerk)


class TestLoans:
    @pytest.fixture
    def lender(self, staff):
        user = staff(Dwelling, "view", at=TOWNSHIP)
        return staff(PermitApplication, "sign", at=TOWNSHIP, user=user)

    def test_a_loan_lasts_30_days_at_most(self, secadmin, clerk, lender, areas):
        with pytest.raises(DomainError, match="30 天"):
            grants.plan(holder=clerk, wish=wish(areas[COMMUNITY], SEE, days=31, lender=lender), actor=secadmin)
        give(clerk, wish(areas[COMMUNITY], SEE, days=30, lender=lender), secadmin)
        assert may(clerk, Dwelling, "view") == (COMMUNITY,)

    def test_what_the_lender_does_not_have_or_may_not_lend_is_refused(self, secadmin, clerk, lender, areas):
        for codename, code in ((CHANGE, COMMUNITY), (SIGN, COMMUNITY), (SEE, OTHER)):
            with pytest.raises(DomainError, match="无法转授"):
                grants.plan(holder=clerk, wish=wish(areas[code], codename, lender=lender), actor=secadmin)

    def test_a_loan_ends_with_the_lenders_right(self, secadmin, clerk, lender, areas):
        give(clerk, wish(areas[COMMUNITY], SEE, lender=lender), secadmin)
        for grant in AreaUserGrant.objects.filter(user=lender):
            grant.valid_to = grant.valid_from
            grant.save()
        assert may(clerk, Dwelling, "view") == ()

    def test_a_lent_right_is_not_silently_made_an_own_one(self, secadmin, clerk, lender, areas):
        give(clerk, wish(areas[COMMUNITY], SEE, lender=lender), secadmin)
        with pytest.raises(DomainError, match="其他方式"):
            give(clerk, wish(areas[COMMUNITY], SEE), secadmin)

    def test_a_security_administrator_lends_nothing_of_the_own(self, secadmin, clerk, areas):
        with pytest.raises(PermissionDenied):
            grants.plan(holder=clerk, wish=wish(areas[COMMUNITY], SEE, lender=secadmin), actor=secadmin)


class TestMatrixAndPreview:
    def cell(self, rooms, codename):
        return next(
            cell for room in rooms for line in room.lines for cell in line.cells if cell and cell.codename == codename
        )

    def test_the_matrix_tells_own_rights_from_inherited_ones(self, secadmin, clerk, housing_group, areas):
        clerk.groups.add(housing_group)
        give(clerk, wish(areas[COMMUNITY], CHANGE), secadmin)
        rooms = matrix(holder=clerk, area=areas[COMMUNITY])
        seen, changed = self.cell(rooms, SEE), self.cell(rooms, CHANGE)
        assert not seen.ticked
        assert "房屋核查·天马" in seen.sources[0]
        assert changed.ticked
        assert changed.sources == ()

    def test_the_matrix_never_offers_the_administrators_rights(self, clerk, areas):
        rooms = matrix(holder=clerk, area=areas[COUNTY])
        offered = {cell.codename for room in rooms for line in room.lines for cell in line.cells if cell}
        assert SEE in offered
        assert not any(one.startswith(("org__", "policy__", "audit__")) for one in offered)
        assert not offered & administrators_only()

    def test_every_right_that_can_be_given_has_words(self):
        models = grantable_models()
        assert [model._meta.label_lower for model in models if model._meta.label_lower not in RECORDS] == []
        assert {action for model in models for action in grantable_actions(model)} - set(ACTIONS) == set()
        assert {model._meta.app_label for model in models} - set(ROOMS) == set()

    def test_see_as_counts_what_the_walls_show_and_leaves_no_account_behind(self, secadmin, housing_group):
        DwellingFactory.create(area_code=COMMUNITY)
        DwellingFactory.create(area_code=OTHER)
        before = User.objects.count()
        preview = see_as(housing_group, actor=secadmin)
        assert [(str(one.label), one.count) for one in preview.sights] == [("居住处所", 1)]
        assert User.objects.count() == before
        assert not housing_group.user_set.exists()
        assert AuditEntry.objects.get(action="seen_as").actor == secadmin

    def test_see_as_of_a_person_names_the_pages_of_the_menu(self, secadmin, clerk, areas):
        grant_to_user(clerk, Registration, ["view", "add"], at=areas[COMMUNITY])
        preview = see_as(clerk, actor=secadmin)
        pages = {url for _label, entries in preview.menu for _name, url in entries}
        assert reverse("residents:arrival_new") in pages
        assert reverse("administration:people") not in pages

    def test_a_person_outside_the_administrators_areas_is_not_looked_through(self, township_secadmin, areas):
        outsider = StaffFactory.create(area_code=OTHER)
        with pytest.raises(PermissionDenied):
            see_as(outsider, actor=township_secadmin)


class TestPages:
    def send(self, client, holder, **values):
        url = reverse("administration:grants", args=["person", holder.pk])
        return client.post(url, {"at": COMMUNITY} | values)

    def test_ticking_leads_to_the_difference_and_confirming_does_it(self, client, secadmin, clerk):
        client.force_login(secadmin)
        assert client.get(reverse("administration:grants", args=["person", clerk.pk])).status_code == 200
        page = self.send(client, clerk, r=[SEE], until="2026-12-01")
        assert page.status_code == 200
        assert "居住处所·查看" in page.content.decode()
        assert may(clerk, Dwelling, "view") == ()
        values = {"r": [SEE], "until": "2026-12-01", "step": "confirm", "state": page.context["plan"].state}
        refused = self.send(client, clerk, **values)
        assert refused.status_code == 422
        assert self.send(client, clerk, **values, reason="顶岗").status_code == 302
        assert may(clerk, Dwelling, "view") == (COMMUNITY,)

    def test_a_refused_term_comes_back_with_the_ticks_kept(self, client, secadmin, clerk):
        client.force_login(secadmin)
        page = self.send(client, clerk, r=[SEE], until="2027-11-20")
        assert page.status_code == 422
        assert f'value="{SEE}" checked' in page.content.decode()
        assert "90 天" in page.content.decode()

    def test_a_forged_form_gives_no_administrators_right(self, client, secadmin, clerk):
        client.force_login(secadmin)
        codename = grant_codename(PolicyRule, "change")
        page = self.send(client, clerk, r=[codename, "org__change_areagroupgrant"], until="2026-12-01")
        assert page.status_code == 302
        assert not AreaUserGrant.objects.filter(user=clerk).exists()

    def test_granting_asks_for_a_recent_login(self, client, secadmin, clerk, at):
        client.force_login(secadmin)
        LoginSession.objects.update(confirmed_at="2020-01-01T00:00:00Z")
        page = self.send(client, clerk, r=[SEE], until="2026-12-01")
        assert page.status_code == 302
        assert reverse("accounts:confirm") in page["Location"]

    def test_a_person_of_another_area_is_not_found(self, client, township_secadmin):
        outsider = StaffFactory.create(area_code=OTHER)
        client.force_login(township_secadmin)
        for name in ("administration:grants", "administration:see_as"):
            assert client.get(reverse(name, args=["person", outsider.pk])).status_code == 404
