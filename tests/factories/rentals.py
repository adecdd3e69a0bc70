import uuid
from datetime import date
from decimal import Decimal
from typing import Any

import factory
from factory.django import DjangoModelFactory

from rentals.models import LeaseFiling, PenaltyReferral, RentalRegistration, TenancyReport
from rentals.services.filings import FilingInput
from rentals.services.landlords import landlord_index, phone_index
from rentals.services.registrations import RentalInput
from rentals.services.reports.intake import Reporter, ReportInput, TenantInput
from residents.services.identity import document_index
from tests.factories.org import StaffFactory
from tests.factories.residents import DwellingFactory, RegistrationFactory, id_number

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
    landlord_phone_index = factory.LazyAttribute(lambda rental: phone_index(rental.landlord_phone))
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


TENANT = id_number(born=date(1995, 5, 6), division="522325", sequence=55)


class ReportFactory(DjangoModelFactory[TenancyReport]):
    """陈国强 proved his phone and reported on 18 November 2026, in time, that 吴租客 moved in on the 16th."""

    class Meta:
        model = TenancyReport

    dwelling = factory.SubFactory(DwellingFactory)
    area_code = factory.LazyAttribute(lambda report: report.dwelling.area_code)
    batch = factory.LazyFunction(uuid.uuid4)
    line = 1
    kind = "in"
    reporter_kind = "landlord"
    reporter_name = "陈国强"
    reporter_phone = "13957000001"
    reporter_index = factory.LazyAttribute(lambda report: phone_index(report.reporter_phone))
    confirmed = True
    name = "吴租客"
    document_kind = "111"
    document_number = TENANT
    document_index = factory.LazyAttribute(
        lambda report: document_index(report.document_number) if report.document_number else None
    )
    happened_on = date(2026, 11, 16)
    counted_from = factory.SelfAttribute("happened_on")
    reported_on = date(2026, 11, 18)
    due_on = date(2026, 11, 19)


class LateReportFactory(ReportFactory):
    """Found true and two working days late: due on the 13th, reported on the 17th."""

    status = "linked"
    registration = factory.SubFactory(RegistrationFactory)
    dwelling = factory.SelfAttribute("registration.dwelling")  # type: ignore[assignment]
    name = document_kind = document_number = ""
    happened_on = date(2026, 11, 10)
    reported_on = date(2026, 11, 17)
    due_on = date(2026, 11, 13)
    late_days = 2
    decided_on = date(2026, 11, 18)
    decided_by = factory.SubFactory(StaffFactory)


class ReferralFactory(DjangoModelFactory[PenaltyReferral]):
    class Meta:
        model = PenaltyReferral

    area_code = "330822001001"
    number = factory.Sequence(lambda n: f"330822Y2026{900000 + n}")
    reporter_kind = "landlord"
    reporter_name = "陈国强"
    reporter_index = factory.LazyFunction(lambda: phone_index("13957000001"))
    basis = "《浙江省流动人口居住登记条例》第三十四条"
    evidence = "逾期 2 个工作日"
    notice = "已告知事实、依据和陈述申辩的权利"
    notified_on = date(2026, 11, 19)
    sent_to = "天马派出所"
    sent_by = factory.SubFactory(StaffFactory)


def report_input(**changes: Any) -> ReportInput:
    """吴租客 moved in on 16 November 2026."""
    given: dict[str, Any] = {
        "kind": "in",
        "happened_on": date(2026, 11, 16),
        "tenants": (TenantInput(name="吴租客", document_number=TENANT),),
    }
    return ReportInput(**given | changes)


def reporter(**changes: Any) -> Reporter:
    given: dict[str, Any] = {"kind": "landlord", "name": "陈国强", "phone": "13957000001", "confirmed": True}
    return Reporter(**given | changes)
