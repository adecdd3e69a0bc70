from datetime import date
from typing import Any

import pytest
from django.utils.translation import override

from portal.core.errors import DomainError
from portal.jobs import worker
from portal.jobs.models import Job, JobState
from residents.choices import ApplicationStatus, ProofKind
from residents.models import Permit, PermitApplication
from residents.services.permits import applications, bulk, decisions
from residents.services.permits.deadlines import sla
from tests.factories.permits import ApplicationFactory, at, officer, resident

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("now", "state", "words"),
    [
        (at("2026-03-10", 10), "ok", "11 days left"),
        (at("2026-03-19", 10), "ok", "4 days left"),
        (at("2026-03-20", 10), "warn", "3 days left"),
        (at("2026-03-24", 10), "warn", "1 day left"),
        (at("2026-03-25", 9), "warn", "8 hours left"),
        (at("2026-03-25", 14), "bad", "3 hours left"),
        (at("2026-03-25", 18), "bad", "1 day overdue"),
        (at("2026-03-26", 9), "bad", "1 day overdue"),
        (at("2026-03-30", 9), "bad", "3 days overdue"),
    ],
)
def test_the_clock_counts_working_days_and_the_last_day_in_hours(now, state, words):
    """Due on Wednesday 25 March 2026; offices close at 17:00."""
    file = ApplicationFactory.build(person=None, registration=None, registrar=None, area_code="330822")
    with override("en"):
        found = sla(file, now)
    assert (found.state, found.words) == (state, words)


def test_the_clock_counts_make_up_days_and_no_holidays():
    """From Wednesday 30 September to Saturday 10 October 2026 (make-up day): only the 8th, 9th and 10th are worked."""
    file = ApplicationFactory.create(accepted_at=at("2026-09-25"), due_on=date(2026, 10, 10))
    with override("en"):
        found = sla(file, at("2026-09-30", 9))
    assert found.words == "3 days left"


def test_the_clock_of_a_returned_file_stands_still():
    file = ApplicationFactory.create(status=ApplicationStatus.RETURNED, accepted_at=None, due_on=None)
    assert sla(file, at("2026-03-20")).state == "paused"


def test_the_clock_of_a_decided_file_is_over():
    file = ApplicationFactory.create(status=ApplicationStatus.DELIVERED)
    assert sla(file, at("2026-06-20")).state == "done"


def test_percent_tells_how_much_of_the_time_is_used():
    """11 working days from 10 to 25 March, 5 of them gone on the 17th."""
    assert sla(ApplicationFactory.create(), at("2026-03-17")).percent == 45


def test_a_review_can_be_taken_back_within_ten_minutes(time_machine):
    file, chief = ApplicationFactory.create(), officer()
    time_machine.move_to(at("2026-03-11", 9, 0), tick=False)
    decisions.review(application_id=file.pk, actor=chief)
    time_machine.move_to(at("2026-03-11", 9, 10), tick=False)
    decisions.undo_decision(application_id=file.pk, actor=chief)
    file.refresh_from_db()
    assert (file.status, file.reviewer) == (ApplicationStatus.ACCEPTED, None)

    decisions.review(application_id=file.pk, actor=chief)
    time_machine.move_to(at("2026-03-11", 9, 21), tick=False)
    with pytest.raises(DomainError) as late:
        decisions.undo_decision(application_id=file.pk, actor=chief)
    assert late.value.code == "too_late"


def test_only_who_took_the_step_takes_it_back(time_machine):
    time_machine.move_to(at("2026-03-11"), tick=False)
    file = ApplicationFactory.create()
    decisions.review(application_id=file.pk, actor=officer())
    with pytest.raises(DomainError) as refused:
        decisions.undo_decision(application_id=file.pk, actor=officer())
    assert refused.value.code == "not_yours"


def test_nothing_is_taken_back_after_the_next_step(time_machine):
    time_machine.move_to(at("2026-03-11"), tick=False)
    file, chief = ApplicationFactory.create(), officer()
    decisions.review(application_id=file.pk, actor=chief)
    decisions.sign(application_id=file.pk, actor=chief)
    applications.deliver(application_id=file.pk, actor=chief)
    with pytest.raises(DomainError) as refused:
        decisions.undo_decision(application_id=file.pk, actor=chief)
    assert refused.value.code == "wrong_state"


@pytest.mark.parametrize("signed", [False, True])
def test_a_refusal_goes_back_to_where_it_came_from(time_machine, signed):
    time_machine.move_to(at("2026-03-11"), tick=False)
    file, chief = ApplicationFactory.create(), officer()
    if signed:
        decisions.review(application_id=file.pk, actor=chief)
    decisions.reject(application_id=file.pk, reason="材料虚假", actor=chief)
    decisions.undo_decision(application_id=file.pk, actor=chief)
    file.refresh_from_db()
    assert file.status == (ApplicationStatus.REVIEWED if signed else ApplicationStatus.ACCEPTED)
    assert file.decision_reason == ""


def test_an_undone_return_gives_the_notice_back(time_machine):
    time_machine.move_to(at("2026-03-10"), tick=False)
    file = applications.apply(
        person_id=resident("2025-01-02").pk, ground="dwelling", papers=["id_card", "photo", "lease"], actor=officer()
    )
    chief = officer()
    decisions.return_once(application_id=file.pk, missing=[ProofKind.LEASE], actor=chief)
    decisions.undo_decision(application_id=file.pk, actor=chief)
    file.refresh_from_db()
    assert (file.status, file.notice_issued_on) == (ApplicationStatus.ACCEPTED, None)
    assert file.due_on == date(2026, 3, 25)
    assert file.materials.filter(received_on=None).count() == 0


def test_a_file_that_is_decided_cannot_be_decided_again():
    file = ApplicationFactory.create(status=ApplicationStatus.REJECTED)
    with pytest.raises(DomainError) as refused:
        decisions.review(application_id=file.pk, actor=officer())
    assert refused.value.code == "wrong_state"


def test_a_file_outside_the_grant_does_not_exist():
    file = ApplicationFactory.create()
    with pytest.raises(PermitApplication.DoesNotExist):
        decisions.review(application_id=file.pk, actor=officer(where="330822002"))


def test_withdrawing_closes_the_file_and_makes_room_for_another():
    file = ApplicationFactory.create()
    applications.withdraw(application_id=file.pk, reason="本人撤回", actor=officer())
    assert ApplicationFactory.create(person=file.person).pk != file.pk


def run(job: Job) -> Job:
    worker.run(str(job.pk))
    job.refresh_from_db()
    return job


def test_bulk_review_passes_only_files_whose_checks_all_passed():
    chief = officer()
    clean, doubtful, own = (
        ApplicationFactory.create(),
        ApplicationFactory.create(checks_passed=False),
        ApplicationFactory.create(registrar=chief),
    )
    job: Any = run(bulk.decide_many(ids=[clean.pk, doubtful.pk, own.pk], step="review", actor=chief))

    assert job.state == JobState.DONE
    assert [row["done"] for row in job.cursor["results"]] == [True, False, False]
    assert all(row["reason"] for row in job.cursor["results"][1:])
    assert (job.done, job.total) == (3, 3)
    states = PermitApplication.objects.order_by("pk").values_list("status", flat=True)
    assert list(states) == ["reviewed", "accepted", "accepted"]


def test_bulk_signing_issues_a_permit_for_each(time_machine):
    time_machine.move_to(at("2026-03-11"), tick=False)
    chief = officer()
    files = [ApplicationFactory.create(status=ApplicationStatus.REVIEWED) for _n in range(3)]
    run(bulk.decide_many(ids=[file.pk for file in files], step="sign", actor=chief))
    assert sorted(Permit.objects.values_list("number", flat=True)) == [
        "3308222026000001", "3308222026000002", "3308222026000003",
    ]  # fmt: skip


def test_bulk_takes_at_most_two_hundred():
    with pytest.raises(DomainError) as refused:
        bulk.decide_many(ids=list(range(1, 202)), step="review", actor=officer())
    assert refused.value.code == "too_many"
