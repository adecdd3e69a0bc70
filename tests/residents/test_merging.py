"""Merging two files, taking it back, and what came later (ADR 0017)."""

from datetime import date, timedelta

import pytest
from django.apps import apps
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db import connection

from portal.audit.models import AuditEntry
from portal.core import clock
from portal.core.errors import DomainError
from portal.events.models import StoredEvent
from portal.files.models import Attachment
from portal.org.models import User
from portal.org.walls.registry import walls
from privacy.choices import Basis
from privacy.models import Consent, ProcessingActivity
from residents.choices import ChangeKind, PairStatus, RegistrationStatus, VisitResult
from residents.extension import declared_columns, person_links
from residents.models import DuplicatePair, DuplicateSide, Permit, Person, PersonMerge, Registration, Visit
from residents.services.duplicates import find_duplicates
from residents.services.identity import document_index, match_document, phone_index
from residents.services.merging.merge import impact, merge, not_same, reopen
from residents.services.merging.pairs import area_of_both, ordered, refresh_pairs
from residents.services.merging.parting import ABSORBED, later_work, part
from residents.services.trail import write_change
from tests.factories.residents import DwellingFactory, PersonFactory, RegistrationFactory

pytestmark = pytest.mark.django_db
HERE, THERE = "330822001001", "330822002001"
OLD, NEW = date(2026, 1, 10), date(2026, 6, 1)


@pytest.fixture
def clerk(staff) -> User:
    return staff(Person, "view", "add", "change", "merge")


def files(**second) -> tuple[Person, Person]:
    """Alike in name, birth date and phone."""
    one = PersonFactory.create(education="20")
    return one, PersonFactory.create(**({"phone": "13800005621", "education": "60"} | second))


def pair_of(one: Person, other: Person) -> DuplicatePair:
    """As `refresh_pairs` writes it."""
    first, second = ordered(one.pk, other.pk)
    pair, created = DuplicatePair.objects.get_or_create(
        first_id=first,
        second_id=second,
        defaults={"score": 75, "area_code": area_of_both(one.area_code, other.area_code)},
    )
    if created:
        for person in (one, other):
            DuplicateSide.objects.create(pair=pair, person=person, area_code=person.area_code)
    return pair


def merged(one: Person, other: Person, clerk: User, *taken: str) -> PersonMerge:
    pair = pair_of(one, other)
    return merge(
        pair_id=pair.pk,
        survivor_id=one.pk,
        taken=taken,
        reason="本人到场，两份档案系同一人",
        version=pair.version,
        actor=clerk,
    )


def taken_back(row: PersonMerge, clerk: User, **routes: str) -> PersonMerge:
    row.refresh_from_db()
    return part(
        merge_id=row.pk,
        routes={key.replace("__", ":"): value for key, value in routes.items()},
        reason="核对后系两人",
        version=row.version,
        actor=clerk,
    )


def test_every_column_that_points_at_a_person_is_declared():
    """A department that adds a key to a person has to say in its `links` module what a merge does with its rows."""

    missing = {
        f"{model._meta.label}.{field.attname}"
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.related_model is Person
        and not hasattr(model, "pgh_tracked_model")
        and (model, field.attname) not in declared_columns()
    }
    assert missing == set()


def test_every_linked_table_is_reached_by_the_admission_of_the_person():
    """Otherwise rows that the clerk has no grant for would stay at the absorbed file."""

    open_tables = {"residents_household", "residents_person", "privacy_legalhold"}
    for link in person_links():
        wall = walls().get(link.model._meta.db_table)
        reached = wall is None or wall.admission is not None or wall.parent == ("person_id", "residents_person")
        assert reached or link.model._meta.db_table in open_tables, link.key


def test_everything_of_the_absorbed_file_goes_to_the_survivor(clerk):
    one, other = files()
    gone = RegistrationFactory.create(
        person=one, arrived_on=OLD, left_on=NEW, status=RegistrationStatus.LEFT, left_reason="01"
    )
    stay = RegistrationFactory.create(person=other, arrived_on=NEW)
    visit = Visit.objects.create(
        registration=stay, person=other, area_code=HERE, visited_on=NEW, result=VisitResult.PRESENT, visitor=clerk
    )
    paper = Attachment.objects.create(
        area_code=HERE, target_model="residents.person", target_id=other.pk, person_id=other.pk, kind="id_card",
        content_type="image/png", size=1, sha256="0" * 64, uploader=clerk,
    )  # fmt: skip
    row = merged(one, other, clerk)
    for thing in (gone, stay, visit, paper):
        thing.refresh_from_db()
        assert thing.person_id == one.pk
    other.refresh_from_db()
    assert (other.merged_into_id, other.area_code) == (one.pk, "")
    assert row.rows["residents.registration.person_id"] == {"moved": [stay.pk], "own": [gone.pk], "behind": []}
    assert AuditEntry.objects.get(action="person.merged").details["rows"]["residents.visit.person_id"] == 1
    assert StoredEvent.objects.filter(name="residents.persons_merged").count() == 1


def test_no_list_finds_the_absorbed_file_and_its_number_leads_to_the_survivor(clerk):
    one, other = files()
    merged(one, other, clerk)
    assert list(Person.objects.restrict(clerk, "view")) == [one]
    assert match_document(other.document_number).person_id == one.pk
    [hit] = find_duplicates(document_number=other.document_number, actor=clerk)
    assert (hit.person_id, hit.is_exact) == (one.pk, True)


def test_chosen_values_come_from_the_absorbed_file_and_the_numbers_are_traded(clerk):
    one, other = files(phone="13911112222", phone_index=phone_index("13911112222"))
    numbers = one.document_number, other.document_number
    merged(one, other, clerk, "document", "phone")
    one, other = Person.objects.get(pk=one.pk), Person.objects.get(pk=other.pk)
    assert (one.document_number, other.document_number) == (numbers[1], numbers[0])
    assert bytes(one.document_index) == document_index(numbers[1])
    assert (one.phone, one.education) == ("13911112222", "20")
    assert bytes(one.phone_index) == phone_index("13911112222")
    assert [match_document(number).person_id for number in numbers] == [one.pk, one.pk]


def test_two_stays_that_go_on_become_a_change_of_address(clerk):
    one, other = files()
    early = RegistrationFactory.create(person=one, arrived_on=OLD)
    late = RegistrationFactory.create(person=other, arrived_on=NEW)
    merged(one, other, clerk)
    early.refresh_from_db()
    late.refresh_from_db()
    assert (early.status, early.left_on, early.left_reason) == (RegistrationStatus.LEFT, NEW, "02")
    assert (late.status, late.left_on, late.counts_from) == (RegistrationStatus.ACTIVE, None, OLD)


def test_one_home_recorded_twice_is_one_stay_and_companions_follow(clerk):
    one, other = files()
    home = DwellingFactory.create()
    early = RegistrationFactory.create(person=one, dwelling=home, arrived_on=OLD)
    late = RegistrationFactory.create(person=other, dwelling=home, arrived_on=NEW)
    child = RegistrationFactory.create(dwelling=home, arrived_on=OLD, head=early, relation="20")
    merged(one, other, clerk)
    for stay in (early, late, child):
        stay.refresh_from_db()
    assert early.status == RegistrationStatus.VOID
    assert (late.status, late.arrived_on, late.counts_from) == (RegistrationStatus.ACTIVE, OLD, OLD)
    assert child.head_id == late.pk


def test_two_permits_in_force_stand_in_the_way_and_nothing_is_written(clerk):
    one, other = files()
    home = DwellingFactory.create()
    for at, person in enumerate((one, other)):
        Permit.objects.create(
            area_code=HERE, number=f"33082226000{at}", person=person, dwelling=home, ground="job", issued_on=OLD,
            counted_from=OLD, endorse_from=OLD, endorse_by=NEW,
        )  # fmt: skip
    with pytest.raises(DomainError) as refusal:
        merged(one, other, clerk)
    assert refusal.value.code == "blocked"
    assert not PersonMerge.objects.exists()
    assert DuplicatePair.objects.get().status == PairStatus.OPEN


def test_reason_is_needed_and_the_other_file_must_be_in_reach(clerk, staff):
    one, other = files(area_code=THERE)
    pair = pair_of(one, other)
    assert list(DuplicatePair.objects.restrict(clerk, "merge")) == [pair]  # both offices see it
    with pytest.raises(PermissionDenied):
        merged(one, other, clerk)
    superior = staff(Person, "view", "merge", at="330822")
    with pytest.raises(DomainError) as refusal:
        merge(pair_id=pair.pk, survivor_id=one.pk, taken=(), reason=" ", version=1, actor=superior)
    assert refusal.value.field == "reason"
    merged(one, other, superior)


def test_stranger_sees_no_pair_of_other_areas(staff):
    pair = pair_of(*files())
    stranger = staff(Person, "view", "merge", at="330822003001")
    assert not DuplicatePair.objects.restrict(stranger, "merge").exists()
    with pytest.raises(ObjectDoesNotExist):
        not_same(pair_id=pair.pk, reason="不是", version=1, actor=stranger)


def test_not_the_same_person_is_remembered_whatever_is_written_later(clerk):
    one, other = files(birth_date=date(1990, 5, 17))
    refresh_pairs(person_ids=[one.pk])
    pair = DuplicatePair.objects.get()
    not_same(pair_id=pair.pk, reason="孪生兄弟，均已到场", version=pair.version, actor=clerk)
    refresh_pairs(person_ids=[one.pk, other.pk])
    pair.refresh_from_db()
    assert (pair.status, pair.reason, pair.decided_by) == (PairStatus.NOT_SAME, "孪生兄弟，均已到场", clerk)
    reopen(pair_id=pair.pk, actor=clerk)
    pair.refresh_from_db()
    assert (pair.status, pair.reason) == (PairStatus.OPEN, "")


def test_what_was_said_of_the_absorbed_file_is_said_of_the_survivor(clerk):
    one, other = files()
    third = PersonFactory.create()
    refresh_pairs(person_ids=[one.pk, other.pk, third.pk])
    apart = pair_of(other, third)
    not_same(pair_id=apart.pk, reason="不是同一人", version=apart.version, actor=clerk)
    DuplicatePair.objects.filter(pk=pair_of(one, third).pk).delete()
    merged(one, other, clerk)
    assert not DuplicatePair.objects.filter(status=PairStatus.OPEN).exists()


def test_impact_list_counts_what_would_go_along_and_what_would_change(clerk):
    one, other = files()
    RegistrationFactory.create(person=one, arrived_on=OLD)
    RegistrationFactory.create(person=other, arrived_on=NEW)
    lines = impact(survivor_id=one.pk, absorbed_id=other.pk)
    assert [(line.count, line.changed) for line in lines] == [(1, 2)]


def test_second_clerk_is_told_who_was_faster(clerk, staff):
    one, other = files()
    merged(one, other, clerk)
    late = staff(Person, "view", "merge")
    with pytest.raises(DomainError) as refusal:
        merged(one, other, late)
    assert refusal.value.code == "already_decided"
    assert clerk.display_name in refusal.value.message


def test_taking_back_restores_both_files_and_every_row(clerk):
    one, other = files(phone="13911112222", phone_index=phone_index("13911112222"))
    early = RegistrationFactory.create(person=one, arrived_on=OLD)
    late = RegistrationFactory.create(person=other, arrived_on=NEW)
    before = {row.pk: _whole(row) for row in (*Person.objects.all(), early, late)}
    row = merged(one, other, clerk, "document", "phone", "education")
    assert later_work(row) == []
    taken_back(row, clerk)
    for stay in (early, late):
        stay.refresh_from_db()
    assert {row.pk: _whole(row) for row in (*Person.objects.all(), early, late)} == before
    assert DuplicatePair.objects.get().status == PairStatus.NOT_SAME
    assert match_document(other.document_number).person_id == other.pk
    with pytest.raises(DomainError) as refusal:
        taken_back(row, clerk)
    assert refusal.value.code == "already_undone"


def _whole(row) -> dict:
    ignored = {"version", "updated_at", "_state"}
    return {
        field.attname: bytes(value) if isinstance(value := getattr(row, field.attname), memoryview) else value
        for field in row._meta.concrete_fields
        if field.attname not in ignored
    }


def test_what_came_later_goes_to_whom_the_clerk_says(clerk):
    one, other = files()
    early = RegistrationFactory.create(person=one, arrived_on=OLD)
    late = RegistrationFactory.create(person=other, arrived_on=NEW)
    row = merged(one, other, clerk)
    Registration.objects.filter(pk=late.pk).update(status="left", left_on=date(2026, 8, 1), updated_at=clock.now())
    third = RegistrationFactory.create(person=one, arrived_on=date(2026, 8, 1), previous=late)
    Visit.objects.create(
        registration=third, person=one, area_code=HERE, visited_on=NEW, result=VisitResult.PRESENT, visitor=clerk
    )
    write_change(third, ChangeKind.ADDRESS, date(2026, 8, 1), clerk)
    Person.objects.filter(pk=one.pk).update(phone="13700000000", phone_index=phone_index("13700000000"))
    work = {one.key: one.origin for one in later_work(row)}
    assert work == {
        "value:phone": "",
        f"residents.registration.person_id:{late.pk}": ABSORBED,
        f"residents.registration.person_id:{third.pk}": "",
    }
    with pytest.raises(DomainError) as refusal:
        taken_back(row, clerk)
    assert refusal.value.code == "undecided"
    routes = {"value:phone": ABSORBED, f"residents.registration.person_id:{third.pk}": ABSORBED}
    row.refresh_from_db()
    part(merge_id=row.pk, routes=routes, reason="系两人", version=row.version, actor=clerk)
    one, other = Person.objects.get(pk=one.pk), Person.objects.get(pk=other.pk)
    assert (one.phone, other.phone) == ("13800005621", "13700000000")
    assert set(other.registrations.values_list("pk", flat=True)) == {late.pk, third.pk}
    assert other.visits.count() == other.changes.count() == 1
    early.refresh_from_db()
    assert (early.person_id, early.status, early.left_on) == (one.pk, RegistrationStatus.ACTIVE, None)


def test_merges_are_taken_back_in_reverse(clerk):
    one, other = files()
    third = PersonFactory.create()
    first = merged(one, other, clerk)
    second = merged(third, one, clerk)
    other.refresh_from_db()
    assert other.merged_into_id == third.pk  # nothing leads over two steps
    with pytest.raises(DomainError) as refusal:
        taken_back(first, clerk)
    assert refusal.value.code == "later_merge"
    taken_back(second, clerk)
    other.refresh_from_db()
    assert other.merged_into_id == one.pk
    taken_back(first, clerk)
    assert Person.objects.filter(merged_into=None).count() == 3


def test_after_seven_days_only_a_supervisor_takes_it_back(clerk, staff, at):
    one, other = files()
    row = merged(one, other, clerk)
    at((clock.now() + timedelta(days=8)).isoformat())
    with pytest.raises(PermissionDenied):
        taken_back(row, clerk)
    supervisor = staff(Person, "view", "merge")
    staff(PersonMerge, "change", user=supervisor)
    taken_back(row, supervisor)


def test_consent_that_both_have_given_stays_behind_and_is_there_again(clerk):

    one, other = files()
    activity = ProcessingActivity.objects.create(
        code="sms", name="短信", purpose="提醒", basis=Basis.CONSENT, law="个人信息保护法第十四条", data_kinds="电话",
        data_classes=["C4"], retention_rule="x", valid_from=OLD,
    )  # fmt: skip
    both = [
        Consent.objects.create(
            area_code=HERE, person=person, activity=activity, purpose="提醒", status="given", told="oral", given_on=OLD,
            recorded_by=clerk,
        )
        for person in (one, other)
    ]  # fmt: skip
    row = merged(one, other, clerk)
    assert row.rows["privacy.consent.person_id"] == {"moved": [], "own": [both[0].pk], "behind": [both[1].pk]}
    taken_back(row, clerk)
    assert [Consent.objects.get(pk=each.pk).person_id for each in both] == [one.pk, other.pk]


def test_row_written_for_the_absorbed_file_goes_to_the_survivor(clerk):
    one, other = files()
    merged(one, other, clerk)
    stay = RegistrationFactory.create(person=other)
    stay.refresh_from_db()
    assert stay.person_id == one.pk


def test_snapshot_holds_no_number_in_clear(clerk):

    one, other = files()
    row = merged(one, other, clerk)
    with connection.cursor() as cursor:
        cursor.execute("SELECT snapshot::text || rows::text FROM residents_personmerge WHERE id = %s", [row.pk])
        stored = cursor.fetchone()[0]
    assert one.document_number not in stored
    assert one.document_number.encode().hex() not in stored
    assert row.snapshot["files"]["survivor"]["document_number"] == one.document_number
