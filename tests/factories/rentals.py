from datetime import date
from decimal import Decimal
from typing import Any

import factory
from factory.django import DjangoModelFactory

from rentals.models import RentalRegistration
from rentals.services.landlords import landlord_index
from rentals.services.registrations import RentalInput
from tests.factories.org import StaffFactory
from tests.factories.residents import DwellingFactory, id_number

LANDLORD = id_number(born=date(1968, 2, 3), division="330822", sequence=77)
COMPANY = "91110000600037341L"


def rental_input(**changes: Any) -> RentalInput:
    """陈国强 lets his flat of 90 m² as a whole: three rooms, private property, no doubts."""
    given: dict[str, Any] = {
        "landlord_kind": "person",
        "landlord_name": "陈国强",
        "document_kind": "111",
        "document_number": LANDLORD,
        "landlord_phone": "13957000001",
        "ownership": "2",
        "title_kind": "1",
        "title_number": "浙（2019）常山县不动产权第0001号",
        "structure": "2",
        "planned_use": "01",
        "floor_area": Decimal(90),
        "rooms_total": 3,
        "rooms_let": 3,
        "letting": "whole",
        "let_from": date(2026, 11, 1),
        "gas": "piped",
    }
    return RentalInput(**given | changes)


class RentalFactory(DjangoModelFactory[RentalRegistration]):
    """Handed in; 陈国强 lets 90 m² with three rooms as a whole."""

    class Meta:
        model = RentalRegistration

    dwelling = factory.SubFactory(DwellingFactory)
    area_code = factory.LazyAttribute(lambda rental: rental.dwelling.area_code)
    number = factory.Sequence(lambda n: f"330822F2026{900000 + n}")
    landlord_kind = "person"
    landlord_name = "陈国强"
    document_kind = "111"
    document_number = LANDLORD
    document_index = factory.LazyAttribute(lambda rental: landlord_index(rental.document_number))
    landlord_phone = "13957000001"
    ownership = "2"
    title_kind = "1"
    title_number = "浙（2019）常山县不动产权第0001号"
    structure = "2"
    planned_use = "01"
    floor_area = Decimal(90)
    rooms_total = 3
    rooms_let = 3
    letting = "whole"
    let_from = date(2026, 11, 1)
    gas = "piped"
    submitted_by = factory.SubFactory(StaffFactory)
