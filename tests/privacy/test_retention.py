"""PIPL arts 19 and 47, digest P7: what has been kept long enough goes, everywhere, and nothing goes a day early."""

from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.audit.models import AuditEntry
from portal.core import clock
from portal.exchange.models import ProvisionRecord
from portal.exchange.provisions import record_provision
from portal.files.store import path_of
from portal.jobs.models import Job
from portal.org.services import system_user
from privacy.choices import RequestKind, RequestStatus
from privacy.jobs import keep_the_terms
from privacy.models import LegalHold
from privacy.services.retention import KINDS, due_people, forget_due, kept_until
from residents.choices import PermitStatus
from residents.models import NotSamePerson, Person, PersonMerge, Registration, RegistrationChange
from residents.models.transfer import TransferRequest
from residents.services.corrections import CorrectionInput, correct_person
from residents.services.search import people_matching
from tests.factories.files import scan_of
from tests.factories.org import StaffFactory
from tests.factories.permits import ApplicationFactory, PermitFactory
from tests.factories.privacy import RequestFactory
from tests.factories.residents import PersonFactory, RegistrationFactory, id_number

pytestmark = pytest.mark.django_db


def departed(on: date, **changes) -> Person:
    stay = RegistrationFactory.create(arrived_on=on - timedelta(days=200), **changes)
    stay.status, stay.left_on, stay.closed_on, stay.left_reason = "left", on, on, "01"
    stay.save()
    found: Person = stay.person
    return found


def years_ago(years: int, *, days: int = 0) -> date:
    today = clock.today()
    return date(today.year - years, today.month, min(today.day, 28)) + timedelta(days=days)


def forget(person: Person) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT privacy_forget(%s)", [person.pk])


@pytest.mark.parametrize(
    ("left", "file_ended", "kept"),
    [
        (date(2024, 5, 17), None, date(2026, 5, 17)),
        (date(2024, 2, 29), None, date(2026, 2, 28)),
        (date(2024, 5, 17), date(2016, 5, 20), date(2026, 5, 20)),
        (date(2024, 5, 17), date(2020, 2, 29), date(2030, 2, 28)),
        (date(2023, 12, 31), date(2013, 12, 31), date(2025, 12, 31)),
    ],
)
def test_P7_two_years_after_departure_and_ten_after_the_last_permit_file(left, file_ended, kept):
    found = kept_until(last_stay=left, last_file=file_ended, area_code="330822001001", on=date(2026, 11, 20))
    assert found == kept


def test_P7_the_last_day_still_counts_and_the_next_does_not():
    person = departed(date(2024, 5, 17))
    assert due_people(date(2026, 5, 17)) == []
    assert due_people(date(2026, 5, 18)) == [person.pk]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    left=st.dates(date(2000, 1, 1), date(2026, 6, 30)),
    file_after=st.none() | st.integers(min_value=-3000, max_value=0),
    asked=st.integers(min_value=-800, max_value=5000),
)
def test_P7_database_and_program_agree_on_every_date(left, file_after, asked):
    """The function of the database decides; what pages tell must be the same to the day."""
    with transaction.atomic():
        person = departed(left)
        file_ended = left + timedelta(days=file_after) if file_after is not None else None
        if file_ended:
            PermitFactory.create(person=person, status=PermitStatus.TERMINATED, terminated_on=file_ended)
        day = left + timedelta(days=asked)
        term_day = max(day, date(2021, 11, 1))
        last = kept_until(last_stay=left, last_file=file_ended, area_code=person.area_code, on=term_day)
        assert (person.pk in due_people(term_day)) == (last < term_day)
        assert last >= left
        transaction.set_rollback(True)


def test_P7_who_lives_here_is_never_due():
    RegistrationFactory.create(arrived_on=date(2010, 1, 1))
    assert due_people(date(2099, 1, 1)) == []


def test_P7_an_open_file_or_a_living_permit_keeps_the_data():
    PermitFactory.create(
        person=departed(date(2005, 1, 1)), status=PermitStatus.SUSPENDED, suspended_on=date(2006, 1, 1)
    )
    ApplicationFactory.create(person=departed(date(2005, 1, 1)))
    assert due_people(date(2099, 1, 1)) == []


def test_P7_an_investigation_or_an_open_request_keeps_the_data():
    held, asking = departed(date(2005, 1, 1)), departed(date(2005, 1, 1))
    LegalHold.objects.create(
        case_number="常公立字〔2026〕1 号",
        person=held,
        since=date(2026, 1, 1),
        reason="侦查",
        set_by=StaffFactory.create(),
    )
    RequestFactory.create(person=asking, kind=RequestKind.SEE)
    assert due_people(date(2026, 11, 20)) == []
    LegalHold.objects.update(lifted_on=date(2026, 2, 1))
    assert due_people(date(2026, 11, 20)) == [held.pk]


def test_P7_the_database_refuses_to_forget_too_early():
    person = departed(years_ago(2, days=2))
    with pytest.raises(IntegrityError, match="has not ended"), transaction.atomic():
        forget(person)
    person.refresh_from_db()
    assert person.name == "王建国"


def everything_stored_about(person_id: int) -> str:
    """All tables that point at the person, history included, as the database holds them."""
    tables = {
        "residents_person": "id",
        "residents_personevent": "pgh_obj_id",
        "residents_registration": "person_id",
        "residents_registrationevent": "person_id",
        "residents_registrationchange": "person_id",
        "residents_visit": "person_id",
        "residents_permit": "person_id",
        "residents_permitevent": "person_id",
        "residents_permitapplication": "person_id",
        "residents_permitapplicationevent": "person_id",
        "residents_personcorrection": "person_id",
        "residents_notsameperson": "person_id",
        "privacy_subjectrequest": "person_id",
        "privacy_consent": "person_id",
    }
    with connection.cursor() as cursor:
        parts = []
        for table, column in tables.items():
            cursor.execute(
                f"SELECT coalesce(jsonb_agg(to_jsonb(t))::text, '') FROM {table} t WHERE {column} = %s", [person_id]
            )
            parts.append(cursor.fetchone()[0])
    return "\n".join(parts)


def filled_file(staff) -> Person:
    person = departed(years_ago(3), workplace="恒达电子", remark="房东是表哥")
    Person.objects.filter(pk=person.pk).update(
        native_address="桐梓县娄山关街道", mismatch_reason="户籍地变更", photo="photos/2023/01/p.jpg", ethnicity="03"
    )
    person.refresh_from_db()
    officer = staff(Person, "view", "correct", role="police")
    staff(Registration, "change", user=officer)
    correct_person(
        person_id=person.pk,
        given=CorrectionInput(name="王守仁"),
        reason="录入错误",
        evidence="居民身份证",
        version=person.version,
        actor=officer,
    )
    NotSamePerson.objects.create(person=person, candidate_index=b"x", reason="不同", decided_by=officer)
    RequestFactory.create(
        person=person,
        status=RequestStatus.REFUSED,
        refusal_reason="王守仁未到场",
        closed_at=clock.now(),
        requester_contact="13812345678",
        wish="王守仁要查",
    )
    person.refresh_from_db()
    return person


def test_P7_forgetting_leaves_nothing_that_tells_who_it_was(staff):
    person = filled_file(staff)
    number, phone = person.document_number, person.phone
    secret = ["王建国", "王守仁", "wjg", "wsr", "恒达电子", "表哥", "娄山关", "户籍地变更", "photos/", "录入错误"]
    indexes = [
        bytes(person.document_index).hex(),
        bytes(person.document_tail_index).hex(),
        bytes(person.phone_index).hex(),
    ]
    before = everything_stored_about(person.pk)
    assert all(word in before for word in secret)
    assert all(index in before for index in indexes)
    forget(person)
    after = everything_stored_about(person.pk)
    assert [word for word in secret + indexes if word in after] == []
    for text in (number, phone, "王守仁"):
        assert not people_matching(text).exists()
    person.refresh_from_db()
    assert (person.document_number, person.phone, person.ethnicity) == ("", "", "")
    assert (person.birth_date, person.native_code, person.sex) == (date(1990, 1, 1), "520000", "1")
    assert person.forgotten_on == clock.today()


def test_P7_every_column_that_may_tell_something_is_taken_away_or_known_to_stay(staff):
    """A new field of the register has to be added to `privacy/sql/retention.sql`, or here with its reason."""
    stays = {
        "id", "area_code", "county_code", "township_code", "community_code", "created_at", "updated_at", "version",
        "sex", "nationality", "birth_date", "restricted_on", "forgotten_on", "native_code", "name",
        "document_index", "document_tail_index",
    }  # fmt: skip
    person = filled_file(staff)
    Person.objects.filter(pk=person.pk).update(
        education="20", marital_status="10", political_status="13", document_note="区划已撤销"
    )
    forget(person)
    person.refresh_from_db()
    left = {
        field.name
        for field in Person._meta.concrete_fields
        if field.name not in stays and getattr(person, field.attname) not in (None, "", b"")
    }
    assert left == set()


def test_P7_the_same_person_is_not_forgotten_twice(staff):
    person = filled_file(staff)
    forget(person)
    assert due_people(clock.today()) == []
    with pytest.raises(IntegrityError), transaction.atomic():
        forget(person)


def test_P7_other_people_keep_everything(staff):
    gone, stays = filled_file(staff), departed(years_ago(1))
    before = everything_stored_about(stays.pk)
    forget(gone)
    assert everything_stored_about(stays.pk) == before


def test_P7_the_nightly_job_goes_on_from_batch_to_batch_and_says_what_it_did():
    gone = [departed(years_ago(3)) for _n in range(3)]
    job = Job.objects.create(kind="privacy.retention", requested_by=system_user())
    keep_the_terms(job, None)
    assert job.cursor["counts"]["people"] == 3
    assert job.cursor["beyond"] == max(person.pk for person in gone)
    assert (job.done, job.total) == (3, 3)
    assert AuditEntry.objects.filter(action="person.forgotten").count() == 3
    again = Job.objects.create(kind="privacy.retention", requested_by=system_user())
    keep_the_terms(again, None)
    assert again.cursor["counts"]["people"] == 0


def test_P7_batches_are_taken_in_order():
    people = sorted(departed(years_ago(3)).pk for _n in range(3))
    assert forget_due(actor=system_user(), most=2) == people[:2]
    assert forget_due(actor=system_user(), beyond=people[1], most=2) == people[2:]


def test_P7_simulating_counts_and_changes_nothing():
    person = departed(date(2024, 5, 17))
    out = StringIO()
    call_command("retention", "--simulate", "--on", "2026-05-18", stdout=out)
    assert "people             1" in out.getvalue()
    out = StringIO()
    call_command("retention", "--simulate", "--on", "2026-05-17", stdout=out)
    assert "people             0" in out.getvalue()
    person.refresh_from_db()
    assert (person.name, person.forgotten_on) == ("王建国", None)


def test_P8_records_of_data_handed_on_are_kept_three_years(at):
    at("2026-11-20 12:00")
    made = record_provision(
        form="file",
        title="流动人口台账",
        recipient_kind="outside",
        recipient="县统计局",
        purpose="年报",
        legal_basis="《统计法》",
        data_kinds=["姓名"],
        actor=StaffFactory.create(),
    )
    (kind,) = [one for one in KINDS if one.code == "provisions"]
    assert kind.due(date(2029, 11, 20)) == 0
    assert kind.due(date(2029, 11, 21)) == 1
    at("2029-11-21 12:00")
    assert kind.remove() == 1
    assert not ProvisionRecord.objects.filter(pk=made.pk).exists()


def test_P7_every_kind_names_the_rule_and_its_basis():
    for kind in KINDS:
        assert kind.terms
        assert all(term.basis for term in kind.terms)


def test_L2_lines_of_a_forgotten_person_stay_as_numbers(staff):
    person = filled_file(staff)
    forget(person)
    line = RegistrationChange.objects.get(person=person)
    assert (line.kind, line.before, line.after, line.reason) == ("correction", "", "", "")


def test_P7_files_and_photographs_go_when_the_act_is_committed(
    staff, settings, tmp_path, django_capture_on_commit_callbacks
):
    settings.MEDIA_ROOT = tmp_path
    person = departed(years_ago(3))
    scan, other = scan_of(person.registrations.get()), scan_of(RegistrationFactory.create())
    with django_capture_on_commit_callbacks(execute=True):
        assert forget_due(actor=system_user()) == [person.pk]
    scan.refresh_from_db()
    other.refresh_from_db()
    assert (scan.removed_at is None, path_of(scan).exists()) == (False, False)
    assert (other.removed_at, path_of(other).exists()) == (None, True)


def test_P7_an_open_request_for_a_transfer_keeps_the_data_and_a_closed_one_loses_its_words(staff):
    person = departed(years_ago(3))
    stay = person.registrations.get()
    transfer = TransferRequest.objects.create(
        person=person,
        registration=stay,
        area_code=stay.area_code,
        to_area="330822001002",
        dwelling=stay.dwelling,
        moved_on=stay.left_on,
        lodging="05",
        reason="随女儿同住",
        due_on=clock.today(),
        requested_by=StaffFactory.create(),
    )
    assert due_people(clock.today()) == []
    TransferRequest.objects.filter(pk=transfer.pk).update(
        status="refused", answered_by=transfer.requested_by, answered_at=clock.now(), answer="王建国已离开"
    )
    assert forget_due(actor=system_user()) == [person.pk]
    transfer.refresh_from_db()
    assert (transfer.reason, transfer.answer) == ("", "")


def test_P7_forgetting_a_person_forgets_what_was_merged_into_the_file():
    person = departed(years_ago(12))
    number = id_number(division="620399", sequence=77)
    absorbed = PersonFactory.create(area_code="", merged_into=person, document_number=number, name="旧档案名")
    merge = PersonMerge.objects.create(
        survivor=person, absorbed=absorbed, area_code=person.area_code, absorbed_area=person.area_code,
        reason="系同一人", snapshot={"files": {"absorbed": {"name": "旧档案名"}}}, actor=StaffFactory.create(),
    )  # fmt: skip
    forget(person)
    absorbed.refresh_from_db()
    merge.refresh_from_db()
    assert (absorbed.name, absorbed.document_number, absorbed.forgotten_on) == ("已匿名", "", clock.today())
    assert (merge.snapshot, merge.reason) == (None, "已匿名")
