"""What is kept of every look and every step, and that it stays as it was written."""

from datetime import datetime

import pytest
from django.db import Error, connection, transaction
from django.db.utils import ProgrammingError

from portal.audit import services as audit
from portal.audit.context import NO_CONTEXT, RequestContext, enter
from portal.audit.models import AccessEvent, AuditEntry
from tests.conftest import CHINA
from tests.factories.org import StaffFactory

pytestmark = pytest.mark.django_db


def sql(text: str, *values) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(text, values)
        return cursor.fetchall() if cursor.description else []


def partition_of(event: AccessEvent) -> str:
    return sql("SELECT tableoid::regclass::text FROM audit_accessevent WHERE id = %s", event.pk)[0][0]


def test_an_access_row_says_who_from_which_unit_and_session_and_why():
    actor = StaffFactory.create()
    enter(RequestContext(request_id="r-1", address="10.0.0.7", session_hash=b"\x01\x02"))
    try:
        written = audit.access(
            actor=actor,
            action="reveal",
            person_ids=[7],
            fields=["phone"],
            purpose="permit",
            case_number="330822-2026-1",
            reason="phone call",
        )
    finally:
        enter(NO_CONTEXT)
    event = AccessEvent.objects.get(pk=written.pk)
    assert (event.actor, event.actor_unit) == (actor, actor.department)
    assert (bytes(event.session_hash), event.address, event.request_id) == (b"\x01\x02", "10.0.0.7", "r-1")
    assert (event.case_number, event.result, event.row_count) == ("330822-2026-1", "shown", 1)


def test_every_month_has_a_partition_of_its_own(at):
    at("2026-11-30 23:59")
    sql("SELECT audit_make_partitions('2026-11-01', '2027-01-31')")
    november = audit.access(actor=StaffFactory.create(), action="open", person_ids=[1])
    at("2026-12-01 08:01")  # the month is counted in UTC: 00:01 there
    december = audit.access(actor=StaffFactory.create(), action="open", person_ids=[1])
    assert partition_of(november) == "audit_accessevent_y2026m11"
    assert partition_of(december) == "audit_accessevent_y2026m12"


def test_a_clock_that_is_years_ahead_does_not_stop_the_work_and_the_row_finds_its_month_later(at):
    at("2031-05-04 10:00")
    event = audit.access(actor=StaffFactory.create(), action="open", person_ids=[1])
    assert partition_of(event) == "audit_accessevent_other"
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    assert sql("SELECT audit_make_partitions('2031-05-01', '2031-05-31')") == [(1,)]
    assert partition_of(event) == "audit_accessevent_y2031m05"
    assert AccessEvent.objects.get(pk=event.pk).at == datetime(2031, 5, 4, 10, tzinfo=CHINA)


def test_partitions_that_exist_are_left_alone():
    sql("SELECT audit_make_partitions('2026-11-01', '2026-11-30')")
    assert sql("SELECT audit_make_partitions('2026-11-01', '2026-11-30')") == [(0,)]


@pytest.mark.parametrize("statement", ["UPDATE {} SET action = 'print'", "DELETE FROM {}"])
@pytest.mark.parametrize("table", ["audit_accessevent", "audit_auditentry"])
def test_E8_nobody_changes_or_deletes_a_row_not_even_the_owner_of_the_table(statement, table):
    actor = StaffFactory.create()
    audit.access(actor=actor, action="open", person_ids=[1])
    audit.record(actor=actor, action="made", target=actor)
    with pytest.raises(ProgrammingError, match="kept as they were written"), transaction.atomic():
        sql(statement.format(table))


@pytest.mark.parametrize("verb", ["UPDATE", "DELETE", "TRUNCATE"])
def test_E8_the_products_role_holds_insert_and_select_only(verb):
    tables = [
        name
        for (name,) in sql(
            """SELECT c.oid::regclass::text FROM pg_class c WHERE c.relkind IN ('r', 'p')
               AND (c.relname LIKE 'audit_%%' OR c.relname IN ('org_areausergrantevent', 'org_areagroupgrantevent'))"""
        )
    ]
    assert "audit_accessevent_other" in tables
    held = [name for name in tables if sql("SELECT has_table_privilege('app_rw', %s, %s)", name, verb)[0][0]]
    assert held == []
    assert sql("SELECT has_table_privilege('app_rw', 'audit_accessevent', 'INSERT, SELECT')") == [(True,)]


def test_a_new_partition_gives_the_product_no_rights_of_its_own():
    sql("SELECT audit_make_partitions('2033-01-01', '2033-01-31')")
    assert sql("SELECT has_table_privilege('app_rw', 'audit_accessevent_y2033m01', 'SELECT')") == [(False,)]


def test_E9_when_the_log_cannot_be_written_nothing_is_shown():
    actor = StaffFactory.create()
    sql("SAVEPOINT whole")
    sql("ALTER TABLE audit_accessevent ADD CONSTRAINT full_disk CHECK (false) NOT VALID")
    with pytest.raises(Error), transaction.atomic():
        audit.access(actor=actor, action="reveal", person_ids=[1])
    sql("ROLLBACK TO whole")


def test_readers_are_the_person_who_acted_and_the_auditor(staff):
    mine, other = StaffFactory.create(), StaffFactory.create()
    for actor in (mine, other):
        audit.access(actor=actor, action="open", person_ids=[1])
        audit.record(actor=actor, action="made", target=actor)
    auditor = staff(AccessEvent, "view", at="330822", role="auditor")
    assert [row.actor for row in AccessEvent.objects.readable_by(mine)] == [mine]
    assert [row.actor for row in AuditEntry.objects.readable_by(mine)] == [mine]
    assert {row.actor for row in AccessEvent.objects.readable_by(auditor)} == {mine, other}
    assert not AuditEntry.objects.readable_by(auditor).exists()
    a_townships = staff(AccessEvent, "view", at="330822001")
    assert not AccessEvent.objects.readable_by(a_townships).exists()


def test_the_subject_sheet_and_the_breach_query_use_their_indexes():
    sql("SET LOCAL enable_seqscan = off")
    for where in ("person_ids @> ARRAY[7]::bigint[]", "actor_id = 7 AND at >= now() - interval '1 day'"):
        plan = "\n".join(line for (line,) in sql(f"EXPLAIN SELECT id FROM audit_accessevent WHERE {where}"))
        assert "Seq Scan" not in plan, plan
