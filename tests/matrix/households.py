from typing import Any

from portal.core import clock
from residents.choices import HouseholdActKind
from residents.models import Household, HouseholdAct, Registration
from tests.factories.org import StaffFactory
from tests.factories.residents import DwellingFactory, RegistrationFactory, belong
from tests.matrix import Endpoint, Grant

MAY_SEE, MAY_CHANGE = Grant(Household, "view"), Grant(Household, "change")


def alone(area_code: str) -> Registration:
    return RegistrationFactory.create(dwelling=DwellingFactory.create(area_code=area_code))


def book(area_code: str) -> Household:
    """Two grown-ups at one door."""
    head = alone(area_code)
    RegistrationFactory.create(dwelling=head.dwelling, head=head, relation="12")
    return belong(head)


def act(area_code: str) -> HouseholdAct:
    given = {"kind": HouseholdActKind.FORMED, "happened_on": clock.today(), "actor": StaffFactory.create()}
    return HouseholdAct.objects.create(household=book(area_code), **given)


def page(name: str, needs: Grant, **rest: Any) -> Endpoint:
    return Endpoint(f"residents:{name}", needs, row=book, by_row=True, **rest)


ENDPOINTS = [
    page("household", MAY_SEE),
    page("household_print", MAY_SEE),
    page("household_split", MAY_CHANGE, form=True),
    page("household_head", MAY_CHANGE, form=True),
    page("household_join", MAY_CHANGE, form=True),
    page("household_move", MAY_CHANGE, form=True),
    page("household_leave", MAY_CHANGE, form=True),
    page("household_guardian", MAY_CHANGE, form=True),
    Endpoint("residents:household_undo", MAY_CHANGE, row=act, by_row=True, method="post", ok=(302,)),
    Endpoint("residents:household_open", MAY_CHANGE, row=alone, by_row=True, method="post", ok=(302,)),
]
