"""A departure ends the tenant's line and tells the landlord; the end of a lease sends somebody to the door."""

from datetime import date

import pytest
from django.urls import reverse

from portal.audit.models import AuditEntry
from portal.org.services import system_user
from rentals.models import LandlordMessage, LeaseFiling, RentalRegistration
from rentals.services.reports import senders
from rentals.services.tenancies import end_tenancy, ended_and_lived_in, resume_tenancy
from rentals.subscribers import (
    end_the_tenancy_of_a_departure,
    end_the_tenancy_of_a_move,
    resume_the_tenancy_of_a_restored_stay,
)
from residents.doorstep import items_due
from residents.events import AddressChanged, PersonLeft, RegistrationRestored
from residents.models import Dwelling, Registration, VisitTask
from residents.services.visits.planning import make_tasks
from tests.behind_the_wall import real_seconds
from tests.factories.rentals import LeaseFactory, RentalFactory
from tests.factories.residents import DwellingFactory, RegistrationFactory
from tests.walls.test_agreement import behind_the_wall

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)


class Gateway:
    told: list[tuple[str, str]] = []

    def send(self, *, phone: str, code: str) -> str:
        raise AssertionError("no code is asked for here")

    def tell(self, *, phone: str, text: str) -> None:
        self.told.append((phone, text))


@pytest.fixture(autouse=True)
def on_20_november(at, monkeypatch) -> None:
    at("2026-11-20 09:00")
    Gateway.told = []
    monkeypatch.setattr("rentals.services.tenancies.sender", Gateway)


@pytest.fixture
def home() -> Dwelling:
    door: Dwelling = DwellingFactory.create(address="锦绣花园1幢101室")
    RentalFactory.create(dwelling=door, status="registered", registered_on="2026-11-03")
    return door


def gone(home: Dwelling, **changes) -> Registration:
    return RegistrationFactory.create(dwelling=home, status="left", left_on=date(2026, 11, 18), **changes)


def left(stay: Registration) -> None:
    end_the_tenancy_of_a_departure(
        PersonLeft(person_id=stay.person_id, registration_id=stay.pk, area_code=stay.area_code, reason="01")
    )


def ended(home: Dwelling, ends_on: date = date(2026, 11, 19), **changes) -> LeaseFiling:
    return LeaseFactory.create(dwelling=home, status="filed", starts_on=date(2025, 11, 20), ends_on=ends_on, **changes)


def test_a_departure_ends_the_line_of_the_tenant_and_of_nobody_else(home):
    stay, other = gone(home), RegistrationFactory.create(dwelling=home)
    lease = LeaseFactory.create(dwelling=home, status="filed", tenant=stay)
    lease.tenants.create(registration=other, name=other.person.name)
    left(stay)
    assert dict(lease.tenants.values_list("registration", "left_on")) == {stay.pk: date(2026, 11, 18), other.pk: None}
    lease.refresh_from_db()
    assert lease.status == "filed"  # the contract goes on with the other one


def test_a_lease_that_ended_before_keeps_its_tenants(home):
    stay = gone(home)
    lease = LeaseFactory.create(dwelling=home, status="ended", ended_on="2026-11-10", tenant=stay)
    left(stay)
    assert lease.tenants.get().left_on is None


def test_the_landlord_is_told_of_the_door_and_of_nobody(home):
    stay = gone(home)
    left(stay)
    [(phone, text)] = Gateway.told
    assert phone == "13957000001"
    assert text == "您登记出租的 锦绣花园1幢101室 有承租人办理了离开登记，请核对。"
    person = stay.person
    assert not any(part in text for part in (person.name, person.document_number, person.phone) if part)
    message = LandlordMessage.objects.get()
    assert (message.text, message.told_on, message.sent_at is not None) == (text, TODAY, True)
    assert AuditEntry.objects.filter(action="rental.landlord_told").count() == 1


def test_a_family_that_leaves_together_is_one_message_and_an_event_that_comes_twice_too(home):
    first, second = gone(home), gone(home)
    for stay in (first, second, first):
        left(stay)
    assert len(Gateway.told) == LandlordMessage.objects.count() == 1


def test_a_move_within_the_county_tells_the_landlord_of_the_old_home(home):
    old, new = gone(home, left_reason="10"), RegistrationFactory.create()
    end_the_tenancy_of_a_move(
        AddressChanged(
            person_id=old.person_id,
            old_registration_id=old.pk,
            registration_id=new.pk,
            from_area_code=old.area_code,
            area_code=new.area_code,
        )
    )
    assert LandlordMessage.objects.get().rental.dwelling == home


def test_nobody_is_told_where_no_letting_is_in_force(home):
    RentalRegistration.objects.update(status="ended", ended_on=TODAY)
    left(gone(home))
    assert not Gateway.told


def test_without_a_gateway_or_a_phone_somebody_has_to_call(home, monkeypatch):
    monkeypatch.setattr("rentals.services.tenancies.sender", lambda: None)
    left(gone(home))
    assert LandlordMessage.objects.get().sent_at is None


def test_a_stay_restored_meanwhile_changes_nothing_and_one_restored_later_goes_on(home):
    stay = RegistrationFactory.create(dwelling=home)
    lease = LeaseFactory.create(dwelling=home, status="filed", tenant=stay)
    assert end_tenancy(registration_id=stay.pk, actor=system_user()) == 0
    assert not Gateway.told
    lease.tenants.update(left_on=date(2026, 11, 18))
    resume_the_tenancy_of_a_restored_stay(
        RegistrationRestored(person_id=stay.person_id, registration_id=stay.pk, area_code=stay.area_code)
    )
    assert lease.tenants.get().left_on is None
    assert resume_tenancy(registration_id=gone(home).pk, actor=system_user()) == 0


def test_the_demo_shows_the_message_on_the_page_of_the_registration(home, client, staff, settings, monkeypatch):
    monkeypatch.setattr("rentals.services.tenancies.sender", senders.ShownOnScreen)
    settings.DEMO_ACCOUNTS = True
    left(gone(home))
    client.force_login(staff(RentalRegistration, "view"))
    page = client.get(RentalRegistration.objects.get().get_absolute_url()).content.decode()
    assert "有承租人办理了离开登记" in page


def test_the_page_of_a_lease_says_since_when_a_tenant_is_gone(home, client, staff):
    stay = gone(home)
    lease = LeaseFactory.create(dwelling=home, status="filed", tenant=stay)
    left(stay)
    client.force_login(staff(LeaseFiling, "view"))
    page = client.get(reverse("rentals:filing_detail", args=[lease.pk])).content.decode()
    assert "已离开" in page
    assert "2026-11-18" in page


# Lease ended → visit task


def test_a_lease_whose_term_is_over_with_somebody_inside_is_one_visit(home):
    RegistrationFactory.create(dwelling=home, verified_on=TODAY)
    ended(home)
    actor = system_user()
    assert make_tasks(day=TODAY, actor=actor) == 1
    task = VisitTask.objects.get()
    assert (task.dwelling, task.status) == (home, "open")
    assert make_tasks(day=TODAY, actor=actor) == 0


def test_after_the_visit_the_same_lease_sends_nobody_again(home):
    RegistrationFactory.create(dwelling=home, verified_on=TODAY)
    ended(home)
    make_tasks(day=TODAY, actor=system_user())
    VisitTask.objects.update(status="done", closed_on=TODAY)
    assert make_tasks(day=TODAY, actor=system_user()) == 0


@pytest.mark.parametrize("why", ["nobody inside", "last day", "a new lease", "ended", "other room"])
def test_no_visit_unless_the_room_that_ended_is_lived_in_and_not_leased_anew(home, why):
    if why != "nobody inside":
        RegistrationFactory.create(dwelling=home, verified_on=TODAY)
    if why == "last day":
        ended(home, ends_on=TODAY)
    elif why == "ended":
        LeaseFactory.create(dwelling=home, status="ended", ends_on=date(2026, 11, 19), ended_on="2026-11-19")
    else:
        ended(home, room="A" if why == "other room" else "")
    if why == "a new lease":
        LeaseFactory.create(dwelling=home, starts_on=TODAY, ends_on=date(2027, 11, 19))
    if why == "other room":
        LeaseFactory.create(dwelling=home, room="B", starts_on=TODAY, ends_on=date(2027, 11, 19))
    assert ended_and_lived_in(TODAY).exists() == (why == "other room")


def test_whoever_knocks_sees_that_the_lease_ended(home, staff):
    lease = ended(home)
    viewer = staff(LeaseFiling, "view")
    [item] = items_due([home.pk], viewer)[home.pk]
    assert (item.due_on, item.url) == (date(2026, 11, 19), lease.get_absolute_url())
    assert items_due([home.pk], staff(Dwelling, "view")) == {}


def test_the_subscribers_may_do_it_behind_the_wall(home, monkeypatch):
    from_real_clock(monkeypatch)
    stay = gone(home)
    lease = LeaseFactory.create(dwelling=home, status="filed", tenant=stay)
    with behind_the_wall(system_user()):
        assert end_tenancy(registration_id=stay.pk, actor=system_user()) == 1
    assert lease.tenants.get().left_on == date(2026, 11, 18)
    assert LandlordMessage.objects.exists()


def from_real_clock(monkeypatch) -> None:
    """The database's clock goes on."""
    monkeypatch.setattr("portal.org.walls.context.seconds_now", real_seconds)
