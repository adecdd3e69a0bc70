"""Emergency access: every right for a few hours, told to those who watch, ended by the clock alone."""

import io
import logging

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from portal.audit.models import AuditEntry, BreakGlass
from portal.audit.three_admins import RIGHTS, appoint
from portal.core.errors import DomainError
from portal.org.models import AreaUserGrant, User
from portal.org.scoping import can
from portal.org.services import grant_to_user
from portal.oversight.break_glass import close_ended, open_glass
from portal.policy.models import PolicyRule
from residents.models import Person
from tests.factories.org import AreaFactory, StaffFactory

pytestmark = pytest.mark.django_db
COUNTY = "330822"


@pytest.fixture
def county():
    return AreaFactory.create(code=COUNTY)


def fresh(username: str) -> User:
    return User.objects.get(username=username)


def test_the_command_makes_an_account_with_every_right_that_ends_by_itself(county, at):
    at("2026-11-22 10:00")
    out = io.StringIO()
    call_command("break_glass", user="emergency", reason="电子密钥全部失效", hours=2, stdout=out)
    password = out.getvalue().split("shown once: ")[1].strip()
    assert fresh("emergency").check_password(password)
    assert can(fresh("emergency"), Person, "change", at=COUNTY)
    assert can(fresh("emergency"), PolicyRule, "change", at=COUNTY)
    at("2026-11-22 12:00")
    assert not can(fresh("emergency"), Person, "change", at=COUNTY)
    assert not can(fresh("emergency"), PolicyRule, "change", at=COUNTY)


def test_an_account_in_use_is_lifted_and_keeps_what_it_had(county, at, staff):
    at("2026-11-22 10:00")
    clerk = staff(Person, "view", at=COUNTY)
    opened = open_glass(username=clerk.username, reason="值班", hours=1)
    assert opened.password == ""
    assert can(fresh(clerk.username), PolicyRule, "change", at=COUNTY)
    at("2026-11-22 11:00")
    assert not can(fresh(clerk.username), PolicyRule, "change", at=COUNTY)
    assert can(fresh(clerk.username), Person, "view", at=COUNTY)


def test_it_stands_in_the_log_and_in_the_alarm(county, caplog):
    with caplog.at_level(logging.CRITICAL, "anju.audit.alarm"):
        opened = open_glass(username="emergency", reason="停电", hours=3)
    entry = AuditEntry.objects.get(action="break_glass.opened")
    assert (entry.actor, entry.target_id, entry.details["hours"]) == (opened.row.user, str(opened.row.pk), 3)
    assert "break glass" in caplog.text
    assert "emergency" not in caplog.text  # the number of the account, not its name


@pytest.mark.parametrize(("hours", "reason"), [(0, "停电"), (25, "停电"), (1, " ")])
def test_no_term_beyond_a_day_and_none_without_a_reason(county, hours, reason):
    with pytest.raises(DomainError):
        open_glass(username="emergency", reason=reason, hours=hours)
    with pytest.raises(CommandError):
        call_command("break_glass", user="emergency", reason=reason, hours=hours)
    assert not BreakGlass.objects.exists()


def test_a_closed_account_is_not_lifted(county):
    StaffFactory.create(username="gone", is_active=False)
    with pytest.raises(DomainError):
        open_glass(username="gone", reason="停电", hours=1)


def test_the_database_lets_no_right_outlive_the_emergency(county, at):
    at("2026-11-22 10:00")
    row = open_glass(username="emergency", reason="停电", hours=1).row
    grant = AreaUserGrant.objects.filter(user=row.user, permission__codename="audit__view_accessevent").get()
    for later in (None, "2126-11-22T00:00Z"):
        with pytest.raises(IntegrityError, match="three administrators"), transaction.atomic():
            AreaUserGrant.objects.filter(pk=grant.pk).update(valid_to=later)


def test_the_product_itself_cannot_break_the_glass(county):
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_table_privilege('app_rw', 'break_glass', 'INSERT, UPDATE, DELETE')")
        assert cursor.fetchone() == (False,)


@pytest.mark.parametrize(("kind", "told"), [("auditor", True), ("secadmin", True), ("sysadmin", False)])
def test_those_who_watch_see_it_on_every_page(client, county, kind, told):
    watcher = StaffFactory.create(role="administration", area_code=COUNTY)
    appoint(user=watcher, kind=kind, actor=None)
    client.force_login(fresh(watcher.username))
    assert kind in RIGHTS
    assert "应急访问已启用" not in client.get(reverse("jobs:mine")).content.decode()
    open_glass(username="emergency", reason="停电", hours=1)
    assert ("应急访问已启用" in client.get(reverse("jobs:mine")).content.decode()) is told


def test_an_account_made_for_the_emergency_is_closed_afterwards_and_that_is_told_once(county, at):
    at("2026-11-22 10:00")
    open_glass(username="emergency", reason="停电", hours=1)
    assert close_ended() == 0
    at("2026-11-22 11:00")
    assert (close_ended(), close_ended()) == (1, 0)
    assert not fresh("emergency").is_active
    assert AuditEntry.objects.filter(action="break_glass.ended").count() == 1


def test_a_lifted_account_stays_open_afterwards(county, at):
    at("2026-11-22 10:00")
    clerk = StaffFactory.create()
    grant_to_user(clerk, Person, ["view"], at=county)
    open_glass(username=clerk.username, reason="值班", hours=1)
    at("2026-11-22 11:00")
    close_ended()
    assert fresh(clerk.username).is_active
