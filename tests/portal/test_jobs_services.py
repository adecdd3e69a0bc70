from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import IntegrityError

from portal.core import clock, wakeup
from portal.core.errors import DomainError
from portal.jobs import kinds, results, services, worker
from portal.jobs.models import Job, JobState
from portal.org.models import Area, User
from portal.vault.cipher import DecryptionError

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def clerk():
    return User.objects.create(username="clerk")


@pytest.fixture
def kind(monkeypatch, settings, tmp_path):
    """Registers a runner under "tests.job" for one test; the queue's messages are only counted."""
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(kinds, "_kinds", {})

    def register(runner, **options):
        kinds.runs("tests.job", **options)(runner)

    return register


@pytest.fixture
def sent(monkeypatch):
    messages = []

    def send(_task, *args):
        messages.append(args)
        return True

    monkeypatch.setattr(wakeup, "send", send)
    return messages


def write(job, out):
    out.write(b"two rows")
    job.rows = 2


def test_a_job_writes_its_file_and_says_how_it_went(kind, clerk):
    kind(write, filename="list.txt")
    job = services.enqueue(kind="tests.job", actor=clerk, reason="meeting")
    worker.run(str(job.pk))
    job.refresh_from_db()
    assert (job.state, job.rows, job.result_name, job.attempts) == (JobState.DONE, 2, "list.txt", 1)
    assert b"".join(results.content_of(job)) == b"two rows"
    assert results.size_of(job) == len(b"two rows")
    assert job.sha256 == "5eed10e2dac80266e63f43886f9ce10fe2ec49b328b752968681554d83dd6cfc"
    assert job.expires_at is not None
    assert job.expires_at > clock.now()


def test_a_message_delivered_twice_runs_the_job_once(kind, clerk):
    runs = []
    kind(lambda job, _out: runs.append(job.pk))
    job = services.enqueue(kind="tests.job", actor=clerk)
    worker.run(str(job.pk))
    worker.run(str(job.pk))
    assert runs == [job.pk]


def test_a_job_under_lease_cannot_be_claimed_by_a_second_worker(kind, clerk):
    job = services.enqueue(kind="tests.job", actor=clerk)
    assert services.claim(str(job.pk)) == 1
    assert services.claim(str(job.pk)) is None


def test_a_job_whose_lease_ran_out_is_claimed_again(kind, clerk):
    job = services.enqueue(kind="tests.job", actor=clerk)
    services.claim(str(job.pk))
    Job.objects.update(lease_until=clock.now() - timedelta(seconds=1))
    assert services.claim(str(job.pk)) == 2


def test_a_worker_that_lost_its_lease_leaves_no_effect(kind, clerk):
    def slow(job, out):
        Area.objects.create(code="33", name="浙江省", level="province")
        Job.objects.filter(pk=job.pk).update(attempts=2)
        out.write(b"late")

    kind(slow, filename="late.txt")
    job = services.enqueue(kind="tests.job", actor=clerk)
    worker.run(str(job.pk))
    job.refresh_from_db()
    assert job.state == JobState.RUNNING
    assert not Area.objects.filter(code="33").exists()
    assert not job.result


def test_effect_and_state_are_undone_together_when_a_runner_fails(kind, clerk):
    def half(_job, _out):
        Area.objects.create(code="33", name="浙江省", level="province")
        raise IntegrityError("key (document)=(330822199001011234) exists")

    kind(half)
    job = services.enqueue(kind="tests.job", actor=clerk)
    worker.run(str(job.pk))
    job.refresh_from_db()
    assert (job.state, Area.objects.count()) == (JobState.QUEUED, 0)
    assert "IntegrityError" in job.error_detail
    assert "330822" not in job.error_detail + job.error


def test_after_three_failures_the_job_ends_with_a_sentence(kind, clerk):
    def broken(_job, _out):
        raise RuntimeError("secret")

    kind(broken)
    job = services.enqueue(kind="tests.job", actor=clerk)
    for _attempt in range(4):
        Job.objects.update(lease_until=None)
        worker.run(str(job.pk))
    job.refresh_from_db()
    assert (job.state, job.attempts) == (JobState.FAILED, 3)
    assert job.error
    assert "secret" not in job.error


def test_a_rule_that_says_no_fails_the_job_at_once_in_its_own_words(kind, clerk):
    def refuse(_job, _out):
        raise DomainError("The sums differ.")

    kind(refuse)
    job = services.enqueue(kind="tests.job", actor=clerk)
    worker.run(str(job.pk))
    job.refresh_from_db()
    assert (job.state, job.error, job.attempts) == (JobState.FAILED, "The sums differ.", 1)


def test_a_closed_account_gets_nothing_even_when_it_asked_before(kind, clerk):
    runs = []
    kind(lambda job, _out: runs.append(job.pk))
    job = services.enqueue(kind="tests.job", actor=clerk)
    User.objects.update(is_active=False)
    worker.run(str(job.pk))
    job.refresh_from_db()
    assert (job.state, runs) == (JobState.FAILED, [])


def test_a_right_taken_away_after_asking_refuses_the_job(kind, clerk):
    runs = []
    kind(lambda job, _out: runs.append(job.pk), permit=lambda _user, params: params["area"] == "330822")
    mine = services.enqueue(kind="tests.job", actor=clerk, area="330822")
    other = services.enqueue(kind="tests.job", actor=clerk, area="330203")
    worker.run(str(mine.pk))
    worker.run(str(other.pk))
    assert runs == [mine.pk]
    assert Job.objects.get(pk=other.pk).state == JobState.FAILED


def test_a_waiting_job_is_cancelled_at_once(kind, clerk):
    job = services.enqueue(kind="tests.job", actor=clerk)
    assert services.cancel(job_id=str(job.pk), actor=clerk).state == JobState.CANCELLED
    assert services.claim(str(job.pk)) is None


def test_a_running_job_is_cancelled_between_two_chunks_and_leaves_no_file(kind, clerk, tmp_path):
    chunks = []

    def long(job, out):
        for chunk in range(10):
            out.write(b"x")
            chunks.append(chunk)
            if chunk == 3:
                services.cancel(job_id=str(job.pk), actor=clerk)
            with time_machine.travel(clock.now() + timedelta(seconds=chunk * 2)):
                job.advance(chunk, 10)

    kind(long, filename="x.txt")
    job = services.enqueue(kind="tests.job", actor=clerk)
    worker.run(str(job.pk))
    job.refresh_from_db()
    assert (job.state, chunks) == (JobState.CANCELLED, [0, 1, 2, 3])
    assert list(Path(tmp_path).rglob("*.part")) == []


def test_only_the_person_who_asked_may_cancel(kind, clerk):
    job = services.enqueue(kind="tests.job", actor=clerk)
    with pytest.raises(Job.DoesNotExist):
        services.cancel(job_id=str(job.pk), actor=User.objects.create(username="other"))


def test_an_ended_job_cannot_be_cancelled(kind, clerk):
    kind(write)
    job = services.enqueue(kind="tests.job", actor=clerk)
    worker.run(str(job.pk))
    with pytest.raises(DomainError):
        services.cancel(job_id=str(job.pk), actor=clerk)


def test_the_sweep_sends_what_waits_and_what_a_dead_worker_left(kind, clerk, sent):
    waiting = services.enqueue(kind="tests.job", actor=clerk)
    lost = services.enqueue(kind="tests.job", actor=clerk)
    services.claim(str(lost.pk))
    alive = services.enqueue(kind="tests.job", actor=clerk)
    services.claim(str(alive.pk))
    Job.objects.filter(pk=lost.pk).update(lease_until=clock.now() - timedelta(seconds=1))
    assert services.dispatch() == 2
    assert {args[0] for args in sent} == {str(waiting.pk), str(lost.pk)}


def test_the_sweep_does_not_send_the_same_job_again_within_ten_seconds(kind, clerk, sent):
    services.enqueue(kind="tests.job", actor=clerk)
    assert (services.dispatch(), services.dispatch()) == (1, 0)
    Job.objects.update(sent_at=clock.now() - timedelta(seconds=11))
    assert services.dispatch() == 1


def test_a_job_that_killed_its_worker_three_times_is_ended(kind, clerk, sent):
    job = services.enqueue(kind="tests.job", actor=clerk)
    for _death in range(3):
        services.claim(str(job.pk))
        Job.objects.update(lease_until=clock.now() - timedelta(seconds=1))
    services.dispatch()
    job.refresh_from_db()
    assert (job.state, sent) == (JobState.FAILED, [])
    assert job.error


def test_the_same_dedupe_key_gives_the_same_job(kind, clerk):
    first = services.enqueue(kind="tests.job", actor=clerk, dedupe_key="2026-11")
    assert services.enqueue(kind="tests.job", actor=clerk, dedupe_key="2026-11").pk == first.pk


def test_a_daily_job_is_queued_once_a_day_after_its_hour_and_made_up_for(kind, clerk):
    kind(write, daily_at=time(0, 30))
    with time_machine.travel(datetime(2026, 11, 22, 0, 10, tzinfo=SHANGHAI), tick=False):
        assert services.enqueue_daily() == 0
    with time_machine.travel(datetime(2026, 11, 22, 9, 0, tzinfo=SHANGHAI), tick=False):
        services.enqueue_daily()
        services.enqueue_daily()
    with time_machine.travel(datetime(2026, 11, 23, 1, 0, tzinfo=SHANGHAI), tick=False):
        services.enqueue_daily()
    assert list(Job.objects.order_by("dedupe_key").values_list("dedupe_key", flat=True)) == [
        "tests.job:2026-11-22",
        "tests.job:2026-11-23",
    ]


def test_the_file_of_a_job_lies_encrypted_and_no_other_job_can_give_it_out(kind, clerk, tmp_path):
    kind(write, filename="list.txt")
    first, second = (services.enqueue(kind="tests.job", actor=clerk) for _ in range(2))
    for job in (first, second):
        worker.run(str(job.pk))
        job.refresh_from_db()
    stored = results.path_of(first)
    assert b"two rows" not in stored.read_bytes()
    assert {path.name for path in stored.parent.iterdir()} == {str(first.pk), str(second.pk)}
    stored.replace(results.path_of(second))
    with pytest.raises(DecryptionError):
        list(results.content_of(second))


def test_files_are_deleted_when_their_time_is_over_and_the_row_stays(kind, clerk, tmp_path):
    kind(write, filename="list.txt")
    job = services.enqueue(kind="tests.job", actor=clerk)
    worker.run(str(job.pk))
    file = tmp_path / Job.objects.get().result.name
    assert file.is_file()
    assert results.expire() == 0
    Job.objects.update(expires_at=clock.now())
    assert results.expire() == 1
    assert not file.exists()
    assert Job.objects.get(pk=job.pk).state == JobState.EXPIRED


@pytest.mark.parametrize(
    ("typed", "safe"),
    [
        ("../../etc/passwd", "_.._etc_passwd"),
        ("a\nb.xlsx", "a_b.xlsx"),
        ("常山县台账.xlsx", "常山县台账.xlsx"),
        ("..", "result"),
    ],
)
def test_result_names_cannot_leave_their_folder(typed, safe):
    assert results.safe_name(typed) == safe
