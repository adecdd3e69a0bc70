"""Cleaning up: rights without a trace of use, and seals that were broken by SQL."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse

from portal.administration.services.unused import unused_grants
from portal.audit.models import AccessEvent, AuditEntry
from portal.core import clock
from portal.jobs.kinds import kind_of
from portal.jobs.models import Job
from portal.org.models import AreaGroupGrant, AreaUserGrant
from portal.org.services import grant_to_user, system_user
from residents.models import Dwelling
from tests.administration.conftest import COMMUNITY

pytestmark = pytest.mark.django_db


@pytest.fixture
def old_group(housing_group, clerk):
    clerk.groups.add(housing_group)
    for grant in AreaGroupGrant.objects.filter(group=housing_group):
        grant.valid_from = clock.now() - timedelta(days=91)
        grant.save()
    return housing_group


def test_a_right_without_a_trace_for_90_days_is_listed(secadmin, old_group):
    (row,) = unused_grants(secadmin)
    assert (row.holder, row.kind, [str(action) for action in row.actions]) == (old_group, "group", ["查看"])


def test_a_right_given_lately_is_not(secadmin, housing_group):
    assert unused_grants(secadmin) == []


def test_one_look_or_one_act_of_one_member_is_use(secadmin, old_group, clerk):
    AccessEvent.objects.create(actor=clerk, action="list")
    assert unused_grants(secadmin) == []


def test_an_act_on_another_kind_of_record_is_not_use(secadmin, old_group, clerk):
    AuditEntry.objects.create(actor=clerk, action="x", target_model="residents.permit", target_id="1")
    assert len(unused_grants(secadmin)) == 1
    AuditEntry.objects.create(actor=clerk, action="x", target_model="residents.dwelling", target_id="1")
    assert unused_grants(secadmin) == []


def test_the_page_leads_to_the_matrix(client, secadmin, old_group):
    client.force_login(secadmin)
    page = client.get(reverse("administration:unused")).content.decode()
    assert reverse("administration:grants", args=["group", old_group.pk]) in page


def test_a_grant_changed_by_sql_is_found_by_the_command_and_by_the_nightly_job(secadmin, clerk, areas, capsys):
    call_command("grants_verify")
    grant_to_user(clerk, Dwelling, ["view"], at=areas[COMMUNITY])
    grant = AreaUserGrant.objects.get(user=clerk)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE org_areausergrant SET valid_to = NULL, reason = '改' WHERE id = %s", [grant.pk])
    with pytest.raises(CommandError, match="1 grants"):
        call_command("grants_verify")
    assert clerk.username in capsys.readouterr().out
    job = Job.objects.create(kind="administration.check_seals", requested_by=system_user())
    kind_of("administration.check_seals").run(job, None)
    assert AuditEntry.objects.get(action="grant_seal_broken").target_id == str(grant.pk)
