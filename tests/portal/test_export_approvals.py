"""A large file waits for a second person (security design A12): policy `export.large_rows` is two rows here."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse

from portal.audit.models import AuditEntry
from portal.core import clock
from portal.core.errors import DomainError
from portal.exchange import approvals, services
from portal.exchange.models import ExportRequest
from portal.jobs.models import Job
from portal.org.models import AreaUserGrant
from portal.org.scoping import forget_grants
from portal.org.services import grant_to_user
from portal.policy.models import PolicyRule
from residents.models import Person
from tests.factories.org import AreaFactory
from tests.factories.residents import RegistrationFactory

pytestmark = pytest.mark.django_db
COUNTY, TIANMA, OTHER = "330822", "330822001", "330822002"


@pytest.fixture(autouse=True)
def two_rows_alone():
    PolicyRule.objects.filter(code="export.large_rows").update(value="2")


@pytest.fixture
def areas():
    return {
        code: AreaFactory.create(code=code, name=name)
        for code, name in ((COUNTY, "常山县"), (TIANMA, "天马街道"), (OTHER, "紫港街道"))
    }


@pytest.fixture
def clerk(staff, areas):
    user = staff(role="clerk", at=TIANMA)
    grant_to_user(user, Person, ["view", "export", "export_full"], at=areas[TIANMA])
    return user


@pytest.fixture
def approver(staff, areas):
    user = staff(role="office", at=COUNTY)
    grant_to_user(user, ExportRequest, ["approve"], at=areas[COUNTY])
    return user


def ask(clerk, **changes):
    day = date(2026, 11, 1)
    order = services.Order(code="L1", area_code=TIANMA, start=day, end=day, **changes)
    return services.request_ledger(order=order, reason="年度核对", recipient="县统计局", is_outward=True, actor=clerk)


def three_people():
    for _one in range(3):
        RegistrationFactory.create(area_code=f"{TIANMA}001")


def test_as_many_rows_as_the_rule_allows_are_made_at_once(clerk):
    RegistrationFactory.create(area_code=f"{TIANMA}001")
    RegistrationFactory.create(area_code=f"{TIANMA}001")
    assert isinstance(ask(clerk), Job)
    assert not ExportRequest.objects.exists()


def test_A12_one_row_more_waits_and_no_job_exists(clerk):
    three_people()
    asked = ask(clerk)
    assert isinstance(asked, ExportRequest)
    assert (asked.rows, asked.state, asked.area_code) == (3, "waiting", TIANMA)
    assert not Job.objects.exists()
    assert AuditEntry.objects.filter(action="export.approval_asked", actor=clerk).count() == 1


def test_A12_with_the_approval_the_file_is_made_for_the_one_who_asked(clerk, approver):
    three_people()
    row = approvals.approve(request_id=ask(clerk).pk, actor=approver)
    job = Job.objects.get()
    assert (job.requested_by, job.reason, job.recipient) == (clerk, "年度核对", "县统计局")
    assert job.params == {
        "code": "L1", "area_code": TIANMA, "start": "2026-11-01", "end": "2026-11-01", "format": "xlsx", "full": False,
        "is_outward": True, "known_at": None, "areas_then": False, "subject": "",
    }  # fmt: skip
    assert (row.state, row.decided_by, row.job) == ("approved", approver, job)


def test_A12_nobody_approves_the_own_request(clerk, areas):
    grant_to_user(clerk, ExportRequest, ["approve"], at=areas[TIANMA])
    forget_grants(clerk)
    three_people()
    asked = ask(clerk)
    assert list(approvals.waiting_for(clerk)) == []
    with pytest.raises(PermissionDenied):
        approvals.approve(request_id=asked.pk, actor=clerk)


def test_A12_nor_with_the_right_on_loan_from_the_one_who_asked(clerk, areas, staff):
    grant_to_user(clerk, ExportRequest, ["approve"], at=areas[TIANMA])
    stand_in = staff(role="office", at=TIANMA)
    grant_to_user(stand_in, ExportRequest, ["approve"], at=areas[TIANMA])
    AreaUserGrant.objects.filter(user=stand_in).delete()
    lent = AreaUserGrant.objects.filter(user=clerk, permission__codename="exchange__approve_exportrequest").get()
    AreaUserGrant.objects.create(
        user=stand_in, permission=lent.permission, content_object=areas[TIANMA], delegated_from=clerk,
        valid_to=clock.now() + timedelta(days=1),
    )  # fmt: skip
    forget_grants(stand_in)
    three_people()
    with pytest.raises(PermissionDenied):
        approvals.approve(request_id=ask(clerk).pk, actor=stand_in)


def test_A12_the_database_refuses_it_too(clerk):
    three_people()
    asked = ask(clerk)
    with pytest.raises(IntegrityError), transaction.atomic():
        ExportRequest.objects.filter(pk=asked.pk).update(
            state="approved", decided_by=clerk, decided_at="2026-11-22T00:00Z"
        )


def test_an_approver_of_another_area_neither_sees_nor_decides(clerk, staff, areas):
    three_people()
    asked = ask(clerk)
    other = staff(role="office", at=OTHER)
    grant_to_user(other, ExportRequest, ["approve"], at=areas[OTHER])
    assert list(approvals.waiting_for(other)) == []
    with pytest.raises(ExportRequest.DoesNotExist):
        approvals.approve(request_id=asked.pk, actor=other)


def test_a_refusal_says_why_and_makes_nothing(clerk, approver):
    three_people()
    asked = ask(clerk)
    with pytest.raises(DomainError) as wrong:
        approvals.refuse(request_id=asked.pk, reason="  ", actor=approver)
    assert wrong.value.field == "answer"
    approvals.refuse(request_id=asked.pk, reason="请按村社分批导出", actor=approver)
    assert [row.answer for row in approvals.asked_by(clerk)] == ["请按村社分批导出"]
    assert not Job.objects.exists()
    with pytest.raises(DomainError, match=r"办结|meanwhile"):
        approvals.approve(request_id=asked.pk, actor=approver)


def test_who_lost_the_right_meanwhile_gets_no_file(clerk, approver):
    three_people()
    asked = ask(clerk, full=True)
    AreaUserGrant.objects.filter(user=clerk, permission__codename="residents__export_full_person").delete()
    with pytest.raises(DomainError, match=r"权限|may not"):
        approvals.approve(request_id=asked.pk, actor=approver)
    assert not Job.objects.exists()


class TestPages:
    def test_asking_deciding_and_taking_back(self, clerk, approver, client):
        three_people()
        first, second = ask(clerk), ask(clerk, format="csv")
        client.force_login(approver)
        page = client.get(reverse("exports:approvals")).content.decode()
        assert page.count("年度核对") == 2
        shown = client.get(reverse("exports:approval", args=[first.pk])).content.decode()
        assert "县统计局" in shown
        assert str(clerk) in shown
        assert client.post(reverse("exports:approval", args=[first.pk]), {"decision": "approve"}).status_code == 302
        wrong = client.post(reverse("exports:approval", args=[second.pk]), {"decision": "refuse", "answer": ""})
        assert wrong.status_code == 422
        assert "请填写退回理由" in wrong.content.decode()
        assert client.post(reverse("exports:withdraw", args=[second.pk])).status_code == 404, "not the own request"
        client.force_login(clerk)
        assert "等待审批" in client.get(reverse("exports:centre")).content.decode()
        client.post(reverse("exports:withdraw", args=[second.pk]))
        assert "已撤回" in client.get(reverse("exports:centre")).content.decode()
        assert list(Job.objects.values_list("requested_by", flat=True)) == [clerk.pk]

    def test_the_list_asks_the_same_for_one_and_for_forty(
        self, clerk, approver, client, django_assert_num_queries, django_assert_max_num_queries
    ):
        three_people()
        ask(clerk)
        client.force_login(approver)
        client.get(reverse("exports:approvals"))
        with django_assert_max_num_queries(40) as one:
            client.get(reverse("exports:approvals"))
        for _again in range(39):
            ask(clerk)
        with django_assert_num_queries(len(one)):
            client.get(reverse("exports:approvals"))
