"""Accounts: the system administrator makes them and gives no right with them."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.accounts.models import LoginSession
from portal.administration.services import people
from portal.audit.models import AuditEntry
from portal.core.errors import DomainError
from portal.org.models import User
from portal.org.scoping import _granted
from tests.administration.conftest import COMMUNITY, COUNTY, OTHER, TOWNSHIP
from tests.factories.org import StaffFactory

pytestmark = pytest.mark.django_db


def new(actor, department, areas, **changed):
    values = {"username": "wangfang", "display_name": "王芳", "title": "协管员", "department": department}
    return people.create_person(**values | {"area": areas[COMMUNITY]} | changed, actor=actor)


def test_a_new_account_has_no_right_and_no_password(sysadmin, department, areas):
    user = new(sysadmin, department, areas)
    assert _granted(user) == {}
    assert not user.has_usable_password()
    assert AuditEntry.objects.get(action="account_created").actor == sysadmin


def test_an_account_name_exists_once_whatever_letters_it_is_typed_with(sysadmin, department, areas):
    new(sysadmin, department, areas)
    with pytest.raises(DomainError, match="已被使用"):
        new(sysadmin, department, areas, username="ＷangFang ")


def test_a_security_administrator_makes_no_accounts(secadmin, department, areas):
    with pytest.raises(PermissionDenied):
        new(secadmin, department, areas)


def test_accounts_are_made_inside_the_administrators_areas_alone(staff, department, areas):
    admin = staff(User, "view", "add", "change", at=TOWNSHIP)
    new(admin, department, areas)
    with pytest.raises(PermissionDenied):
        new(admin, department, areas, username="zhangsan", area=areas[OTHER])
    elsewhere = StaffFactory.create(area_code=OTHER)
    with pytest.raises(User.DoesNotExist):
        people.disable_person(user_id=elsewhere.pk, reason="离职", actor=admin)


def test_nobody_changes_their_own_account(sysadmin, department, areas):
    User.objects.filter(pk=sysadmin.pk).update(area_code=COUNTY)
    values = {"display_name": "我", "title": "", "department": department, "area": areas[COUNTY]}
    with pytest.raises(PermissionDenied):
        people.change_person(user_id=sysadmin.pk, **values, actor=sysadmin)
    with pytest.raises(PermissionDenied):
        people.disable_person(user_id=sysadmin.pk, reason="试试", actor=sysadmin)


def test_G1_a_disabled_account_is_out_with_the_next_request_and_keeps_its_history(client, sysadmin, clerk):
    client.force_login(clerk)
    assert client.get("/prefs/").status_code == 200
    AuditEntry.objects.create(actor=clerk, action="visited", target_model="x", target_id="1")
    people.disable_person(user_id=clerk.pk, reason="离职", actor=sysadmin)
    assert client.get("/prefs/").status_code == 302
    assert not LoginSession.objects.filter(user=clerk, ended_at=None).exists()
    assert AuditEntry.objects.filter(actor=clerk, action="visited").exists()
    people.enable_person(user_id=clerk.pk, reason="返岗", actor=sysadmin)
    clerk.refresh_from_db()
    assert clerk.is_active


def test_the_list_finds_disabled_and_unused_accounts(client, sysadmin, clerk, at):
    at("2026-11-20 09:00")
    User.objects.filter(pk=clerk.pk).update(last_login="2026-06-01T00:00:00Z", username="lixiaohong")
    gone = StaffFactory.create(display_name="赵已离", is_active=False)
    client.force_login(sysadmin)

    def found(query):
        return client.get(reverse("administration:people") + query).content.decode()

    assert "李小红" in found("?state=unused")
    assert gone.display_name not in found("?state=unused")
    assert "赵已离" in found("?state=disabled")
    assert "李小红" not in found("?state=disabled")
    assert "李小红" in found("?q=lixiao")
    assert "李小红" not in found(f"?area={OTHER}")


def test_a_one_time_code_is_shown_once_and_kept_nowhere(client, sysadmin, clerk):
    client.force_login(sysadmin)
    page = client.post(reverse("administration:person_code", args=[clerk.pk]))
    assert page.status_code == 200
    code = page.context["issued"].code
    assert code in page.content.decode()
    assert code not in client.get(reverse("administration:person", args=[clerk.pk])).content.decode()
    assert not AuditEntry.objects.filter(details__icontains=code).exists()


def test_the_form_names_what_is_wrong_beside_the_field(client, sysadmin, department):
    client.force_login(sysadmin)
    values = {"username": "1", "display_name": "王芳", "department": department.pk, "area": COMMUNITY}
    page = client.post(reverse("administration:person_new"), values)
    assert page.status_code == 422
    assert "3 至 30 位小写字母" in page.content.decode()
    page = client.post(reverse("administration:person_new"), values | {"username": "wangfang"})
    assert page.status_code == 302
    assert User.objects.get(username="wangfang").area_code == COMMUNITY


def test_one_and_forty_accounts_take_the_same_queries(client, sysadmin, clerk):
    client.force_login(sysadmin)
    url = reverse("administration:people")
    client.get(url)
    with CaptureQueriesContext(connection) as few:
        client.get(url)
    StaffFactory.create_batch(40, area_code=COMMUNITY)
    with CaptureQueriesContext(connection) as many:
        client.get(url)
    assert len(many) == len(few)
