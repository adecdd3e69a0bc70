"""What a department may open of the tables below, and how little its functions tell."""

import pytest
from django.db import connection

from portal.org.walls.registry import openers_of, walls
from rentals.models import LeaseFiling, RentalRegistration
from residents.models import Dwelling
from tests.factories.rentals import RentalFactory
from tests.factories.residents import DwellingFactory, RegistrationFactory
from tests.walls.test_agreement import behind_the_wall

pytestmark = pytest.mark.django_db
ELSEWHERE = "330822002001"


def test_rental_grants_open_the_doors_to_read_and_never_to_write():
    openers = openers_of(walls()[Dwelling._meta.db_table])
    assert (openers[RentalRegistration], openers[LeaseFiling], openers[Dwelling]) == (False, False, True)


def test_the_doors_told_are_those_of_ones_own_areas(staff):
    here = RegistrationFactory.create(lodging="05").dwelling
    there = RegistrationFactory.create(lodging="05", dwelling=DwellingFactory.create(area_code=ELSEWHERE)).dwelling
    told = {}
    for name, user in (
        ("here", staff(RentalRegistration, "view")),
        ("there", staff(RentalRegistration, "view", at=ELSEWHERE)),
        ("county", staff(RentalRegistration, "view", at="330822")),
        ("nobody", staff(Dwelling, "view")),
    ):
        with behind_the_wall(user), connection.cursor() as cursor:
            cursor.execute("SELECT sec.rented_unregistered()")
            told[name] = {row[0] for row in cursor.fetchall()}
    assert told == {"here": {here.pk}, "there": {there.pk}, "county": {here.pk, there.pk}, "nobody": set()}


def test_a_registration_of_another_area_is_not_read(staff):
    own, other = RentalFactory.create(), RentalFactory.create(dwelling=DwellingFactory.create(area_code=ELSEWHERE))
    with behind_the_wall(staff(RentalRegistration, "view")):
        assert set(RentalRegistration.objects.all()) == {own}
        assert Dwelling.objects.filter(pk__in=[own.dwelling_id, other.dwelling_id]).get() == own.dwelling
