"""A ledger from the order to the file: who may, what stands on it, what is written down about it."""

import csv
import io
from datetime import date

import pytest
import python_calamine
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.audit.models import AccessEvent
from portal.core.errors import DomainError
from portal.exchange import ledgers, services
from portal.exchange.ledgers import Column, Kind, Ledger, Query, register_ledger
from portal.exchange.periods import PeriodKind, month_of, period_of, quarter_of
from portal.exports.forms import past_periods
from portal.jobs import worker
from portal.jobs.models import Job, JobState
from portal.jobs.results import content_of
from portal.org.models import User
from portal.org.scoping import forget_grants
from portal.org.services import grant_to_user
from residents.models import Person
from tests.factories.org import AreaFactory

pytestmark = pytest.mark.django_db
TIANMA, OTHER = "330822001", "330822002"


def rows_of_areas(params):
    """Areas themselves are the rows: they carry the scope's columns under other names."""
    inside = " OR ".join("starts_with(x.code, %s)" for _code in params.scope.codes)
    return Query(tables="org_area x", where=f"({inside})", values=list(params.scope.codes), order_by="x.code")


COLUMNS = (
    Column(key="serial", title="序号", kind=Kind.SERIAL, width=6),
    Column(key="name", title="名称", sql="x.name"),
    Column(key="code", title="证件号码", kind=Kind.ID, sql="'330822199001011234'"),
    Column(key="level", title="级别", sql="x.level", choices=[("township", "乡镇"), ("community", "村社")]),
)


@pytest.fixture
def ledger(monkeypatch, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(ledgers, "_ledgers", {})
    return register_ledger(
        Ledger(
            code="T1", title="区划台账", about="区划", model=Person, columns=COLUMNS, source=rows_of_areas, notes="现状"
        )
    )


@pytest.fixture
def areas():
    AreaFactory.create(code="330822", name="常山县")
    for code, name in (
        (TIANMA, "天马街道"),
        (f"{TIANMA}001", "东明社区"),
        (OTHER, "金川街道"),
        (f"{OTHER}001", "=金川社区"),
    ):
        AreaFactory.create(code=code, name=name)


@pytest.fixture
def clerk(staff, areas):
    return staff(Person, "export", at=TIANMA, role="clerk")


def order(**changes):
    day = date(2026, 11, 22)
    return services.Order(**{"code": "T1", "area_code": TIANMA, "start": day, "end": day, **changes})


def made(clerk, **changes):
    job = services.request_ledger(order=order(**changes), reason="报送上级", actor=clerk)
    worker.run(str(job.pk))
    job.refresh_from_db()
    return job


def sheets(job):
    book = python_calamine.load_workbook(io.BytesIO(b"".join(content_of(job))))
    return [book.get_sheet_by_index(number).to_python() for number in range(len(book.sheet_names))]


def test_the_file_holds_the_rows_of_the_area_under_the_official_title_and_name(ledger, clerk):
    job = made(clerk)
    data, about = sheets(job)
    assert data[0][0] == "常山县天马街道区划台账"
    assert data[3:5] == [
        [1.0, "天马街道", "330***********1234", "乡镇"],
        [2.0, "东明社区", "330***********1234", "村社"],
    ]
    assert (job.state, job.rows) == (JobState.DONE, 2)
    assert job.result_name.startswith("常山县天马街道区划台账_")
    assert job.result_name.endswith(".xlsx")
    lines = dict(about[2:])
    assert (lines["数据行数"], lines["导出用途"], lines["口径说明"]) == ("2 条", "报送上级", "现状")
    assert len(lines["内容校验值"]) == 64


def test_every_export_leaves_a_trace_with_reason_and_row_count(ledger, clerk):
    made(clerk)
    event = AccessEvent.objects.get(action="export")
    assert (event.actor, event.reason, event.row_count, event.fields) == (clerk, "报送上级", 2, [])


def test_rows_outside_the_grant_never_reach_the_file(ledger, clerk):
    job = made(clerk, area_code="330822")
    data, _about = sheets(job)
    assert [row[1] for row in data[3:-3]] == ["天马街道", "东明社区"]
    assert data[0][0].startswith("常山县天马街道")


def test_an_area_out_of_reach_is_refused(ledger, clerk):
    with pytest.raises(PermissionDenied):
        services.request_ledger(order=order(area_code=OTHER), reason="x", actor=clerk)


def test_a_grant_taken_away_after_the_order_refuses_the_job(ledger, clerk):
    job = services.request_ledger(order=order(), reason="x", actor=clerk)
    clerk.areausergrant_set.all().delete()
    worker.run(str(job.pk))
    job.refresh_from_db()
    assert (job.state, job.rows) == (JobState.FAILED, 0)
    assert not AccessEvent.objects.exists()


def test_full_numbers_need_their_own_grant(ledger, clerk):
    with pytest.raises(DomainError) as refusal:
        services.request_ledger(order=order(full=True), reason="x", actor=clerk)
    assert refusal.value.field == "full"


def test_with_the_grant_full_numbers_are_written_and_named_in_the_trace(ledger, clerk):
    grant_to_user(clerk, Person, ["export_full"], at=AreaFactory.create(code=TIANMA))
    forget_grants(clerk)
    data, about = sheets(made(clerk, full=True))
    assert data[3][2] == "330822199001011234"
    assert dict(about[2:])["脱敏情况"] == "未脱敏（经授权）"
    assert AccessEvent.objects.get(action="export").fields == ["code"]


@pytest.mark.parametrize(
    ("given", "field"),
    [({"reason": "  "}, "reason_text"), ({"reason": "x", "is_outward": True}, "recipient")],
)
def test_a_reason_is_always_asked_and_a_recipient_when_the_file_leaves(ledger, clerk, given, field):
    with pytest.raises(DomainError) as refusal:
        services.request_ledger(order=order(), actor=clerk, **given)
    assert refusal.value.field == field


def test_csv_carries_a_mark_for_chinese_windows_and_no_formula(ledger, staff, areas):
    clerk = staff(Person, "export", at="330822", role="clerk")
    job = made(clerk, area_code="330822", format="csv")
    raw = b"".join(content_of(job))
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    assert rows[0] == ["序号", "名称", "证件号码", "级别"]
    assert rows[-1] == ["5", "'=金川社区", "330***********1234", "村社"]


def test_a_report_that_does_not_add_up_is_not_made(ledger, clerk):
    def never(_params, rows):
        yield f"合计 {sum(row[1] for row in rows)} 不等于 4"

    register_ledger(
        Ledger(
            code="T2",
            title="报表",
            model=Person,
            columns=(Column(key="a", title="项"), Column(key="n", title="数", kind=Kind.NUMBER)),
            source=lambda _params: [("男", 1), ("女", 2)],
            checks=(never,),
            is_statistic=True,
        )
    )
    job = made(clerk, code="T2")
    assert job.state == JobState.FAILED
    assert "合计 3 不等于 4" in job.error


def test_the_same_data_has_the_same_content_hash_on_another_day(ledger, clerk):
    hashes = {dict(sheets(made(clerk))[1][2:])["内容校验值"] for _print in range(2)}
    assert len(hashes) == 1


def test_codes_and_column_keys_are_unique(ledger):
    with pytest.raises(ValueError, match="registered already"):
        register_ledger(ledger)
    with pytest.raises(ValueError, match="not unique"):
        register_ledger(Ledger(code="T3", title="x", model=Person, columns=(COLUMNS[0],) * 2, source=rows_of_areas))


@pytest.mark.parametrize(
    ("period", "start", "end", "label"),
    [
        (month_of(date(2024, 2, 10)), date(2024, 2, 1), date(2024, 2, 29), "2024年2月"),
        (quarter_of(date(2026, 11, 22)), date(2026, 10, 1), date(2026, 12, 31), "2026年第4季度"),
        (
            period_of(PeriodKind.NONE, date(2026, 11, 22), date(2026, 11, 30)),
            date(2026, 11, 22),
            date(2026, 11, 22),
            "2026-11-22",
        ),
    ],
)
def test_periods_hold_both_their_ends(period, start, end, label):
    assert (period.start, period.end, period.label) == (start, end, label)


def test_a_range_turned_round_is_refused():
    with pytest.raises(DomainError):
        period_of(PeriodKind.RANGE, date(2026, 2, 1), date(2026, 1, 31))


def test_the_quarters_offered_go_back_without_gaps():
    labels = [one.label for one in past_periods(PeriodKind.QUARTER, date(2026, 2, 3))][:3]
    assert labels == ["2026年第1季度", "2025年第4季度", "2025年第3季度"]


# --- pages ---


def post(client, **changes):
    data = {
        "ledger": "T1",
        "submission_id": "press-1",
        "area_code": TIANMA,
        "format": "xlsx",
        "reason": "upward",
        "destination": "inside",
        **changes,
    }
    return client.post(reverse("exports:centre"), data)


def test_the_centre_takes_an_order_once_however_often_the_button_is_pressed(client, ledger, clerk):
    client.force_login(clerk)
    assert post(client).status_code == 302
    assert post(client).status_code == 302
    job = Job.objects.get()
    assert (job.reason, job.params["area_code"], job.requested_by) == ("报送上级部门", TIANMA, clerk)


def test_the_centre_says_what_is_missing(client, ledger, clerk):
    client.force_login(clerk)
    response = post(client, reason="other", destination="outward")
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"reason_text", "recipient"}


def test_a_forged_area_is_not_among_the_choices(client, ledger, clerk):
    client.force_login(clerk)
    assert post(client, area_code=OTHER).status_code == 422
    assert not Job.objects.exists()


def test_without_a_grant_there_is_no_export_centre(client, ledger, areas):
    client.force_login(User.objects.create(username="nobody"))
    assert client.get(reverse("exports:centre")).status_code == 403
    assert client.get(reverse("exports:preview", args=["T1"])).status_code == 403


def test_the_preview_is_masked_scoped_and_recorded(client, ledger, clerk):
    client.force_login(clerk)
    page = client.get(reverse("exports:preview", args=["T1"]), {"area": OTHER}).content.decode()
    assert "东明社区" in page
    assert "金川" not in page
    assert "330822199001011234" not in page
    assert AccessEvent.objects.get(action="list").row_count == 2


def test_only_the_person_who_asked_may_fetch_the_file(client, ledger, clerk, staff):
    job = made(clerk)
    url = reverse("exports:download", args=[job.pk])
    client.force_login(staff(Person, "export", at=TIANMA, role="clerk"))
    assert client.get(url).status_code == 404
    client.force_login(clerk)
    response = client.get(url)
    assert response["Content-Disposition"].startswith("attachment")
    assert response["Cache-Control"] == "no-store"
    assert b"".join(response.streaming_content)[:2] == b"PK"
    assert AccessEvent.objects.filter(purpose="download T1").count() == 1


def test_the_file_cannot_be_fetched_after_the_grant_is_gone(client, ledger, clerk):
    job = made(clerk)
    clerk.areausergrant_set.all().delete()
    client.force_login(clerk)
    assert client.get(reverse("exports:download", args=[job.pk])).status_code == 403


def test_the_fragment_polls_until_the_state_is_final(client, ledger, clerk):
    job = services.request_ledger(order=order(), reason="x", actor=clerk)
    client.force_login(clerk)
    url = reverse("jobs:status", args=[job.pk])
    waiting = client.get(url, headers={"HX-Request": "true"})
    assert (waiting.status_code, b"every 1s" in waiting.content) == (200, True)
    worker.run(str(job.pk))
    ended = client.get(url, headers={"HX-Request": "true"})
    assert (ended.status_code, b"every 1s" in ended.content) == (286, False)
    assert reverse("exports:download", args=[job.pk]) in ended.content.decode()


def test_nobody_sees_the_tasks_of_others(client, ledger, clerk, staff):
    job = services.request_ledger(order=order(), reason="x", actor=clerk)
    client.force_login(staff(Person, "export", at=TIANMA, role="clerk"))
    assert client.get(reverse("jobs:status", args=[job.pk])).status_code == 404
    assert client.post(reverse("jobs:cancel", args=[job.pk])).status_code == 404
    assert job.title not in client.get(reverse("jobs:mine")).content.decode()


def test_the_stop_button_cancels(client, ledger, clerk):
    job = services.request_ledger(order=order(), reason="x", actor=clerk)
    client.force_login(clerk)
    client.post(reverse("jobs:cancel", args=[job.pk]))
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED


def test_the_pages_cost_the_same_for_one_task_or_forty(client, ledger, clerk):
    client.force_login(clerk)
    client.get(reverse("exports:centre"))  # names of areas are then known to this process
    counts = []
    for rows in (1, 39):
        for _number in range(rows):
            services.request_ledger(order=order(), reason="x", actor=clerk)
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("exports:centre"))
            client.get(reverse("jobs:mine"))
        counts.append(len(queries))
    assert counts[0] == counts[1]
