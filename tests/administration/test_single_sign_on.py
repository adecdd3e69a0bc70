"""Who may say which key of a login platform opens an account."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from portal.accounts.sso.models import Link
from portal.administration.services.single_sign_on import link_key, unlink_key
from portal.org.models import User
from tests.administration.conftest import OTHER
from tests.factories.org import StaffFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(sysadmin: User, clerk: User, settings: Any) -> tuple[Client, str]:
    settings.SSO_PROVIDERS = ["zzd"]
    settings.MFA_REQUIRED = False
    client = Client()
    client.force_login(sysadmin)
    return client, f"/administration/people/{clerk.pk}/single-sign-on/"


def test_an_administrator_links_a_key_and_removes_it(page, sysadmin, clerk):
    client, path = page
    assert client.post(path, {"provider": "zzd", "subject": "GE_0042"}).status_code == 302
    row = Link.objects.get(user=clerk)
    assert (row.provider, row.subject, row.made_by) == ("zzd", "GE_0042", sysadmin)
    shown = client.get(path).content.decode()
    assert "GE_0042" in shown
    assert "浙政钉" in shown
    assert client.post(f"{path}{row.pk}/remove/").status_code == 302
    assert not Link.objects.exists()


def test_a_key_that_opens_another_account_is_refused_beside_its_field(page, sysadmin):
    client, path = page
    link_key(user_id=StaffFactory.create(area_code="330822").pk, provider="zzd", subject="GE_0042", actor=sysadmin)
    answer = client.post(path, {"provider": "zzd", "subject": "GE_0042"})
    assert answer.status_code == 422
    assert "subject" in answer.context["form"].errors


def test_a_platform_that_is_switched_off_cannot_be_chosen(page):
    client, path = page
    assert client.post(path, {"provider": "cas", "subject": "x"}).status_code == 422


def test_a_key_of_another_account_is_not_removed_through_this_page(page, sysadmin):
    client, path = page
    other = StaffFactory.create(area_code="330822")
    link_key(user_id=other.pk, provider="zzd", subject="GE_0042", actor=sysadmin)
    row = Link.objects.get()
    assert client.post(f"{path}{row.pk}/remove/").status_code == 404
    with pytest.raises(Link.DoesNotExist):
        unlink_key(user_id=StaffFactory.create(area_code="330822").pk, link_id=row.pk, actor=sysadmin)


def test_nobody_links_a_key_to_an_account_of_their_own(sysadmin):
    with pytest.raises(PermissionDenied):
        link_key(user_id=sysadmin.pk, provider="zzd", subject="GE_0042", actor=sysadmin)
    assert not Link.objects.exists()


def test_an_administrator_of_another_township_does_not_find_the_account(staff, clerk):
    stranger = staff(User, "view", "change", at=OTHER, role="administration")
    with pytest.raises(User.DoesNotExist):
        link_key(user_id=clerk.pk, provider="zzd", subject="GE_0042", actor=stranger)
