from datetime import date
from decimal import Decimal

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from portal.core.errors import DomainError
from portal.org.models import User
from portal.policy import cache, loading, packs
from portal.policy.models import PolicyRule, PolicyStamp
from portal.policy.services import due_on, rule, set_rule

pytestmark = pytest.mark.django_db


@pytest.fixture
def loaded():
    loading.load(["changshan"])


@pytest.fixture
def officer():
    return User.objects.create(username="secadmin")


def make(*, code="x.days", value=5, unit="day", area_code="", start=date(2020, 1, 1), end=None):
    return PolicyRule.objects.create(
        code=code, value=value, unit=unit, area_code=area_code, effective_from=start, effective_to=end, basis="b"
    )


def test_the_most_specific_area_wins():
    make(value=1)
    make(value=2, area_code="33")
    make(value=3, area_code="330822")
    make(value=4, area_code="330822001")
    assert rule("x.days", area_code="110101").value == 1
    assert rule("x.days", area_code="330203").value == 2
    assert rule("x.days", area_code="330822009").value == 3
    assert rule("x.days", area_code="330822001004").value == 4


def test_without_an_area_the_installations_own_county_decides(settings):
    settings.COUNTY_CODE = "330822"
    make(value=1)
    make(value=3, area_code="330822")
    assert rule("x.days").value == 3


def test_the_rule_of_the_day_applies_and_both_ends_belong_to_it():
    make(value=10, start=date(2020, 1, 1), end=date(2023, 12, 31))
    make(value=20, start=date(2024, 1, 1))
    assert rule("x.days", on=date(2020, 1, 1)).value == 10
    assert rule("x.days", on=date(2023, 12, 31)).value == 10
    assert rule("x.days", on=date(2024, 1, 1)).value == 20


def test_a_missing_rule_is_named():
    make(start=date(2020, 1, 1))
    for code, day in (("no.such", date(2026, 1, 1)), ("x.days", date(2019, 12, 31))):
        with pytest.raises(DomainError, match=code) as caught:
            rule(code, on=day)
        assert caught.value.code == "rule_missing"
        assert caught.value.context == {"rule": code}


def test_whole_numbers_come_as_int_and_others_as_decimal():
    make(code="whole", value=Decimal("15.0000"))
    make(code="part", value=Decimal("0.5"), unit="month")
    assert type(rule("whole").value) is int
    assert rule("part").value == Decimal("0.5")


def test_two_rules_of_one_code_and_area_never_overlap():
    make(start=date(2020, 1, 1), end=date(2020, 12, 31))
    with pytest.raises(IntegrityError, match="policyrule_no_overlap"), transaction.atomic():
        make(start=date(2020, 12, 31))
    make(start=date(2021, 1, 1))
    make(start=date(2020, 6, 1), area_code="33")


def test_a_rule_cannot_end_before_it_starts():
    with pytest.raises(IntegrityError), transaction.atomic():
        make(start=date(2020, 1, 2), end=date(2020, 1, 1))


def test_due_on_uses_value_and_unit_of_the_rule():
    make(code="calendar", value=15, unit="day")
    make(code="working", value=3, unit="workday")
    # 16 Sep 2026 is a Wednesday; + 15 days = Thu 1 Oct, National Day -> Thu 8 Oct
    assert due_on(date(2026, 9, 16), "calendar") == date(2026, 10, 8)
    # Thu 17 Sep -> Fri 18, Sun 20 (make-up), Mon 21
    assert due_on(date(2026, 9, 17), "working") == date(2026, 9, 21)


def test_set_rule_ends_the_old_row_the_day_before_and_keeps_the_history(loaded, officer):
    row = set_rule(
        code="permit.issue_days",
        value=20,
        basis="县规定",
        effective_from=date(2026, 7, 1),
        area_code="33",
        actor=officer,
    )
    assert rule("permit.issue_days", on=date(2026, 6, 30), area_code="33").value == 15
    assert rule("permit.issue_days", on=date(2026, 7, 1), area_code="33").value == 20
    old = PolicyRule.objects.get(code="permit.issue_days", area_code="33", effective_to=date(2026, 6, 30))
    events = apps.get_model("policy", "PolicyRuleEvent")._default_manager
    assert row.unit == "day"
    assert events.filter(pgh_obj=old).latest("pgh_id").pgh_context.metadata["actor"] == officer.pk
    assert events.filter(pgh_obj=row).count() == 1


def test_set_rule_again_on_the_same_day_corrects_the_row(loaded, officer):
    for value in (20, 25):
        set_rule(code="permit.issue_days", value=value, basis="县规定", effective_from=date(2026, 7, 1), actor=officer)
    assert rule("permit.issue_days", on=date(2026, 7, 1), area_code="110101").value == 25
    assert PolicyRule.objects.filter(code="permit.issue_days", area_code="").count() == 2


def test_R6_issue_days_above_thirty_are_refused_with_the_legal_reason(loaded, officer):
    with pytest.raises(DomainError, match=r"30.*国务院令第663号.*第九条") as caught:
        set_rule(
            code="permit.issue_days", value=31, basis="县规定", effective_from=date(2026, 7, 1), area_code="330822",
            actor=officer,
        )  # fmt: skip
    assert caught.value.field == "value"
    set_rule(
        code="permit.issue_days", value=30, basis="县规定", effective_from=date(2026, 7, 1), area_code="330822",
        actor=officer,
    )  # fmt: skip
    assert rule("permit.issue_days", on=date(2026, 7, 1), area_code="330822").value == 30


def test_a_value_below_the_legal_minimum_is_refused(loaded, officer):
    with pytest.raises(DomainError) as caught:
        set_rule(
            code="retention.audit_months", value=5, basis="", effective_from=date(2026, 7, 1), actor=officer
        )  # fmt: skip
    assert caught.value.code == "below_limit"


def test_a_change_behind_a_later_one_is_refused(loaded, officer):
    set_rule(code="bulk.limit", value=100, basis="", effective_from=date(2026, 7, 1), actor=officer)
    with pytest.raises(DomainError, match="2026-07-01"):
        set_rule(code="bulk.limit", value=50, basis="", effective_from=date(2026, 6, 1), actor=officer)


def test_a_rule_nobody_ships_cannot_be_set(loaded, officer):
    with pytest.raises(DomainError, match=r"no\.such"):
        set_rule(code="no.such", value=1, basis="", effective_from=date(2026, 1, 1), actor=officer)


@pytest.mark.parametrize(
    ("code", "value", "unit"),
    [
        ("permit.issue_days", 15, "day"),
        ("permit.issue_days_max", 30, "day"),
        ("permit.residence_months", 6, "month"),
        ("permit.endorsement_cycle_years", 1, "year"),
        ("permit.endorsement_window_months", 1, "month"),
        ("permit.endorsement_grace_days", 0, "day"),
        ("registration.report_workdays", 3, "workday"),
        ("registration.change_days", 10, "day"),
        ("registration.foreigner_hours", 24, "hour"),
        ("registration.relative_stay_exempt_days", 30, "day"),
        ("registration.min_stay_days", 3, "day"),
        ("report.employer_days", 3, "workday"),
        ("report.lessor_days", 3, "workday"),
        ("staff.persons_per_coadmin", 500, "ratio"),
        ("station.community_above_persons", 200, "person"),
        ("station.employer_above_persons", 100, "person"),
        ("verify.dormitory_days", 30, "day"),
        ("verify.rental_days", 90, "day"),
        ("verify.own_home_days", 180, "day"),
        ("statistics.small_cell", 5, "person"),
        ("bulk.limit", 200, "count"),
    ],
)
def test_the_numbers_of_law_in_changshan(loaded, code, value, unit):
    found = rule(code, on=date(2026, 11, 22), area_code="330822")
    assert (found.value, found.unit) == (value, unit)
    assert found.basis


@pytest.mark.parametrize(
    ("area_code", "code", "day", "value"),
    [
        ("620702", "staff.persons_per_coadmin", date(2026, 1, 1), 500),
        ("620201", "staff.community_coadmins_min", date(2026, 1, 1), 1),
        ("620201", "staff.community_coadmins_max", date(2026, 1, 1), 2),
        ("421221", "staff.persons_per_community_worker", date(2026, 1, 1), 5000),
        ("421221", "target.equal_coverage_first_year", date(2026, 1, 1), 80),
        ("421221", "target.equal_coverage", date(2026, 1, 1), 95),
        ("421221", "target.free_supplies_rate", date(2026, 1, 1), 93),
        ("421221", "meeting.quarterly_months", date(2026, 1, 1), 3),
        ("421221", "labour.stable_months", date(2026, 1, 1), 6),
        ("620702", "station.required_conditions", date(2026, 1, 1), 5),
        ("620702", "responsibility.employer_items", date(2026, 1, 1), 8),
        ("421221", "target.policy_awareness_rate", date(2026, 1, 1), 95),
        ("421221", "target.free_checkup_rate", date(2026, 1, 1), 100),
        ("330203", "target.free_service_rate", date(2018, 1, 1), 95),
        ("330203", "target.training_skill_persons", date(2018, 1, 1), 10_000),
        ("330203", "target.training_quality_visits", date(2020, 12, 31), 160_000),
        ("330203", "target.immunisation_rate", date(2018, 1, 1), 90),
    ],
)
def test_the_numbers_of_the_other_notices(area_code, code, day, value):
    loading.load(packs.available())
    assert rule(code, on=day, area_code=area_code).value == value


def test_the_haishu_targets_ended_with_2020():
    loading.load(["haishu"])
    with pytest.raises(DomainError):
        rule("target.training_skill_persons", on=date(2021, 1, 1), area_code="330203")


def test_issue_and_change_terms_are_calendar_days_not_working_days(loaded):
    for row in PolicyRule.objects.filter(code__in=["permit.issue_days", "registration.change_days"]):
        assert row.unit == "day"


def test_what_was_not_compared_with_the_text_says_so(loaded):
    assert not rule("permit_hmt.issue_days").verified
    assert not rule("labour.employment_registration_days").verified
    assert rule("permit.issue_days").verified


def test_loading_twice_changes_nothing(loaded, capsys):
    before = PolicyStamp.objects.get().stamp
    call_command("load_policy")
    assert capsys.readouterr().out == "Nothing changed.\n"
    assert PolicyStamp.objects.get().stamp == before


def test_loading_repairs_pack_rows_and_leaves_what_was_entered_by_hand(loaded, officer, capsys):
    PolicyRule.objects.filter(code="bulk.limit").update(value=7)
    set_rule(code="export.expiry_hours", value=24, basis="", effective_from=date(2026, 7, 1), actor=officer)
    call_command("load_policy")
    printed = capsys.readouterr().out
    assert "changed bulk.limit@*: value" in printed
    assert "kept    export.expiry_hours *: entered by hand" in printed
    assert rule("bulk.limit", on=date(2026, 8, 1)).value == 200
    assert rule("export.expiry_hours", on=date(2026, 8, 1)).value == 24


def test_a_pack_row_that_left_its_pack_is_removed_and_named(loaded, capsys):
    PolicyRule.objects.create(
        code="old.rule", value=1, unit="day", pack="national", effective_from=date(2020, 1, 1), basis="b"
    )
    call_command("load_policy")
    assert "removed old.rule *: no longer in pack national" in capsys.readouterr().out
    assert not PolicyRule.objects.filter(code="old.rule").exists()


def test_an_unknown_pack_is_refused_with_the_list():
    with pytest.raises(CommandError, match=r"atlantis.*changshan.*zhejiang"):
        call_command("load_policy", "--pack", "atlantis")


def test_all_packs_together_do_not_contradict_each_other():
    loading.load(packs.available())
    assert set(PolicyRule.objects.values_list("pack", flat=True)) == set(packs.available())


def test_a_change_is_seen_at_once_and_reading_costs_no_query(loaded, django_assert_num_queries):
    assert rule("bulk.limit").value == 200
    with django_assert_num_queries(0):
        for _ in range(40):
            rule("bulk.limit")
    PolicyRule.objects.filter(code="bulk.limit").update(value=150)
    assert rule("bulk.limit").value == 150


def test_a_change_by_another_process_is_seen_by_the_next_transaction(loaded):
    assert rule("bulk.limit").value == 200
    with connection.cursor() as cursor:
        cursor.execute("UPDATE policy_policyrule SET value = 120 WHERE code = 'bulk.limit'")
    assert rule("bulk.limit").value == 200  # this transaction keeps its picture
    cache._seen.block = None  # what the end of a transaction amounts to
    assert rule("bulk.limit").value == 120
