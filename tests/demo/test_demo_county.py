import io
from collections import Counter
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import F, Q

from demo.identity import check_digit
from portal.core import clock
from portal.org.models import Area
from portal.policy import codes
from portal.reports.models import AreaCount
from rentals.models import (
    GradeAppeal,
    Hazard,
    HouseGrade,
    Inspection,
    LeaseFiling,
    RentalCampaign,
    RentalRegistration,
    ResponsibilityLetter,
)
from rentals.selectors import crowded
from residents.choices import ApplicationStatus, ChangeKind, DocumentKind, PermitStatus, RegistrationStatus
from residents.models import (
    Dwelling,
    DwellingAlias,
    Endorsement,
    Permit,
    PermitApplication,
    PermitStep,
    Person,
    Registration,
    RegistrationChange,
    Visit,
)
from residents.services.identity import check_document, find_by_document
from residents.services.permits.numbers import FILE, next_number

BEGINNINGS = (ChangeKind.ARRIVAL, ChangeKind.RENEWAL, ChangeKind.ADDRESS)


def test_three_hundred_people_cost_less_than_fifteen_seconds_of_work(demo):
    assert 300 <= Person.objects.count() <= 306
    assert demo.cpu_seconds < 15


def test_real_townships_and_communities_with_three_grids_in_towns(demo):
    assert Area.objects.get(code="330822").name == "常山县"
    assert Area.objects.filter(code__startswith="330822", level="township").count() == 14
    assert Area.objects.filter(code__startswith="330822001001", level="grid").count() == 3
    assert not Area.objects.filter(code__startswith="330822001200", level="grid").exists()


def test_personal_values_are_ciphertext_that_the_register_reads(demo):
    someone = Person.objects.filter(document_kind=DocumentKind.RESIDENT_ID).exclude(phone_index=None).first()
    assert someone.document_number[-1] == check_digit(someone.document_number[:17])
    assert someone.phone.startswith("154")
    assert find_by_document(someone.document_number) == someone
    with connection.cursor() as cursor:
        cursor.execute("SELECT document_number, phone FROM residents_person WHERE id = %s", [someone.pk])
        stored = [bytes(value) for value in cursor.fetchone()]
    assert someone.document_number.encode() not in stored[0]
    assert someone.phone.encode() not in stored[1]


def test_nobody_has_two_active_or_overlapping_stays(demo):
    stays = Registration.objects.standing().order_by("person_id", "arrived_on", "pk")
    last = {}
    for stay in stays:
        before = last.get(stay.person_id)
        assert before is None or (before.left_on and before.left_on <= stay.arrived_on)
        last[stay.person_id] = stay


def test_nothing_lies_in_the_future_or_before_its_time(demo):
    today, now = clock.today(), clock.now()
    late = Q(arrived_on__gt=today) | Q(registered_on__gt=today) | Q(closed_on__gt=today) | Q(verified_on__gt=today)
    assert not Registration.objects.filter(late | Q(updated_at__gt=now)).exists()
    assert not Registration.objects.filter(registered_on__lt=F("arrived_on")).exists()
    assert not RegistrationChange.objects.filter(
        Q(recorded_on__gt=today) | Q(happened_on__gt=F("recorded_on"))
    ).exists()
    assert not PermitStep.objects.filter(happened_on__gt=today).exists()
    assert not Visit.objects.filter(visited_on__gt=today).exists()
    assert not Person.objects.filter(birth_date__gt=today).exists()


def test_every_stay_begins_with_one_line_of_the_ledger_on_its_day(demo):
    lines = RegistrationChange.objects.filter(kind__in=BEGINNINGS).select_related("registration")
    assert Counter(line.registration_id for line in lines) == Counter(Registration.objects.values_list("pk", flat=True))
    assert all(line.recorded_on == line.registration.registered_on for line in lines)
    assert all(line.happened_on == line.registration.arrived_on for line in lines)


def test_every_departure_stands_in_the_ledger_and_moves_do_not(demo):
    left = Registration.objects.filter(status=RegistrationStatus.LEFT).exclude(left_reason="02")
    lines = RegistrationChange.objects.filter(kind=ChangeKind.DEPARTURE, registration__in=left)
    assert {line.registration_id: (line.happened_on, line.reason) for line in lines} == {
        stay.pk: (stay.left_on, stay.left_reason) for stay in left
    }
    moved = Registration.objects.filter(left_reason="02")
    assert not RegistrationChange.objects.filter(kind=ChangeKind.DEPARTURE, registration__in=moved).exists()
    assert all(stay.left_on == Registration.objects.get(previous=stay).arrived_on for stay in moved)


def test_Z10_half_year_is_carried_over_a_move_and_begins_anew_after_a_return(demo):
    moved = RegistrationChange.objects.filter(kind=ChangeKind.ADDRESS).select_related("registration__previous")
    returned = RegistrationChange.objects.filter(kind=ChangeKind.RENEWAL).select_related("registration")
    assert moved
    assert returned
    assert all(line.registration.counts_from == line.registration.previous.counts_from for line in moved)
    assert all(line.registration.counts_from == line.registration.registered_on for line in returned)


def test_files_in_every_state_and_every_kind_of_time_left(demo):
    assert set(PermitApplication.objects.values_list("status", flat=True)) == set(ApplicationStatus.values)
    today = clock.today()
    waiting = PermitApplication.objects.filter(status__in=[ApplicationStatus.ACCEPTED, ApplicationStatus.REVIEWED])
    assert waiting.filter(due_on__lt=today).exists()
    assert waiting.filter(due_on__range=(today, today + timedelta(days=7))).exists()
    paused = PermitApplication.objects.filter(status=ApplicationStatus.RETURNED)
    assert paused.filter(accepted_at=None).exists()
    assert paused.filter(due_rule__has_key="paused_on").exists()


def test_permits_in_every_state(demo):
    today = clock.today()
    assert set(Permit.objects.values_list("status", flat=True)) == set(PermitStatus.values)
    in_window = Q(endorse_from__lte=today, endorse_by__gt=today)
    assert Permit.objects.filter(in_window, status=PermitStatus.ACTIVE).exists()
    assert Endorsement.objects.filter(late=True).exists()
    assert Endorsement.objects.filter(late=False).exists()


def test_no_active_permit_is_past_its_window(demo):
    assert not Permit.objects.filter(
        status=PermitStatus.ACTIVE, endorse_by__lte=clock.today(), valid_until=None
    ).exists()


def test_registrar_never_decides_on_the_own_file(demo):
    own = Q(reviewer=F("registrar")) | Q(signer=F("registrar"))
    assert not PermitApplication.objects.filter(own).exists()
    signed = PermitApplication.objects.exclude(signer=None).select_related("signer__department")
    assert {file.signer.department.code for file in signed} == {"gaj"}


def test_numbers_run_with_the_days_and_the_window_goes_on_from_them(demo):
    files = list(PermitApplication.objects.order_by("submitted_on", "pk").values_list("number", "submitted_on"))
    assert all(number[7:11] == str(day.year) for number, day in files)
    assert [number for number, _day in files] == sorted(number for number, _day in files)
    this_year = f"330822S{clock.today().year}"
    last = max((number for number, _day in files if number.startswith(this_year)), default=f"{this_year}000000")
    with transaction.atomic():
        assert int(next_number(FILE, area_code="330822001001")[11:]) == int(last[11:]) + 1
        transaction.set_rollback(True)


@pytest.mark.parametrize(
    ("table", "field"),
    [
        ("stay_reason", "reason"),
        ("dwelling_kind", "lodging"),
        ("channel", "channel"),
        ("dereg_reason", "left_reason"),
        ("relationship", "relation"),
    ],
)
def test_every_code_is_in_its_table(demo, table, field):
    used = set(Registration.objects.values_list(field, flat=True)) - {""}
    assert used
    assert used <= set(codes.items(table))


def test_shares_of_those_in_residence(demo):
    active = Registration.objects.active()
    total = active.count()
    assert 0.55 < total / Person.objects.count() < 0.85
    assert 0.5 < active.filter(reason="01").count() / total < 0.8
    assert 0.4 < active.filter(lodging="05").count() / total < 0.85


def test_dirty_addresses_leads_and_full_dwellings_occur(demo):
    assert DwellingAlias.objects.exists()
    assert Dwelling.objects.filter(kind="05", rental_registered=False).exists()
    assert Registration.objects.filter(verified_on=None, status=RegistrationStatus.ACTIVE).exists()
    assert Person.objects.exclude(document_kind=DocumentKind.RESIDENT_ID).exists()


def test_rentals_and_leases_in_each_state_for_the_doors_that_say_so(demo):
    rentals = RentalRegistration.objects.all()
    assert set(rentals.values_list("status", flat=True)) >= {"submitted", "registered"}
    doors = set(Dwelling.objects.filter(rental_registered=True).values_list("pk", flat=True))
    assert set(rentals.filter(status="registered").values_list("dwelling", flat=True)) == doors
    assert crowded(rentals).exists()
    assert set(LeaseFiling.objects.values_list("status", flat=True)) == {"submitted", "filed"}
    assert all(check_document("111", row.document_number) for row in rentals.filter(landlord_kind="person"))


def test_houses_are_graded_and_inspections_found_something(demo):
    assert HouseGrade.objects.exists()
    assert GradeAppeal.objects.filter(status="open").count() == 1
    assert set(Inspection.objects.values_list("status", flat=True)) == {"open", "done"}
    assert Hazard.objects.filter(inspection__inspector__username="coadmin").exists()


def test_letters_are_signed_waiting_and_ended(demo):
    assert ResponsibilityLetter.objects.filter(signed_on=None).exists()
    assert set(ResponsibilityLetter.objects.exclude(manner="").values_list("manner", flat=True)) == {"screen"}
    today = clock.today()
    assert ResponsibilityLetter.objects.filter(valid_to__gte=today).exists()
    assert ResponsibilityLetter.objects.filter(valid_to__lt=today).exists()


def test_a_campaign_is_under_way_and_another_one_is_planned(demo):
    running = RentalCampaign.objects.get(status="running")
    assert running.doors.filter(was_open=True).exists()
    assert RentalCampaign.objects.filter(status="planned").count() == 1


def test_dashboard_figures_agree_with_the_register(demo):
    told = AreaCount.objects.get(area_code="330822", fact="residence")
    assert told.number == Registration.objects.active().count()


def test_a_second_run_is_refused_and_if_empty_only_lists_the_accounts(demo):
    before = Person.objects.count()
    with pytest.raises(CommandError, match="--reset"):
        call_command("demo_county", skip_checks=True)
    said = io.StringIO()
    call_command("demo_county", if_empty=True, stdout=said, skip_checks=True)
    assert "coadmin" in said.getvalue()
    assert Person.objects.count() == before


def test_reset_throws_the_register_away_and_keeps_the_accounts(demo, django_user_model):
    with transaction.atomic():
        call_command("demo_county", people=20, reset=True, stdout=io.StringIO(), skip_checks=True)
        assert Person.objects.count() < 30
        assert django_user_model.objects.filter(username="coadmin").count() == 1
        transaction.set_rollback(True)


def test_outside_the_demo_profile_nothing_is_written(demo, settings):
    settings.DEMO_ACCOUNTS = False
    with pytest.raises(CommandError, match="demo installation"):
        call_command("demo_county", if_empty=True, skip_checks=True)


def test_at_least_one_person_is_asked_for(demo):
    with pytest.raises(CommandError, match="at least 1"):
        call_command("demo_county", people=0, if_empty=True, skip_checks=True)
