from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied

from portal.audit.models import AuditEntry
from portal.core import clock
from portal.core.errors import DomainError, StaleRecordError
from portal.events.models import StoredEvent
from portal.org.models import User
from residents import extension
from residents.choices import ChangeKind, RegistrationStatus, VisitResult
from residents.models import Dwelling, Registration, RegistrationChange, Visit
from residents.services.moves import change_address, change_workplace, deregister, restore, undo, verify
from residents.services.people import IdentityInput
from residents.services.registration import CompanionInput, StayInput, register_arrival
from tests.factories.residents import DwellingFactory, RegistrationFactory, id_number, identity, stay

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)  # a Friday in Shanghai
TODAY = date(2026, 11, 20)


@pytest.fixture
def at(monkeypatch):
    """Sets the clock."""

    def set_to(moment: datetime) -> None:
        monkeypatch.setattr("django.utils.timezone.now", lambda: moment)

    set_to(NOON)
    return set_to


@pytest.fixture
def coadmin(staff, at) -> User:
    return staff(Registration, "view", "add", "change", "deregister", "restore", "verify")


@pytest.fixture
def living(at) -> Registration:
    return RegistrationFactory.create(
        arrived_on=date(2026, 3, 10), counts_from=date(2026, 3, 12), workplace="恒达电子", suspended_days=3
    )


@pytest.fixture
def new_home() -> Dwelling:
    return DwellingFactory.create(estate="东门小区", room="402")


def move(registration, dwelling, actor, **changes) -> Registration:
    given = {"moved_on": date(2026, 11, 15), "lodging": "05", "version": registration.version}
    return change_address(registration_id=registration.pk, dwelling_id=dwelling.pk, actor=actor, **(given | changes))


def leave(registration, actor, **changes) -> Registration:
    given = {"left_on": date(2026, 11, 18), "reason": "01", "version": registration.version}
    return deregister(registration_id=registration.pk, actor=actor, **(given | changes))


def change_of(registration, kind) -> RegistrationChange:
    return RegistrationChange.objects.get(registration=registration, kind=kind)


def test_Z10_half_year_goes_on_counting_over_a_change_of_address(coadmin, living, new_home):
    new = move(living, new_home, coadmin)
    living.refresh_from_db()
    assert (living.status, living.left_on, living.left_reason) == (RegistrationStatus.LEFT, date(2026, 11, 15), "02")
    assert (new.counts_from, new.suspended_days, new.arrived_on) == (date(2026, 3, 12), 3, date(2026, 11, 15))
    assert (new.previous, new.workplace, new.status) == (living, "恒达电子", RegistrationStatus.ACTIVE)
    change = change_of(new, ChangeKind.ADDRESS)
    assert (change.before, change.after) == (living.dwelling.address, new_home.address)
    event = StoredEvent.objects.get(name="residents.address_changed")
    assert event.payload["registration_id"] == new.pk


@pytest.mark.parametrize(
    ("moved_on", "late"), [(date(2026, 11, 10), 0), (date(2026, 11, 9), 1), (date(2026, 11, 6), 4)]
)
def test_Z8_change_of_address_after_ten_days_is_noted_as_late(coadmin, living, new_home, moved_on, late):
    """Today is the 20th. The 10th + 10 days is the 20th, the 9th + 10 the 19th, the 6th + 10 Monday the 16th."""
    new = move(living, new_home, coadmin, moved_on=moved_on)
    days = AuditEntry.objects.get(action="registration.moved", target_id=str(new.pk)).details["late_days"]
    assert days == late


def test_companions_move_along_and_keep_their_relation(coadmin, living, new_home):
    child = RegistrationFactory.create(
        dwelling=living.dwelling, head=living, relation="20", arrived_on=date(2026, 9, 1), counts_from=date(2026, 9, 1)
    )
    new = move(living, new_home, coadmin)
    moved = Registration.objects.active().get(person=child.person)
    assert (moved.head, moved.relation, moved.dwelling) == (new, "20", new_home)
    assert moved.counts_from == date(2026, 9, 1)


def test_companions_stay_when_only_the_first_person_moves(coadmin, living, new_home):
    child = RegistrationFactory.create(dwelling=living.dwelling, head=living, relation="20")
    move(living, new_home, coadmin, with_companions=False)
    child.refresh_from_db()
    assert (child.status, child.dwelling) == (RegistrationStatus.ACTIVE, living.dwelling)


def test_move_to_another_community_takes_the_file_along(coadmin, living):
    far = DwellingFactory.create(area_code="330822001002")
    new = move(living, far, coadmin)
    new.person.refresh_from_db()
    assert new.area_code == new.person.area_code == "330822001002"


def test_the_receiving_window_may_record_the_move(staff, living):
    receiver = staff(Registration, "add", at="330822001002")
    assert move(living, DwellingFactory.create(area_code="330822001002"), receiver).pk


def test_a_stranger_may_not_record_the_move(staff, living, new_home):
    with pytest.raises(PermissionDenied):
        move(living, new_home, staff(Registration, "change", "add", at="330822003001"))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"moved_on": date(2026, 11, 21)}, "moved_on"),
        ({"moved_on": date(2026, 3, 9)}, "moved_on"),
        ({"lodging": "zz"}, "lodging"),
    ],
)
def test_impossible_move_is_refused_at_its_field(coadmin, living, new_home, changes, field):
    with pytest.raises(DomainError) as refusal:
        move(living, new_home, coadmin, **changes)
    assert refusal.value.field == field


def test_move_to_the_same_address_and_out_of_the_county_are_refused(coadmin, living):
    for dwelling, code in (
        (living.dwelling, "same_address"),
        (DwellingFactory.create(area_code="330203001001"), "other_county"),
    ):
        with pytest.raises(DomainError) as refusal:
            move(living, dwelling, coadmin)
        assert refusal.value.code == code


def test_P17_a_form_opened_before_somebody_else_saved_is_stale(coadmin, living, new_home):
    opened = living.version
    change_workplace(registration_id=living.pk, workplace="新厂", changed_on=TODAY, version=opened, actor=coadmin)
    with pytest.raises(StaleRecordError):
        move(living, new_home, coadmin, version=opened)


def test_Z8_change_of_workplace_is_recorded_with_before_and_after(coadmin, living):
    change_workplace(
        registration_id=living.pk, workplace="云溪机械", changed_on=date(2026, 11, 1), version=1, actor=coadmin
    )
    living.refresh_from_db()
    change = change_of(living, ChangeKind.WORKPLACE)
    assert (living.workplace, living.version, change.before, change.after) == ("云溪机械", 2, "恒达电子", "云溪机械")
    assert AuditEntry.objects.get(action="registration.workplace_changed").details["late_days"] == 9
    assert StoredEvent.objects.filter(name="residents.workplace_changed").count() == 1


def test_change_to_the_same_workplace_is_refused(coadmin, living):
    with pytest.raises(DomainError) as refusal:
        change_workplace(registration_id=living.pk, workplace="恒达电子 ", changed_on=TODAY, version=1, actor=coadmin)
    assert refusal.value.field == "workplace"


def test_departure_ends_the_stay_and_tells_the_departments(coadmin, living):
    leave(living, coadmin, destination="贵州省遵义市", discovered_by="landlord")
    living.refresh_from_db()
    assert (living.status, living.left_on, living.closed_on) == (RegistrationStatus.LEFT, date(2026, 11, 18), TODAY)
    change = change_of(living, ChangeKind.DEPARTURE)
    assert (change.reason, change.destination, change.discovered_by) == ("01", "贵州省遵义市", "landlord")
    assert StoredEvent.objects.get(name="residents.person_left").payload["reason"] == "01"


def test_departure_waits_for_the_objections_of_the_departments(coadmin, living, monkeypatch):
    monkeypatch.setattr(extension, "_guards", [lambda _stay: "还有一份未结的租约。", lambda _stay: None])
    with pytest.raises(DomainError, match="租约"):
        leave(living, coadmin)
    living.refresh_from_db()
    assert living.status == RegistrationStatus.ACTIVE


def test_departure_with_the_reason_of_a_move_is_sent_to_the_change_of_address(coadmin, living):
    with pytest.raises(DomainError) as refusal:
        leave(living, coadmin, reason="02")
    assert refusal.value.code == "is_a_move"


def test_whole_household_may_leave_in_one_act(coadmin, living):
    child = RegistrationFactory.create(dwelling=living.dwelling, head=living, relation="20")
    leave(living, coadmin, with_companions=True)
    child.refresh_from_db()
    assert child.status == RegistrationStatus.LEFT


def test_ended_stay_cannot_be_ended_again(coadmin, living):
    ended = leave(living, coadmin)
    with pytest.raises(DomainError) as refusal:
        leave(ended, coadmin)
    assert refusal.value.code == "wrong_state"


def test_Z10_restoration_of_a_wrong_deregistration_keeps_everything(coadmin, living, at):
    ended = leave(living, coadmin)
    at(NOON + timedelta(days=12))
    restored = restore(registration_id=living.pk, reason="误注销", version=ended.version, actor=coadmin)
    assert (restored.status, restored.left_on, restored.closed_on) == (RegistrationStatus.ACTIVE, None, None)
    assert (restored.counts_from, restored.suspended_days) == (date(2026, 3, 12), 3)
    assert change_of(living, ChangeKind.RESTORE).reason == "误注销"
    assert StoredEvent.objects.filter(name="residents.registration_restored").count() == 1


def test_H4_days_really_spent_away_do_not_count(coadmin, living, at):
    """Left on 18 November, back on 2 December: fourteen days besides the three of before."""
    ended = leave(living, coadmin)
    at(NOON + timedelta(days=12))
    restored = restore(
        registration_id=living.pk, reason="返乡后回来", was_away=True, version=ended.version, actor=coadmin
    )
    assert restored.suspended_days == 17


def test_restoration_ends_thirty_days_after_the_deregistration(coadmin, living, at):
    ended = leave(living, coadmin)
    at(NOON + timedelta(days=31))
    with pytest.raises(DomainError) as refusal:
        restore(registration_id=living.pk, reason="误注销", version=ended.version, actor=coadmin)
    assert refusal.value.code == "too_late"
    at(NOON + timedelta(days=30))
    assert restore(registration_id=living.pk, reason="误注销", version=ended.version, actor=coadmin).pk


def test_restoration_needs_a_reason_and_no_later_stay(coadmin, living):
    ended = leave(living, coadmin)
    with pytest.raises(DomainError) as refusal:
        restore(registration_id=living.pk, reason=" ", version=ended.version, actor=coadmin)
    assert refusal.value.field == "reason"
    RegistrationFactory.create(person=living.person, arrived_on=TODAY)
    with pytest.raises(DomainError) as refusal:
        restore(registration_id=living.pk, reason="误注销", version=ended.version, actor=coadmin)
    assert refusal.value.code == "later_stay"


def test_stay_that_moved_on_is_not_restored(coadmin, living, new_home):
    move(living, new_home, coadmin)
    living.refresh_from_db()
    with pytest.raises(DomainError) as refusal:
        restore(registration_id=living.pk, reason="误操作", version=living.version, actor=coadmin)
    assert refusal.value.code == "moved_on"


def test_P10_undone_arrival_takes_the_household_back(coadmin):
    child = CompanionInput(
        relation="20",
        identity=IdentityInput(
            document_kind="113", document_number=id_number(born=date(2018, 6, 1), sequence=11), name="李小雨"
        ),
    )
    home = DwellingFactory.create()
    made = register_arrival(
        head=IdentityInput(**identity()),
        stay=StayInput(**stay(home)),
        companions=[child],
        submission_key="k",
        actor=coadmin,
    )
    step = undo(change_id=change_of(made.registration, ChangeKind.ARRIVAL).pk, actor=coadmin)
    assert step.kind == ChangeKind.UNDO
    assert set(Registration.objects.values_list("status", flat=True)) == {RegistrationStatus.VOID}
    assert change_of(made.registration, ChangeKind.ARRIVAL).undone_by == step
    assert StoredEvent.objects.filter(name="residents.registration_undone").count() == 2


def test_P10_undone_move_brings_the_old_stay_back(coadmin, living, new_home):
    child = RegistrationFactory.create(dwelling=living.dwelling, head=living, relation="20")
    new = move(living, new_home, coadmin, moved_on=TODAY)
    undo(change_id=change_of(new, ChangeKind.ADDRESS).pk, actor=coadmin)
    living.refresh_from_db()
    child.refresh_from_db()
    new.refresh_from_db()
    assert (living.status, living.left_on, child.status) == (RegistrationStatus.ACTIVE, None, RegistrationStatus.ACTIVE)
    assert new.status == RegistrationStatus.VOID


def test_P10_a_move_into_a_foreign_area_is_undone_by_the_receiving_office(coadmin, staff, living):
    new = move(living, DwellingFactory.create(area_code="330822001002"), coadmin, moved_on=TODAY)
    change = change_of(new, ChangeKind.ADDRESS)
    with pytest.raises(ObjectDoesNotExist):
        undo(change_id=change.pk, actor=coadmin)
    undo(change_id=change.pk, actor=staff(Registration, "change", at="330822001002"))
    living.person.refresh_from_db()
    assert living.person.area_code == "330822001001"


def test_P10_undone_departure_and_workplace(coadmin, living):
    change_workplace(registration_id=living.pk, workplace="云溪机械", changed_on=TODAY, version=1, actor=coadmin)
    undo(change_id=change_of(living, ChangeKind.WORKPLACE).pk, actor=coadmin)
    living.refresh_from_db()
    assert living.workplace == "恒达电子"
    leave(living, coadmin)
    undo(change_id=change_of(living, ChangeKind.DEPARTURE).pk, actor=coadmin)
    living.refresh_from_db()
    assert (living.status, living.left_on) == (RegistrationStatus.ACTIVE, None)


def test_P10_a_step_is_undone_once_within_a_day_and_before_later_steps(coadmin, living, at):
    change_workplace(registration_id=living.pk, workplace="甲", changed_on=TODAY, version=1, actor=coadmin)
    first = change_of(living, ChangeKind.WORKPLACE)
    change_workplace(registration_id=living.pk, workplace="乙", changed_on=TODAY, version=2, actor=coadmin)
    second = RegistrationChange.objects.exclude(pk=first.pk).get(kind=ChangeKind.WORKPLACE)
    with pytest.raises(DomainError) as refusal:
        undo(change_id=first.pk, actor=coadmin)
    assert refusal.value.code == "later_step"
    at(NOON + timedelta(hours=24, minutes=1))
    with pytest.raises(DomainError) as refusal:
        undo(change_id=second.pk, actor=coadmin)
    assert refusal.value.code == "too_late"
    at(NOON + timedelta(hours=24))
    undo(change_id=second.pk, actor=coadmin)
    undo(change_id=first.pk, actor=coadmin)
    with pytest.raises(DomainError) as refusal:
        undo(change_id=first.pk, actor=coadmin)
    assert refusal.value.code == "already_undone"


def test_P10_a_visit_after_the_step_stops_the_undoing(coadmin, living, at):
    change_workplace(registration_id=living.pk, workplace="甲", changed_on=TODAY, version=1, actor=coadmin)
    at(NOON + timedelta(minutes=5))
    verify(registration_id=living.pk, result=VisitResult.PRESENT, actor=coadmin)
    with pytest.raises(DomainError) as refusal:
        undo(change_id=change_of(living, ChangeKind.WORKPLACE).pk, actor=coadmin)
    assert refusal.value.code == "later_step"


def test_verification_leaves_a_visit_and_the_day(coadmin, living):
    verify(registration_id=living.pk, result=VisitResult.PRESENT, note="在家两人", actor=coadmin)
    living.refresh_from_db()
    assert (living.verified_on, living.verified_result) == (TODAY, VisitResult.PRESENT)
    assert Visit.objects.get().note == "在家两人"


def test_nobody_home_does_not_count_as_verified(coadmin, living):
    verify(registration_id=living.pk, result=VisitResult.ABSENT, actor=coadmin)
    living.refresh_from_db()
    assert (living.verified_on, living.verified_result) == (None, VisitResult.ABSENT)


@pytest.mark.parametrize("action", ["move", "leave", "restore", "verify", "workplace"])
def test_rows_of_a_foreign_area_do_not_exist(staff, living, action):
    actor = staff(Registration, "change", "deregister", "restore", "verify", at="330822003001")
    acts = {
        "move": lambda: move(living, DwellingFactory.create(area_code="330822003001"), actor),
        "leave": lambda: leave(living, actor),
        "restore": lambda: restore(registration_id=living.pk, reason="x", version=1, actor=actor),
        "verify": lambda: verify(registration_id=living.pk, result="present", actor=actor),
        "workplace": lambda: change_workplace(
            registration_id=living.pk, workplace="x", changed_on=clock.today(), version=1, actor=actor
        ),
    }
    with pytest.raises(PermissionDenied if action == "move" else ObjectDoesNotExist):
        acts[action]()
