"""Rental registrations and the doors that should have one."""

from typing import Any

from rentals.models import RentalRegistration
from residents.models import Dwelling, Registration
from tests.factories.rentals import RentalFactory
from tests.factories.residents import DwellingFactory, RegistrationFactory
from tests.matrix import PUBLIC, Endpoint, Grant

VIEW, ADD, REVIEW = (Grant(RentalRegistration, action) for action in ("view", "add", "review"))


def rental(area_code: str) -> RentalRegistration:
    return RentalFactory.create(dwelling=DwellingFactory.create(area_code=area_code))


def registered(area_code: str) -> RentalRegistration:
    return RentalFactory.create(
        dwelling=DwellingFactory.create(area_code=area_code), status="registered", registered_on="2026-11-20"
    )


def rented_door(area_code: str) -> Dwelling:
    stay: Registration = RegistrationFactory.create(dwelling=DwellingFactory.create(area_code=area_code))
    return stay.dwelling


def step(name: str) -> Any:
    return lambda row: [row.pk, name]


def versioned(**given: Any) -> Any:
    return lambda row: {"version": row.version} | given


ENDPOINTS = [
    Endpoint(
        "rentals:rental_list",
        VIEW,
        row=rental,
        args=lambda _row: [],
        query=lambda _row: {"t": "review"},
        secret=lambda row: row.number,
    ),
    Endpoint("rentals:unregistered", VIEW, row=rented_door, args=lambda _row: [], secret=lambda row: row.code),
    Endpoint("rentals:rental_new", ADD, form=True),
    Endpoint("rentals:rental_detail", VIEW, row=rental, by_row=True),
    Endpoint("rentals:rental_edit", ADD, row=rental, by_row=True, form=True),
    Endpoint("rentals:rental_sheet", VIEW, row=rental, by_row=True),
    Endpoint("rentals:rental_check", PUBLIC, row=rental, args=lambda row: [row.voucher], ok=(200, 429)),
    Endpoint(
        "rentals:rental_step",
        REVIEW,
        row=rental,
        args=step("accept"),
        by_row=True,
        method="post",
        data=versioned(),
        ok=(302,),
        variant="accept",
    ),
    Endpoint(
        "rentals:rental_step",
        REVIEW,
        row=rental,
        args=step("return"),
        by_row=True,
        method="post",
        data=versioned(reason="缺少产权证明"),
        ok=(302,),
        variant="return",
    ),
    Endpoint(
        "rentals:rental_step",
        ADD,
        row=registered,
        args=step("renew"),
        by_row=True,
        method="post",
        data=versioned(let_to="2030-12-31"),
        ok=(302,),
        variant="renew",
    ),
    Endpoint(
        "rentals:rental_step",
        ADD,
        row=registered,
        args=step("end"),
        by_row=True,
        method="post",
        data=versioned(ended_on="2026-11-20", reason="收回自住"),
        ok=(302,),
        variant="end",
    ),
]
