"""Two rows that are one door: put together with everything that hangs on them, and taken apart as before."""

from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.urls import reverse

from portal.core.errors import DomainError, StaleRecordError
from portal.org.models import User
from residents.choices import LeadStatus
from residents.door_links import declared_columns
from residents.models import AddressLead, Dwelling, DwellingAlias, DwellingMerge, Registration, VisitTask
from residents.services.dwellings import add_alias, find_dwellings
from residents.services.dwellings_merge import impact_of, merge_dwellings, undo_merge
from tests.factories.permits import PermitFactory
from tests.factories.residents import COMMUNITY, DwellingFactory, RegistrationFactory

pytestmark = pytest.mark.django_db
TABLES = (
    "residents_registration",
    "residents_person",
    "residents_permit",
    "residents_dwellingalias",
    "residents_visittask",
)


@pytest.fixture
def keeper(staff) -> User:
    user = staff(Registration, "view", "add", "change")
    return staff(Dwelling, "view", "add", "change", "merge", user=user)


@pytest.fixture
def pair() -> tuple[Dwelling, Dwelling]:
    survivor = DwellingFactory.create(room="501", landlord_name="", capacity=None)
    double = DwellingFactory.create(
        estate="锦绣花园西区",
        room="501",
        area_code=f"{COMMUNITY}001",
        landlord_name="陈国强",
        capacity=4,
        code=f"{COMMUNITY}009901",
    )
    return survivor, double


def merged(pair, actor, **changes) -> DwellingMerge:
    survivor, double = (Dwelling.objects.get(pk=one.pk) for one in pair)
    given: dict[str, Any] = {
        "survivor_id": survivor.pk,
        "double_id": double.pk,
        "reason": "门牌换过，是同一户",
        "survivor_version": survivor.version,
        "double_version": double.version,
    }
    return merge_dwellings(**(given | changes), actor=actor)


def state() -> dict[str, list]:
    """All rows of the tables that a merge touches, without the marks of the writing itself."""
    found = {}
    with connection.cursor() as cursor:
        for table in (*TABLES, "residents_dwelling"):
            cursor.execute(f"SELECT to_jsonb(t) - 'updated_at' - 'version' FROM {table} t ORDER BY to_jsonb(t)->>'id'")
            found[table] = [row[0] for row in cursor.fetchall()]
    return found


def test_everything_at_the_double_goes_to_the_survivor(keeper, pair):
    survivor, double = pair
    stays = RegistrationFactory.create_batch(3, dwelling=double)
    stays[2].status = "left"
    stays[2].left_on = stays[2].arrived_on
    stays[2].save()
    permit = PermitFactory.create(dwelling=double)
    lead = AddressLead.objects.create(area_code=COMMUNITY, text="西区501", dwelling=double, noted_by=keeper)
    assert sorted(one.rows for one in impact_of(double)) == [1, 1, 3]
    merge = merged(pair, keeper)
    for row in (*stays, permit, lead):
        row.refresh_from_db()
        assert row.dwelling_id == survivor.pk
    double.refresh_from_db()
    assert (double.merged_into_id, merge.reason) == (survivor.pk, "门牌换过，是同一户")


def test_the_survivor_takes_over_what_it_did_not_know(keeper, pair):
    merged(pair, keeper)
    survivor = Dwelling.objects.get(pk=pair[0].pk)
    assert (survivor.landlord_name, survivor.capacity) == ("陈国强", 4)


def test_stays_that_go_on_follow_into_the_grid_of_the_survivor(keeper, pair):
    active = RegistrationFactory.create(dwelling=pair[1])
    ended = RegistrationFactory.create(dwelling=pair[1])
    Registration.objects.filter(pk=ended.pk).update(status="left", left_on=ended.arrived_on)
    merged(pair, keeper)
    active.refresh_from_db()
    ended.refresh_from_db()
    active.person.refresh_from_db()
    assert (active.area_code, active.person.area_code, ended.area_code) == (COMMUNITY, COMMUNITY, f"{COMMUNITY}001")


def test_merging_and_taking_it_back_leaves_every_row_as_it_was(keeper, pair):
    survivor, double = pair
    RegistrationFactory.create_batch(2, dwelling=double)
    RegistrationFactory.create(dwelling=survivor)
    PermitFactory.create(dwelling=double)
    for one in pair:
        add_alias(dwelling_id=one.pk, text="老供销社501", actor=keeper)
        VisitTask.objects.create(area_code=one.area_code, dwelling=one, starts_on="2026-01-01", due_on="2026-02-01")
    add_alias(dwelling_id=double.pk, text="西区501", actor=keeper)
    before = state()
    merge = merged(pair, keeper)
    assert state() != before
    assert VisitTask.objects.filter(status="open").get().dwelling_id == survivor.pk
    undo_merge(merge_id=merge.pk, actor=keeper)
    assert state() == before


def test_what_came_after_the_merge_stays_where_it_came(keeper, pair):
    survivor, double = pair
    gone = RegistrationFactory.create(dwelling=double)
    merge = merged(pair, keeper)
    later = RegistrationFactory.create(dwelling=survivor)
    elsewhere = DwellingFactory.create(room="909")
    Registration.objects.filter(pk=gone.pk).update(dwelling=elsewhere)
    Dwelling.objects.filter(pk=survivor.pk).update(capacity=9)
    undo_merge(merge_id=merge.pk, actor=keeper)
    later.refresh_from_db()
    gone.refresh_from_db()
    survivor.refresh_from_db()
    assert (later.dwelling_id, gone.dwelling_id, survivor.capacity) == (survivor.pk, elsewhere.pk, 9)


def test_a_merge_is_taken_back_once_and_in_order(keeper, pair):
    survivor, _double = pair
    first = merged(pair, keeper)
    third = DwellingFactory.create(room="777")
    second = merged((third, survivor), keeper)
    with pytest.raises(DomainError) as refusal:
        undo_merge(merge_id=first.pk, actor=keeper)
    assert refusal.value.code == "merged"
    undo_merge(merge_id=second.pk, actor=keeper)
    undo_merge(merge_id=first.pk, actor=keeper)
    with pytest.raises(DomainError) as refusal:
        undo_merge(merge_id=first.pk, actor=keeper)
    assert refusal.value.code == "undone"
    assert Dwelling.objects.standing().count() == 3


def test_an_earlier_double_leads_straight_to_the_last_survivor(keeper, pair):
    survivor, double = pair
    merged(pair, keeper)
    third = DwellingFactory.create(room="777")
    merged((third, survivor), keeper)
    double.refresh_from_db()
    assert double.merged_into_id == third.pk


def test_the_old_address_and_the_old_plate_lead_to_the_survivor(keeper, pair, client):
    survivor, double = pair
    merged(pair, keeper)
    assert [hit.dwelling_id for hit in find_dwellings(text=double.address, actor=keeper)] == [survivor.pk]
    client.force_login(keeper)
    home = survivor.get_absolute_url()
    assert client.get(reverse("residents:dwelling_scan", args=[double.plate])).url == home
    assert client.get(double.get_absolute_url()).url == home


@pytest.mark.parametrize(
    ("changes", "field"), [({"reason": " "}, "reason"), ({"double_id": 0}, None)], ids=["without reason", "with itself"]
)
def test_a_merge_needs_two_doors_and_a_reason(keeper, pair, changes, field):
    if field is None:
        changes, field = {"double_id": pair[0].pk, "double_version": 1}, "double"
    with pytest.raises(DomainError) as refusal:
        merged(pair, keeper, **changes)
    assert refusal.value.field == field or isinstance(refusal.value, StaleRecordError)


def test_doors_of_two_communities_are_not_merged(keeper, pair, staff):
    staff(Dwelling, "merge", at="330822001002", user=keeper)
    other = DwellingFactory.create(area_code="330822001002", room="501")
    with pytest.raises(DomainError) as refusal:
        merged((pair[0], other), keeper)
    assert refusal.value.code == "other_community"


def test_somebody_else_saved_in_between(keeper, pair):
    with pytest.raises(StaleRecordError):
        merged(pair, keeper, double_version=7)


def test_without_the_right_to_merge_the_doors_do_not_exist(staff, pair):
    with pytest.raises(Dwelling.DoesNotExist):
        merged(pair, staff(Dwelling, "view", "add", "change"))


def test_every_column_that_points_at_a_dwelling_is_declared():
    pointing = {
        (model, field.attname)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.related_model is Dwelling and not hasattr(model, "pgh_tracked_model")
    }
    assert pointing == declared_columns()


def test_the_page_shows_both_rows_and_what_goes_along_before_anything_happens(keeper, pair, client):
    RegistrationFactory.create_batch(2, dwelling=pair[1])
    client.force_login(keeper)
    url = reverse("residents:dwelling_merge", args=[pair[0].pk])
    compared = client.post(url, {"double": pair[1].pk})
    text = compared.content.decode()
    assert pair[0].address in text
    assert pair[1].address in text
    assert not DwellingMerge.objects.exists()
    form = compared.context["form"]
    sent = {name: form[name].value() for name in ("double", "survivor_version", "double_version")}
    done = client.post(url, sent | {"reason": "同一扇门"})
    assert (done.status_code, DwellingMerge.objects.get().double_id) == (302, pair[1].pk)
    undone = client.post(reverse("residents:dwelling_merge_undo", args=[DwellingMerge.objects.get().pk]))
    assert undone.status_code == 302
    assert set(Registration.objects.values_list("dwelling", flat=True)) == {pair[1].pk}
    assert not DwellingAlias.objects.exists()


def test_a_lead_of_the_double_is_still_answered(keeper, pair):
    lead = AddressLead.objects.create(
        area_code=COMMUNITY, text="西区501", status=LeadStatus.RESOLVED, dwelling=pair[1], noted_by=keeper
    )
    merged(pair, keeper)
    lead.refresh_from_db()
    assert lead.dwelling_id == pair[0].pk
