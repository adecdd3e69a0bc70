"""The auditor's console: searching, the sheet of a person, who was touched, the seals."""

import csv
import io
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.audit import sealing, verification
from portal.audit import services as audit
from portal.audit.models import AccessEvent
from portal.jobs.models import Job
from portal.oversight import exports
from portal.oversight.models import Inspection
from portal.oversight.rules import bounds
from portal.oversight.services import touched_by
from tests.factories.org import StaffFactory
from tests.factories.residents import PersonFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk():
    return StaffFactory.create(username="wang", display_name="王芳")


@pytest.fixture
def page(client, auditor):
    client.force_login(auditor)

    def get(name: str, *args, **query) -> str:
        response = client.get(reverse(name, args=args), query)
        assert response.status_code == 200
        return response.content.decode()

    return get


def test_the_log_is_found_by_account_person_action_field_day_and_request(page, clerk, at):
    at("2026-11-20 10:00")
    audit.access(actor=clerk, action="reveal", person_ids=[41, 42], fields=["phone"], reason="回访")
    at("2026-11-21 10:00")
    audit.access(actor=StaffFactory.create(username="li"), action="open", person_ids=[77], purpose="permit")
    assert "回访" in page("oversight:looks", q="wang")
    assert "回访" in page("oversight:looks", q="王芳")
    assert "回访" not in page("oversight:looks", q="li")
    assert "#42" in page("oversight:looks", person="42")
    assert "#41" not in page("oversight:looks", person="77")
    assert "#77" not in page("oversight:looks", action="reveal")
    assert "#41" in page("oversight:looks", field="phone")
    assert "#77" not in page("oversight:looks", field="phone")
    assert "#77" not in page("oversight:looks", until="2026-11-20")
    assert "#41" not in page("oversight:looks", since="2026-11-21")
    assert "#41" not in page("oversight:looks", request="unknown")


def test_a_list_costs_the_same_for_one_row_and_for_forty(page, clerk):
    counts = []
    page("oversight:looks")  # what every first page of a process loads once
    for rows in (1, 39):
        for number in range(rows):
            audit.access(actor=clerk, action="open", person_ids=[number])
            audit.record(actor=clerk, action="person.changed", target=clerk)
        with CaptureQueriesContext(connection) as looks:
            page("oversight:looks")
        with CaptureQueriesContext(connection) as entries:
            page("oversight:entries")
        counts.append((len(looks), len(entries)))
    assert counts[0] == counts[1]


def test_the_sheet_of_a_person_shows_every_look_and_step_with_number_and_masked_name(page, clerk, auditor):
    person = PersonFactory.create(name="欧阳小红")
    audit.access(actor=clerk, action="print", person_ids=[person.pk], purpose="permit_card", reason="补证")
    audit.record(actor=clerk, action="person.corrected", target=person)
    text = page("oversight:person", person.pk)
    assert f"#{person.pk}" in text
    assert "欧阳小红" not in text
    assert "欧" in text
    assert person.document_number not in text
    assert "补证" in text
    assert "更正人员档案" in text
    assert "制作居住证" in text
    own = AccessEvent.objects.get(actor=auditor)
    assert (own.action, own.purpose, own.person_ids) == ("open", "oversight", [person.pk])


def test_who_was_touched_by_this_account_between_two_days(page, clerk, at):
    at("2026-11-19 23:59")
    audit.access(actor=clerk, action="open", person_ids=[1])
    at("2026-11-20 00:00")
    audit.access(actor=clerk, action="list", person_ids=[2, 3])
    at("2026-11-21 23:59")
    audit.access(actor=clerk, action="reveal", person_ids=[3], fields=["document_number"])
    at("2026-11-22 00:00")
    audit.access(actor=clerk, action="open", person_ids=[4])
    start, end = bounds(date(2026, 11, 20))[0], bounds(date(2026, 11, 21))[1]
    found = touched_by(account=clerk, start=start, end=end, most=10)
    assert [(one.person_id, one.times, one.actions, one.full) for one in found] == [
        (3, 2, ["list", "reveal"], True),
        (2, 1, ["list"], False),
    ]
    text = page("oversight:breach", account="WANG", start="2026-11-20", end="2026-11-21")
    assert "#3" in text
    assert "#4" not in text


def test_the_breach_query_reads_the_accounts_rows_alone(clerk):
    """Among ten million rows it costs what this account's own rows cost (performance is read from the plan)."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO audit_accessevent (at, actor_id, action, purpose, reason, person_ids, fields, row_count,
                                              request_id)
               SELECT timestamptz '2026-11-03' + n * interval '5 minutes', %s, 'open', '', '', ARRAY[n], '{}', 1, ''
               FROM generate_series(1, 4000) n""",
            [clerk.pk],
        )
        cursor.execute("ANALYZE audit_accessevent")
        cursor.execute(
            """EXPLAIN SELECT person, count(*) FROM audit_accessevent CROSS JOIN LATERAL unnest(person_ids) AS person
               WHERE actor_id = 7 AND at >= '2026-11-02' AND at < '2026-11-20' GROUP BY person"""
        )
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "actor_id_at_idx" in plan
    assert "y2027" not in plan  # other months are not even opened


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"account": "nobody", "start": "2026-11-20", "end": "2026-11-21"}, "没有这个账号"),
        ({"account": "wang", "start": "2026-11-21", "end": "2026-11-20"}, "早于开始日期"),
    ],
)
def test_a_question_that_cannot_be_answered_says_why(page, clerk, asked, sentence):
    assert sentence in page("oversight:breach", **asked)


def test_the_seals_page_tells_whether_the_log_is_whole(page, clerk):
    assert "尚未检查" in page("oversight:seals")
    event = audit.access(actor=clerk, action="open", person_ids=[1])
    sealing.seal(horizon=1 << 60, closed=False)
    verification.keep(verification.verify())
    assert sealing.head().digest in page("oversight:seals")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE audit_accessevent DISABLE TRIGGER kept_as_written")
        cursor.execute("DELETE FROM audit_accessevent WHERE id = %s", [event.pk])
        cursor.execute("ALTER TABLE audit_accessevent ENABLE TRIGGER kept_as_written")
    verification.keep(verification.verify())
    assert "日志被篡改" in page("oversight:seals")


def test_checking_now_puts_the_check_in_the_queue(client, auditor):
    client.force_login(auditor)
    client.post(reverse("oversight:seals"))
    assert Job.objects.get().kind == "oversight.verify"


def written(job: Job) -> list[list[str]]:
    out = io.BytesIO()
    exports.write(job, out)
    return list(csv.reader(io.StringIO(out.getvalue().decode("utf-8-sig"))))


def test_the_filtered_log_is_taken_out_as_csv_and_that_is_logged(client, auditor, clerk):
    audit.access(actor=clerk, action="open", person_ids=[1], reason="=1+1")
    audit.access(actor=StaffFactory.create(username="li"), action="open", person_ids=[2])
    client.force_login(auditor)
    client.post(reverse("oversight:export"), {"set": "looks", "query": "q=wang"})
    rows = written(Job.objects.get())
    assert len(rows) == 2
    assert rows[1][1] == "wang"
    assert "'=1+1" in rows[1]
    assert AccessEvent.objects.filter(actor=auditor, action="export", purpose="oversight").count() == 1


def test_the_people_touched_are_taken_out_with_masked_names(client, auditor, clerk):
    person = PersonFactory.create(name="李大海")
    audit.access(actor=clerk, action="open", person_ids=[person.pk])
    client.force_login(auditor)
    asked = {"set": "touched", "account": "wang", "start": "2026-01-01", "end": "2036-12-31"}
    client.post(reverse("oversight:export"), asked)
    rows = written(Job.objects.get())
    assert rows[1][0] == str(person.pk)
    assert rows[1][1] == "李**"


@pytest.mark.parametrize("asked", [{"set": "users"}, {"set": "touched", "account": "", "start": "", "end": ""}])
def test_nothing_else_is_taken_out(client, auditor, asked):
    client.force_login(auditor)
    assert client.post(reverse("oversight:export"), asked).status_code == 403
    assert not Job.objects.exists()


def test_an_inspection_is_entered_once(client, auditor):
    client.force_login(auditor)
    asked = {"day": "2027-02-01", "title": "省级检查"}
    assert client.post(reverse("oversight:inspections"), asked).status_code == 302
    assert client.post(reverse("oversight:inspections"), asked).status_code == 422
    assert Inspection.objects.get().entered_by == auditor
