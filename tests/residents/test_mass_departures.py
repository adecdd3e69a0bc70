"""Nobody empties the register alone, and figures cannot be made to look better (digest §6.2, issue 4 §5)."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from portal.audit.models import AuditEntry
from portal.core import clock
from portal.core.errors import DomainError
from residents.models import DepartureRequest, Dwelling, Person, Registration, RegistrationChange, Visit
from residents.services import moves
from residents.services.departure_limit import departures_today
from residents.services.verification import suspect, verify
from residents.services.visits import mass
from residents.services.visits.anomalies import Seen, of_one_day, verified_in
from tests.factories.residents import DwellingFactory, RegistrationFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def friday(at):
    at("2026-11-20 09:00")
    return at


def worker(staff):
    user = staff(Registration, "view", "add", "change", "deregister", "restore", "verify")
    staff(Dwelling, "view", user=user)
    staff(Person, "view", user=user)
    return staff(DepartureRequest, "view", "ask", user=user)


@pytest.fixture
def clerk(staff):
    return worker(staff)


@pytest.fixture
def boss(staff):
    user = worker(staff)
    return staff(DepartureRequest, "approve", user=user)


def stays(count: int) -> list[Registration]:
    return [RegistrationFactory.create() for _one in range(count)]


def leave(stay, actor, **changes):
    given = {"left_on": TODAY, "reason": "01", "version": stay.version} | changes
    return moves.deregister(registration_id=stay.pk, actor=actor, **given)


def ask(rows, clerk, **changes) -> DepartureRequest:
    given: dict[str, Any] = {"left_on": TODAY, "reason": "01", "explanation": "工地完工，工人已集体离开"} | changes
    return mass.ask(registration_ids=[row.pk for row in rows], actor=clerk, **given)


def test_thirty_a_day_and_the_thirty_first_needs_approval(clerk):
    for stay in stays(30):
        leave(stay, clerk)
    assert departures_today(clerk) == 30
    with pytest.raises(DomainError) as refusal:
        leave(stays(1)[0], clerk)
    assert refusal.value.code == "needs_approval"


def test_eleven_by_one_act_need_approval(clerk):
    home = DwellingFactory.create()
    head = RegistrationFactory.create(dwelling=home)
    for _one in range(10):
        RegistrationFactory.create(dwelling=home, head=head)
    with pytest.raises(DomainError) as refusal:
        leave(head, clerk, with_companions=True)
    assert refusal.value.code == "needs_approval"
    assert leave(head, clerk).status == "left"  # one alone is no mass


def test_an_undone_departure_does_not_count(clerk):
    stay = leave(stays(1)[0], clerk)
    change = RegistrationChange.objects.get(registration=stay)
    moves.undo(change_id=change.pk, actor=clerk)
    assert departures_today(clerk) == 0


def test_asking_ends_nothing_and_approving_ends_all(clerk, boss):
    rows = stays(35)
    request = ask(rows, clerk)
    assert Registration.objects.active().count() == 35
    done = mass.approve(request_id=request.pk, answer="已电话核实", version=1, actor=boss)
    assert (done.status, done.decided_by, done.items.filter(done=True).count()) == ("approved", boss, 35)
    assert not Registration.objects.active().exists()
    assert departures_today(boss) == 0  # what two people decided is on nobody's account
    assert AuditEntry.objects.filter(action="departure.approved", actor=boss).count() == 1


def test_nobody_approves_his_own_request(clerk, boss):
    own = ask(stays(1), boss)
    with pytest.raises(PermissionDenied):
        mass.approve(request_id=own.pk, answer="同意", version=1, actor=boss)
    with pytest.raises(IntegrityError), transaction.atomic():
        DepartureRequest.objects.filter(pk=own.pk).update(decided_by=boss)


def test_both_decisions_need_a_reason_and_a_refusal_leaves_everybody(clerk, boss):
    request = ask(stays(2), clerk)
    for decide in (mass.approve, mass.refuse):
        with pytest.raises(DomainError) as refusal:
            decide(request_id=request.pk, answer=" ", version=1, actor=boss)
        assert refusal.value.field == "answer"
    mass.refuse(request_id=request.pk, answer="请先上门核实", version=1, actor=boss)
    assert Registration.objects.active().count() == 2
    with pytest.raises(DomainError) as refusal:
        mass.approve(request_id=request.pk, answer="同意", version=2, actor=boss)
    assert refusal.value.code == "wrong_state"


def test_who_left_meanwhile_stays_as_he_is_and_says_why(clerk, boss):
    rows = stays(2)
    request = ask(rows, clerk)
    leave(rows[0], clerk)
    mass.approve(request_id=request.pk, answer="已核实", version=1, actor=boss)
    by_stay = {item.registration_id: item for item in request.items.all()}
    assert (by_stay[rows[0].pk].done, by_stay[rows[1].pk].done) == (False, True)
    assert by_stay[rows[0].pk].refusal


def test_a_wrong_approval_is_restored_with_the_half_year_going_on(clerk, boss):
    stay = RegistrationFactory.create(arrived_on=date(2026, 3, 1))
    mass.approve(request_id=ask([stay], clerk).pk, answer="已核实", version=1, actor=boss)
    stay.refresh_from_db()
    back = moves.restore(registration_id=stay.pk, reason="本人仍在住", version=stay.version, actor=boss)
    assert (back.status, back.counts_from, back.suspended_days) == ("active", date(2026, 3, 1), 0)


def test_the_same_person_is_not_asked_about_twice(clerk):
    rows = stays(1)
    ask(rows, clerk)
    with pytest.raises(DomainError):
        ask(rows, clerk)
    with pytest.raises(DomainError) as refusal:
        ask(stays(1), clerk, explanation=" ")
    assert refusal.value.field == "explanation"


def test_an_address_changed_again_within_thirty_days_needs_a_reason(clerk, at):
    stay, first, second = RegistrationFactory.create(), DwellingFactory.create(), DwellingFactory.create()
    given = {"moved_on": TODAY, "lodging": "05", "actor": clerk}
    moved = moves.change_address(registration_id=stay.pk, dwelling_id=first.pk, version=1, **given)
    at("2026-12-19 09:00")  # 29 days later
    with pytest.raises(DomainError) as refusal:
        moves.change_address(registration_id=moved.pk, dwelling_id=second.pk, version=1, **given)
    assert (refusal.value.field, refusal.value.code) == ("why", "why")
    again = moves.change_address(
        registration_id=moved.pk, dwelling_id=second.pk, version=1, why="房东收回房屋", **given
    )
    assert RegistrationChange.objects.get(registration=again).reason == "房东收回房屋"
    at("2027-01-18 09:00")  # thirty days later
    assert moves.change_address(registration_id=again.pk, dwelling_id=first.pk, version=1, **given).status == "active"


def test_a_landlords_word_raises_the_question_and_a_restoration_ends_it(clerk):
    stay = RegistrationFactory.create()
    with pytest.raises(DomainError):
        suspect(registration_id=stay.pk, reason=" ", actor=clerk)
    assert suspect(registration_id=stay.pk, reason="房东来电", actor=clerk).suspected_on == TODAY
    stay.refresh_from_db()
    gone = leave(stay, clerk)
    back = moves.restore(registration_id=gone.pk, reason="误注销", version=gone.version, actor=clerk)
    assert (back.suspected_on, back.suspected_by) == (None, "")


def seen(minute, result="present", *, dwelling=1, community="330822001001", hour=9, second=0) -> Seen:
    moment = clock.now().replace(hour=hour - 8 if hour >= 8 else hour + 16, minute=minute, second=second)
    return Seen(7, moment, TODAY, result, community, dwelling, False)


def kinds(answers, **more) -> dict[str, int]:
    return {one.kind: one.count for one in of_one_day(7, TODAY, answers, **more)}


def test_three_doors_within_a_minute_are_odd_and_one_household_is_not():
    assert kinds([seen(0, dwelling=door, second=20 * door) for door in range(3)]) == {"rapid": 3}
    assert kinds([seen(0, dwelling=1, second=5 * person) for person in range(8)]) == {}
    assert kinds([seen(door, dwelling=door) for door in range(3)]) == {}  # a minute apart


def test_answers_at_night_are_odd():
    assert kinds([seen(0, hour=22), seen(59, hour=20), seen(0, hour=21)]) == {"night": 2}


def test_thirty_answers_all_still_here_are_odd_and_one_other_is_enough():
    same = [seen(minute, dwelling=minute) for minute in range(30)]
    assert kinds(same) == {"same": 30}
    assert kinds([*same[:-1], seen(29, "absent", dwelling=29)]) == {}


def test_two_communities_within_ten_minutes_are_odd():
    there = "330822001002"
    assert kinds([seen(0, dwelling=1), seen(9, dwelling=2, community=there)]) == {"places": 1}
    assert kinds([seen(0, dwelling=1), seen(10, dwelling=2, community=there)]) == {}


def test_forty_answers_are_odd_only_before_an_inspection():
    many = [seen(minute, "absent", dwelling=minute) for minute in range(40)]
    assert kinds(many) == {}
    assert kinds(many, before_inspection=True) == {"inspection": 40}


def test_the_verification_rate_leaves_out_what_was_entered_in_bulk(clerk):
    rows = stays(4)
    verify(registration_id=rows[0].pk, result="present", actor=clerk)
    verify(registration_id=rows[1].pk, result="present", in_bulk=True, actor=clerk)
    verify(registration_id=rows[2].pk, result="absent", actor=clerk)
    told = verified_in(clerk)
    assert (told.stays, told.counted, told.in_bulk, told.percent) == (4, 1, 1, 25)


def test_the_third_door_within_a_minute_counts_as_bulk_by_itself(clerk, at):
    for second, stay in enumerate(stays(3)):
        at(f"2026-11-20 09:00:{second * 10:02d}")
        verify(registration_id=stay.pk, result="present", actor=clerk)
    assert list(Visit.objects.order_by("pk").values_list("in_bulk", flat=True)) == [False, False, True]
    at("2026-11-20 09:02:00")
    verify(registration_id=stays(1)[0].pk, result="present", actor=clerk)
    assert not Visit.objects.latest("pk").in_bulk
