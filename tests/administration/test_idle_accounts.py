"""Rule `account.idle_days` = 90: an account without a login for longer is closed during the night."""

import pytest

from portal.administration.services import people
from portal.administration.services.idle_accounts import disable_unused
from portal.audit.models import AuditEntry
from portal.jobs import worker
from portal.jobs.services import enqueue
from portal.org.models import User
from portal.org.services import system_user
from tests.factories.org import StaffFactory

pytestmark = pytest.mark.django_db
TONIGHT = "2026-11-20 03:20"
LONG_AGO = "2026-08-21T00:00:00Z"  # 91 days before that night
NOT_YET = "2026-08-22T00:00:00Z"  # 90 days before


def account(**dates) -> User:
    user = StaffFactory.create()
    User.objects.filter(pk=user.pk).update(date_joined=LONG_AGO, **dates)
    return User.objects.get(pk=user.pk)


def in_use(*users: User) -> list[bool]:
    return [User.objects.get(pk=user.pk).is_active for user in users]


def test_G1_ninety_days_without_a_login_close_the_account(at):
    at(TONIGHT)
    forgotten, never, still = account(last_login=LONG_AGO), account(), account(last_login=NOT_YET)
    fresh = account()
    User.objects.filter(pk=fresh.pk).update(date_joined=NOT_YET)
    job = enqueue(kind="administration.disable_unused", actor=system_user())
    worker.run(str(job.pk))
    assert in_use(forgotten, never, still, fresh) == [False, False, True, True]
    closed = AuditEntry.objects.filter(action="account_disabled_unused")
    assert {(row.target_id, row.actor) for row in closed} == {
        (str(forgotten.pk), system_user()),
        (str(never.pk), system_user()),
    }


def test_G1_who_was_let_in_again_has_the_whole_term_anew(at, sysadmin, clerk):
    at("2026-11-19 10:00")
    User.objects.filter(pk=clerk.pk).update(last_login=LONG_AGO, date_joined=LONG_AGO)
    people.disable_person(user_id=clerk.pk, reason="离岗", actor=sysadmin)
    people.enable_person(user_id=clerk.pk, reason="回岗", actor=sysadmin)
    at(TONIGHT)
    disable_unused(actor=system_user())
    assert in_use(clerk) == [True]
    at("2027-02-18 03:20")
    disable_unused(actor=system_user())
    assert in_use(clerk) == [False]


def test_G1_one_administrator_of_each_kind_stays_and_no_system_account_goes(at, sysadmin, secadmin):
    User.objects.filter(pk__in=[sysadmin.pk, secadmin.pk]).update(last_login=LONG_AGO, date_joined=LONG_AGO)
    at(TONIGHT)
    disable_unused(actor=system_user())
    assert in_use(sysadmin, secadmin, system_user()) == [True, True, True]
