"""Buildings: the unit grid, laying out rooms, plates, beds and addresses still missing."""

import re
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.audit.models import AccessEvent
from portal.core import clock
from portal.core.errors import DomainError
from portal.org.models import User
from residents.choices import LeadStatus
from residents.models import AddressLead, Building, Dwelling, Registration
from residents.services.beds import assign_bed, beds_of, change_places
from residents.services.grid import unit_grid
from residents.services.leads import dismiss_lead, note_lead, resolve_lead
from residents.services.rooms import RoomPlan, build_rooms, plan_rooms
from tests.factories.org import AreaFactory
from tests.factories.residents import COMMUNITY, BuildingFactory, DwellingFactory, PersonFactory, RegistrationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def coadmin(staff) -> User:
    AreaFactory.create(code="330822", name="常山县")
    user = staff(Registration, "view", "add", "change")
    return staff(Dwelling, "view", "add", "change", user=user)


@pytest.fixture
def logged_in(client, coadmin):
    client.force_login(coadmin)
    return client


@pytest.fixture
def house() -> Building:
    return BuildingFactory.create(number="8")


def room(house: Building, unit: str, number: str, **changes) -> Dwelling:
    address = f"{house.estate}{house.number}幢{unit}单元{number}室"
    return DwellingFactory.create(
        stands_in=house, building=house.number, unit=unit, room=number, address=address, **changes
    )


def plan(**changes) -> RoomPlan:
    given: dict[str, Any] = {
        "area_code": COMMUNITY,
        "estate": "望江苑",
        "building": "7",
        "units": 2,
        "floor_from": 1,
        "floor_to": 3,
        "rooms": 2,
        "kind": "05",
        "capacity": 4,
    }
    return RoomPlan(**(given | changes))


def test_the_grid_puts_floors_above_one_another_and_flats_below_one_another(house, coadmin):
    for unit, number in [("1", "101"), ("1", "102"), ("1", "201"), ("2", "102"), ("2", "1201")]:
        room(house, unit, number)
    grid = unit_grid(house, coadmin)
    shown = [(floor.number, [door and f"{door.unit}-{door.room}" for door in floor.doors]) for floor in grid.floors]
    assert [(one.unit, one.width) for one in grid.units] == [("1", 2), ("2", 2)]
    assert shown == [
        (12, [None, None, "2-1201", None]),
        (2, ["1-201", None, None, None]),
        (1, ["1-101", "1-102", None, "2-102"]),
    ]


def test_the_grid_tells_empty_full_crowded_and_due(house, coadmin):
    empty, lived, crowded, due = (room(house, "1", number, capacity=1) for number in ("101", "102", "103", "104"))
    RegistrationFactory.create(dwelling=lived)
    RegistrationFactory.create_batch(2, dwelling=crowded)
    long_ago = clock.today() - timedelta(days=800)
    RegistrationFactory.create(dwelling=due, arrived_on=long_ago)
    RegistrationFactory.create(dwelling=empty, status="void")
    grid = unit_grid(house, coadmin)
    assert {door.room: door.tone for door in grid.doors} == {
        "101": "empty",
        "102": "lived",
        "103": "over",
        "104": "due",
    }
    assert {door.room: door.living for door in grid.doors} == {"101": 0, "102": 1, "103": 2, "104": 1}
    assert [grid.count(state) for state in ("lived", "empty", "over", "due")] == [3, 1, 1, 1]
    assert (grid.living, grid.capacity) == (4, 4)


def test_names_are_masked_and_who_may_not_see_stays_gets_the_number(house, coadmin, staff):
    held = room(house, "1", "101")
    RegistrationFactory.create(dwelling=held, person=PersonFactory.create(name="欧阳建国"))
    housing = staff(Dwelling, "view", role="housing")
    with_names, without = unit_grid(house, coadmin), unit_grid(house, housing)
    assert "建国" not in with_names.doors[0].names[0]
    assert (with_names.doors[0].names[0][0], with_names.doors[0].living) == ("欧", 1)
    assert (without.doors[0].names, without.doors[0].living, without.person_ids) == ([], 1, [])


def test_the_grid_tells_how_many_beds_are_taken_and_free(house, coadmin, staff, client):
    dormitory = room(house, "1", "101", capacity=8, beds=4)
    room(house, "1", "102", capacity=2)
    for bed in (1, 3, None):
        RegistrationFactory.create(dwelling=dormitory, bed=bed)
    left = RegistrationFactory.create(dwelling=dormitory, bed=4)
    Registration.objects.filter(pk=left.pk).update(status="left", left_on=clock.today(), left_reason="01")
    grid = unit_grid(house, coadmin)
    told = {door.room: (door.beds, sorted(door.bed_numbers), door.beds_free) for door in grid.doors}
    assert told == {"101": (4, [1, 3], 2), "102": (None, [], 0)}
    assert (grid.beds, grid.beds_free) == (4, 2)
    client.force_login(coadmin)
    text = client.get(house.get_absolute_url()).content.decode()
    assert "空床 2/4" in text
    assert "空床位" in text
    client.force_login(staff(Dwelling, "view", role="housing"))
    text = client.get(house.get_absolute_url()).content.decode()
    assert "4 个床位" in text
    assert "空床" not in text


def test_a_double_is_not_in_the_grid(house, coadmin):
    first = room(house, "1", "101")
    room(house, "1", "102", merged_into=first)
    assert [door.room for door in unit_grid(house, coadmin).doors] == ["101"]


def test_the_grid_page_costs_the_same_queries_for_40_and_400_rooms(logged_in, house, coadmin):
    Dwelling.objects.bulk_create(
        DwellingFactory.build(stands_in=house, building="8", unit="1", room=f"{1 + n // 20}{n % 20:02d}")
        for n in range(40)
    )
    RegistrationFactory.create(dwelling=Dwelling.objects.first())
    url = house.get_absolute_url()
    logged_in.get(url)
    with CaptureQueriesContext(connection) as few:
        assert logged_in.get(url).status_code == 200
    Dwelling.objects.bulk_create(
        DwellingFactory.build(stands_in=house, building="8", unit="2", room=f"{1 + n // 20}{n % 20:02d}")
        for n in range(360)
    )
    RegistrationFactory.create_batch(5, dwelling=Dwelling.objects.last())
    with CaptureQueriesContext(connection) as many:
        text = logged_in.get(url).content.decode()
    assert text.count('class="rn"') == 400
    assert len(many) == len(few)


@pytest.mark.parametrize("name", ["building_list", "lead_list"])
def test_lists_cost_the_same_queries_for_1_and_40_rows(logged_in, coadmin, name):
    def add():
        held = BuildingFactory.create()
        DwellingFactory.create(stands_in=held)
        AddressLead.objects.create(area_code=COMMUNITY, text=f"老码头{held.pk}号", noted_by=coadmin)

    url = reverse(f"residents:{name}")
    add()
    logged_in.get(url)
    with CaptureQueriesContext(connection) as one:
        assert logged_in.get(url).status_code == 200
    for _row in range(39):
        add()
    with CaptureQueriesContext(connection) as forty:
        assert logged_in.get(url).status_code == 200
    assert len(forty) == len(one)


def test_opening_the_grid_is_written_down(logged_in, house):
    held = RegistrationFactory.create(dwelling=room(house, "1", "101"))
    logged_in.get(house.get_absolute_url())
    row = AccessEvent.objects.get()
    assert (row.purpose, row.person_ids) == ("building", [held.person_id])


def test_rooms_are_shown_before_they_are_made_and_those_that_exist_stay(coadmin):
    first = DwellingFactory.create(
        estate="望江苑", building="7", unit="1", room="201", address="望江苑7栋1单元201", capacity=9
    )
    shown = plan_rooms(plan=plan(), actor=coadmin)
    assert [(one.unit, one.room) for one in shown] == [
        ("1", "101"), ("1", "102"), ("1", "201"), ("1", "202"), ("1", "301"), ("1", "302"),
        ("2", "101"), ("2", "102"), ("2", "201"), ("2", "202"), ("2", "301"), ("2", "302"),
    ]  # fmt: skip
    assert [one.room for one in shown if one.known == first.pk] == ["201"]
    assert Dwelling.objects.count() == 1
    building, added = build_rooms(plan=plan(), actor=coadmin)
    assert (added, Dwelling.objects.count(), building.floors, building.units) == (11, 12, 3, 2)
    first.refresh_from_db()
    assert first.capacity == 9
    assert Dwelling.objects.values("code").distinct().count() == 12
    made = Dwelling.objects.get(unit="2", room="302")
    assert (made.address, made.key, made.shorthand) == ("望江苑7幢2单元302室", "望江苑7-2-302", "wjy7-2-302")
    assert build_rooms(plan=plan(), actor=coadmin)[1] == 0


def test_a_house_without_units_has_plain_rooms(coadmin):
    shown = plan_rooms(plan=plan(units=0, floor_to=1), actor=coadmin)
    assert [one.address for one in shown] == ["望江苑7幢101室", "望江苑7幢102室"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"floor_from": 5}, "floor_to"),
        ({"floor_to": 100}, "floor_to"),
        ({"rooms": 0}, "rooms"),
        ({"units": 30, "floor_to": 33}, "rooms"),
        ({"estate": " "}, "estate"),
        ({"building": " "}, "building"),
        ({"kind": "zz"}, "kind"),
        ({"capacity": 0}, "capacity"),
    ],
)
def test_a_wrong_plan_is_refused_at_its_field(coadmin, changes, field):
    with pytest.raises(DomainError) as refusal:
        plan_rooms(plan=plan(**changes), actor=coadmin)
    assert refusal.value.field == field


def test_rooms_outside_the_own_area_are_denied(coadmin):
    with pytest.raises(PermissionDenied):
        build_rooms(plan=plan(area_code="330822002001"), actor=coadmin)


def test_the_form_shows_the_rooms_and_saves_only_when_asked(logged_in):
    AreaFactory.create(code=COMMUNITY, name="定阳社区")
    url, sent = reverse("residents:building_rooms"), asdict(plan())
    shown = logged_in.post(url, sent)
    assert shown.context["to_add"] == 12
    assert not Dwelling.objects.exists()
    done = logged_in.post(url, sent | {"save": "1"})
    assert done.url == Building.objects.get().get_absolute_url()
    assert Dwelling.objects.count() == 12


def test_plates_of_a_building_are_ten_to_a_sheet_in_the_order_of_a_walk(logged_in, house):
    doors = [room(house, "1", f"{floor}0{flat}") for floor in (1, 2, 3) for flat in (1, 2, 3, 4)]
    DwellingFactory.create(room="999")
    text = logged_in.get(reverse("residents:plate_sheets"), {"building": house.pk}).content.decode()
    assert text.count('class="labels"') == 2
    assert text.count("<svg") == 12
    assert re.findall(r"<h2>(.*?)</h2>", text) == [one.address for one in doors]
    assert str(doors[0].plate) not in re.sub(r"<svg.*?</svg>", "", text, flags=re.DOTALL)


def test_the_public_sees_the_same_for_every_code_and_nothing_of_the_door(client):
    cache.clear()
    held = RegistrationFactory.create(dwelling=DwellingFactory.create(room="501"))
    codes = (str(held.dwelling.plate), "00000000-0000-4000-8000-000000000000")
    known, unknown = (client.get(reverse("residents:dwelling_scan", args=[code])) for code in codes)
    bare = [
        re.sub(r'nonce="[^"]*"', "", one.content.decode()).replace(code, "the code that was scanned")
        for one, code in zip((known, unknown), codes, strict=True)
    ]
    assert (known.status_code, unknown.status_code) == (200, 200)
    assert bare[0] == bare[1]
    for secret in (held.dwelling.address, held.dwelling.estate, held.person.name, held.dwelling.code):
        assert secret not in bare[0]


def test_staff_of_another_area_see_what_the_public_sees(client, coadmin):
    cache.clear()
    client.force_login(coadmin)
    other = DwellingFactory.create(area_code="330822002001")
    own = DwellingFactory.create()
    assert client.get(reverse("residents:dwelling_scan", args=[other.plate])).status_code == 200
    assert client.get(reverse("residents:dwelling_scan", args=[own.plate])).url == own.get_absolute_url()


def test_scanning_is_slowed_down_after_twenty_a_minute(client):
    cache.clear()
    url = reverse("residents:dwelling_scan", args=["00000000-0000-4000-8000-000000000000"])
    assert [client.get(url).status_code for _scan in range(21)] == [200] * 20 + [429]
    cache.clear()


def test_a_bed_is_named_once_and_only_where_there_is_one(coadmin):
    dormitory = change_places(
        dwelling_id=DwellingFactory.create(capacity=8).pk, capacity=8, beds=4, version=1, actor=coadmin
    )
    first, second = RegistrationFactory.create_batch(2, dwelling=dormitory)
    assign_bed(registration_id=first.pk, bed=3, actor=coadmin)
    for bed in (3, 5, 0):
        with pytest.raises(DomainError) as refusal:
            assign_bed(registration_id=second.pk, bed=bed, actor=coadmin)
        assert refusal.value.field == "bed"
    with pytest.raises(DomainError) as refusal:
        change_places(dwelling_id=dormitory.pk, capacity=8, beds=2, version=2, actor=coadmin)
    assert refusal.value.field == "beds"
    shown = beds_of(dormitory, list(Registration.objects.all()))
    assert [[stay.pk for stay in bed.stays] for bed in shown] == [[], [], [first.pk], []]
    assign_bed(registration_id=first.pk, bed=None, actor=coadmin)
    assert assign_bed(registration_id=second.pk, bed=3, actor=coadmin).bed == 3


def test_more_beds_than_people_may_live_there_are_refused(coadmin):
    with pytest.raises(DomainError) as refusal:
        change_places(dwelling_id=DwellingFactory.create().pk, capacity=4, beds=5, version=1, actor=coadmin)
    assert refusal.value.field == "beds"


def test_a_lead_is_a_note_until_a_clerk_answers_it(coadmin):
    lead = note_lead(area_code=COMMUNITY, text="  老码头  三号仓库 ", told_by="王师傅", actor=coadmin)
    again = note_lead(area_code=COMMUNITY, text="老码头 三号仓库", actor=coadmin)
    assert (lead.pk, lead.text) == (again.pk, "老码头 三号仓库")
    home = DwellingFactory.create()
    answered = resolve_lead(lead_id=lead.pk, dwelling_id=home.pk, version=1, actor=coadmin)
    assert (answered.status, answered.dwelling, answered.told_by) == (LeadStatus.RESOLVED, home, "")
    with pytest.raises(DomainError) as refusal:
        dismiss_lead(lead_id=lead.pk, answer="没有", version=2, actor=coadmin)
    assert refusal.value.code == "answered"


def test_a_lead_is_dismissed_with_a_reason_only(coadmin):
    lead = note_lead(area_code=COMMUNITY, text="老码头三号仓库", actor=coadmin)
    with pytest.raises(DomainError) as refusal:
        dismiss_lead(lead_id=lead.pk, answer=" ", version=1, actor=coadmin)
    assert refusal.value.field == "answer"
    lead.refresh_from_db()
    assert dismiss_lead(lead_id=lead.pk, answer="仓库已拆", version=1, actor=coadmin).answer == "仓库已拆"


def test_a_lead_outside_the_own_communities_is_refused(coadmin):
    with pytest.raises(DomainError) as refusal:
        note_lead(area_code="330822002001", text="老码头三号仓库", actor=coadmin)
    assert refusal.value.field == "area_code"


def test_the_form_of_a_new_door_shows_the_near_ones_and_takes_the_answer(logged_in):
    AreaFactory.create(code=COMMUNITY, name="定阳社区")
    home = DwellingFactory.create(room="501")
    url = reverse("residents:dwelling_add")
    sent = {"area_code": COMMUNITY, "estate": "锦秀花园", "building": "3", "unit": "2", "room": "501", "kind": "05"}
    asked = logged_in.post(url, sent)
    assert asked.status_code == 422
    assert home.get_absolute_url() in asked.content.decode()
    assert Dwelling.objects.count() == 1
    assert logged_in.post(url, sent | {"is_new": "on"}).status_code == 302
    known = logged_in.post(url, sent | {"estate": "锦绣花园", "building": "三栋"})
    assert home.get_absolute_url() in known.content.decode()
    assert Dwelling.objects.count() == 2
