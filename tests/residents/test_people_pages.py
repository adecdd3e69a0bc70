from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.audit.models import AccessEvent
from portal.core import clock
from portal.org.models import User
from portal.ui.search import search
from portal.vault.blind import blind_index
from residents.choices import ChangeKind, RegistrationStatus, VisitResult
from residents.models import (
    Dwelling,
    Permit,
    PermitApplication,
    PermitStep,
    Person,
    Registration,
    RegistrationChange,
    Visit,
)
from residents.services.moves import change_workplace
from tests.factories.org import AreaFactory
from tests.factories.residents import DwellingFactory, PersonFactory, RegistrationFactory, id_number

pytestmark = pytest.mark.django_db
FULL_NUMBER = "520322199005171237"


@pytest.fixture
def officer(staff) -> User:
    AreaFactory.create(code="330822", name="常山县")
    AreaFactory.create(code="330822001", name="天马街道")
    user = staff(Registration, "view", "add", "change", "deregister", "restore", "verify")
    for model in (RegistrationChange, Visit, Permit, PermitStep, PermitApplication):
        staff(model, "view", user=user)
    staff(Person, "view", "reveal", user=user)
    return staff(Dwelling, "view", "add", "change", user=user)


@pytest.fixture
def logged_in(client, officer):
    client.force_login(officer)
    return client


@pytest.fixture
def stay() -> Registration:
    return RegistrationFactory.create(person=PersonFactory.create(document_number=FULL_NUMBER, phone="13800005621"))


def page(client, name, *args, **query) -> str:
    response = client.get(reverse(f"residents:{name}", args=args), query)
    assert response.status_code == 200
    return response.content.decode()


def queries_of(client, url: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


def test_people_list_costs_the_same_queries_for_1_and_40_rows(logged_in):
    url = reverse("residents:person_list")
    RegistrationFactory.create()
    logged_in.get(url)
    for_one = queries_of(logged_in, url)
    RegistrationFactory.create_batch(39)
    assert queries_of(logged_in, url) == for_one


def test_dwelling_list_costs_the_same_queries_for_1_and_40_rows(logged_in):
    url = reverse("residents:dwelling_list")
    RegistrationFactory.create()
    logged_in.get(url)
    for_one = queries_of(logged_in, url)
    DwellingFactory.create_batch(39)
    assert queries_of(logged_in, url) == for_one


def test_file_and_dwelling_cost_the_same_queries_for_1_and_40_people(logged_in, stay):
    urls = [stay.person.get_absolute_url(), stay.dwelling.get_absolute_url()]
    RegistrationFactory.create(dwelling=stay.dwelling, head=stay, relation="97")
    for url in urls:
        logged_in.get(url)
    for_one = [queries_of(logged_in, url) for url in urls]
    RegistrationFactory.create_batch(39, dwelling=stay.dwelling, head=stay, relation="97")
    assert [queries_of(logged_in, url) for url in urls] == for_one


def test_P13_list_and_file_never_show_a_full_number(logged_in, stay):
    for text in (page(logged_in, "person_list"), page(logged_in, "person_detail", stay.person_id)):
        assert FULL_NUMBER not in text
        assert "13800005621" not in text
        assert "520***********1237" in text


def test_list_and_file_leave_access_rows(logged_in, officer, stay):
    page(logged_in, "person_list")
    page(logged_in, "person_list", q="王建")
    page(logged_in, "person_detail", stay.person_id)
    rows = AccessEvent.objects.order_by("pk").values_list("action", "person_ids", "actor")
    assert list(rows) == [(action, [stay.person_id], officer.pk) for action in ("list", "search", "open")]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("建国", True),
        ("王", True),
        ("wjg", True),
        ("1237", False),
        ("王建国 1237", False),
        ("李", False),
        ("zx", False),
    ],
)
def test_list_is_searched_by_name_and_initials_never_by_digits(logged_in, stay, typed, found):
    assert (f">{stay.person.name}</a>" in page(logged_in, "person_list", q=typed)) is found


def test_full_numbers_are_refused_in_the_address_line(logged_in, stay):
    assert "Ctrl K" in page(logged_in, "person_list", q=FULL_NUMBER)


def test_filters_by_status_lodging_reason_and_staleness(logged_in):
    today = clock.today()
    names = {"在住新": {}, "工地": {"lodging": "04"}, "求学": {"reason": "06"}}
    for at, (name, changes) in enumerate(names.items()):
        person = PersonFactory.create(name=name, sequence=at + 1, document_number=id_number(sequence=at + 500))
        RegistrationFactory.create(person=person, arrived_on=today, **changes)
    old = PersonFactory.create(name="久未核实", document_number=id_number(sequence=601))
    RegistrationFactory.create(person=old, arrived_on=today - timedelta(days=91))
    gone = PersonFactory.create(name="已离开", document_number=id_number(sequence=603))
    RegistrationFactory.create(
        person=gone, status="left", left_on=today, arrived_on=today - timedelta(days=9), left_reason="01"
    )

    def shown(**query) -> set[str]:
        text = page(logged_in, "person_list", **query)
        return {name for name in (*names, "久未核实", "已离开") if f">{name}</a>" in text}

    assert shown() == {*names, "久未核实"}
    assert shown(status="left") == {"已离开"}
    assert shown(status="all") == {*names, "久未核实", "已离开"}
    assert shown(status="stale") == {"久未核实"}
    assert shown(lodging="04") == {"工地"}
    assert shown(reason="06") == {"求学"}
    assert shown(area="330822001001") == {*names, "久未核实"}


def test_palette_finds_by_number_phone_and_name_in_the_own_area_only(officer, stay):
    far = DwellingFactory.create(area_code="330822002001")
    RegistrationFactory.create(
        dwelling=far, person=PersonFactory.create(area_code=far.area_code, document_number=id_number(sequence=901))
    )
    for typed in (FULL_NUMBER, "520322 19900517 1237", "13800005621", "wjg", "建国", "王建国1237", "王建国 1237"):
        hits = [hit for group in search(officer, typed) for hit in group.hits if "/people/" in hit.url]
        assert [hit.url for hit in hits if hit.note] == [stay.person.get_absolute_url()]
        assert "520***********1237" in hits[0].note


@pytest.mark.parametrize(
    "typed",
    [
        *("1237", "71237", "171237", "520322", "5203221990", "52032219900517123", "520***********1237"),
        *(
            "1380000562",
            "5621",
            "138",
            "138****5621",
            "王 1237",
            "建国 1237",
            "王建国 237",
            "王建国 71237",
            "王建国 5203",
        ),
    ],
)
def test_P7_parts_of_a_number_find_nobody(officer, stay, typed):
    """A mask that could be walked with beginnings or ends would hide nothing (security design §2.3)."""
    assert [hit for group in search(officer, typed) for hit in group.hits if hit.note] == []


@pytest.mark.parametrize(("typed", "result"), [(FULL_NUMBER, "shown"), ("520322199005171245", "nothing")])
def test_the_searched_number_is_kept_as_a_keyed_hash_also_when_nothing_was_found(officer, stay, typed, result):
    search(officer, typed)
    row = AccessEvent.objects.get(action="search")
    assert (bytes(row.query_hash), row.result) == (blind_index("access.query", typed), result)
    assert typed not in str(AccessEvent.objects.values())


def test_file_tells_stay_household_permit_and_timeline(logged_in, officer, stay):
    child = RegistrationFactory.create(
        dwelling=stay.dwelling,
        head=stay,
        relation="20",
        person=PersonFactory.create(name="王梓轩", document_number=id_number(sequence=811)),
    )
    change_workplace(registration_id=stay.pk, workplace="云溪机械", changed_on=clock.today(), version=1, actor=officer)
    text = page(logged_in, "person_detail", stay.person_id)
    for words in (
        stay.dwelling.address,
        "王梓轩",
        "云溪机械",
        "常山县",
        reverse("residents:person_move", args=[stay.pk]),
    ):
        assert words in text
    for tab in ("stays", "family", "record"):
        assert stay.person.name in page(logged_in, "person_detail", stay.person_id, tab=tab)
    assert reverse("residents:person_detail", args=[child.person_id]) in text


def test_past_address_of_a_foreign_community_is_told_down_to_the_community(logged_in, stay):
    AreaFactory.create(code="330822002001", name="南门社区")
    far = DwellingFactory.create(area_code="330822002001", estate="秘密小区")
    RegistrationFactory.create(
        person=stay.person,
        dwelling=far,
        status="left",
        arrived_on=date(2020, 1, 1),
        left_on=date(2020, 6, 1),
        left_reason="01",
    )
    text = page(logged_in, "person_detail", stay.person_id, tab="stays")
    assert "秘密小区" not in text
    assert "南门社区" in text


def test_P13_reveal_answers_plain_text_and_is_recorded(logged_in, stay):
    url = reverse("residents:person_reveal", args=[stay.person_id])
    response = logged_in.post(url, {"field": "document_number", "reason_code": "identity"})
    assert (response.status_code, response.content.decode()) == (200, FULL_NUMBER)
    assert "no-store" in response["Cache-Control"]
    assert AccessEvent.objects.get(action="reveal").purpose == "identity"
    assert logged_in.post(url, {"field": "document_number"}).status_code == 422


def test_verify_with_one_tap_and_on_to_the_next_form(logged_in, stay):
    url = reverse("residents:person_verify", args=[stay.pk])
    assert logged_in.post(url, {"result": "present"})["Location"] == stay.person.get_absolute_url()
    stay.refresh_from_db()
    assert (stay.verified_on, stay.verified_result) == (clock.today(), VisitResult.PRESENT)
    assert "leave" in logged_in.post(url, {"result": "left"})["Location"]
    assert "move" in logged_in.post(url, {"result": "moved"})["Location"]


def test_move_leave_and_undo_through_the_forms(logged_in, stay):
    new_home = DwellingFactory.create(estate="东门小区", room="402")
    today = clock.today().isoformat()
    move = reverse("residents:person_move", args=[stay.pk])
    assert stay.person.name in page(logged_in, "person_move", stay.pk)
    answer = logged_in.post(
        move,
        {"version": 1, "dwelling": new_home.pk, "moved_on": today, "lodging": "05", "discovered_by": "person"},
    )
    assert answer.status_code == 302
    new = Registration.objects.active().get(person=stay.person)
    assert new.dwelling == new_home
    change = RegistrationChange.objects.get(kind=ChangeKind.ADDRESS)
    assert reverse("residents:change_undo", args=[change.pk]) in page(logged_in, "person_detail", stay.person_id)
    logged_in.post(reverse("residents:change_undo", args=[change.pk]))
    assert Registration.objects.active().get(person=stay.person).pk == stay.pk
    leave = reverse("residents:person_leave", args=[stay.pk])
    fields = {"reason": "01", "left_on": today, "discovered_by": "person"}
    assert logged_in.post(leave, fields | {"version": 3}).status_code == 302
    stay.refresh_from_db()
    assert stay.status == RegistrationStatus.LEFT
    restore = reverse("residents:person_restore", args=[stay.pk])
    assert logged_in.post(restore, {"version": stay.version, "reason": "误注销", "was_away": "no"}).status_code == 302
    stay.refresh_from_db()
    assert stay.status == RegistrationStatus.ACTIVE


def test_P17_clash_shows_both_versions_and_keeps_the_entry(logged_in, officer, stay):
    url = reverse("residents:person_workplace", args=[stay.pk])
    change_workplace(registration_id=stay.pk, workplace="先存的厂", changed_on=clock.today(), version=1, actor=officer)
    fields = {"version": 1, "workplace": "后填的厂", "changed_on": clock.today().isoformat()}
    answer = logged_in.post(url, fields)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "先存的厂" in text
    assert "后填的厂" in text
    assert logged_in.post(url, fields | {"version": 2}).status_code == 302


def test_refused_form_comes_back_with_422_beside_its_field(logged_in, stay):
    url = reverse("residents:person_leave", args=[stay.pk])
    tomorrow = (clock.today() + timedelta(days=1)).isoformat()
    answer = logged_in.post(url, {"version": 1, "reason": "01", "left_on": tomorrow, "discovered_by": "person"})
    assert answer.status_code == 422
    assert "left_on" in answer.context["form"].errors


def test_dwelling_page_lists_who_lives_there_and_takes_an_alias(logged_in, stay):
    text = page(logged_in, "dwelling_detail", stay.dwelling_id)
    assert stay.person.name in text
    logged_in.post(reverse("residents:dwelling_alias", args=[stay.dwelling_id]), {"text": "老供销社"})
    assert "老供销社" in page(logged_in, "dwelling_detail", stay.dwelling_id)
    event = AccessEvent.objects.filter(purpose="dwelling").first()
    assert event.person_ids == [stay.person_id]


def test_plate_carries_an_opaque_token_and_no_name(logged_in, stay):
    text = page(logged_in, "dwelling_plate", stay.dwelling_id)
    assert stay.dwelling.address in text
    assert stay.person.name not in text
    scanned = logged_in.get(reverse("residents:dwelling_scan", args=[stay.dwelling.plate]))
    assert scanned["Location"] == stay.dwelling.get_absolute_url()


def test_new_dwelling_through_the_form(logged_in):
    AreaFactory.create(code="330822001001")
    fields = {"area_code": "330822001001", "estate": "锦绣花园", "building": "8", "room": "101", "kind": "05"}
    answer = logged_in.post(reverse("residents:dwelling_add"), fields)
    assert answer["Location"] == Dwelling.objects.get(address="锦绣花园8幢101室").get_absolute_url()
    assert logged_in.post(reverse("residents:dwelling_add"), fields).status_code == 422
