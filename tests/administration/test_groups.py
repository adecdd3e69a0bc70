"""Joining a group is receiving all its rights, and is guarded like it."""

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from portal.administration.services import groups
from portal.core.errors import DomainError
from portal.org.models import AreaGroupGrant, User
from portal.org.scoping import scope_of
from portal.org.services import grant_to_group
from residents.models import Dwelling
from tests.administration.conftest import COMMUNITY, COUNTY, OTHER, TOWNSHIP
from tests.factories.org import StaffFactory

pytestmark = pytest.mark.django_db


def may(user, model, action):
    return scope_of(User.objects.get(pk=user.pk), model, action).codes


def test_a_member_has_the_rights_of_the_group_and_loses_them_on_leaving(secadmin, clerk, housing_group):
    groups.add_member(group_id=housing_group.pk, user=clerk, reason="新到岗", actor=secadmin)
    assert may(clerk, Dwelling, "view") == (TOWNSHIP,)
    groups.remove_member(group_id=housing_group.pk, user=clerk, reason="调离", actor=secadmin)
    assert may(clerk, Dwelling, "view") == ()


def test_nobody_puts_themselves_into_a_group_or_takes_themselves_out(secadmin, housing_group):
    with pytest.raises(PermissionDenied):
        groups.add_member(group_id=housing_group.pk, user=secadmin, reason="我来", actor=secadmin)
    empty = Group.objects.create(name="值班")
    secadmin.groups.add(empty)
    with pytest.raises(PermissionDenied):
        groups.remove_member(group_id=empty.pk, user=secadmin, reason="不要", actor=secadmin)


def test_a_group_with_rights_outside_the_administrators_areas_is_not_handed_out(
    township_secadmin, clerk, housing_group, areas
):
    groups.add_member(group_id=housing_group.pk, user=clerk, reason="新到岗", actor=township_secadmin)
    colleague = StaffFactory.create(area_code=COMMUNITY)
    grant_to_group(housing_group, Dwelling, ["change"], at=areas[COUNTY])
    with pytest.raises(DomainError, match="上级"):
        groups.add_member(group_id=housing_group.pk, user=colleague, reason="新到岗", actor=township_secadmin)


def test_a_person_of_another_area_is_not_the_administrators(township_secadmin, housing_group):
    outsider = StaffFactory.create(area_code=OTHER)
    with pytest.raises(PermissionDenied):
        groups.add_member(group_id=housing_group.pk, user=outsider, reason="借调", actor=township_secadmin)


def test_G6_the_groups_of_the_three_administrators_are_not_filled_here(secadmin, clerk, areas):
    group = Group.objects.create(name="安全管理员")
    grant_to_group(group, AreaGroupGrant, ["view", "change"], at=areas[COUNTY])
    with pytest.raises(DomainError, match="三员"):
        groups.add_member(group_id=group.pk, user=clerk, reason="代班", actor=secadmin)


def test_the_group_page_lists_members_and_takes_a_new_one(client, secadmin, clerk, housing_group):
    client.force_login(secadmin)
    url = reverse("administration:group", args=[housing_group.pk])
    assert client.post(url, {"user": clerk.pk, "reason": ""}).status_code == 422
    assert client.post(url, {"user": clerk.pk, "reason": "新到岗"}).status_code == 302
    assert "李小红" in client.get(url).content.decode()
    leave = reverse("administration:member_remove", args=[housing_group.pk, clerk.pk])
    client.post(leave, {"reason": ""})
    assert clerk.groups.exists()
    client.post(leave, {"reason": "调离"})
    assert not clerk.groups.exists()


def test_who_may_only_look_cannot_send_the_form(client, staff, clerk, housing_group):
    reader = staff(AreaGroupGrant, "view", at=COUNTY)
    client.force_login(reader)
    url = reverse("administration:group", args=[housing_group.pk])
    assert client.get(url).status_code == 200
    assert client.post(url, {"user": clerk.pk, "reason": "新到岗"}).status_code == 403
