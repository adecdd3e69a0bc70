from datetime import date
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from portal.audit.models import AuditEntry
from portal.core.errors import DomainError
from portal.events.models import StoredEvent
from portal.org.models import User
from residents.choices import ChangeKind, RegistrationStatus
from residents.models import Dwelling, Person, Registration, RegistrationChange
from residents.services import registration as service
from residents.services.duties import explain_duty
from residents.services.people import IdentityInput
from residents.services.registration import ArrivalResult, CompanionInput, StayInput, register_arrival
from tests.factories.org import AreaFactory
from tests.factories.residents import (
    DwellingFactory,
    NoticeFactory,
    PersonFactory,
    RegistrationFactory,
    id_number,
    identity,
    stay,
)

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)  # a Friday


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    monkeypatch.setattr("portal.core.clock.today", lambda: TODAY)


@pytest.fixture
def home() -> Dwelling:
    return DwellingFactory.create()


@pytest.fixture
def coadmin(staff) -> User:
    return staff(Registration, "view", "add", "change")


def arrive(actor, dwelling, *, companions=(), key=None, notice_id=None, who=None, **stay_changes) -> ArrivalResult:
    return register_arrival(
        head=IdentityInput(**(who or identity())),
        stay=StayInput(**stay(dwelling, **stay_changes)),
        companions=companions,
        notice_id=notice_id,
        submission_key=key or str(uuid4()),
        actor=actor,
    )


def came_along(relation: str, born: date, sequence: int, name: str = "王梓轩") -> CompanionInput:
    number = id_number(born=born, sequence=sequence)
    return CompanionInput(
        relation=relation, identity=IdentityInput(document_kind="113", document_number=number, name=name)
    )


def test_Z10_half_year_counts_from_the_day_of_registration(coadmin, home):
    made = arrive(coadmin, home, arrived_on=date(2026, 9, 1)).registration
    assert (made.arrived_on, made.registered_on, made.counts_from) == (date(2026, 9, 1), TODAY, TODAY)


def test_arrival_writes_person_stay_change_event_audit_and_notice(coadmin, home):
    notice = NoticeFactory.create()
    result = arrive(coadmin, home, notice_id=notice.pk)
    made, person = result.registration, result.registration.person
    assert (person.name, person.name_initials, person.sex, person.native_code) == ("李秀英", "lxy", "2", "520322")
    assert (person.area_code, made.area_code, made.notice) == (home.area_code, home.area_code, notice)
    change = RegistrationChange.objects.get(registration=made)
    assert (change.kind, change.after, change.happened_on) == (ChangeKind.ARRIVAL, home.address, TODAY)
    event = StoredEvent.objects.get(name="residents.person_registered")
    assert event.payload["renewal"] is False
    assert AuditEntry.objects.filter(action="registration.arrived", target_id=str(made.pk)).exists()
    assert not result.renewal
    assert not result.repeated


def test_household_is_registered_in_one_act_with_relations(coadmin, home):
    child = came_along("20", date(2018, 6, 1), 11)
    wife = came_along("10", date(1992, 2, 2), 22, "李秀英")
    husband = identity(document_number=id_number(sequence=135), name="王建国", sex="1", birth_date=None)
    result = arrive(coadmin, home, who=husband, companions=[child, wife])
    assert [one.relation for one in result.companions] == ["20", "10"]
    assert {one.head_id for one in result.companions} == {result.registration.pk}
    assert {one.dwelling_id for one in result.companions} == {home.pk}
    assert RegistrationChange.objects.count() == 3


def test_household_is_registered_whole_or_not_at_all(coadmin, home):
    known = RegistrationFactory.create()
    wife = CompanionInput(
        relation="10",
        identity=IdentityInput(document_kind="111", document_number=known.person.document_number, name="王建国"),
    )
    with pytest.raises(DomainError) as refusal:
        arrive(coadmin, home, companions=[wife])
    assert refusal.value.field == "companions.0.document_number"
    assert refusal.value.code == "already_registered"
    assert Registration.objects.count() == 1
    assert Person.objects.count() == 1


def test_one_number_twice_in_a_household_is_refused(coadmin, home):
    twin = CompanionInput(relation="97", identity=IdentityInput(**identity()))
    with pytest.raises(DomainError) as refusal:
        arrive(coadmin, home, companions=[twin])
    assert refusal.value.code == "twice_in_form"


def test_known_person_is_renewed_and_history_is_kept(coadmin, home):
    old = RegistrationFactory.create(
        person=PersonFactory.create(phone="13800000000", education="61"),
        status="left",
        arrived_on=date(2025, 1, 1),
        left_on=date(2025, 6, 30),
    )
    number = old.person.document_number
    who = identity(document_number=number, name="王建国", sex="1", birth_date=None, phone="13900009999")
    result = arrive(coadmin, home, who=who)
    person = Person.objects.get()
    assert result.renewal
    assert (person.phone, person.education, person.version) == ("13900009999", "61", 2)
    assert Registration.objects.filter(person=person).count() == 2
    change = RegistrationChange.objects.get(kind=ChangeKind.RENEWAL)
    assert (change.before, change.after) == (old.dwelling.address, home.address)
    assert result.registration.counts_from == TODAY


def test_active_person_gets_the_offer_of_renewal_or_change(coadmin, home):
    active = RegistrationFactory.create(dwelling=home)
    who = identity(document_number=active.person.document_number, sex="1", birth_date=None)
    with pytest.raises(DomainError) as refusal:
        arrive(coadmin, home, who=who)
    assert refusal.value.code == "already_registered"
    assert refusal.value.field == "document_number"
    context = refusal.value.context
    assert (context["person_id"], context["registration_id"], context["in_scope"]) == (
        active.person_id,
        active.pk,
        True,
    )


def test_active_person_of_another_community_is_told_as_out_of_scope(coadmin, home):
    active = RegistrationFactory.create(dwelling=DwellingFactory.create(area_code="330822002001"))
    who = identity(document_number=active.person.document_number, sex="1", birth_date=None)
    with pytest.raises(DomainError) as refusal:
        arrive(coadmin, home, who=who)
    assert refusal.value.context["in_scope"] is False


def test_stays_of_one_person_never_overlap(coadmin, home):
    old = RegistrationFactory.create(status="left", arrived_on=date(2026, 1, 1), left_on=date(2026, 6, 30))
    who = identity(document_number=old.person.document_number, sex="1", birth_date=None)
    with pytest.raises(DomainError) as refusal:
        arrive(coadmin, home, who=who, arrived_on=date(2026, 6, 29))
    assert (refusal.value.code, refusal.value.field) == ("overlap", "arrived_on")
    assert arrive(coadmin, home, who=who, arrived_on=date(2026, 6, 30)).renewal


def test_database_refuses_a_second_active_stay_and_overlapping_stays(home):
    first = RegistrationFactory.create(dwelling=home, arrived_on=date(2026, 1, 1))
    with pytest.raises(IntegrityError), transaction.atomic():
        RegistrationFactory.create(person=first.person, dwelling=home, arrived_on=date(2026, 2, 1))
    with pytest.raises(IntegrityError, match="registration_no_overlap"), transaction.atomic():
        RegistrationFactory.create(
            person=first.person, status="left", arrived_on=date(2025, 12, 1), left_on=date(2026, 1, 2)
        )


def test_race_of_two_clerks_ends_in_the_friendly_answer(coadmin, home, monkeypatch):
    """Both saw "no active stay"; the database constraint decides."""
    active = RegistrationFactory.create(dwelling=home)
    monkeypatch.setattr(service, "_last_stay", lambda _person, _arrival: None)
    who = identity(document_number=active.person.document_number, sex="1", birth_date=None)
    with pytest.raises(DomainError) as refusal:
        arrive(coadmin, home, who=who)
    assert refusal.value.code == "already_registered"
    assert refusal.value.context["registration_id"] == active.pk


def test_one_submission_key_has_one_effect(coadmin, home):
    first = arrive(coadmin, home, key="same")
    second = arrive(coadmin, home, key="same")
    assert second.repeated
    assert second.registration == first.registration
    assert Registration.objects.count() == 1


def test_refused_form_may_be_sent_again_with_the_same_key(coadmin, home):
    with pytest.raises(DomainError):
        arrive(coadmin, home, key="again", lodging="77")
    assert not arrive(coadmin, home, key="again").repeated


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"sex": "1"}, "sex"),
        ({"birth_date": date(1993, 3, 9)}, "birth_date"),
        ({"native_code": "330822"}, "native_code"),
    ],
)
def test_Z16_difference_from_the_number_needs_a_reason(coadmin, home, changes, field):
    with pytest.raises(DomainError) as refusal:
        arrive(coadmin, home, who=identity(**changes))
    assert (refusal.value.field, refusal.value.code) == (field, "mismatch")
    kept = arrive(coadmin, home, who=identity(**changes, mismatch_reason="户口迁移，以户口簿为准")).registration.person
    assert getattr(kept, field) == changes[field]
    assert kept.mismatch_reason == "户口迁移，以户口簿为准"
    assert AuditEntry.objects.get(action="person.opened").details["mismatches"] == [field]


def test_Z1_registration_within_three_working_days_is_in_time(coadmin, home):
    """Tuesday 17 November + 3 working days = Friday 20 November."""
    assert arrive(coadmin, home, arrived_on=date(2026, 11, 17)).notes == []


def test_Z1_late_registration_is_noted_and_not_refused(coadmin, home):
    """Monday 16 November + 3 working days = Thursday 19 November: one day late on the 20th."""
    result = arrive(coadmin, home, arrived_on=date(2026, 11, 16))
    assert [note.code for note in result.notes] == ["late"]
    assert AuditEntry.objects.get(action="registration.arrived").details["late_days"] == 1


def test_Z2_child_alone_needs_a_guardian_or_an_explanation(coadmin, home):
    child = {"document_kind": "113", "document_number": id_number(born=date(2015, 1, 5), sequence=7), "name": "王小明"}
    with pytest.raises(DomainError) as refusal:
        arrive(coadmin, home, who=child)
    assert (refusal.value.code, refusal.value.field) == ("guardian_needed", "remark")
    assert arrive(coadmin, home, who=child, remark="父母在外省务工，由外婆申报").registration.remark


def test_Z2_sixteenth_birthday_ends_the_need_for_a_guardian(coadmin, home):
    day_before = {"document_kind": "111", "document_number": id_number(born=date(2010, 11, 21)), "name": "王小明"}
    with pytest.raises(DomainError):
        arrive(coadmin, home, who=day_before)
    birthday = {"document_kind": "111", "document_number": id_number(born=TODAY.replace(year=2010)), "name": "王小明"}
    assert arrive(coadmin, home, who=birthday).registration.pk


def test_Z2_child_with_a_related_adult_is_registered(coadmin, home):
    child = {"document_kind": "113", "document_number": id_number(born=date(2015, 1, 5), sequence=7), "name": "王小明"}
    mother = came_along("52", date(1990, 2, 2), 22, "李秀英")
    assert len(arrive(coadmin, home, who=child, companions=[mother]).companions) == 1


def test_Z2_child_of_strangers_needs_an_explanation(coadmin, home):
    with pytest.raises(DomainError) as refusal:
        arrive(coadmin, home, companions=[came_along("99", date(2018, 6, 1), 11)])
    assert refusal.value.code == "guardian_needed"


def duty(**changes):
    given = {
        "document_kind": "111",
        "nationality": "CHN",
        "lodging": "05",
        "reason": "01",
        "arrived_on": TODAY,
        "on": TODAY,
    }
    return [note.code for note in explain_duty(**(given | changes))]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"lodging": "01"}, "exempt_hotel"),
        ({"lodging": "03", "reason": "07"}, "exempt_hospital"),
        ({"lodging": "03", "reason": "06"}, "exempt_school"),
        ({"exempt_place": "rescue"}, "exempt_rescue"),
        ({"lodging": "02", "reason": "10", "planned_until": date(2026, 12, 20)}, "exempt_relative"),
    ],
)
def test_Z7_exemptions_are_recognised(changes, code):
    assert duty(**changes) == [code]


def test_Z7_relatives_beyond_thirty_days_are_not_exempt():
    assert duty(lodging="02", reason="10", planned_until=date(2026, 12, 21)) == []
    assert duty(lodging="02", reason="10") == []


def test_Z7_exempt_person_who_wants_to_register_is_registered(coadmin, home):
    result = arrive(coadmin, home, lodging="01", arrived_on=date(2026, 10, 1))
    assert [note.code for note in result.notes] == ["exempt_hotel"]
    assert result.registration.status == RegistrationStatus.ACTIVE


def test_Z19_foreigner_outside_hotels_has_24_hours():
    assert duty(nationality="FRA", document_kind="414") == ["foreigner"]
    assert duty(nationality="FRA", document_kind="414", arrived_on=date(2026, 11, 19)) == ["foreigner"]
    assert duty(nationality="FRA", document_kind="414", arrived_on=date(2026, 11, 18)) == ["foreigner", "late"]
    assert duty(nationality="FRA", document_kind="414", lodging="01") == ["exempt_hotel"]


def test_Z19_hong_kong_macau_taiwan_residents_follow_national_rules():
    assert duty(document_kind="516") == ["hmt"]


def test_future_arrival_is_refused_and_a_very_old_one_wants_a_reason(coadmin, home):
    with pytest.raises(DomainError) as refusal:
        arrive(coadmin, home, arrived_on=date(2026, 11, 21))
    assert refusal.value.field == "arrived_on"
    with pytest.raises(DomainError) as refusal:
        arrive(coadmin, home, arrived_on=date(2025, 11, 19))
    assert refusal.value.code == "backdated"
    assert arrive(coadmin, home, arrived_on=date(2025, 11, 19), remark="本人提供车票").registration.pk


@pytest.mark.parametrize("field", ["lodging", "reason", "channel"])
def test_unknown_code_is_refused_at_its_field(coadmin, home, field):
    with pytest.raises(DomainError) as refusal:
        arrive(coadmin, home, **{field: "zz"})
    assert refusal.value.field == field


def test_registering_outside_the_own_area_is_denied(coadmin):
    AreaFactory.create(code="330822002001")
    with pytest.raises(PermissionDenied):
        arrive(coadmin, DwellingFactory.create(area_code="330822002001"))
