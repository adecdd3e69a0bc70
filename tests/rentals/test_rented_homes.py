"""Leads that are kept at write time: after any acts, what the triggers counted is what a recount finds."""

import random
from collections.abc import Callable
from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from rentals.models import RentalRegistration, RentedHome
from rentals.selectors import unregistered
from rentals.services.landlords import phone_index
from rentals.services.recount import recount_homes
from residents.models import Dwelling, Registration
from tests.factories.rentals import RentalFactory
from tests.factories.residents import DwellingFactory, RegistrationFactory

pytestmark = pytest.mark.django_db
LEFT = {"status": "left", "left_on": date(2026, 11, 1), "closed_on": date(2026, 11, 1)}
ACTIVE = {"status": "active", "left_on": None, "closed_on": None}


def counted() -> dict[int, tuple[str, int, int]]:
    """By hand, from the rows themselves."""
    found = {}
    for door in Dwelling.objects.all():
        stays = Registration.objects.filter(dwelling=door, status="active", lodging="05").count()
        lettings = RentalRegistration.objects.filter(
            dwelling=door, status__in=("submitted", "returned", "registered")
        ).count()
        if stays or lettings:
            found[door.pk] = (door.area_code, stays, lettings)
    return found


def kept() -> dict[int, tuple[str, int, int]]:
    rows = RentedHome.objects.exclude(stays=0, lettings=0)
    return {row.pk: (row.area_code, row.stays, row.lettings) for row in rows}


def leads() -> set[int]:
    return set(unregistered(Dwelling.objects.all()).values_list("pk", flat=True))


def test_a_door_is_a_lead_from_the_first_tenant_until_the_letting_is_registered():
    door = DwellingFactory.create()
    assert leads() == set()
    stay = RegistrationFactory.create(dwelling=door, lodging="05")
    assert leads() == {door.pk}
    rental = RentalFactory.create(dwelling=door)
    assert leads() == set()
    RentalRegistration.objects.filter(pk=rental.pk).update(status="ended", ended_on=date(2026, 11, 1))
    assert leads() == {door.pk}
    Registration.objects.filter(pk=stay.pk).update(**LEFT)
    assert leads() == set()


def test_who_lives_with_the_owner_makes_no_lead():
    RegistrationFactory.create(lodging="03")
    assert leads() == set()
    assert kept() == {}


COMMUNITIES = ("330822001001", "330822002001")
MOVED_AWAY = LEFT | {"left_on": date(2026, 11, 19), "closed_on": date(2026, 11, 19)}


def let_or_end(door: Dwelling, state: str) -> None:
    """One live registration a door at most, as the database wants it."""
    rentals = RentalRegistration.objects.filter(dwelling=door)
    if state == "ended":
        rentals.update(status="ended", ended_on=date(2026, 11, 19))
    elif not rentals.exists():
        RentalFactory.create(dwelling=door)
    elif rentals.count() == 1:
        rentals.update(status=state, ended_on=None, return_reason="缺少产权证明" if state == "returned" else "")


ACTS: tuple[Callable[[random.Random, Dwelling, Any], Any], ...] = (
    lambda rng, door, _some: RegistrationFactory.create(dwelling=door, lodging=rng.choice(("05", "05", "03"))),
    lambda _rng, door, _some: RegistrationFactory.create_batch(2, dwelling=door, lodging="05"),
    lambda _rng, _door, some: some.update(**MOVED_AWAY),
    lambda _rng, _door, some: some.update(**ACTIVE),
    lambda _rng, door, some: some.update(dwelling=door),
    lambda rng, _door, some: some.update(lodging=rng.choice(("05", "03"))),
    lambda rng, door, _some: let_or_end(door, rng.choice(("ended", "submitted", "returned", "registered"))),
    lambda rng, door, _some: Dwelling.objects.filter(pk=door.pk).update(area_code=rng.choice(COMMUNITIES)),
    lambda _rng, door, _some: RentalRegistration.objects.filter(dwelling=door, status="ended").delete(),
)


@pytest.mark.parametrize("seed", range(6))
def test_after_any_acts_the_kept_counts_are_the_counted_ones(seed):
    rng = random.Random(seed)  # noqa: S311 - a repeatable draw of acts
    doors = [DwellingFactory.create(area_code=rng.choice(COMMUNITIES)) for _door in range(5)]
    for _act in range(60):
        known = list(Registration.objects.values_list("pk", flat=True))
        some = Registration.objects.filter(pk__in=rng.sample(known, k=min(len(known), 3)))
        rng.choice(ACTS)(rng, rng.choice(doors), some)
    assert counted()
    assert kept() == counted()
    before = kept()
    assert recount_homes() == 0
    assert kept() == before


def test_the_recount_mends_what_stands_wrong_and_indexes_phones():
    door = RegistrationFactory.create(lodging="05").dwelling
    rental = RentalFactory.create(landlord_phone_index=None)
    RentedHome.objects.filter(pk=door.pk).update(stays=7)
    RentedHome.objects.create(dwelling=DwellingFactory.create(), area_code="330822001001", stays=1)
    out = StringIO()
    call_command("recount_rented_homes", stdout=out)
    assert out.getvalue() == "2 doors and 0 letters stood wrong, 1 phones were indexed\n"
    assert kept() == counted()
    rental.refresh_from_db()
    assert bytes(rental.landlord_phone_index) == phone_index(rental.landlord_phone)


def test_the_leads_are_read_from_the_counts_and_not_from_the_stays():
    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = 'rented_unregistered'")
        (source,) = cursor.fetchone()
    assert "rentals_rentedhome" in source
    assert "residents_registration" not in source
