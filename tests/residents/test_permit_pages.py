import re
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from portal.audit.models import AccessEvent
from portal.jobs import worker
from portal.jobs.models import Job
from residents.choices import ApplicationStatus, PermitStatus
from residents.models import Permit, PermitApplication, PermitMaterial
from residents.services.permits import verification
from tests.factories.permits import LEASE_FILE, ApplicationFactory, PermitFactory, at, officer, resident

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english(settings):
    """Words are compared in English: the tests do not depend on a compiled catalogue."""
    with override("en"):
        yield


def window(user) -> Client:
    client = Client()
    client.force_login(user)
    client.cookies["ui"] = "language:en"
    return client


def url(name, *args) -> str:
    return reverse(f"residents:{name}", args=args)


def file_with_papers(**changes) -> PermitApplication:
    file = ApplicationFactory.create(**changes)
    for kind in LEASE_FILE:
        PermitMaterial.objects.create(application=file, kind=kind, received_on=date(2026, 3, 10))
    return file


def test_the_queue_shows_what_waits_and_the_first_file_beside_it(time_machine):
    time_machine.move_to(at("2026-03-24"), tick=False)
    late = file_with_papers(due_on=date(2026, 3, 20))
    later = file_with_papers(due_on=date(2026, 4, 20))
    page = window(officer()).get(url("application_queue")).content.decode()
    assert page.index(f'id="r{late.pk}"') < page.index(f'id="r{later.pk}"')
    assert f'action="{url("application_review", late.pk)}"' in page
    assert "2 days overdue" in page
    assert late.person.document_number not in page


def test_the_queue_leaves_out_ones_own_files(time_machine):
    chief = officer()
    own = file_with_papers(registrar=chief)
    page = window(chief).get(url("application_queue")).content.decode()
    assert f'id="r{own.pk}"' not in page
    assert f'id="r{own.pk}"' in window(chief).get(url("application_queue") + "?t=open").content.decode()


def test_those_who_only_look_find_neither_boxes_to_tick_nor_a_way_to_take_in(staff):
    file = file_with_papers()
    page = window(staff(PermitApplication, "view", at="330822")).get(url("application_queue")).content.decode()
    assert f'id="r{file.pk}"' in page
    assert 'name="ids"' not in page
    assert url("application_new") not in page
    chief = window(officer()).get(url("application_queue")).content.decode()
    assert 'name="ids"' in chief
    assert url("application_new") in chief


def test_an_accepted_file_waits_for_the_review():
    page = window(officer()).get(file_with_papers().get_absolute_url()).content.decode()
    assert re.search(r'aria-current="step"><span>Reviewed<', page)


def test_filters_stand_in_the_address_and_narrow_the_list():
    wanted = file_with_papers(person=resident("2025-01-02", person__name="阿依古丽·买买提"))
    other = file_with_papers(checks_passed=False)
    page = window(officer()).get(url("application_queue"), {"q": "买买提"}).content.decode()
    assert f'id="r{wanted.pk}"' in page
    assert f'id="r{other.pk}"' not in page
    page = window(officer()).get(url("application_queue"), {"checks": "0"}).content.decode()
    assert f'id="r{wanted.pk}"' not in page
    assert f'id="r{other.pk}"' in page


@pytest.mark.parametrize("name", ["application_queue", "endorsement_list"])
def test_a_list_needs_as_many_queries_for_40_rows_as_for_1(django_assert_max_num_queries, name, time_machine):
    time_machine.move_to(at("2026-03-01"), tick=False)
    client = window(officer())

    def grow(count):
        for _n in range(count):
            if name == "application_queue":
                file_with_papers()
            else:
                PermitFactory.create()

    def count_queries() -> int:
        with django_assert_max_num_queries(100) as found:
            assert client.get(url(name)).status_code == 200
        return len(found)

    grow(1)
    client.get(url(name))
    one = count_queries()
    grow(39)
    assert count_queries() == one


def test_passing_a_file_answers_with_the_next_one_and_a_way_back(time_machine):
    time_machine.move_to(at("2026-03-11"), tick=False)
    first, second = file_with_papers(due_on=date(2026, 3, 20)), file_with_papers(due_on=date(2026, 3, 25))
    client = window(officer())
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/permits/queue/?t=review"}
    answer = client.post(url("application_review", first.pk), headers=headers)
    page = answer.content.decode()
    assert f"delete:#r{first.pk}" in page
    assert url("application_review", second.pk) in page
    assert url("application_undo", first.pk) in answer["HX-Trigger"]

    client.post(url("application_undo", first.pk))
    first.refresh_from_db()
    assert first.status == ApplicationStatus.ACCEPTED


def test_a_file_that_a_colleague_decided_comes_back_locked_with_the_name(time_machine):
    time_machine.move_to(at("2026-03-11"), tick=False)
    file = file_with_papers()
    colleague = officer()
    window(colleague).post(url("application_review", file.pk))
    answer = window(officer()).post(url("application_review", file.pk), headers={"HX-Request": "true"})
    page = answer.content.decode()
    assert f"Already dealt with by {colleague}." in page
    assert re.search(rf'<tr id="r{file.pk}" class="locked', page)


def test_a_refusal_without_a_reason_changes_nothing():
    file = file_with_papers()
    answer = window(officer()).post(url("application_reject", file.pk), headers={"HX-Request": "true"})
    assert answer.status_code == 204
    assert "bad" in answer["HX-Trigger"]
    file.refresh_from_db()
    assert file.status == ApplicationStatus.ACCEPTED


def test_signing_is_refused_to_a_township_and_its_button_is_not_shown():
    file = file_with_papers(status=ApplicationStatus.REVIEWED)
    client = window(officer(where="330822001"))
    assert url("application_sign", file.pk) not in client.get(url("application_detail", file.pk)).content.decode()
    assert client.post(url("application_sign", file.pk)).status_code == 403
    assert not Permit.objects.exists()


def test_bulk_runs_as_a_job_and_shows_how_each_file_went(time_machine):
    time_machine.move_to(at("2026-03-11"), tick=False)
    clean, doubtful = file_with_papers(), file_with_papers(checks_passed=False)
    client = window(officer())
    answer = client.post(url("application_bulk"), {"ids": [clean.pk, doubtful.pk], "step": "review"})
    job = Job.objects.get()
    assert answer["Location"] == url("application_bulk_result", job.pk)
    worker.run(str(job.pk))
    page = client.get(answer["Location"]).content.decode()
    assert "1 file decided" in page
    assert "1 left alone" in page
    assert window(officer()).get(answer["Location"]).status_code == 404


def test_the_window_says_whether_a_person_may_apply_before_it_asks_for_papers(time_machine):
    time_machine.move_to(at("2026-03-10"), tick=False)
    client = window(officer())
    early = client.get(url("application_new"), {"person": resident("2025-12-01").pk}).content.decode()
    assert "2026-06-01" in early
    assert 'name="papers"' not in early
    fit = client.get(url("application_new"), {"person": resident("2025-01-02").pk}).content.decode()
    assert 'name="papers"' in fit


def test_taking_a_file_in_at_the_window(time_machine):
    time_machine.move_to(at("2026-03-10"), tick=False)
    person = resident("2025-01-02")
    client = window(officer())
    address = f"{url('application_new')}?person={person.pk}"
    data = {"kind": "first", "ground": "dwelling", "papers": ["id_card", "photo"]}
    answer = client.post(address, data)
    file = PermitApplication.objects.get()
    assert answer["Location"] == url("application_detail", file.pk)
    assert "title" in file.notice_items
    notice = client.get(url("application_notice", file.pk)).content.decode()
    assert "Lease contract" in notice
    assert client.get(url("application_receipt", file.pk)).status_code == 404

    client.post(url("application_complete", file.pk), {"papers": ["lease"]})
    receipt = client.get(url("application_receipt", file.pk)).content.decode()
    assert "2026-03-25" in receipt
    assert person.document_number not in receipt


def test_a_guardian_is_asked_for_when_the_holder_is_a_child(time_machine):
    time_machine.move_to(at("2026-03-10"), tick=False)
    child = resident("2025-01-02", person__birth_date=date(2015, 1, 1))
    data = {"kind": "first", "ground": "dwelling", "papers": [*LEASE_FILE, "guardian_id"]}
    answer = window(officer()).post(f"{url('application_new')}?person={child.pk}", data)
    assert answer.status_code == 422
    assert "guardian" in answer.content.decode()


def test_people_are_found_by_number_without_the_number_in_the_address():
    person = resident("2025-01-02")
    answer = window(officer()).post(url("application_new"), {"q": person.document_number})
    assert answer["Location"] == f"{url('application_new')}?person={person.pk}"
    nobody = window(officer(where="330822002")).post(url("application_new"), {"q": person.document_number})
    assert nobody.status_code == 200
    assert person.name not in nobody.content.decode()


def test_a_full_number_is_shown_once_with_an_access_row():
    file = file_with_papers()
    answer = window(officer()).post(url("application_reveal", file.pk))
    assert answer.content.decode() == file.person.document_number
    assert answer["Cache-Control"] == "no-store"
    assert AccessEvent.objects.filter(action="reveal", person_ids=[file.person_id]).count() == 1


def test_endorsing_from_the_permit_page(time_machine):
    permit = PermitFactory.create()
    time_machine.move_to(at("2026-02-20"), tick=False)
    client = window(officer())
    assert url("permit_endorse", permit.pk) in client.get(url("permit_detail", permit.pk)).content.decode()
    client.post(url("permit_endorse", permit.pk), {"ground": "dwelling"})
    permit.refresh_from_db()
    assert permit.endorse_by == date(2027, 3, 10)
    assert url("permit_endorse", permit.pk) not in client.get(url("permit_detail", permit.pk)).content.decode()


def test_marking_as_reminded_empties_the_list(time_machine):
    permit = PermitFactory.create()
    time_machine.move_to(at("2026-02-20"), tick=False)
    client = window(officer())
    assert f'id="r{permit.pk}"' in client.get(url("endorsement_list")).content.decode()
    client.post(url("endorsement_remind"), {"ids": [permit.pk]})
    assert f'id="r{permit.pk}"' not in client.get(url("endorsement_list")).content.decode()


def test_ending_and_keeping_a_permit(time_machine):
    ends, stays = PermitFactory.create(), PermitFactory.create(end_proposed="left")
    client = window(officer())
    client.post(url("permit_end", ends.pk), {"reason": "death"})
    client.post(url("permit_keep", stays.pk))
    assert sorted(Permit.objects.values_list("status", "end_proposed")) == [("active", ""), ("terminated", "")]


def test_the_card_shows_the_fields_of_article_4_and_writes_an_access_row():
    permit = PermitFactory.create()
    page = window(officer()).get(url("permit_card", permit.pk)).content.decode()
    assert permit.person.document_number in page
    assert permit.number not in page
    assert AccessEvent.objects.filter(action="print", purpose="permit_card").exists()


def test_a_stranger_checks_a_card_by_its_code_and_never_by_its_number(client):
    permit = PermitFactory.create(status=PermitStatus.ACTIVE)
    page = client.get(url("permit_verify", verification.token_for(permit)))
    assert page.status_code == 200
    assert "王**" in page.content.decode()
    assert "王建国" not in page.content.decode()
    assert client.get(url("permit_verify", permit.number)).status_code == 404
