from datetime import date
from typing import Any

import factory
from factory.django import DjangoModelFactory

from rentals.models import GradeAppeal, Hazard, HazardReferral, HouseGrade, Inspection
from rentals.services.inspections.rounds import Found
from tests.factories.org import StaffFactory
from tests.factories.residents import DwellingFactory


class InspectionFactory(DjangoModelFactory[Inspection]):
    """Open, to be done by 30 November 2026; nobody has taken it."""

    class Meta:
        model = Inspection

    dwelling = factory.SubFactory(DwellingFactory)
    area_code = factory.LazyAttribute(lambda row: row.dwelling.area_code)
    due_on = date(2026, 11, 30)


class DoneFactory(InspectionFactory):
    """Inspected on 2 November 2026."""

    status = "done"
    done_on = date(2026, 11, 2)
    number = factory.Sequence(lambda n: f"330822X2026{900000 + n}")
    inspector = factory.SubFactory(StaffFactory)


class HazardFactory(DjangoModelFactory[Hazard]):
    """No fire extinguisher, found on 2 November 2026, to be mended by 17 November."""

    class Meta:
        model = Hazard

    inspection = factory.SubFactory(DoneFactory)
    dwelling = factory.LazyAttribute(lambda row: row.inspection.dwelling)
    area_code = factory.LazyAttribute(lambda row: row.dwelling.area_code)
    number = factory.Sequence(lambda n: f"330822Y2026{900000 + n}")
    item = "04"
    hazard_class = "fire"
    level = "ordinary"
    note = "楼道无灭火器"
    disposal = "deadline"
    status = "open"
    found_on = date(2026, 11, 2)
    due_on = factory.LazyAttribute(lambda row: None if row.status == "closed" else date(2026, 11, 17))
    mend_by = factory.LazyAttribute(lambda row: None if row.disposal == "on_spot" else date(2026, 11, 17))
    closed_on = factory.LazyAttribute(lambda row: date(2026, 11, 10) if row.status == "closed" else None)
    found_by = factory.SubFactory(StaffFactory)


class ReferralFactory(DjangoModelFactory[HazardReferral]):
    """Sent to the housing department on 2 November 2026: taken by the 4th, dealt with by the 16th."""

    class Meta:
        model = HazardReferral

    hazard = factory.SubFactory(HazardFactory, disposal="referral", status="referred")
    area_code = factory.LazyAttribute(lambda row: row.hazard.area_code)
    number = factory.Sequence(lambda n: f"330822C2026{900000 + n}")
    recipient = "housing"
    request = "请依法查处"
    sent_on = date(2026, 11, 2)
    sent_by = factory.SubFactory(StaffFactory)
    take_by = date(2026, 11, 4)
    due_on = date(2026, 11, 16)


class GradeFactory(DjangoModelFactory[HouseGrade]):
    """A house of one door with 55 points."""

    class Meta:
        model = HouseGrade

    dwelling = factory.SubFactory(DwellingFactory)
    area_code = factory.LazyAttribute(lambda row: (row.dwelling or row.building).area_code)
    points = 55
    grade = "high"
    factors = factory.LazyFunction(
        lambda: [
            {"criterion": "fire", "points": 30, "most": 30, "why": "open", "count": 2},
            {"criterion": "structure", "points": 25, "most": 25, "why": "dangerous", "count": 1},
        ]
    )
    counted_on = date(2026, 11, 20)


class AppealFactory(DjangoModelFactory[GradeAppeal]):
    class Meta:
        model = GradeAppeal

    house = factory.SubFactory(GradeFactory)
    asked_by = "陈国强"
    reason = "灭火器已配齐"
    due_on = date(2026, 12, 4)
    recorded_by = factory.SubFactory(StaffFactory)


def found(**changes: Any) -> Found:
    """No fire extinguisher: ordinary, to be mended by a day."""
    given: dict[str, Any] = {
        "item": "04",
        "hazard_class": "fire",
        "level": "ordinary",
        "note": "楼道无灭火器",
        "disposal": "deadline",
    }
    return Found(**given | changes)
