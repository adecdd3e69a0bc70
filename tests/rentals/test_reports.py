"""Z4–Z6: landlords, property managers and brokers report within three working days; a report is a lead."""

import uuid
from datetime import date

import pytest
from django.core.exceptions import ObjectDoesNotExist

from portal.audit.models import AuditEntry
from portal.core.errors import DomainError
from portal.events.models import StoredEvent
from portal.org.models import User
from portal.org.services import system_user
from rentals.models import PenaltyReferral, TenancyReport
from rentals.services.reports import decisions, referrals
from rentals.services.reports.intake import TenantInput, receive
from rentals.services.reports.matching import people_like, stays_at_the_door
from residents.models import Draft, Dwelling, Person, Registration
from tests.factories.org import AreaFactory
from tests.factories.rentals import (
    TENANT,
    LateReportFactory,
    RentalFactory,
    ReportFactory,
    report_input,
    reporter,
)
from tests.factories.residents import DwellingFactory, PersonFactory, RegistrationFactory

pytestmark = pytest.mark.django_db
ELSEWHERE = "330822002001"


@pytest.fixture(autouse=True)
def on_20_november(at) -> None:
    at("2026-11-20 09:00")  # a Friday


@pytest.fixture
def verifier(staff) -> User:
    user = staff(TenancyReport, "view", "review", "refer")
    for model, actions in (
        (Registration, ("view", "add", "change", "deregister")),
        (Person, ("view",)),
        (Dwelling, ("view",)),
        (PenaltyReferral, ("view", "add")),
    ):
        user = staff(model, *actions, user=user)
    return user


@pytest.mark.parametrize(
    ("moved_in", "due", "late"),
    [
        (date(2026, 11, 17), date(2026, 11, 20), 0),  # Tuesday, the last day is today
        (date(2026, 11, 16), date(2026, 11, 19), 1),  # Monday, due yesterday
        (date(2026, 11, 13), date(2026, 11, 18), 2),  # Friday: the weekend does not count
        (date(2026, 9, 30), date(2026, 10, 10), 30),  # National Day: 8, 9 and the make-up Saturday 10 October count
    ],
)
def test_Z4_three_working_days_from_the_day_of_moving_in(moved_in, due, late):
    door = RentalFactory.create(status="registered", registered_on="2026-11-01").dwelling
    receipt = receive(
        reporter=reporter(), given=report_input(happened_on=moved_in, dwelling_id=door.pk), batch=uuid.uuid4()
    )
    row = TenancyReport.objects.get()
    assert (receipt.due_on, receipt.late_days) == (due, late)
    assert (row.due_on, row.late_days, row.reported_on) == (due, late, date(2026, 11, 20))


@pytest.mark.parametrize(("kind", "rule_id"), [("manager", "Z5"), ("broker", "Z6")])
def test_Z5_Z6_the_clock_of_managers_and_brokers_runs_from_what_they_were_told(kind, rule_id):
    AreaFactory.create(code="330822001001", level="community")
    given = report_input(
        happened_on=date(2026, 10, 20), told_on=date(2026, 11, 17), area_code="330822001001", address="锦绣花园 3-2-501"
    )
    receipt = receive(reporter=reporter(kind=kind), given=given, batch=uuid.uuid4())
    row = TenancyReport.objects.get()
    assert (receipt.late_days, row.counted_from, row.due_on) == (0, date(2026, 11, 17), date(2026, 11, 20)), rule_id
    assert (row.dwelling, row.address, row.area_code) == (None, "锦绣花园 3-2-501", "330822001001")


def test_a_landlord_cannot_move_the_start_of_the_clock():
    door = RentalFactory.create().dwelling
    given = report_input(happened_on=date(2026, 11, 10), told_on=date(2026, 11, 20), dwelling_id=door.pk)
    assert receive(reporter=reporter(), given=given, batch=uuid.uuid4()).late_days == 5


def test_two_tenants_are_two_leads_and_the_same_form_twice_is_one_report():
    door, batch = RentalFactory.create().dwelling, uuid.uuid4()
    given = report_input(
        dwelling_id=door.pk,
        room="Ａ 室",
        tenants=(
            TenantInput(name="吴租客", document_number=TENANT),
            TenantInput(name="周同住", document_kind="414", document_number="E12345678"),
        ),
    )
    for _time in range(2):
        assert receive(reporter=reporter(), given=given, batch=batch).tenants == 2
    rows = list(TenancyReport.objects.order_by("line"))
    assert [(row.name, row.room, row.number[-2:], row.dwelling) for row in rows] == [
        ("吴租客", "A", "-1", door),
        ("周同住", "A", "-2", door),
    ]
    assert AuditEntry.objects.filter(action="report.received").count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"happened_on": date(2026, 11, 21)}, "happened_on"),
        ({"happened_on": date(2025, 11, 19)}, "happened_on"),
        ({"tenants": ()}, "tenants.0.name"),
        ({"tenants": (TenantInput(name="吴租客"),)}, "tenants.0.document_number"),
        ({"tenants": (TenantInput(name="", document_number=TENANT),)}, "tenants.0.name"),
        ({"tenants": (TenantInput(name="吴租客", document_number=f"{TENANT[:-1]}1"),)}, "tenants.0.document_number"),
        ({"tenants": (TenantInput(name="吴租客", document_number=TENANT),) * 2}, "tenants.1.document_number"),
        ({"dwelling_id": 0}, "place"),
        ({"dwelling_id": None, "area_code": "330822"}, "area_code"),
        ({"kind": "away"}, "kind"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_is_kept(changes, field):
    assert TENANT[-1] != "1"
    given = {"dwelling_id": RentalFactory.create().dwelling_id} | changes
    with pytest.raises(DomainError) as refused:
        receive(reporter=reporter(), given=report_input(**given), batch=uuid.uuid4())
    assert refused.value.field == field
    assert not TenancyReport.objects.exists()


def test_HL5_who_left_needs_no_document():
    door = RentalFactory.create().dwelling
    given = report_input(kind="out", dwelling_id=door.pk, tenants=(TenantInput(name="吴租客"),))
    receive(reporter=reporter(), given=given, batch=uuid.uuid4())
    assert TenancyReport.objects.get().document_index is None


def test_a_proved_phone_reaches_the_doors_let_under_it_alone():
    other = RentalFactory.create(landlord_phone="13957000002").dwelling
    with pytest.raises(DomainError) as refused:
        receive(reporter=reporter(), given=report_input(dwelling_id=other.pk), batch=uuid.uuid4())
    assert refused.value.field == "place"
    ended = RentalFactory.create(status="ended", ended_on=date(2026, 11, 1)).dwelling
    with pytest.raises(DomainError):
        receive(reporter=reporter(), given=report_input(dwelling_id=ended.pk), batch=uuid.uuid4())


def test_a_plate_that_nobody_printed_is_answered_like_any_other_and_nothing_is_kept():
    door = DwellingFactory.create()
    told = [
        receive(reporter=reporter(confirmed=False), given=report_input(plate=plate), batch=uuid.uuid4())
        for plate in (door.plate, uuid.uuid4())
    ]
    assert (told[0].tenants, told[0].due_on, told[0].late_days) == (told[1].tenants, told[1].due_on, told[1].late_days)
    assert [(row.dwelling, row.confirmed) for row in TenancyReport.objects.all()] == [(door, False)]


def test_one_door_takes_so_many_reports_a_day_by_its_plate():
    door = DwellingFactory.create()
    for line in range(20):
        ReportFactory.create(dwelling=door, confirmed=False, reported_on=date(2026, 11, 20), line=line + 1)
    with pytest.raises(DomainError):
        receive(reporter=reporter(confirmed=False), given=report_input(plate=door.plate), batch=uuid.uuid4())


def test_the_match_is_told_with_its_reasons_to_staff_of_the_area(verifier):
    person = PersonFactory.create(name="吴租客", document_number=TENANT)
    stay = RegistrationFactory.create(person=person)
    report = ReportFactory.create()
    assert [(hit.person_id, hit.reasons[0]) for hit in people_like(report, verifier)] == [(person.pk, "document")]
    assert stays_at_the_door(report, verifier) == []
    same = ReportFactory.create(dwelling=stay.dwelling)
    assert [(hit.stay, hit.reasons) for hit in stays_at_the_door(same, verifier)] == [(stay, ["document", "name"])]


def test_registered_already_is_linked_and_the_report_forgets_the_tenant(verifier):
    stay = RegistrationFactory.create()
    report = ReportFactory.create(dwelling=stay.dwelling, phone="13800000009")
    decisions.link_stay(report_id=report.pk, registration_id=stay.pk, version=report.version, actor=verifier)
    report.refresh_from_db()
    assert (report.status, report.registration, report.decided_by) == ("linked", stay, verifier)
    assert (report.name, report.document_kind, report.document_number, report.phone) == ("", "", "", "")
    assert report.document_index is None
    stay.refresh_from_db()
    assert stay.status == "active"


def test_a_confirmed_departure_ends_the_stay_by_the_service_of_the_register(verifier):
    stay = RegistrationFactory.create()
    report = ReportFactory.create(kind="out", dwelling=stay.dwelling)
    decisions.end_stay(
        report_id=report.pk,
        registration_id=stay.pk,
        stay_version=stay.version,
        reason="01",
        version=report.version,
        actor=verifier,
    )
    stay.refresh_from_db()
    assert (stay.status, stay.left_on, stay.left_reason) == ("left", report.happened_on, "01")
    assert stay.changes.get(kind="departure").discovered_by == "landlord"
    assert StoredEvent.objects.filter(name="residents.person_left").exists()
    report.refresh_from_db()
    assert (report.status, report.registration) == ("left", stay)


def test_a_departure_that_the_register_refuses_leaves_the_report_open(verifier):
    stay = RegistrationFactory.create()
    report = ReportFactory.create(kind="out", dwelling=stay.dwelling, happened_on=date(2020, 1, 1))
    with pytest.raises(DomainError):
        decisions.end_stay(
            report_id=report.pk,
            registration_id=stay.pk,
            stay_version=stay.version,
            reason="01",
            version=report.version,
            actor=verifier,
        )
    report.refresh_from_db()
    assert (report.status, report.name) == ("waiting", "吴租客")


def test_not_true_takes_a_reason_and_nobody_of_another_door(verifier):
    report, elsewhere = ReportFactory.create(), RegistrationFactory.create()
    with pytest.raises(DomainError) as refused:
        decisions.say_untrue(report_id=report.pk, answer=" ", version=report.version, actor=verifier)
    assert refused.value.field == "answer"
    with pytest.raises(DomainError):
        decisions.link_stay(report_id=report.pk, registration_id=elsewhere.pk, version=report.version, actor=verifier)
    decisions.say_untrue(report_id=report.pk, answer="上门核实，无人居住", version=report.version, actor=verifier)
    report.refresh_from_db()
    assert (report.status, report.answer, report.name) == ("untrue", "上门核实，无人居住", "")
    with pytest.raises(DomainError):
        decisions.say_untrue(report_id=report.pk, answer="再次", version=report.version, actor=verifier)


def test_the_report_of_another_area_does_not_exist(staff):
    report = ReportFactory.create()
    stranger = staff(TenancyReport, "view", "review", at=ELSEWHERE)
    with pytest.raises(ObjectDoesNotExist):
        decisions.say_untrue(report_id=report.pk, answer="不属实", version=report.version, actor=stranger)


def test_the_arrival_begins_from_what_was_reported(verifier):
    report = ReportFactory.create(reporter_kind="broker", phone="13800000009")
    draft = decisions.begin_arrival(report_id=report.pk, version=report.version, actor=verifier)
    assert Draft.objects.get(author=verifier) == draft
    assert {name: draft.data[name] for name in ("name", "document_number", "dwelling", "arrived_on", "channel")} == {
        "name": ["吴租客"],
        "document_number": [TENANT],
        "dwelling": [str(report.dwelling_id)],
        "arrived_on": ["2026-11-16"],
        "channel": ["broker"],
    }


def test_an_address_in_words_needs_its_door_first(verifier):
    report = ReportFactory.create(dwelling=None, area_code="330822001001", address="村口第二家")
    with pytest.raises(DomainError):
        decisions.begin_arrival(report_id=report.pk, version=report.version, actor=verifier)
    door = DwellingFactory.create()
    decisions.find_door(report_id=report.pk, dwelling_id=door.pk, version=report.version, actor=verifier)
    report.refresh_from_db()
    assert (report.dwelling, report.area_code, report.status) == (door, door.area_code, "waiting")


def test_whoever_is_registered_at_the_door_settles_the_report_of_the_very_document():
    person = PersonFactory.create(name="吴租客", document_number=TENANT)
    stay = RegistrationFactory.create(person=person)
    here, there = ReportFactory.create(dwelling=stay.dwelling), ReportFactory.create()
    out = ReportFactory.create(dwelling=stay.dwelling, kind="out")
    assert decisions.settle(registration_id=stay.pk, actor=system_user()) == 1
    for report in (here, there, out):
        report.refresh_from_db()
    assert (here.status, here.registration, here.decided_by) == ("registered", stay, stay.registrar)
    assert (there.status, out.status) == ("waiting", "waiting")
    Registration.objects.filter(pk=stay.pk).update(
        status="left", left_on=date(2026, 11, 18), closed_on=date(2026, 11, 18)
    )
    assert decisions.settle(registration_id=stay.pk, actor=system_user()) == 1
    out.refresh_from_db()
    assert (out.status, out.registration) == ("left", stay)


def test_late_counts_when_it_was_found_true_and_the_phone_was_proved():
    late = LateReportFactory.create()
    LateReportFactory.create(late_days=0)
    LateReportFactory.create(confirmed=False)
    ReportFactory.create(late_days=4)
    assert list(TenancyReport.objects.all().late()) == [late]


def test_Z18_a_referral_takes_all_open_late_reports_of_one_duty_bearer_and_fines_nobody(verifier):
    first, second = LateReportFactory.create(), LateReportFactory.create(late_days=7)
    other = LateReportFactory.create(reporter_phone="13957000002")
    outside = LateReportFactory.create(
        registration=RegistrationFactory.create(dwelling=DwellingFactory.create(area_code=ELSEWHERE))
    )
    given = {
        "basis": referrals.legal_basis("330822001001"),
        "evidence": referrals.evidence_of(first, verifier),
        "notice": "已当面告知事实和依据，可陈述申辩",
        "notified_on": date(2026, 11, 20),
        "sent_to": "天马派出所",
    }
    assert "第三十四条" in given["basis"]
    assert given["evidence"].count("\n") == 1
    for missing in ("basis", "evidence", "notice", "sent_to"):
        with pytest.raises(DomainError) as refused:
            referrals.refer(report_id=first.pk, **given | {missing: " "}, actor=verifier)
        assert refused.value.field == missing
    row = referrals.refer(report_id=first.pk, **given, actor=verifier)
    assert row.number == "330822P2026000001"
    assert set(row.reports.all()) == {first, second}
    for report in (other, outside):
        report.refresh_from_db()
        assert report.referral is None
    with pytest.raises(DomainError):
        referrals.refer(report_id=first.pk, **given, actor=verifier)
