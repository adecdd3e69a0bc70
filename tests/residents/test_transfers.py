"""A person stands at one window and is registered at another: the unit is asked, not the file (design §2.3)."""

from datetime import date

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.urls import reverse

from portal.audit.models import AccessEvent, AuditEntry
from portal.core.errors import DomainError
from portal.ui.search import search
from residents.models import Dwelling, Person, Registration, TransferRequest
from residents.services.duplicates import find_duplicates
from residents.services.transfers import (
    accept_transfer,
    person_of,
    refuse_transfer,
    reopen_transfer,
    request_transfer,
    ticket_for,
)
from tests.factories.org import AreaFactory
from tests.factories.residents import DwellingFactory, PersonFactory, RegistrationFactory

pytestmark = pytest.mark.django_db
HERE, THERE = "330822001001", "330822002001"
NUMBER = "520322199005171237"


@pytest.fixture(autouse=True)
def friday(at):
    at("2026-11-20 09:00")
    return at


@pytest.fixture
def stay():
    """Registered at the other office since 1 June."""
    AreaFactory.create(code="330822002", name="辉埠镇")
    AreaFactory.create(code=THERE, name="路里坑村")
    home = DwellingFactory.create(area_code=THERE, estate="秘密小区")
    person = PersonFactory.create(area_code=THERE, document_number=NUMBER)
    return RegistrationFactory.create(person=person, dwelling=home, arrived_on=date(2026, 6, 1))


@pytest.fixture
def home():
    return DwellingFactory.create(area_code=HERE)


@pytest.fixture
def clerk(staff):
    user = staff(Registration, "view", "add", "change")
    staff(Person, "view", user=user)
    staff(Dwelling, "view", user=user)
    return user


@pytest.fixture
def holder(staff):
    user = staff(Registration, "view", "change", at=THERE)
    staff(Person, "view", at=THERE, user=user)
    staff(TransferRequest, "view", "answer", at=THERE, user=user)
    return user


def ask(stay, home, clerk, **changes):
    given = {"moved_on": date(2026, 11, 18), "lodging": "05", "reason": "换了工作，搬到单位附近"} | changes
    return request_transfer(ticket=ticket_for(stay.person_id, clerk), dwelling_id=home.pk, actor=clerk, **given)


def test_a_match_elsewhere_tells_the_unit_and_a_ticket_and_leaves_an_access_row(clerk, stay):
    (hit,) = find_duplicates(document_number=NUMBER, actor=clerk)
    assert (hit.person, hit.last_address, hit.office) == (None, "", "辉埠镇 路里坑村")
    assert person_of(hit.ticket, clerk) == stay.person_id
    assert AccessEvent.objects.get().person_ids == [stay.person_id]


def test_the_box_at_the_top_tells_no_more(clerk, stay):
    hits = [hit for group in search(clerk, NUMBER) for hit in group.hits if hit.note]
    assert [hit.note for hit in hits] == ["辉埠镇 路里坑村"]
    assert "王建国" not in str(hits)
    assert "秘密小区" not in str(hits)
    assert AccessEvent.objects.filter(person_ids=[stay.person_id]).exists()


def test_a_ticket_is_of_one_user_and_one_hour(clerk, holder, stay, at):
    ticket = ticket_for(stay.person_id, clerk)
    assert person_of(ticket, holder) is None
    assert person_of(ticket + "x", clerk) is None
    at("2026-11-20 10:01")
    assert person_of(ticket, clerk) is None


def test_the_unit_answers_within_two_working_days(clerk, stay, home):
    row = ask(stay, home, clerk)
    assert (row.area_code, row.to_area, row.due_on) == (THERE, HERE, date(2026, 11, 24))
    assert AccessEvent.objects.get(action="share").purpose == "transfer"
    (hit,) = find_duplicates(document_number=NUMBER, actor=clerk)
    assert (hit.ticket, hit.asked_until) == ("", date(2026, 11, 24))
    with pytest.raises(DomainError) as refusal:
        ask(stay, home, clerk)
    assert refusal.value.code == "asked"


def test_handing_over_ends_the_stay_there_and_the_half_year_goes_on(clerk, holder, stay, home):
    row = accept_transfer(transfer_id=ask(stay, home, clerk).pk, version=1, actor=holder)
    old, new = Registration.objects.get(pk=stay.pk), row.result
    assert (old.status, old.left_on, old.left_reason) == ("left", date(2026, 11, 18), "02")
    assert (new.status, new.dwelling, new.area_code, new.counts_from) == ("active", home, HERE, date(2026, 6, 1))
    assert Person.objects.get().area_code == HERE
    assert AuditEntry.objects.filter(action="transfer.accepted", actor=holder).count() == 1


def test_a_refusal_needs_a_reason_and_can_be_taken_back_for_ten_minutes(clerk, holder, stay, home, at):
    row = ask(stay, home, clerk)
    with pytest.raises(DomainError):
        refuse_transfer(transfer_id=row.pk, answer=" ", version=1, actor=holder)
    refuse_transfer(transfer_id=row.pk, answer="本人仍住原址", version=1, actor=holder)
    at("2026-11-20 09:10")
    assert reopen_transfer(transfer_id=row.pk, actor=holder).status == "requested"
    refuse_transfer(transfer_id=row.pk, answer="本人仍住原址", version=3, actor=holder)
    at("2026-11-20 09:21")
    with pytest.raises(DomainError) as refusal:
        reopen_transfer(transfer_id=row.pk, actor=holder)
    assert refusal.value.code == "too_late"


def test_only_the_unit_that_holds_the_stay_answers(clerk, stay, home):
    row = ask(stay, home, clerk)
    with pytest.raises(ObjectDoesNotExist):
        accept_transfer(transfer_id=row.pk, version=1, actor=clerk)


def test_own_and_ended_stays_are_not_asked_for(clerk, stay, home, staff):
    staff(Registration, "change", at=THERE, user=clerk)
    with pytest.raises(DomainError) as refusal:
        ask(stay, home, clerk)
    assert refusal.value.code == "own"
    Registration.objects.filter(pk=stay.pk).update(status="left", left_on=date(2026, 11, 1), left_reason="01")
    with pytest.raises(DomainError) as refusal:
        ask(stay, home, clerk)
    assert refusal.value.code == "ended"


@pytest.mark.parametrize("day", [date(2026, 11, 21), date(2026, 5, 31)])
def test_the_day_of_the_move_lies_within_the_stay(clerk, stay, home, day):
    with pytest.raises(DomainError) as refusal:
        ask(stay, home, clerk, moved_on=day)
    assert refusal.value.field == "moved_on"


def test_from_the_arrival_page_to_the_answer(client, clerk, holder, stay, home):
    client.force_login(clerk)
    panel = client.post(reverse("residents:arrival_duplicates"), {"document_number": NUMBER}).content.decode()
    assert "请求迁移" in panel
    assert "王建国" not in panel
    form = reverse("residents:transfer_new", args=[ticket_for(stay.person_id, clerk)])
    assert client.get(form).status_code == 200
    data = {"dwelling": home.pk, "moved_on": "2026-11-18", "lodging": "05", "reason": "换了工作"}
    assert client.post(form, data).status_code == 302
    client.force_login(holder)
    assert "王建国" in client.get(reverse("residents:transfer_list")).content.decode()
    assert "请求迁移" in client.get(stay.person.get_absolute_url()).content.decode()
    row = TransferRequest.objects.get()
    page = client.get(row.get_absolute_url()).content.decode()
    assert "换了工作" in page
    assert home.address not in page
    refused = client.post(row.get_absolute_url(), {"decision": "refuse", "answer": "", "version": 1})
    assert refused.status_code == 422
    answer = client.post(row.get_absolute_url(), {"decision": "accept", "answer": "", "version": 1})
    assert answer.status_code == 302
    assert Registration.objects.get(person=stay.person, status="active").dwelling == home


def test_a_foreign_ticket_opens_no_form(client, clerk, holder, stay):
    client.force_login(clerk)
    assert client.get(reverse("residents:transfer_new", args=[ticket_for(stay.person_id, holder)])).status_code == 404


def test_the_queue_costs_the_same_for_one_and_for_forty(client, clerk, holder, home, django_assert_max_num_queries):
    client.force_login(holder)
    for _each in range(2):
        for _row in range(20):
            there = RegistrationFactory.create(dwelling=DwellingFactory.create(area_code=THERE))
            ask(there, home, clerk, moved_on=there.arrived_on)
        with django_assert_max_num_queries(18):
            client.get(reverse("residents:transfer_list"))
