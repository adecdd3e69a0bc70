"""Inspections at the door: the plan, the checklist, hazards, work orders, the second look (issue 5, part 5)."""

from datetime import date
from io import BytesIO

import pytest
from django.db import IntegrityError, transaction
from PIL import Image

from portal.audit.models import AuditEntry
from portal.core.errors import DomainError, StaleRecordError
from portal.events.models import StoredEvent
from portal.files.models import Attachment
from portal.files.services import attachments_of
from portal.org.models import User
from portal.policy.services import set_rule
from rentals.events import HazardsChanged, RentalEnded
from rentals.models import Hazard, HazardReferral, HouseGrade, Inspection, RentalRegistration
from rentals.services.inspections import hazards, planning, referrals, rounds
from rentals.services.inspections.grading import houses_let, regrade
from rentals.services.inspections.hazards import Photo
from rentals.subscribers import count_the_grade_anew, drop_the_inspection
from residents.models import Dwelling
from tests.factories.inspections import (
    DoneFactory,
    GradeFactory,
    HazardFactory,
    InspectionFactory,
    ReferralFactory,
    found,
)
from tests.factories.rentals import RentalFactory
from tests.factories.residents import DwellingFactory

pytestmark = pytest.mark.django_db
HERE = "330822001001"
ITEMS = [f"{number:02d}" for number in range(1, 16)]


@pytest.fixture
def inspector(staff) -> User:
    user = staff(Dwelling, "view", user=staff(RentalRegistration, "view"))
    return staff(
        Attachment, "view", "add", user=staff(Inspection, "view", "work", user=staff(Hazard, "view", "work", user=user))
    )


@pytest.fixture
def officer(staff) -> User:
    return staff(HazardReferral, "view", "handle", at="330822", role="housing")


@pytest.fixture(autouse=True)
def on_20_november(at) -> None:
    at("2026-11-20 09:00")


def registered(day: str, **changes) -> RentalRegistration:
    return RentalFactory.create(status="registered", registered_on=day, **changes)


def photo() -> Photo:
    kept = BytesIO()
    Image.new("RGB", (40, 30), "white").save(kept, "JPEG")
    return Photo(BytesIO(kept.getvalue()), len(kept.getvalue()))


# The plan


def test_row_76_a_letting_is_due_half_a_year_after_its_registration_or_its_last_inspection(inspector):
    due = registered("2026-05-25")  # 21 November
    registered("2026-07-01")  # 28 December: beyond the fortnight
    again = registered("2026-01-10")
    DoneFactory.create(dwelling=again.dwelling, done_on=date(2026, 6, 1))  # 28 November
    fresh = registered("2026-01-10")
    DoneFactory.create(dwelling=fresh.dwelling, done_on=date(2026, 9, 1))
    assert planning.plan_inspections(day=date(2026, 11, 20), actor=inspector) == 2
    rows = Inspection.objects.filter(status="open")
    assert dict(rows.values_list("dwelling", "due_on")) == {
        due.dwelling_id: date(2026, 12, 4),  # ten working days for a backlog or what is nearly due
        again.dwelling_id: date(2026, 12, 4),
    }


@pytest.mark.parametrize(("grade", "day"), [("high", "2026-10-25"), ("medium", "2026-08-26"), ("low", "2026-05-28")])
def test_the_cycle_goes_by_the_grade_of_the_house(inspector, grade, day):
    """30, 90 and 180 days: each of these is due on 24 November; a day later it would be the 25th."""
    row = registered(day)
    GradeFactory.create(dwelling=row.dwelling, grade=grade, points=1)
    planning.plan_inspections(day=date(2026, 11, 9), actor=inspector)
    assert not Inspection.objects.exists()  # the fortnight ends on 23 November
    planning.plan_inspections(day=date(2026, 11, 10), actor=inspector)
    assert Inspection.objects.get().grade == grade


def test_planning_twice_adds_nothing_and_a_grade_after_an_appeal_counts(inspector):
    row = registered("2026-10-20")
    GradeFactory.create(dwelling=row.dwelling, grade="high", set_grade="low", set_until=date(2027, 1, 1))
    assert planning.plan_inspections(day=date(2026, 11, 20), actor=inspector) == 0
    registered("2026-05-01")
    assert planning.plan_inspections(day=date(2026, 11, 20), actor=inspector) == 1
    assert planning.plan_inspections(day=date(2026, 11, 20), actor=inspector) == 0


def test_the_plan_of_the_day_puts_the_doors_of_a_house_together_in_walking_order(inspector):
    for estate, room in (("金川花园", "1001"), ("天马家园", "201"), ("金川花园", "902")):
        door = DwellingFactory.create(estate=estate, building="3", unit="", room=room, address=f"{estate}3幢{room}室")
        InspectionFactory.create(dwelling=door)
    plan = planning.plan_of(inspector, mine=True)
    rooms = [[stop.inspection.dwelling.room for stop in house.stops] for house in plan.houses]
    assert sorted(rooms) == [["201"], ["902", "1001"]]
    assert (plan.left, plan.done, plan.more) == (3, 0, 0)


@pytest.mark.parametrize("doors", [1, 25])
def test_the_plan_costs_the_same_for_one_door_or_many(inspector, doors, django_assert_num_queries):
    InspectionFactory.create_batch(doors)
    planning.plan_of(inspector, mine=True)
    with django_assert_num_queries(3):
        assert planning.plan_of(inspector, mine=True).left == doors


def test_somebody_takes_the_free_doors_of_a_house_and_nobody_takes_them_twice(inspector, staff):
    row = InspectionFactory.create()
    assert planning.take_house(inspection_id=row.pk, actor=inspector) == 1
    with pytest.raises(DomainError) as refused:
        planning.take_house(inspection_id=row.pk, actor=staff(Inspection, "work"))
    assert refused.value.code == "taken"
    assert [one.inspection for one in planning.stops(planning.plan_of(inspector, mine=True).houses)] == [row]


def test_an_inspection_out_of_turn_needs_a_letting_and_is_opened_once(inspector):
    with pytest.raises(DomainError) as refused:
        planning.open_inspection(dwelling_id=DwellingFactory.create().pk, actor=inspector)
    assert refused.value.code == "not_let"
    row = registered("2026-11-01")
    first = planning.open_inspection(dwelling_id=row.dwelling_id, actor=inspector)
    assert planning.open_inspection(dwelling_id=row.dwelling_id, actor=inspector) == first
    assert (first.due_on, first.inspector) == (date(2026, 11, 20), inspector)


def test_a_letting_that_ended_is_not_inspected_unless_something_was_found():
    begun, idle = InspectionFactory.create_batch(2)
    HazardFactory.create(inspection=begun)
    for row in (begun, idle):
        event = RentalEnded(rental_id=1, dwelling_id=row.dwelling_id, area_code=row.area_code)
        drop_the_inspection(event)
        row.refresh_from_db()
    assert (begun.status, idle.status) == ("open", "dropped")


# The checklist


@pytest.mark.parametrize(("kind", "hygiene"), [("03", ["16", "17", "18"]), ("04", ["16", "17", "18"]), ("05", [])])
def test_row_79_collective_lodging_is_also_looked_at_for_hygiene(inspector, kind, hygiene):
    row = InspectionFactory.create(dwelling=DwellingFactory.create(area_code=HERE, kind=kind))
    assert rounds.unanswered(row) == ITEMS + hygiene
    rounds.mark_rest(inspection_id=row.pk, actor=inspector)
    row.refresh_from_db()
    assert row.passed == ITEMS + hygiene


def test_row_79_dirt_is_no_danger_of_the_house(inspector):
    rental = registered("2026-11-01", dwelling=DwellingFactory.create(area_code=HERE, kind="04"))
    row = InspectionFactory.create(dwelling=rental.dwelling)
    points = []
    for item in (None, "16", "01"):
        if item:
            rounds.find(inspection_id=row.pk, given=found(item=item), actor=inspector)
        regrade(houses_let())
        points.append(HouseGrade.objects.get().points)
    assert points[0] == points[1] < points[2]


def test_an_inspection_ends_when_each_of_the_fifteen_items_has_its_answer(inspector):
    row = InspectionFactory.create()
    assert rounds.unanswered(row) == ITEMS
    rounds.mark(inspection_id=row.pk, item="01", outcome="passed", actor=inspector)
    rounds.mark(inspection_id=row.pk, item="15", outcome="skipped", actor=inspector)
    rounds.find(inspection_id=row.pk, given=found(item="04"), actor=inspector)
    row.refresh_from_db()
    assert rounds.unanswered(row) == [code for code in ITEMS if code not in {"01", "04", "15"}]
    with pytest.raises(DomainError) as refused:
        rounds.finish(inspection_id=row.pk, companion=None, note="", version=1, actor=inspector)
    assert refused.value.code == "unanswered"
    assert "独立感烟" in refused.value.message
    rounds.mark_rest(inspection_id=row.pk, actor=inspector)
    done = rounds.finish(inspection_id=row.pk, companion=None, note=" 住户在家 ", version=1, actor=inspector)
    assert (done.status, done.done_on, done.number) == ("done", date(2026, 11, 20), "330822X2026000001")
    assert (done.inspector, done.note, done.skipped) == (inspector, "住户在家", ["15"])
    assert AuditEntry.objects.filter(action="inspection.done", actor=inspector).count() == 1


def test_an_answer_is_changed_or_taken_back_as_long_as_the_inspection_is_open(inspector):
    row = InspectionFactory.create()
    for outcome in ("passed", "passed", "skipped"):
        row = rounds.mark(inspection_id=row.pk, item="02", outcome=outcome, actor=inspector)
    assert (row.passed, row.skipped) == ([], ["02"])
    row = rounds.mark(inspection_id=row.pk, item="02", outcome="cleared", actor=inspector)
    assert (row.passed, row.skipped) == ([], [])
    with pytest.raises(DomainError) as refused:
        rounds.mark(inspection_id=DoneFactory.create().pk, item="02", outcome="passed", actor=inspector)
    assert refused.value.code == "wrong_state"


def test_an_item_has_one_hazard_and_is_then_no_longer_in_order(inspector):
    row = InspectionFactory.create(passed=["04"])
    rounds.find(inspection_id=row.pk, given=found(), actor=inspector)
    row.refresh_from_db()
    assert row.passed == []
    for again in (
        lambda: rounds.mark(inspection_id=row.pk, item="04", outcome="passed", actor=inspector),
        lambda: rounds.find(inspection_id=row.pk, given=found(), actor=inspector),
    ):
        with pytest.raises(DomainError) as refused:
            again()
        assert refused.value.code == "hazard"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"item": "99"}, "item"),
        ({"hazard_class": "people"}, "hazard_class"),
        ({"level": ""}, "level"),
        ({"disposal": ""}, "disposal"),
        ({"note": " "}, "note"),
        ({"due_on": date(2026, 12, 8)}, "due_on"),
        ({"due_on": date(2026, 11, 19)}, "due_on"),
        ({"disposal": "referral"}, "recipient"),
    ],
)
def test_what_is_missing_of_a_hazard_is_told_beside_its_field(inspector, changes, field):
    with pytest.raises(DomainError) as refused:
        rounds.find(inspection_id=InspectionFactory.create().pk, given=found(**changes), actor=inspector)
    assert refused.value.field == field
    assert not Hazard.objects.exists()


# Two inspectors


def test_a_house_of_a_high_grade_is_inspected_by_two(inspector, staff):
    row = InspectionFactory.create(grade="high", passed=ITEMS)
    for wrong in (None, inspector.pk, staff(Inspection, "view").pk, staff(Inspection, "work", at="330822002001").pk):
        with pytest.raises(DomainError) as refused:
            rounds.finish(inspection_id=row.pk, companion=wrong, note="", version=1, actor=inspector)
        assert refused.value.field == "companion"
    other = staff(Inspection, "work")
    assert (
        rounds.finish(inspection_id=row.pk, companion=other.pk, note="", version=1, actor=inspector).companion == other
    )


def test_what_goes_to_a_department_was_seen_by_two_whatever_the_grade(inspector):
    row = InspectionFactory.create()
    assert rounds.inspectors_needed(row) == 1
    rounds.find(inspection_id=row.pk, given=found(disposal="referral", recipient="fire"), actor=inspector)
    assert rounds.inspectors_needed(row) == 2


# Hazards


def test_a_hazard_mended_on_the_spot_is_closed_at_once_with_a_photo(inspector, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    row = InspectionFactory.create()
    with pytest.raises(DomainError) as refused:
        rounds.find(inspection_id=row.pk, given=found(disposal="on_spot"), actor=inspector)
    assert (refused.value.field, refused.value.code) == ("file", "no_photo")
    hazard = rounds.find(inspection_id=row.pk, given=found(disposal="on_spot"), photos=[photo()], actor=inspector)
    assert (hazard.status, hazard.closed_on, hazard.due_on) == ("closed", date(2026, 11, 20), None)
    assert [one.kind for one in attachments_of(hazard, viewer=inspector)] == ["hazard_mended"]
    assert [step.kind for step in hazard.steps.all()] == ["found", "closed"]


@pytest.mark.parametrize(
    ("level", "last"),
    [
        ("ordinary", date(2026, 12, 7)),  # 5 December is a Saturday
        ("serious", date(2026, 11, 23)),
    ],
)
def test_the_longest_term_for_mending_goes_by_the_level(inspector, level, last):
    hazard = rounds.find(inspection_id=InspectionFactory.create().pk, given=found(level=level), actor=inspector)
    assert (hazard.status, hazard.due_on, hazard.number) == ("open", last, "330822Y2026000001")


def test_said_to_be_mended_it_is_looked_at_again_within_three_working_days_and_closed(inspector, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    hazard = HazardFactory.create()
    row = hazards.report_mended(hazard_id=hazard.pk, note="房东来电", version=1, actor=inspector)
    assert (row.status, row.due_on) == ("recheck", date(2026, 11, 25))
    with pytest.raises(DomainError) as refused:
        hazards.close(hazard_id=hazard.pk, note="", photos=[], version=2, actor=inspector)
    assert refused.value.code == "no_photo"
    row = hazards.close(hazard_id=hazard.pk, note="已配齐", photos=[photo()], version=2, actor=inspector)
    assert (row.status, row.due_on, row.closed_on, row.closed_by) == ("closed", None, date(2026, 11, 20), inspector)
    assert [step.kind for step in row.steps.all()] == ["mended", "closed"]
    assert [one["dwelling_id"] for one in payloads(HazardsChanged)] == [row.dwelling_id]


def test_the_rule_about_photos_can_be_switched_off(inspector, staff):
    set_rule(
        code="hazard.closing_photo", value=0, basis="试点", effective_from=date(2026, 11, 1), actor=staff(role="office")
    )
    row = hazards.close(hazard_id=HazardFactory.create().pk, note="", photos=[], version=1, actor=inspector)
    assert row.status == "closed"


def test_not_mended_gets_a_new_day_and_counts(inspector):
    hazard = HazardFactory.create(status="recheck")
    row = hazards.not_mended(
        hazard_id=hazard.pk, note="仍未配备", mend_until=date(2026, 11, 27), version=1, actor=inspector
    )
    assert (row.status, row.due_on, row.failures) == ("open", date(2026, 11, 27), 1)
    with pytest.raises(StaleRecordError):
        hazards.not_mended(hazard_id=hazard.pk, note="仍未", mend_until=None, version=1, actor=inspector)


def test_a_closed_hazard_is_final(inspector):
    hazard = HazardFactory.create(status="closed")
    for act in (
        lambda: hazards.report_mended(hazard_id=hazard.pk, note="", version=1, actor=inspector),
        lambda: hazards.close(hazard_id=hazard.pk, note="", photos=[photo()], version=1, actor=inspector),
        lambda: hazards.refer(hazard_id=hazard.pk, recipient="fire", request="请查", version=1, actor=inspector),
    ):
        with pytest.raises(DomainError) as refused:
            act()
        assert refused.value.code == "wrong_state"


def test_the_database_holds_that_an_open_hazard_has_a_day_and_a_closed_one_none():
    hazard = HazardFactory.create()
    with pytest.raises(IntegrityError), transaction.atomic():
        Hazard.objects.filter(pk=hazard.pk).update(due_on=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        Hazard.objects.filter(pk=hazard.pk).update(status="closed")


# Work orders


def test_row_71_a_referral_has_clocks_of_its_own_in_working_days(inspector):
    hazard = HazardFactory.create()
    row = hazards.refer(hazard_id=hazard.pk, recipient="housing", request="请安排鉴定", version=1, actor=inspector)
    order = HazardReferral.objects.get()
    assert (row.status, row.disposal, row.due_on) == ("referred", "referral", date(2026, 12, 4))
    assert (order.number, order.take_by, order.due_on) == (
        "330822C2026000001",
        date(2026, 11, 24),
        date(2026, 12, 4),
    )


def test_row_71_the_department_takes_it_on_answers_and_the_inspectors_look_again(officer):
    order = ReferralFactory.create()
    with pytest.raises(DomainError) as refused:
        referrals.answer(referral_id=order.pk, text="已责令整改", version=1, actor=officer)
    assert refused.value.code == "wrong_state"
    referrals.take(referral_id=order.pk, version=1, actor=officer)
    with pytest.raises(DomainError) as refused:
        referrals.answer(referral_id=order.pk, text=" ", version=2, actor=officer)
    assert refused.value.field == "text"
    order = referrals.answer(referral_id=order.pk, text="已责令整改", version=2, actor=officer)
    hazard = Hazard.objects.get()
    assert (order.status, order.taken_on, order.answered_on) == ("answered", date(2026, 11, 20), date(2026, 11, 20))
    assert (hazard.status, hazard.due_on) == ("recheck", date(2026, 11, 25))
    assert [step.kind for step in hazard.steps.all()] == ["taken", "answered"]


def test_what_is_another_departments_matter_comes_back_to_be_decided_in_two_working_days(officer):
    order = ReferralFactory.create()
    order = referrals.give_back(referral_id=order.pk, text="属消防部门职责", version=1, actor=officer)
    hazard = Hazard.objects.get()
    assert (order.status, hazard.status, hazard.due_on) == ("returned", "open", date(2026, 11, 24))


def test_a_work_order_of_another_department_is_not_found(staff):
    order = ReferralFactory.create(recipient="fire")
    with pytest.raises(HazardReferral.DoesNotExist):
        referrals.take(referral_id=order.pk, version=1, actor=staff(HazardReferral, "handle", role="housing"))
    assert referrals.take(referral_id=order.pk, version=1, actor=staff(HazardReferral, "handle", role="fire")).pk


# What follows


def test_a_hazard_found_counts_in_the_grade_of_its_house_until_it_is_closed(inspector):
    rental = registered("2026-11-01", fire_passage=True, safety_exit=True)
    row = InspectionFactory.create(dwelling=rental.dwelling)
    rounds.find(inspection_id=row.pk, given=found(item="14", hazard_class="building"), actor=inspector)
    (told,) = payloads(HazardsChanged)
    count_the_grade_anew(HazardsChanged(**told))
    assert rental.dwelling.hazard_grade.points == 25
    Hazard.objects.update(status="closed", due_on=None, closed_on=date(2026, 11, 20))
    count_the_grade_anew(HazardsChanged(**told))
    rental.dwelling.hazard_grade.refresh_from_db()
    assert rental.dwelling.hazard_grade.points == 2


def payloads(event) -> list[dict]:
    return [stored.payload for stored in StoredEvent.objects.filter(name=event.name).order_by("pk")]
