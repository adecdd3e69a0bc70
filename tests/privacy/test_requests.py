"""PIPL arts 44–50, digest P10: the course of a request of the person."""

from datetime import date

import pytest
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db import IntegrityError, transaction

from portal.audit.models import AuditEntry
from portal.core.errors import DomainError, StaleRecordError
from portal.policy.services import rule
from privacy.choices import Requester, RequestKind, RequestStatus
from privacy.models import SubjectRequest
from privacy.selectors import clock_of
from privacy.services import requests
from privacy.services.requests import RequestInput
from residents.models import Person
from residents.services.corrections import CorrectionInput, correct_person
from tests.factories.privacy import RequestFactory
from tests.factories.residents import RegistrationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(handler) -> Person:
    found: Person = RegistrationFactory.create().person
    return found


def received(person, actor, **changes) -> SubjectRequest:
    return requests.receive_request(person_id=person.pk, given=RequestInput(**{"kind": "see"} | changes), actor=actor)


def taken_up(person, actor, **changes) -> SubjectRequest:
    made = received(person, actor, **changes)
    made = requests.check_identity(request_id=made.pk, means="居民身份证", version=made.version, actor=actor)
    return requests.start_work(request_id=made.pk, version=made.version, actor=actor)


def test_P10_the_answer_is_due_fifteen_working_days_after_receipt(person, clerk):
    made = received(person, clerk)
    assert made.due_on == date(2026, 12, 11)
    assert (made.due_rule["value"], made.due_rule["unit"]) == (15, "workday")


def test_P10_the_term_is_our_own_proposal_and_marked_so(person):
    assert rule("privacy.subject_request_days").verified is False


def test_P10_requests_are_numbered_by_county_and_year_without_gaps(person, clerk):
    first, second = received(person, clerk), received(person, clerk)
    assert first.number == "330822Q2026000001"
    assert second.number == "330822Q2026000002"


def test_P10_the_clock_counts_working_days(person, clerk, at):
    made = received(person, clerk)
    at("2026-11-23 09:00")
    assert (clock_of(made).tone, made.due_on) == ("ok", date(2026, 12, 11))
    at("2026-12-10 09:00")
    assert clock_of(made).tone == "warn"
    at("2026-12-14 09:00")
    assert clock_of(made).tone == "bad"


def test_P10_nothing_is_done_before_the_identity_is_checked(person, handler):
    made = received(person, handler)
    with pytest.raises(DomainError) as refused:
        requests.start_work(request_id=made.pk, version=made.version, actor=handler)
    assert refused.value.code == "wrong_state"
    with pytest.raises(DomainError):
        requests.open_for_work(request_id=made.pk, actor=handler)


def test_P10_how_the_identity_was_checked_has_to_be_said(person, handler):
    made = received(person, handler)
    with pytest.raises(DomainError) as refused:
        requests.check_identity(request_id=made.pk, means="  ", version=made.version, actor=handler)
    assert refused.value.field == "means"


def test_P10_a_refusal_needs_its_reason(person, handler):
    made = taken_up(person, handler)
    with pytest.raises(DomainError) as refused:
        requests.refuse(request_id=made.pk, reason=" ", version=made.version, actor=handler)
    assert refused.value.field == "reason"
    done = requests.refuse(request_id=made.pk, reason="所查内容涉及他人", version=made.version, actor=handler)
    assert (done.status, done.refusal_reason) == (RequestStatus.REFUSED, "所查内容涉及他人")


@pytest.mark.parametrize("kind", ["see", "copy", "correct", "delete", "restrict"])
def test_P10_it_is_not_answered_before_it_was_done(person, handler, kind):
    made = taken_up(person, handler, kind=kind, wish="姓名写错")
    with pytest.raises(DomainError) as refused:
        requests.answer(request_id=made.pk, text="已办", version=made.version, actor=handler)
    assert refused.value.code == "not_done"


def test_P10_an_explanation_is_its_own_answer(person, handler):
    made = taken_up(person, handler, kind=RequestKind.EXPLAIN, wish="为什么收集工作单位")
    done = requests.answer(request_id=made.pk, text="条例规定的登记项目", version=made.version, actor=handler)
    assert done.status == RequestStatus.ANSWERED
    assert AuditEntry.objects.filter(action="subject_request.answered", target_id=str(done.pk)).exists()


def test_P10_a_correction_that_stands_lets_the_request_be_answered(person, handler):
    made = taken_up(person, handler, kind=RequestKind.CORRECT, wish="姓名应为王建军")
    correct_person(
        person_id=person.pk,
        given=CorrectionInput(name="王建军"),
        reason="录入错误",
        evidence="居民身份证",
        version=person.version,
        actor=handler,
    )
    done = requests.answer(request_id=made.pk, text="已更正", version=made.version, actor=handler)
    assert done.status == RequestStatus.ANSWERED


def test_P11_a_restriction_is_carried_out_from_the_request(person, handler, clerk):
    made = taken_up(person, handler, kind=RequestKind.RESTRICT)
    made = requests.carry_out_restriction(request_id=made.pk, version=made.version, actor=handler)
    assert not Person.objects.restrict(clerk, "view").filter(pk=person.pk).exists()
    assert not SubjectRequest.objects.restrict(clerk, "view").filter(pk=made.pk).exists()
    done = requests.answer(request_id=made.pk, text="已限制使用", version=made.version, actor=handler)
    assert done.status == RequestStatus.ANSWERED


def test_P10_what_was_not_asked_for_is_not_done(person, handler):
    made = taken_up(person, handler, kind=RequestKind.SEE)
    with pytest.raises(DomainError) as refused:
        requests.carry_out_restriction(request_id=made.pk, version=made.version, actor=handler)
    assert refused.value.code == "wrong_kind"


def test_P10_relatives_of_the_deceased_prove_it_and_ask_for_four_things_only(person, clerk):
    brought = {"requester": Requester.RELATIVE, "requester_name": "王小明", "relation_proof": "死亡证明、户口簿"}
    assert received(person, clerk, kind="copy", **brought).requester == Requester.RELATIVE
    with pytest.raises(DomainError) as refused:
        received(person, clerk, kind="restrict", **brought)
    assert refused.value.code == "not_for_relatives"
    with pytest.raises(DomainError) as unproven:
        received(person, clerk, kind="copy", **brought | {"relation_proof": ""})
    assert unproven.value.field == "relation_proof"


def test_P10_a_closed_request_stays_closed(person, handler):
    made = received(person, handler)
    made = requests.refuse(request_id=made.pk, reason="非本人", version=made.version, actor=handler)
    with pytest.raises(DomainError) as refused:
        requests.check_identity(request_id=made.pk, means="身份证", version=made.version, actor=handler)
    assert refused.value.code == "wrong_state"


def test_P17_two_colleagues_do_not_overwrite_each_other(person, handler):
    made = received(person, handler)
    requests.check_identity(request_id=made.pk, means="身份证", version=made.version, actor=handler)
    with pytest.raises(StaleRecordError):
        requests.start_work(request_id=made.pk, version=1, actor=handler)


def test_P10_handling_needs_its_own_grant(person, clerk):
    made = received(person, clerk)
    with pytest.raises(ObjectDoesNotExist):
        requests.check_identity(request_id=made.pk, means="身份证", version=made.version, actor=clerk)


def test_P10_taking_a_request_in_needs_the_grant_there(person, staff):
    looker = staff(Person, "view", role="clerk")
    with pytest.raises(PermissionDenied):
        received(person, looker)


@pytest.mark.parametrize(
    "state",
    ["refused", "answered", "checked"],
)
def test_P10_the_database_itself_refuses_half_a_request(person, state):
    with pytest.raises(IntegrityError), transaction.atomic():
        RequestFactory.create(person=person, status=state)
