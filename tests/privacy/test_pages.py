"""The pages of the rights of the person, asked through the real middleware."""

import json
from datetime import date
from io import BytesIO

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.audit.models import AccessEvent, AuditEntry
from portal.audit.three_admins import appoint
from portal.exchange.models import ProvisionRecord
from portal.jobs.models import Job
from portal.org.models import User
from portal.org.scoping import forget_grants
from privacy.choices import ConsentStatus
from privacy.jobs import write_copy
from privacy.models import Consent, LegalHold, ProcessingActivity, SubjectRequest
from privacy.services import requests
from privacy.services.requests import RequestInput
from residents.models import Notice, Person
from tests.factories.org import AreaFactory, DepartmentFactory, StaffFactory, UserFactory
from tests.factories.privacy import ActivityFactory
from tests.factories.residents import NoticeFactory, RegistrationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(handler) -> Person:
    found: Person = RegistrationFactory.create().person
    return found


@pytest.fixture
def page(client, handler):
    client.force_login(handler)
    return client


def security_administrator() -> User:
    AreaFactory.create(code=settings.COUNTY_CODE)
    user = UserFactory.create()
    appoint(user=user, kind="secadmin", actor=None)
    forget_grants(user)
    return user


def started(person, handler, **given) -> SubjectRequest:
    made = requests.receive_request(person_id=person.pk, given=RequestInput(**{"kind": "see"} | given), actor=handler)
    made = requests.check_identity(request_id=made.pk, means="居民身份证", version=1, actor=handler)
    return requests.start_work(request_id=made.pk, version=2, actor=handler)


def test_P10_a_request_is_taken_in_and_goes_its_way_on_the_pages(person, page):
    url = reverse("privacy:request_new", args=[person.pk])
    assert person.document_number not in page.get(url).content.decode()
    made = page.post(url, {"kind": "explain", "wish": "为何收集", "requester": "self", "received_on": "2026-11-20"})
    row = SubjectRequest.objects.get()
    assert made["Location"] == reverse("privacy:request_detail", args=[row.pk])
    for name, data in (
        ("check", {"means": "居民身份证", "version": 1}),
        ("start", {"version": 2}),
        ("answer", {"text": "依条例第六条登记", "version": 3}),
    ):
        assert page.post(reverse("privacy:request_step", args=[row.pk, name]), data).status_code == 302
    sheet = page.get(reverse("privacy:answer_sheet", args=[row.pk])).content.decode()
    assert "依条例第六条登记" in sheet


def test_P10_what_is_missing_stands_beside_its_field(person, page, handler):
    url = reverse("privacy:request_new", args=[person.pk])
    refused = page.post(url, {"kind": "correct", "requester": "self", "received_on": "2026-11-20"})
    assert refused.status_code == 422
    assert refused.context["form"].errors["wish"]
    made = requests.receive_request(person_id=person.pk, given=RequestInput(kind="see"), actor=handler)
    shown = page.post(reverse("privacy:request_step", args=[made.pk, "check"]), {"means": "", "version": 1})
    assert shown.status_code == 422
    assert shown.context["identity_form"].errors["means"]


def test_P10_a_stale_step_is_told_and_nothing_is_lost(person, page, handler):
    row = started(person, handler, kind="explain", wish="为何")
    shown = page.post(reverse("privacy:request_step", args=[row.pk, "answer"]), {"text": "答复正文", "version": 1})
    assert shown.status_code == 422
    assert "答复正文" in shown.content.decode()


def test_F4_the_sheet_tells_day_unit_purpose_and_field_but_no_names(person, page, handler):
    reader = StaffFactory.create(
        display_name="张看看", department=DepartmentFactory.create(code="county_police", name="常山县公安局")
    )
    AccessEvent.objects.create(
        actor=reader, action="reveal", purpose="identity", fields=["document_number"], person_ids=[person.pk]
    )
    for _time in range(3):
        AccessEvent.objects.create(actor=reader, action="list", person_ids=[person.pk, 999])
    AccessEvent.objects.create(actor=reader, action="list", person_ids=[999])
    row = started(person, handler)
    sheet = page.get(reverse("privacy:access_sheet", args=[row.pk]))
    looks = sheet.context["sheet"].looks
    listed, revealed = sorted(looks, key=lambda look: look.times, reverse=True)[:2]
    assert (listed.times, listed.unit, listed.day) == (3, "常山县公安局", date(2026, 11, 20))
    assert revealed.fields == "证件号码"
    assert "张看看" not in sheet.content.decode()
    assert person.document_number not in sheet.content.decode()


def test_F4_the_sheet_is_itself_logged_and_recorded(person, page, handler):
    row = started(person, handler)
    page.get(reverse("privacy:access_sheet", args=[row.pk]))
    assert AccessEvent.objects.filter(purpose="access_sheet", action="print", person_ids=[person.pk]).exists()
    given = ProvisionRecord.objects.get()
    assert (given.recipient_kind, given.reference, given.form) == ("person", row.number, "paper")
    assert AuditEntry.objects.filter(action="privacy.access_sheet", target_id=str(row.pk)).exists()


def test_F4_rows_of_an_investigation_are_left_out_and_that_is_logged(person, page, handler):
    suspect = StaffFactory.create()
    for action in ("reveal", "open"):
        AccessEvent.objects.create(actor=suspect, action=action, person_ids=[person.pk])
    AccessEvent.objects.create(actor=handler, action="open", person_ids=[person.pk])
    hold = LegalHold.objects.create(
        case_number="〔2026〕7 号", account=suspect, since=date(2026, 11, 1), reason="内部调查", set_by=suspect
    )
    row = started(person, handler)
    first = page.get(reverse("privacy:access_sheet", args=[row.pk]))
    logged = AuditEntry.objects.filter(action="privacy.access_sheet").latest("pk").details
    assert (logged["left_out"], logged["holds"]) == (2, [hold.pk])
    assert "〔2026〕7 号" not in first.content.decode()
    hold.lifted_on = date(2026, 11, 20)
    hold.save()
    page.get(reverse("privacy:access_sheet", args=[row.pk]))
    again = AuditEntry.objects.filter(action="privacy.access_sheet").latest("pk").details
    assert (again["left_out"], again["holds"]) == (0, [])
    assert again["shown"] == logged["shown"] + 3  # the two rows come back, and the first sheet was a look itself


def test_P10_the_copy_holds_every_field_in_full_and_is_recorded(person, page, handler):
    row = started(person, handler, kind="copy")
    text = page.get(reverse("privacy:data_copy", args=[row.pk])).content.decode()
    for value in (person.document_number, person.phone, person.name, "1990-05-17", "锦绣花园"):
        assert value in text
    given = ProvisionRecord.objects.get()
    assert given.full_numbers is True
    assert AccessEvent.objects.filter(purpose="data_copy", fields__contains=["document_number", "phone"]).exists()


def test_P10_the_copy_as_a_file_is_made_in_the_background(person, page, handler):
    row = started(person, handler, kind="copy")
    assert page.post(reverse("privacy:copy_file", args=[row.pk])).status_code == 302
    job, out = Job.objects.get(kind="privacy.copy"), BytesIO()
    write_copy(job, out)
    content = json.loads(out.getvalue())
    assert content["request"] == row.number
    assert [part["code"] for part in content["parts"]] == ["person", "stays", "requests"]
    assert person.document_number in out.getvalue().decode()
    assert job.result_name == f"{row.number}.json"


def test_P10_before_the_identity_is_checked_no_sheet_is_made(person, page, handler):
    made = requests.receive_request(person_id=person.pk, given=RequestInput(kind="copy"), actor=handler)
    answer = page.get(reverse("privacy:data_copy", args=[made.pk]))
    assert answer.status_code == 302
    assert not ProvisionRecord.objects.exists()


@pytest.mark.parametrize("name", ["request_list", "activities", "notices"])
def test_lists_cost_the_same_for_one_row_or_forty(page, handler, name):
    def asked() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert page.get(reverse(f"privacy:{name}")).status_code == 200
        return len(seen)

    def add(count: int) -> None:
        for n in range(count):
            about = RegistrationFactory.create().person
            requests.receive_request(person_id=about.pk, given=RequestInput(kind="see"), actor=handler)
            ActivityFactory.create(code=f"more{ProcessingActivity.objects.count()}_{n}")
            NoticeFactory.create(version=f"{Notice.objects.count()}-{n}")

    add(1)
    asked()
    few = asked()
    add(39)
    assert asked() == few


def test_P15_a_consent_is_withdrawn_with_one_button_on_the_page_of_the_person(person, page, handler):
    ActivityFactory.create()
    url = reverse("privacy:consent_new", args=[person.pk])
    given = page.post(url, {"activity_code": "health_services", "answer": "given", "told": "spoken"})
    assert given.status_code == 302
    row = Consent.objects.get()
    shown = page.get(person.get_absolute_url()).content.decode()
    button = reverse("privacy:consent_withdraw", args=[row.pk])
    assert f'action="{button}"' in shown
    page.post(button)
    row.refresh_from_db()
    assert row.status == ConsentStatus.WITHDRAWN


def test_P3_the_next_version_of_the_notice_is_published_and_the_former_kept(client, at):
    at("2026-11-20 12:00")
    NoticeFactory.create()
    client.force_login(security_administrator())
    data = {"version": "2027-1", "effective_from": "2027-01-01", "body": "新的说明"}
    assert client.post(reverse("privacy:notices"), data).status_code == 302
    assert list(Notice.objects.values_list("version", flat=True)) == ["2027-1", "2026-1"]
    again = client.post(reverse("privacy:notices"), data)
    assert again.status_code == 422
    assert again.context["form"].errors["version"]
    past = client.post(reverse("privacy:notices"), data | {"version": "2027-2", "effective_from": "2026-11-19"})
    assert past.context["form"].errors["effective_from"]


def test_P1_an_activity_is_changed_with_history(client, at):
    at("2026-11-20 12:00")
    row = ActivityFactory.create()
    client.force_login(security_administrator())
    url = reverse("privacy:activity_edit", args=[row.pk])
    data = {
        "purpose": row.purpose,
        "basis": "consent",
        "law": "《个人信息保护法》第二十九条、第三十条",
        "data_kinds": row.data_kinds,
        "data_classes": ["C4"],
        "retention_rule": row.retention_rule,
        "verified": "on",
    }
    assert client.post(url, data).status_code == 302
    row.refresh_from_db()
    assert (row.law, row.verified, row.pack) == ("《个人信息保护法》第二十九条、第三十条", True, "")
    assert row.events.count() == 2
    refused = client.post(url, data | {"retention_rule": "no.such_rule"})
    assert refused.context["form"].errors["retention_rule"]
