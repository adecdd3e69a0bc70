"""Merge, split, rename and move in a little county: what follows, what waits, and that nothing is half done."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db import connection

from portal.administration.services.reorganisation import services as service
from portal.administration.services.reorganisation.grants import verdicts
from portal.administration.services.reorganisation.registry import area_models, follow_of
from portal.audit.models import AuditEntry
from portal.core import clock
from portal.core.errors import DomainError
from portal.jobs import worker
from portal.jobs.models import Job
from portal.org.models import Area, AreaChangeGrant, AreaGroupGrant, AreaUserGrant
from portal.org.reorganisation import ChangeKind, ChangeState, GrantOutcome
from portal.org.scoping import ScopedModel
from portal.reports.counts import by_part, read, total
from portal.reports.models import AreaCount
from portal.reports.services import fold, rebuild
from residents.choices import ChangeKind as StepKind
from residents.models import Dwelling, Person, Registration, RegistrationChange
from tests.administration.little_county import (
    COUNTY,
    EAST,
    GRID,
    WEST,
    A,
    B,
    C,
    D,
    arrival,
    carried_out,
    codes_of,
    county,
    group_with,
    merge,
    planner,
    releaser,
    seen,
    settled,
)
from tests.factories.org import AreaFactory, PoliceDelegationFactory
from tests.factories.residents import DwellingFactory, RegistrationFactory

__all__ = ["county", "planner", "releaser"]
pytestmark = pytest.mark.django_db
TRACKED = (Dwelling, Person, Registration, RegistrationChange)


def test_a_merge_takes_every_row_along_and_archives_what_was_merged(planner, releaser, county):
    change = carried_out(merge(planner), releaser)
    for model in TRACKED:
        assert codes_of(model) == [C, C, C, C, f"{C}001", D], model
    gone = Area.objects.get(code=A)
    assert (gone.valid_to, gone.successor.code) == (change.effective_on - timedelta(days=1), C)
    new = Area.objects.get(code=C)
    assert (new.name, new.level, new.parent.code, new.valid_from) == ("明峰", "community", EAST, change.effective_on)
    assert Area.objects.get(code=f"{C}001").name == "东明一格"
    assert AuditEntry.objects.filter(action="reorganisation.done").count() == 1


def test_a_merge_into_one_of_the_areas_keeps_its_code(planner, releaser, county):
    carried_out(merge(planner, code=A, name="东明"), releaser)
    assert codes_of(Registration) == [A, A, A, A, GRID, D]
    assert Area.objects.get(code=A).valid_to is None
    assert Area.objects.get(code=B).successor.code == A


def test_grids_that_would_get_the_same_code_are_numbered_anew(planner, releaser, county):
    AreaFactory.create(code=f"{B}001", name="西峰一格", parent=county[B])
    RegistrationFactory.create(dwelling=DwellingFactory.create(area_code=f"{B}001", code="330822001002900001"))
    carried_out(merge(planner), releaser)
    names = dict(Area.objects.filter(parent__code=C).values_list("code", "name"))
    assert names == {f"{C}001": "东明一格", f"{C}002": "西峰一格"}
    assert Registration.objects.filter(area_code=f"{C}002").count() == 1


def test_a_split_by_building_takes_stay_person_and_ledger_line_of_the_building(planner, releaser, county):
    change = service.plan_split(
        area=county[A],
        targets=[(A, "东明"), (C, "新明")],
        given={GRID: C},
        places={"东明花园|2": C},
        **settled(planner),
    )
    carried_out(change, releaser)
    for model in TRACKED:
        assert codes_of(model) == [A, B, B, C, f"{C}001", D], model
    stay = Registration.objects.select_related("dwelling", "person").get(area_code=C)
    assert (stay.dwelling.address, stay.dwelling.area_code, stay.person.area_code) == ("东明花园2幢", C, C)


def test_a_renamed_area_with_a_new_code_and_one_moved_to_another_township_take_their_grids_along(
    planner, releaser, county
):
    change = service.plan_recode(area=county[A], code=f"{WEST}009", name="东明村", **settled(planner))
    assert change.kind == ChangeKind.MOVE
    carried_out(change, releaser)
    assert codes_of(Registration) == [B, B, D, f"{WEST}009", f"{WEST}009", f"{WEST}009001"]
    assert Area.objects.get(code=f"{WEST}009").parent.code == WEST
    assert Registration.objects.filter(township_code=WEST).count() == 4


def test_a_new_name_alone_moves_no_row(planner, releaser, county):
    change = service.plan_recode(area=county[A], code=A, name="东明新村", **settled(planner))
    carried_out(change, releaser)
    assert Area.objects.get(code=A).name == "东明新村"
    assert not change.rows.exists()
    assert codes_of(Registration) == [A, A, GRID, B, B, D]


def test_dwelling_numbers_stay_as_they_were_issued(planner, releaser, county):
    before = set(Dwelling.objects.values_list("code", "plate"))
    carried_out(merge(planner), releaser)
    assert set(Dwelling.objects.values_list("code", "plate")) == before


def test_history_keeps_the_code_it_had_and_tells_the_change_with_its_reason(planner, releaser, county):
    stay = Registration.objects.filter(area_code=A).first()
    carried_out(merge(planner), releaser)
    lines = stay.events.order_by("pgh_id")
    assert [line.area_code for line in lines] == [A, C]
    assert lines.last().pgh_context.metadata["reason"] == "常民〔2026〕18 号"


def counted(areas=(COUNTY, EAST, WEST, A, B, C, D)) -> list[str]:
    facts = ["residence", "residence.age", "residence.reason", "flow", "quality.verified", "quality.phone"]
    return sorted(map(str, read(list(areas), facts, by_day=True)))


def test_kept_figures_are_those_of_a_fresh_count(planner, releaser, county):
    """An address change counts “moved out” at the earlier stay's area: the hardest of the figures to keep."""
    earlier = Registration.objects.filter(area_code=A).first()
    earlier.status, earlier.left_on = "left", earlier.arrived_on
    earlier.save(update_fields=["status", "left_on"])
    later = RegistrationFactory.create(
        dwelling=Dwelling.objects.get(area_code=D), person=earlier.person, previous=earlier
    )
    line = arrival(later)
    line.kind = StepKind.ADDRESS
    line.save(update_fields=["kind"])
    fold()
    carried_out(merge(planner), releaser)
    kept = counted()
    assert by_part(read([C], ["flow"]))["moved_out"] == 1
    rebuild()
    assert counted() == kept
    fold()
    assert total(read([A, B], ["residence"])) == 0
    assert total(read([COUNTY], ["residence"])) == 6


def test_a_right_on_one_of_two_merged_areas_waits_and_one_on_the_township_goes_on(planner, releaser, county):
    (group, clerk), (_above, chief) = group_with(A, "东明站"), group_with(EAST, "天马所")
    before = seen(chief)
    change = carried_out(merge(planner), releaser)
    assert seen(clerk) <= set(Registration.objects.filter(area_code=f"{C}001").values_list("pk", flat=True))
    assert seen(chief) == before
    held = change.grants.get(outcome=GrantOutcome.HELD)
    assert (held.group, held.before, held.after) == (group, A, C)


def test_rights_on_both_merged_areas_go_on_until_the_earlier_of_them_ends(planner, releaser, county, staff):
    clerk = staff(Registration, "view", at=A)
    staff(Registration, "view", at=B, user=clerk)
    soon = clock.now() + timedelta(days=3)
    grant = AreaUserGrant.objects.get(user=clerk, content_object__code=B)
    grant.valid_to = soon
    grant.save(update_fields=["valid_to"])
    before = seen(clerk)
    change = carried_out(merge(planner), releaser)
    assert seen(clerk) == before
    new = AreaUserGrant.objects.get(user=clerk, content_object__code=C)
    assert new.valid_to == soon
    assert not change.grants.filter(outcome=GrantOutcome.HELD).exists()


def test_a_right_follows_a_moved_area_and_the_new_township_sees_it_only_when_told(planner, releaser, county):
    (_own, clerk), (group, chief) = group_with(A, "东明站"), group_with(WEST, "招贤所")
    before, chief_before = seen(clerk), seen(chief)
    change = service.plan_recode(area=county[A], code=f"{WEST}009", name="东明", **settled(planner))
    carried_out(change, releaser)
    assert seen(clerk) == before
    assert seen(chief) == chief_before
    waiting = change.grants.get(outcome=GrantOutcome.NARROWED)
    assert (waiting.group, waiting.before, waiting.after) == (group, WEST, WEST)


def test_a_right_on_a_divided_area_goes_on_in_all_its_parts(planner, releaser, county):
    _group, clerk = group_with(A, "东明站")
    before = seen(clerk)
    change = service.plan_split(
        area=county[A], targets=[(A, "东明"), (C, "新明")], given={}, places={"东明花园|2": C}, **settled(planner)
    )
    carried_out(change, releaser)
    assert seen(clerk) == before
    assert set(AreaChangeGrant.objects.values_list("outcome", flat=True)) <= {GrantOutcome.FOLLOWS}


def test_a_commission_of_police_matters_reaches_no_further_after_a_merge(planner, releaser, county):
    kept = PoliceDelegationFactory.create(area_code=EAST)
    ended = PoliceDelegationFactory.create(area_code=A)
    change = carried_out(merge(planner), releaser)
    kept.refresh_from_db(), ended.refresh_from_db()
    assert kept.valid_to is None
    assert ended.valid_to == change.effective_on - timedelta(days=1)


def test_two_people_decide_and_each_by_an_own_right(planner, releaser, county, staff):
    change = merge(planner)
    with pytest.raises(PermissionDenied):
        service.release(change_id=change.pk, version=change.version, actor=planner)
    with pytest.raises(PermissionDenied):
        merge(releaser)
    with pytest.raises(DomainError, match="另有未完成"):
        merge(planner)


def test_nothing_happens_before_the_day(planner, releaser, county, at):
    change = merge(planner, today=False)
    service.release(change_id=change.pk, version=change.version, actor=releaser)
    change.refresh_from_db()
    assert (change.state, change.job) == (ChangeState.RELEASED, None)
    assert Area.objects.filter(code=C).count() == 0


def test_a_job_that_breaks_off_leaves_nothing_and_the_next_attempt_does_all_of_it(
    planner, releaser, county, monkeypatch
):
    change = merge(planner)
    service.release(change_id=change.pk, version=change.version, actor=releaser)
    change.refresh_from_db()
    from_first = codes_of(Registration)
    monkeypatch.setattr("portal.administration.services.reorganisation.work._end_areas", _breaks)
    worker.run(str(change.job))
    assert codes_of(Registration) == from_first
    assert AreaUserGrant.objects.filter(content_object__code=C).count() == 0
    monkeypatch.undo()
    Job.objects.filter(pk=change.job).update(lease_until=None)
    worker.run(str(change.job))
    assert codes_of(Registration) == [C, C, C, C, f"{C}001", D]


def _breaks(*_args: object) -> None:
    raise RuntimeError


def test_the_same_address_in_both_areas_has_to_be_settled_first(planner, releaser, county):
    DwellingFactory.create(area_code=B, address="东明花园1幢")
    change = merge(planner)
    with pytest.raises(DomainError, match="同一地址"):
        service.release(change_id=change.pk, version=change.version, actor=releaser)


def test_the_database_refuses_to_recode_for_anybody_but_the_releaser(planner, county):
    change = merge(planner)
    with pytest.raises(Exception, match="not released for you"), connection.cursor() as cursor:
        cursor.execute("SELECT org_recode(%s, 'residents_person', '', '', '', '{}', 0, 10)", [change.pk])


def test_counting_the_verdicts_beforehand_changes_nothing(planner, county):
    group_with(A, "东明站")
    change = merge(planner)
    assert [verdict.outcome for verdict in verdicts(service.plan_of(change))] == [GrantOutcome.HELD]
    assert AreaGroupGrant.objects.in_force().count() == 1


def test_the_figures_of_leaders_follow_as_well(planner, releaser, county, staff):
    leader = staff(AreaCount, "view", at=A, role="leader")
    change = service.plan_recode(area=county[A], code=C, name="东明", **settled(planner))
    carried_out(change, releaser)
    assert AreaUserGrant.objects.in_force().get(user=leader).content_object.code == C
    assert total(read([C], ["residence"])) == 3


def test_rows_of_every_table_with_an_area_follow_or_say_why_not():
    """A new table of a department takes part without being listed; what stays names its reason."""
    taken = {model._meta.label for model in area_models()}
    scoped = {model._meta.label for model in apps.get_models() if issubclass(model, ScopedModel)}
    assert scoped - taken == {"reports.AreaCount", "residents.SamplingFrame"}


def test_parents_are_recoded_before_those_who_follow_them():
    order = {model._meta.label: place for place, model in enumerate(area_models())}
    for model in area_models():
        parent = follow_of(model).parent
        assert parent is None or order[parent._meta.label] < order[model._meta.label], model
