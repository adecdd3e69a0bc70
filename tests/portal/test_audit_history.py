"""History says of every change who made it, what for and in which request; a change in silence is refused."""

import json

import pghistory
import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError
from django.urls import reverse

from portal.core.context import current
from portal.jobs import worker
from portal.jobs.kinds import runs
from portal.jobs.services import enqueue
from portal.policy.models import CalendarDay
from residents.models import Dwelling
from tests.factories.org import StaffFactory
from tests.factories.residents import DwellingFactory

pytestmark = pytest.mark.django_db
needs_context = pytest.raises(ProgrammingError, match="names actor and purpose")


def sql(text: str, *values) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(text, values)
        return cursor.fetchall() if cursor.description else []


def silent() -> None:
    """As at the start of a transaction: tests share one, and a context lasts as long as its transaction."""
    sql("SELECT set_config('pghistory.context_id', '', true), set_config('pghistory.context_metadata', '', true)")


def rows_of(dwelling: Dwelling) -> list[tuple]:
    return sql(
        """SELECT e.pgh_label, c.metadata->>'purpose' FROM residents_dwellingevent e
           LEFT JOIN pghistory_context c ON c.id = e.pgh_context_id WHERE e.pgh_obj_id = %s ORDER BY e.pgh_id""",
        dwelling.pk,
    )


def test_insert_update_and_delete_leave_one_row_each():
    with pghistory.context(actor=1, purpose="first"):
        dwelling = DwellingFactory.create()
    with pghistory.context(actor=1, purpose="second"):
        Dwelling.objects.filter(pk=dwelling.pk).update(version=2)
    with pghistory.context(actor=1, purpose="third"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM residents_dwelling WHERE id = %s", [dwelling.pk])
    assert rows_of(dwelling) == [("insert", "first"), ("update", "second"), ("delete", "third")]


def test_the_product_changes_nothing_without_a_context():
    dwelling = DwellingFactory.create()
    silent()
    sql("SET ROLE app_rw")
    with needs_context, transaction.atomic():
        sql("INSERT INTO policy_calendarday (day, kind, name, basis) VALUES ('2027-02-06', 'holiday', '', '')")
    sql("RESET ROLE")
    assert len(rows_of(dwelling)) == 1


@pytest.mark.parametrize("told", [{"actor": 1}, {"purpose": "test"}, {"actor": 1, "purpose": ""}])
def test_a_context_without_actor_or_purpose_is_none(told):
    silent()
    sql("SET LOCAL anju.history = 'strict'")
    with needs_context, transaction.atomic(), pghistory.context(**told):
        DwellingFactory.create()


def test_in_strict_mode_the_owner_of_the_tables_is_refused_as_well():
    silent()
    sql("SET LOCAL anju.history = 'strict'")
    with needs_context, transaction.atomic():
        DwellingFactory.create()


def test_what_the_owner_does_on_a_console_is_labelled_as_such():
    silent()
    dwelling = DwellingFactory.create()
    assert rows_of(dwelling) == [("insert", "outside the product")]
    [(who,)] = sql("SELECT metadata->>'database_user' FROM pghistory_context ORDER BY created_at DESC LIMIT 1")
    assert who == sql("SELECT session_user")[0][0]


def test_a_request_names_the_account_the_page_and_its_number(client, staff):
    secadmin = staff(CalendarDay, "view", "change", at="330822", role="administration")
    client.force_login(secadmin)
    asked = {"first": "2027-02-06", "kind": "holiday", "name": "春节", "basis": "国办发明电"}
    response = client.post(reverse("administration:calendar"), asked)
    assert response.status_code == 302
    [(told,)] = sql(
        """SELECT c.metadata FROM policy_calendardayevent e JOIN pghistory_context c ON c.id = e.pgh_context_id
           ORDER BY e.pgh_id DESC LIMIT 1"""
    )
    told = json.loads(told)
    assert (told["actor"], told["purpose"]) == (secadmin.pk, "administration:calendar")
    assert told["request"] == response["X-Request-ID"]


@runs("tests.change_a_dwelling")
def change_a_dwelling(job, _out) -> None:
    Dwelling.objects.filter(pk=job.params["dwelling"]).update(version=7)
    assert current().request_id == job.pk.hex


def test_a_job_names_who_asked_for_it_and_its_kind():
    dwelling, clerk = DwellingFactory.create(), StaffFactory.create()
    job = enqueue(kind="tests.change_a_dwelling", actor=clerk, dwelling=dwelling.pk)
    worker.run(str(job.pk))
    assert rows_of(dwelling)[-1] == ("update", "job tests.change_a_dwelling")
    [(told,)] = sql("SELECT metadata FROM pghistory_context WHERE metadata->>'request' = %s", job.pk.hex)
    assert json.loads(told)["actor"] == clerk.pk
