"""What is registered at the window is at once in the ledger, in the figures and under the permit rules."""

from datetime import date
from uuid import uuid4

import pytest

from portal.exchange.ledgers import LedgerParams, ledger_of
from portal.exchange.periods import period_of
from portal.exchange.sql import Readers, rows
from portal.org.scoping import Scope
from portal.reports.counts import by_part, read, total
from residents.models import Person, Registration
from residents.services.permits.eligibility import eligibility
from residents.services.registration import CompanionInput, IdentityInput, StayInput, register_arrival
from tests.factories.residents import DwellingFactory, id_number, identity, stay

pytestmark = pytest.mark.django_db
HERE = "330822001001"


@pytest.fixture
def household(staff, at):
    at("2026-11-20 09:00")
    clerk = staff(Registration, "add", "view", at=HERE)
    staff(Person, "add", "change", "view", at=HERE, user=clerk)
    child = identity(
        document_number=id_number(born=date(2018, 9, 1), sequence=31),
        name="李小明",
        sex="1",
        birth_date=date(2018, 9, 1),
    )
    dwelling = DwellingFactory.create(area_code=HERE)
    return register_arrival(
        head=IdentityInput(**identity()),
        stay=StayInput(**stay(dwelling)),
        companions=[CompanionInput(relation="20", identity=IdentityInput(**child))],
        submission_key=str(uuid4()),
        actor=clerk,
    )


def test_both_stand_in_ledger_L1(household, staff):
    ledger = ledger_of("L1")
    today = date(2026, 11, 20)
    params = LedgerParams(
        actor=household.registration.registrar,
        scope=Scope((HERE,)),
        area_code=HERE,
        area_name="东明社区",
        period=period_of(ledger.period, today, today),
        today=today,
    )
    found = list(rows(ledger.columns, ledger.source(params), Readers(ledger.columns, masked=True)))
    assert [line[1] for line in found] == ["李秀英", "李小明"]


def test_both_are_counted_before_any_fold(household):
    assert total(read([HERE], ["residence"])) == 2
    assert by_part(read(["330822"], ["flow"])) == {"arrival": 2}


def test_the_permit_rules_know_the_day_from_which_she_may_apply(household):
    found = eligibility(household.registration, date(2026, 11, 20))
    assert not found.eligible
    assert found.half_year_on == date(2027, 5, 20)
