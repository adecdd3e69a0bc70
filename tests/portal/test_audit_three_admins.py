"""System administrator, security administrator and auditor: three people, and none of them does business (E5, G5)."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction

from portal.audit.checks import nobody_is_superuser
from portal.audit.models import AccessEvent, AuditEntry, ThreeAdmin
from portal.audit.three_admins import RIGHTS, appoint, codenames_of, dismiss, kinds_allowing
from portal.core import clock
from portal.core.errors import DomainError
from portal.org.models import AreaGroupGrant, AreaUserGrant, User
from portal.org.scoping import can
from portal.org.services import grant_to_group, grant_to_user
from portal.policy.models import PolicyRule
from residents.models import Person
from tests.factories.org import AreaFactory, StaffFactory

pytestmark = pytest.mark.django_db
COUNTY = "330822"
refused = pytest.raises(IntegrityError, match="mix the work of the three administrators")


def sql(text: str, *values) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(text, values)


@pytest.fixture
def county():
    return AreaFactory.create(code=COUNTY)


@pytest.fixture
def account(county) -> User:
    return StaffFactory.create(role="administration", area_code=COUNTY)


def test_the_three_share_no_right_to_change_anything():
    changing = {kind: {name for name in codenames_of(kind) if "__view_" not in name} for kind in RIGHTS}
    assert not changing["sysadmin"] & changing["secadmin"]
    assert not changing["sysadmin"] & changing["auditor"]
    assert not changing["secadmin"] & changing["auditor"]


def test_an_appointed_auditor_holds_the_rights_of_auditors_and_no_others(account):
    appoint(user=account, kind="auditor", actor=None)
    account = User.objects.get(pk=account.pk)
    held = set(AreaUserGrant.objects.filter(user=account).values_list("permission__codename", flat=True))
    assert held == codenames_of("auditor")
    assert can(account, AccessEvent, "view", at=COUNTY)
    assert AuditEntry.objects.get(action="three_admin.appointed").details == {"user": account.pk, "kind": "auditor"}


def test_one_account_has_one_office(account):
    appoint(user=account, kind="auditor", actor=None)
    with pytest.raises(DomainError, match="已经是三员之一"):
        appoint(user=account, kind="secadmin", actor=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        ThreeAdmin.objects.create(user=account, kind="secadmin")


def test_somebody_who_does_business_needs_another_account_for_it(account, county):
    grant_to_user(account, Person, ["view"], at=county)
    with pytest.raises(DomainError, match="请另开账号"):
        appoint(user=account, kind="auditor", actor=None)
    with refused, transaction.atomic():
        ThreeAdmin.objects.create(user=account, kind="auditor")


def test_an_administrator_gets_no_business_right_neither_directly_nor_through_a_group(account, county):
    appoint(user=account, kind="secadmin", actor=None)
    with refused, transaction.atomic():
        grant_to_user(account, Person, ["view"], at=county)
    group = Group.objects.create(name="Housing")
    grant_to_group(group, Person, ["view"], at=county)
    with refused, transaction.atomic():
        account.groups.add(group)


def test_a_group_with_an_administrator_in_it_gets_no_business_right(account, county):
    appoint(user=account, kind="secadmin", actor=None)
    group = Group.objects.create(name="Desk")
    account.groups.add(group)
    with refused, transaction.atomic():
        grant_to_group(group, Person, ["view"], at=county)


def test_an_administrator_gets_no_right_of_another_one(account, county):
    appoint(user=account, kind="sysadmin", actor=None)
    with refused, transaction.atomic():
        grant_to_user(account, PolicyRule, ["change"], at=county)


def test_an_administrators_right_without_the_office_is_refused(account, county):
    with refused, transaction.atomic():
        grant_to_user(account, AccessEvent, ["view"], at=county)


def test_raw_sql_is_refused_as_well(account, county):
    permission = Permission.objects.get(codename="audit__view_accessevent")
    insert = """INSERT INTO org_areausergrant (user_id, permission_id, content_object_id, valid_from, reason)
                VALUES (%s, %s, %s, now(), '')"""
    with refused:
        sql(insert, account.pk, permission.pk, county.pk)
    appoint(user=account, kind="auditor", actor=None)
    business = Permission.objects.get(codename="residents__view_person")
    with refused:
        sql(insert, account.pk, business.pk, county.pk)
    with refused:
        one = AreaUserGrant.objects.filter(user=account).earliest("pk")
        sql("UPDATE org_areausergrant SET permission_id = %s WHERE id = %s", business.pk, one.pk)
    with refused:
        sql("UPDATE three_admin SET kind = 'sysadmin' WHERE user_id = %s", account.pk)
    with refused:
        sql("DELETE FROM three_admin WHERE user_id = %s", account.pk)
    with pytest.raises(IntegrityError, match="three_admin_kind_known"):
        sql("UPDATE three_admin SET kind = 'god' WHERE user_id = %s", account.pk)


def test_rights_that_have_ended_do_not_stand_in_the_way(account, county):
    grant_to_user(account, Person, ["view"], at=county, valid_to=clock.now())
    ThreeAdmin.objects.create(user=account, kind="auditor")
    assert AreaUserGrant.objects.filter(user=account).count() == 1


def test_a_dismissed_administrator_has_no_right_left(account, county, staff):
    secadmin = staff(ThreeAdmin, "view", "change", at=COUNTY, role="administration")
    appoint(user=account, kind="auditor", actor=secadmin)
    dismiss(user=account, actor=secadmin)
    assert not AreaUserGrant.objects.filter(user=account).exists()
    assert not ThreeAdmin.objects.filter(user=account).exists()
    grant_to_user(account, Person, ["view"], at=county)


def test_nobody_appoints_or_dismisses_themselves_and_no_auditor_appoints_anybody(account, staff):
    secadmin = staff(ThreeAdmin, "view", "change", at=COUNTY, role="administration")
    with pytest.raises(DomainError, match="不能任命自己"):
        appoint(user=secadmin, kind="auditor", actor=secadmin)
    with pytest.raises(PermissionDenied):
        dismiss(user=secadmin, actor=secadmin)
    auditor = staff(AccessEvent, "view", at=COUNTY, role="administration")
    with pytest.raises(PermissionDenied):
        appoint(user=account, kind="sysadmin", actor=auditor)


def test_rights_two_kinds_share_are_known_for_both():
    assert kinds_allowing({"policy__view_policyrule"}) == ["sysadmin", "secadmin"]
    assert kinds_allowing({"policy__change_policyrule", "org__add_user"}) == []


def test_G6_no_account_is_superuser_not_even_by_sql(account):
    with pytest.raises(IntegrityError, match="user_is_no_superuser"):
        sql("UPDATE org_user SET is_superuser = true WHERE id = %s", account.pk)
    assert not AreaGroupGrant.objects.exists()


def test_the_product_does_not_start_with_a_superuser(account):
    assert nobody_is_superuser(databases=["default"]) == []
    sql("SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE org_user DROP CONSTRAINT user_is_no_superuser")
    sql("UPDATE org_user SET is_superuser = true WHERE id = %s", account.pk)
    assert [error.id for error in nobody_is_superuser(databases=["default"])] == ["audit.E001"]
