"""The pages of reports for staff: queue, one report with what is on file, late ones, referrals."""

import re
from typing import Any

import pytest
from django.urls import reverse

from portal.audit.models import AuditEntry
from portal.org.models import User
from rentals.models import PenaltyReferral, TenancyReport
from residents.models import Dwelling, Person, Registration
from tests.factories.rentals import TENANT, LateReportFactory, ReferralFactory, ReportFactory
from tests.factories.residents import NoticeFactory, PersonFactory, RegistrationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on_20_november(at) -> None:
    at("2026-11-20 09:00")


@pytest.fixture
def verifier(staff) -> User:
    user = staff(TenancyReport, "view", "review", "refer")
    for model, actions in (
        (Registration, ("view", "add", "change", "deregister")),
        (Person, ("view", "add", "change")),
        (Dwelling, ("view",)),
        (PenaltyReferral, ("view", "add")),
    ):
        user = staff(model, *actions, user=user)
    return user


def queries_of(client: Any, url: str, django_assert_max_num_queries: Any) -> int:
    client.get(url)
    with django_assert_max_num_queries(60) as counted:
        assert client.get(url).status_code == 200
    return len(counted.captured_queries)


@pytest.mark.parametrize(
    ("name", "factory"),
    [("report_list", ReportFactory), ("duty_bearers", LateReportFactory), ("penalty_list", ReferralFactory)],
)
def test_a_list_costs_the_same_for_one_row_or_forty(client, verifier, name, factory, django_assert_max_num_queries):
    client.force_login(verifier)
    url = reverse(f"rentals:{name}")
    phones = iter(f"1390000{number:04d}" for number in range(41))
    changes = {"reporter_phone": lambda: next(phones)} if name == "duty_bearers" else {}
    factory.create(**{key: make() for key, make in changes.items()})
    one = queries_of(client, url, django_assert_max_num_queries)
    for _row in range(39):
        factory.create(**{key: make() for key, make in changes.items()})
    assert queries_of(client, url, django_assert_max_num_queries) == one
    assert client.get(url).content.decode().count("陈国强") >= 40


def test_the_report_shows_who_is_registered_here_with_reasons_and_masks_the_number(client, verifier):
    stay = RegistrationFactory.create(person=PersonFactory.create(name="吴租客", document_number=TENANT))
    report = ReportFactory.create(dwelling=stay.dwelling)
    client.force_login(verifier)
    page = client.get(report.get_absolute_url()).content.decode()
    assert "证件号一致" in page
    assert "就是此人" in page
    assert TENANT not in page


def test_who_may_only_view_sees_no_candidates_and_no_buttons(client, staff):
    stay = RegistrationFactory.create()
    report = ReportFactory.create(dwelling=stay.dwelling)
    client.force_login(staff(TenancyReport, "view"))
    page = client.get(report.get_absolute_url()).content.decode()
    assert stay.person.name not in page
    assert "就是此人" not in page
    assert "13957000001" not in page


def test_the_arrival_form_opens_filled_in(client, verifier):
    NoticeFactory.create()
    report = ReportFactory.create()
    client.force_login(verifier)
    answer = client.post(reverse("rentals:report_arrival", args=[report.pk]), {"version": report.version}, follow=True)
    page = answer.content.decode()
    assert 'value="吴租客"' in page
    assert f'value="{report.dwelling_id}"' in page


def test_steps_are_taken_from_the_page(client, verifier):
    stay = RegistrationFactory.create()
    report = ReportFactory.create(kind="out", dwelling=stay.dwelling)
    client.force_login(verifier)
    url = reverse("rentals:report_step", args=[report.pk, "left"])
    given = {"version": report.version, "registration_id": stay.pk, "stay_version": stay.version, "reason": "01"}
    assert client.post(url, given).status_code == 302
    stay.refresh_from_db()
    assert stay.status == "left"
    untrue = ReportFactory.create()
    answer = client.post(reverse("rentals:report_step", args=[untrue.pk, "untrue"]), {"version": 1, "answer": ""})
    assert answer.status_code == 422


def test_late_reports_are_counted_for_each_duty_bearer(client, verifier):
    LateReportFactory.create(late_days=2)
    LateReportFactory.create(late_days=5)
    LateReportFactory.create(late_days=0)
    client.force_login(verifier)
    page = client.get(reverse("rentals:duty_bearers")).content.decode()
    row = re.search(r"<tr(?:(?!</tr>).)*陈国强.*?</tr>", page, re.DOTALL)
    assert row is not None
    assert re.findall(r">(\d+)</td>", row[0]) == ["3", "2", "5"]
    assert "139****0001" in row[0]


def test_a_referral_is_written_from_the_page_and_told_as_referred(client, verifier):
    report = LateReportFactory.create()
    client.force_login(verifier)
    url = reverse("rentals:penalty_new", args=[report.pk])
    page = client.get(url).content.decode()
    assert "第三十四条" in page
    given = {
        "basis": "《浙江省流动人口居住登记条例》第三十四条",
        "evidence": "逾期",
        "notice": "已告知",
        "notified_on": "2026-11-20",
        "sent_to": "天马派出所",
    }
    answer = client.post(url, given)
    row = PenaltyReferral.objects.get()
    assert answer.url == row.get_absolute_url()
    assert report.number in client.get(row.get_absolute_url()).content.decode()
    assert "已移送" in client.get(reverse("rentals:duty_bearers")).content.decode()


def test_the_phone_of_the_reporter_is_masked_and_every_look_at_it_is_kept(client, verifier, staff):
    report = ReportFactory.create()
    client.force_login(verifier)
    assert "13957000001" not in client.get(report.get_absolute_url()).content.decode()
    answer = client.post(reverse("rentals:report_reveal", args=[report.pk]))
    assert answer.content.decode() == "13957000001"
    assert AuditEntry.objects.get(action="report.phone_shown").actor == verifier
    client.force_login(staff(TenancyReport, "view"))
    assert client.post(reverse("rentals:report_reveal", args=[report.pk])).status_code == 403
