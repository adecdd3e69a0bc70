"""What a grant gives: lent rights, seals and the two people a step needs."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from portal.core import clock
from portal.core.errors import DomainError
from portal.org.duties import require_other_person
from portal.org.models import AreaUserGrant, User
from portal.org.scoping import forget_grants, scope_of
from portal.org.seals import is_sealed
from portal.org.services import grant_to_user
from portal.policy.models import PolicyRule
from residents.models import Dwelling, PermitApplication
from tests.factories.org import AreaFactory, StaffFactory

pytestmark = pytest.mark.django_db

COUNTY, TOWNSHIP, COMMUNITY = "330822", "330822001", "330822001001"


def lend(model, *actions: str, lender: User, to: User, at: str) -> None:
    area = AreaFactory.create(code=at)
    grant_to_user(to, model, actions, at=area, valid_to=clock.now() + timedelta(days=7))
    for grant in AreaUserGrant.objects.filter(user=to):
        grant.delegated_from = lender
        grant.save()
    forget_grants(to)


def codes(user: User, model, action: str) -> tuple[str, ...]:
    return scope_of(User.objects.get(pk=user.pk), model, action).codes


def test_a_lent_right_reaches_no_further_than_the_lender_does_now(staff):
    lender = staff(Dwelling, "view", at=COMMUNITY)
    stand_in = StaffFactory.create()
    lend(Dwelling, "view", "change", lender=lender, to=stand_in, at=TOWNSHIP)
    assert codes(stand_in, Dwelling, "view") == (COMMUNITY,)
    assert codes(stand_in, Dwelling, "change") == ()
    AreaUserGrant.objects.filter(user=lender).delete()
    assert codes(stand_in, Dwelling, "view") == ()


def test_a_lent_right_ends_when_the_lender_is_disabled(staff):
    lender = staff(Dwelling, "view", at=TOWNSHIP)
    stand_in = StaffFactory.create()
    lend(Dwelling, "view", lender=lender, to=stand_in, at=COMMUNITY)
    assert codes(stand_in, Dwelling, "view") == (COMMUNITY,)
    User.objects.filter(pk=lender.pk).update(is_active=False)
    assert codes(stand_in, Dwelling, "view") == ()


def test_what_is_lent_cannot_be_lent_on(staff):
    lender = staff(Dwelling, "view", at=TOWNSHIP)
    second, third = StaffFactory.create(), StaffFactory.create()
    lend(Dwelling, "view", lender=lender, to=second, at=TOWNSHIP)
    lend(Dwelling, "view", lender=second, to=third, at=TOWNSHIP)
    assert codes(second, Dwelling, "view") == (TOWNSHIP,)
    assert codes(third, Dwelling, "view") == ()


def test_D663_10_signing_is_never_lent(staff):
    lender = staff(PermitApplication, "sign", "review", at=COUNTY)
    stand_in = StaffFactory.create()
    lend(PermitApplication, "sign", "review", lender=lender, to=stand_in, at=COUNTY)
    assert codes(stand_in, PermitApplication, "review") == (COUNTY,)
    assert codes(stand_in, PermitApplication, "sign") == ()


def test_who_stands_in_for_the_registrar_does_not_decide_on_the_registrars_file(staff):
    registrar = staff(PermitApplication, "review", at=COUNTY)
    stand_in, colleague = StaffFactory.create(), StaffFactory.create()
    lend(PermitApplication, "review", lender=registrar, to=stand_in, at=COUNTY)
    require_other_person(colleague, than_id=registrar.pk)
    with pytest.raises(DomainError, match="同事"):
        require_other_person(stand_in, than_id=registrar.pk)


def test_the_database_refuses_a_grant_to_oneself_and_a_loan_without_an_end(staff):
    user = staff(Dwelling, "view")
    grant = AreaUserGrant.objects.get(user=user)
    grant.granted_by = user
    with pytest.raises(IntegrityError, match="usergrant_not_to_oneself"), transaction.atomic():
        grant.save()
    grant.granted_by, grant.delegated_from = None, StaffFactory.create()
    with pytest.raises(IntegrityError, match="usergrant_lent_ends"), transaction.atomic():
        grant.save()


def test_a_grant_changed_by_sql_no_longer_carries_its_seal(staff):
    user = staff(Dwelling, "view", at=COMMUNITY)
    grant = AreaUserGrant.objects.get(user=user)
    assert is_sealed(grant)
    county = AreaFactory.create(code=COUNTY)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE org_areausergrant SET content_object_id = %s WHERE id = %s", [county.pk, grant.pk])
    grant.refresh_from_db()
    assert not is_sealed(grant)


def test_an_administrators_right_copied_by_sql_is_refused(staff):
    user = staff(PolicyRule, "view", at=COUNTY)
    other = StaffFactory.create()
    grant = AreaUserGrant.objects.get(user=user)
    columns = "permission_id, content_object_id, valid_from, reason, mac"
    stolen = f"INSERT INTO org_areausergrant (user_id, {columns}) SELECT %s, {columns} FROM org_areausergrant"
    with (
        pytest.raises(IntegrityError, match="three administrators"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"{stolen} WHERE id = %s", [other.pk, grant.pk])
    assert codes(other, PolicyRule, "view") == ()
    assert codes(user, PolicyRule, "view") == (COUNTY,)


def test_an_administrators_right_changed_by_sql_is_not_honoured(staff):
    user = staff(PolicyRule, "view", at=COUNTY)
    assert codes(user, PolicyRule, "view") == (COUNTY,)
    longer = "UPDATE org_areausergrant SET valid_to = now() + interval '9 years' WHERE user_id = %s"
    with connection.cursor() as cursor:
        cursor.execute(longer, [user.pk])
    assert codes(User.objects.get(pk=user.pk), PolicyRule, "view") == ()


def test_a_page_reads_its_grants_with_one_query_and_a_stand_ins_with_three(staff, django_assert_num_queries):
    lender = staff(Dwelling, "view", at=TOWNSHIP)
    stand_in = StaffFactory.create()
    lend(Dwelling, "view", lender=lender, to=stand_in, at=COMMUNITY)
    with django_assert_num_queries(1):
        scope_of(User(pk=lender.pk), Dwelling, "view")
    with django_assert_num_queries(3):
        scope_of(User(pk=stand_in.pk), Dwelling, "view")
