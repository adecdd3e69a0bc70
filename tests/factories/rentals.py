from datetime import date
from decimal import Decimal
from typing import Any

import factory
from factory.django import DjangoModelFactory

from rentals.models import LeaseFiling, RentalRegistration
from rentals.services.filings import FilingInput
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


class LeaseFactory(DjangoModelFactory[LeaseFiling]):
    """Handed in by the landlord for the whole dwelling, November 2026 to October 2027; 吴租客 is the tenant."""

    class Meta:
        model = LeaseFiling
        skip_postgeneration_save = True

    dwelling = factory.SubFactory(DwellingFactory)
    area_code = factory.LazyAttribute(lambda lease: lease.dwelling.area_code)
    number = factory.Sequence(lambda n: f"330822H2026{900000 + n}")
    room = ""
    filed_by = "landlord"
    starts_on = date(2026, 11, 1)
    ends_on = date(2027, 10, 31)
    submitted_by = factory.SubFactory(StaffFactory)

    @factory.post_generation
    def tenant(lease, create, extracted, **_kwargs):  # noqa: N805 - the first argument is the object made
        """Pass a stay to link it."""
        if create:
            name = extracted.person.name if extracted else "吴租客"
            lease.tenants.create(registration=extracted, name=name)


def lease_input(**changes: Any) -> FilingInput:
    """The landlord files the lease of the whole dwelling to 吴租客 for a year."""
    given: dict[str, Any] = {
        "filed_by": "landlord",
        "starts_on": date(2026, 11, 1),
        "ends_on": date(2027, 10, 31),
        "others": ("吴租客",),
    }
    return FilingInput(**given | changes)
