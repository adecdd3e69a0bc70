"""The pages of likely duplicates: list, decision, way back, and where the old address leads."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from portal.jobs import worker
from portal.jobs.models import Job, JobState
from portal.org.models import User
from portal.org.services import system_user
from residents.choices import PairStatus
from residents.models import DuplicatePair, Person, PersonMerge
from tests.factories.residents import PersonFactory
from tests.matrix.merging import pair

pytestmark = pytest.mark.django_db
HERE, THERE = "330822001001", "330822002001"


@pytest.fixture
def clerk(staff: Callable[..., User]) -> User:
    return staff(Person, "view", "merge", role="township")


@pytest.fixture
def browser(client: Client, clerk: User) -> Client:
    client.force_login(clerk)
    return client


def merging(browser: Client, row: object, **changes: object) -> object:
    given = {"version": 1, "survivor": row.first_id, "reason": "本人到场"} | changes  # type: ignore[attr-defined]
    return browser.post(row.get_absolute_url(), given)  # type: ignore[attr-defined]


@pytest.mark.parametrize("rows", [1, 40])
def test_list_takes_the_same_queries_for_one_pair_and_for_forty(browser, rows, django_assert_max_num_queries):
    for _row in range(rows):
        pair(HERE)
    browser.get(reverse("residents:pair_list"))
    with django_assert_max_num_queries(30):
        page = browser.get(reverse("residents:pair_list"))
    assert page.content.decode().count("姓名一致") == rows


def test_numbers_are_masked_and_the_merge_takes_the_chosen_values(browser):
    row = pair(HERE)
    Person.objects.filter(pk=row.second_id).update(education="31")
    page = browser.get(row.get_absolute_url()).content.decode()
    assert row.first.document_number not in page
    assert row.first.document_number[-4:] in page
    answer = merging(browser, row, value_education=row.second_id)
    done = PersonMerge.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, done.get_absolute_url())
    assert Person.objects.get(pk=row.first_id).education == "31"
    assert done.taken == ["education"]
    old_address = browser.get(reverse("residents:person_detail", args=[row.second_id]))
    assert old_address["Location"] == reverse("residents:person_detail", args=[row.first_id])


def test_merge_without_a_reason_comes_back_with_what_was_chosen(browser):
    row = pair(HERE)
    page = merging(browser, row, reason="", survivor=row.second_id)
    assert page.status_code == 422
    assert f'name="survivor" value="{row.second_id}" checked' in page.content.decode()
    assert not PersonMerge.objects.exists()


def test_pressing_twice_merges_once_and_says_who_did_it(browser, clerk):
    row = pair(HERE)
    merging(browser, row)
    again = browser.post(row.get_absolute_url(), {"version": 1, "survivor": row.first_id, "reason": "x"}, follow=True)
    assert clerk.display_name in again.content.decode()
    assert PersonMerge.objects.count() == 1


def test_pair_of_two_offices_is_shown_without_the_other_file_and_cannot_be_decided(browser):
    row = pair(HERE)
    Person.objects.filter(pk=row.second_id).update(area_code=THERE, name="外区人")
    row.sides.filter(person=row.second_id).update(area_code=THERE)
    page = browser.get(row.get_absolute_url()).content.decode()
    assert "外区人" not in page
    assert "共同上级" in page
    assert merging(browser, row).status_code == 403


def test_keeping_two_files_apart_can_be_undone(browser):
    row = pair(HERE)
    browser.post(reverse("residents:pair_apart", args=[row.pk]), {"version": 1, "reason": "孪生兄弟"})
    row.refresh_from_db()
    assert (row.status, row.reason) == (PairStatus.NOT_SAME, "孪生兄弟")
    browser.post(reverse("residents:pair_reopen", args=[row.pk]))
    row.refresh_from_db()
    assert row.status == PairStatus.OPEN


def test_taking_back_asks_for_every_later_thing(browser):
    row = pair(HERE)
    merging(browser, row)
    done = PersonMerge.objects.get()
    Person.objects.filter(pk=row.first_id).update(education="21")
    asked = browser.post(done.get_absolute_url(), {"version": 1, "reason": "系两人"})
    assert asked.status_code == 422
    assert "请选择这一项归属哪份档案" in asked.content.decode()
    browser.post(done.get_absolute_url(), {"version": 1, "reason": "系两人", "route-0": "absorbed"})
    assert Person.objects.get(pk=row.second_id).education == "21"
    assert Person.objects.get(pk=row.first_id).education == ""


def test_nightly_job_finds_what_was_written_past_the_services():
    """As an import does: rows first, pairs afterwards."""
    one, other = PersonFactory.create(), PersonFactory.create()
    job = Job.objects.create(kind="residents.refresh_pairs", requested_by=system_user())
    worker.run(str(job.pk))
    job.refresh_from_db()
    assert (job.state, job.done) == (JobState.DONE, 2)
    assert DuplicatePair.objects.get().person_ids == (one.pk, other.pk)
