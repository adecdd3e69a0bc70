"""Inspections of rented homes, hazards, work orders and the grades of houses."""

from typing import Any

from rentals.models import Hazard, HazardReferral, HouseGrade, Inspection
from residents.models import Dwelling
from tests.factories.inspections import (
    AppealFactory,
    DoneFactory,
    GradeFactory,
    HazardFactory,
    InspectionFactory,
    ReferralFactory,
)
from tests.factories.rentals import RentalFactory
from tests.factories.residents import DwellingFactory
from tests.matrix import Endpoint, Grant

LOOK, WORK = Grant(Inspection, "view"), Grant(Inspection, "work")
HAZARDS, MEND = Grant(Hazard, "view"), Grant(Hazard, "work")
ORDERS, HANDLE = Grant(HazardReferral, "view"), Grant(HazardReferral, "handle")
GRADES, RECORD, REVIEW = (Grant(HouseGrade, action) for action in ("view", "record", "review"))
FOUND = {"note": "无灭火器", "hazard_class": "fire", "level": "ordinary", "disposal": "deadline"}


def door(area_code: str) -> Dwelling:
    return DwellingFactory.create(area_code=area_code)


def let(area_code: str) -> Dwelling:
    return RentalFactory.create(dwelling=door(area_code), status="registered", registered_on="2026-11-20").dwelling


def waiting(area_code: str) -> Inspection:
    return InspectionFactory.create(dwelling=door(area_code))


def answered(area_code: str) -> Inspection:
    return InspectionFactory.create(dwelling=door(area_code), passed=[f"{number:02d}" for number in range(1, 16)])


def done(area_code: str) -> Inspection:
    return DoneFactory.create(dwelling=door(area_code))


def hazard(area_code: str) -> Hazard:
    return HazardFactory.create(inspection=done(area_code), due_on="2026-01-05")


def order(area_code: str, **changes: Any) -> HazardReferral:
    found = HazardFactory.create(inspection=done(area_code), disposal="referral", status="referred")
    return ReferralFactory.create(hazard=found, recipient="station", **changes)


def taken(area_code: str) -> HazardReferral:
    return order(area_code, status="taken", taken_on="2026-11-03")


def house(area_code: str) -> HouseGrade:
    return GradeFactory.create(dwelling=door(area_code))


def appealed(area_code: str) -> HouseGrade:
    return AppealFactory.create(house=house(area_code)).house


def step(name: str) -> Any:
    return lambda row: [row.pk, name]


def none(_row: Any) -> list[Any]:
    return []


def own_desk(role: str, _place: str) -> int | None:
    """Work orders are handled by the department they were sent to: these went to the township's."""
    return 404 if role in {"housing", "fire", "market"} else None


def post(name: str, needs: Grant, row: Any, data: Any = None, **rest: Any) -> Endpoint:
    given = data if callable(data) else lambda _row: data or {}
    return Endpoint(name, needs, row=row, by_row=True, method="post", data=given, ok=(302,), **rest)


def versioned(**given: Any) -> Any:
    return lambda row: {"version": row.version} | given


ENDPOINTS = [
    Endpoint("rentals:inspection_plan", LOOK, row=waiting, args=none, secret=lambda row: row.get_absolute_url()),
    Endpoint("rentals:inspection_make", WORK, args=none, method="post", ok=(302,)),
    post("rentals:inspection_open", WORK, let),
    Endpoint("rentals:inspection_detail", LOOK, row=waiting, by_row=True),
    post("rentals:inspection_take", WORK, waiting),
    post("rentals:inspection_mark", WORK, waiting, {"item": "01", "outcome": "passed"}),
    post("rentals:inspection_finish", WORK, answered, versioned()),
    Endpoint("rentals:inspection_find", WORK, row=waiting, args=lambda row: [row.pk, "04"], by_row=True, form=True),
    Endpoint("rentals:inspection_notice", LOOK, row=done, by_row=True),
    Endpoint("rentals:inspection_rectification", LOOK, row=done, by_row=True),
    Endpoint(
        "rentals:hazard_list",
        HAZARDS,
        row=hazard,
        args=none,
        query=lambda _row: {"t": "overdue"},
        secret=lambda row: row.number,
    ),
    Endpoint("rentals:hazard_detail", HAZARDS, row=hazard, by_row=True),
    *(
        post("rentals:hazard_step", MEND, hazard, versioned(**given), args=step(name), variant=name)
        for name, given in (
            ("mended", {"note": "房东来电"}),
            ("fail", {"note": "仍未配备"}),
            ("refer", {"recipient": "fire", "request": "请查处"}),
        )
    ),
    Endpoint(
        "rentals:hazard_step",
        MEND,
        row=hazard,
        args=step("close"),
        by_row=True,
        method="post",
        data=versioned(),
        ok=(422,),  # a photo is asked for
        variant="close",
    ),
    Endpoint("rentals:referral_list", ORDERS),
    Endpoint("rentals:referral_detail", ORDERS, row=order, by_row=True),
    *(
        post("rentals:referral_step", HANDLE, row, versioned(**given), args=step(name), variant=name, verdict=own_desk)
        for name, row, given in (
            ("take", order, {}),
            ("answer", taken, {"text": "已责令整改"}),
            ("return", order, {"text": "属消防部门职责"}),
        )
    ),
    Endpoint("rentals:grade_list", GRADES, row=house, args=none, secret=lambda row: row.dwelling.address),
    Endpoint("rentals:grade_detail", GRADES, row=house, by_row=True),
    post("rentals:grade_appeal", RECORD, house, {"asked_by": "陈国强", "reason": "已整改"}),
    post("rentals:grade_decide", REVIEW, appealed, versioned(set_grade="low", answer="已核实")),
]
