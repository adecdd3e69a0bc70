"""Decree 663, rule by rule on eligibility, papers, terms and signature (R1–R7). Every date is worked out by hand."""

from dataclasses import fields
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from portal.core.errors import DomainError
from portal.policy.models import PolicyRule
from portal.policy.services import set_rule
from residents.choices import ApplicationStatus, Ground, PermitStatus, ProofKind
from residents.models import Permit, PermitApplication
from residents.services.permits import applications, decisions
from residents.services.permits.applications import Agent
from residents.services.permits.eligibility import eligibility
from residents.services.permits.face import Face
from tests.factories.org import PoliceDelegationFactory
from tests.factories.permits import (
    ID_AND_PHOTO,
    LEASE_FILE,
    TOWNSHIP,
    ApplicationFactory,
    at,
    officer,
    resident,
)
from tests.residents.permit_acts import issued, take_in

pytestmark = pytest.mark.django_db


def failed(person, day):
    return [check.code for check in eligibility(person, day).checks if check.blocking and not check.passed]


def test_R1_half_a_year_and_one_condition_make_a_person_eligible():
    person = resident("2025-09-10", reason="09", workplace="", lodging="05")

    assert failed(person, date(2026, 3, 9)) == ["half_year"]
    found = eligibility(person, date(2026, 3, 10))
    assert found.eligible
    assert found.half_year_on == date(2026, 3, 10)
    assert found.grounds == ("dwelling",)


@pytest.mark.parametrize(
    ("changes", "grounds"),
    [
        ({"reason": "01", "workplace": "恒达电子", "lodging": "04"}, ("job",)),
        ({"reason": "06", "workplace": "常山一中", "lodging": "99"}, ("schooling",)),
        ({"reason": "01", "workplace": "恒达电子", "lodging": "05"}, ("job", "dwelling")),
    ],
)
def test_R1_each_of_the_three_conditions_counts_alone(changes, grounds):
    assert eligibility(resident("2025-01-02", **changes), date(2026, 3, 10)).grounds == grounds


def test_R1_half_a_year_from_31_august_is_full_on_the_last_day_of_february():
    assert eligibility(resident("2025-08-31"), date(2026, 3, 10)).half_year_on == date(2026, 2, 28)


def test_R2_the_card_carries_the_ten_fields_of_article_4_and_nothing_else():
    assert [field.name for field in fields(Face)] == [
        "name", "sex", "ethnicity", "birth_date", "document_number", "photo",
        "native_address", "address", "issued_by", "issued_on",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("ground", "proofs"),
    [
        (Ground.DWELLING, ["lease", "title", "purchase", "lodging"]),
        (Ground.JOB, ["labour_contract", "business_licence", "employer_certificate"]),
        (Ground.SCHOOLING, ["student_card", "school_certificate"]),
    ],
)
def test_R3_identity_photograph_and_one_proof_of_the_condition_are_enough(ground, proofs):
    for proof in proofs:
        file = take_in(resident("2025-01-02"), ground=ground, papers=[*ID_AND_PHOTO, proof])
        assert file.status == ApplicationStatus.ACCEPTED
    without = take_in(resident("2025-01-02"), ground=ground, papers=ID_AND_PHOTO)
    assert without.status == ApplicationStatus.RETURNED
    assert without.notice_items == proofs


def test_R4_a_child_under_16_needs_a_guardian_and_both_identity_cards(time_machine):
    time_machine.move_to(at("2026-03-10"), tick=False)
    child = resident("2025-01-02", person__birth_date=date(2010, 3, 11))
    with pytest.raises(DomainError) as refused:
        take_in(child)
    assert refused.value.field == "applicant"

    mother = Agent(name="李秀英", relation="52")
    file = take_in(child, agent=mother)
    assert file.status == ApplicationStatus.RETURNED
    assert file.notice_items == ["guardian_id"]
    applications.complete(application_id=file.pk, papers=[ProofKind.GUARDIAN_ID], actor=officer())
    assert PermitApplication.objects.get().status == ApplicationStatus.ACCEPTED


def test_R4_on_the_sixteenth_birthday_the_holder_applies_alone(time_machine):
    time_machine.move_to(at("2026-03-11"), tick=False)
    assert take_in(resident("2025-01-02", person__birth_date=date(2010, 3, 11))).status == ApplicationStatus.ACCEPTED


def test_R4_an_adult_may_send_a_close_relative_only_when_of_reduced_mobility():
    old = resident("2025-01-02", person__birth_date=date(1941, 5, 17))
    papers = [*LEASE_FILE, ProofKind.GUARDIAN_ID]
    with pytest.raises(DomainError) as refused:
        take_in(old, papers=papers, agent=Agent(name="王强", relation="20"))
    assert refused.value.field == "reduced_mobility"
    with pytest.raises(DomainError) as stranger:
        take_in(old, papers=papers, agent=Agent(name="某人", relation="99", reduced_mobility=True))
    assert stranger.value.field == "applicant_relation"
    file = take_in(old, papers=papers, agent=Agent(name="王强", relation="20", reduced_mobility=True))
    assert file.status == ApplicationStatus.ACCEPTED


def test_R5_the_notice_lists_everything_missing_at_once():
    file = take_in(resident("2025-01-02"), papers=[])

    assert file.status == ApplicationStatus.RETURNED
    assert file.due_on is None
    assert file.notice_items == ["id_card", "photo", "lease", "title", "purchase", "lodging"]


def test_R5_a_second_notice_for_the_same_file_is_refused(time_machine):
    time_machine.move_to(at("2026-03-10"), tick=False)
    clerk, chief = officer(), officer()
    file = take_in(resident("2025-01-02"), papers=ID_AND_PHOTO, actor=clerk)
    with pytest.raises(DomainError, match="2026-03-10") as still:
        applications.complete(application_id=file.pk, papers=[ProofKind.LABOUR_CONTRACT], actor=clerk)
    assert still.value.code == "second_notice"

    applications.complete(application_id=file.pk, papers=[ProofKind.TITLE], actor=clerk)
    with pytest.raises(DomainError) as again:
        decisions.return_once(application_id=file.pk, missing=[ProofKind.TITLE], actor=chief)
    assert again.value.code == "second_notice"


def test_R5_a_returned_file_waits_and_gets_the_waiting_days_added(time_machine):
    """Accepted 10 March, due 25 March; returned on the 12th, completed on the 17th: five days more, due 30 March."""
    time_machine.move_to(at("2026-03-10"), tick=False)
    clerk, chief = officer(), officer()
    file = take_in(resident("2025-01-02"), actor=clerk)
    assert file.due_on == date(2026, 3, 25)
    time_machine.move_to(at("2026-03-12"), tick=False)
    decisions.return_once(application_id=file.pk, missing=[ProofKind.LEASE], actor=chief)
    time_machine.move_to(at("2026-03-17"), tick=False)
    applications.complete(application_id=file.pk, papers=[ProofKind.LEASE], actor=clerk)

    file.refresh_from_db()
    assert file.status == ApplicationStatus.ACCEPTED
    assert file.due_on == date(2026, 3, 30)
    assert file.due_rule["paused_days"] == 5


def test_R6_fifteen_calendar_days_not_working_days_and_the_first_is_not_counted(time_machine):
    time_machine.move_to(at("2026-03-10", 16), tick=False)
    file = take_in(resident("2025-01-02"))

    assert file.due_on == date(2026, 3, 25)
    assert file.due_rule["value"] == "15"
    assert file.due_rule["unit"] == "day"
    assert "居住证暂行条例" in file.due_rule["basis"] or "居住登记条例" in file.due_rule["basis"]


def test_R6_a_term_ending_in_a_holiday_runs_to_the_next_working_day(time_machine):
    """18 September + 15 = 3 October 2026, in the National Day holiday (1–7 October)."""
    time_machine.move_to(at("2026-09-18"), tick=False)
    assert take_in(resident("2025-01-02")).due_on == date(2026, 10, 8)


def test_R6_a_make_up_working_saturday_is_a_working_day(time_machine):
    """25 September + 15 = Saturday 10 October 2026, a make-up working day."""
    time_machine.move_to(at("2026-09-25"), tick=False)
    assert take_in(resident("2025-01-02")).due_on == date(2026, 10, 10)


def test_R6_the_county_may_extend_to_thirty_days_and_no_further(time_machine):
    time_machine.move_to(at("2026-03-10"), tick=False)
    local: dict[str, Any] = {
        "code": "permit.issue_days",
        "basis": "省人民政府规定",
        "area_code": "330822",
        "actor": officer(),
    }
    with pytest.raises(DomainError):
        set_rule(value=31, effective_from=date(2026, 1, 1), **local)
    set_rule(value=30, effective_from=date(2026, 1, 1), **local)

    file = take_in(resident("2025-01-02"))
    assert file.due_on == date(2026, 4, 9)
    assert PolicyRule.objects.filter(code="permit.issue_days", area_code="330822").count() == 1


def test_R7_the_county_police_sign():
    file = issued(resident("2025-01-02"))

    assert file.status == ApplicationStatus.ISSUED
    assert file.permit.status == PermitStatus.ACTIVE


def test_R7_a_grant_on_a_township_does_not_let_anybody_sign():
    township = officer(where=TOWNSHIP)
    file = take_in(resident("2025-01-02"))
    decisions.review(application_id=file.pk, actor=township)
    with pytest.raises(PermissionDenied):
        decisions.sign(application_id=file.pk, actor=township)
    assert not Permit.objects.exists()


def test_R7_a_delegation_lets_a_station_accept_and_deliver_but_never_review_or_sign():
    station = officer(role="coadmin")
    person = resident("2025-01-02")
    with pytest.raises(PermissionDenied):
        take_in(person, actor=station)
    PoliceDelegationFactory.create(matters=["permit.accept", "permit.deliver", "permit.review", "permit.sign"])
    file = take_in(person, actor=station)
    other_station = officer(role="coadmin")
    with pytest.raises(PermissionDenied):
        decisions.review(application_id=file.pk, actor=other_station)

    chief = officer()
    decisions.review(application_id=file.pk, actor=chief)
    with pytest.raises(PermissionDenied):
        decisions.sign(application_id=file.pk, actor=other_station)
    decisions.sign(application_id=file.pk, actor=chief)
    assert applications.deliver(application_id=file.pk, actor=station).status == ApplicationStatus.DELIVERED


def test_R7_who_took_the_file_in_neither_reviews_nor_signs_it():
    clerk, chief = officer(), officer()
    file = take_in(resident("2025-01-02"), actor=clerk)
    with pytest.raises(DomainError) as own_review:
        decisions.review(application_id=file.pk, actor=clerk)
    assert own_review.value.code == "same_person"
    decisions.review(application_id=file.pk, actor=chief)
    with pytest.raises(DomainError) as own_signature:
        decisions.sign(application_id=file.pk, actor=clerk)
    assert own_signature.value.code == "same_person"


def test_R7_the_database_refuses_a_reviewer_who_is_the_registrar():
    file = ApplicationFactory.create()
    with pytest.raises(IntegrityError, match="application_reviewer_not_registrar"), transaction.atomic():
        PermitApplication.objects.filter(pk=file.pk).update(reviewer=file.registrar)
