"""Rental registrations and the doors that should have one."""

from typing import Any

from rentals.models import LeaseFiling, PenaltyReferral, RentalRegistration, TenancyReport
from residents.models import Dwelling, Registration
from tests.factories.rentals import LateReportFactory, LeaseFactory, ReferralFactory, RentalFactory, ReportFactory
from tests.factories.residents import DwellingFactory, RegistrationFactory
from tests.matrix import PUBLIC, Endpoint, Grant

FILINGS, FILE, DECIDE = (Grant(LeaseFiling, action) for action in ("view", "add", "review"))
REPORTS, VERIFY, REFER = (Grant(TenancyReport, action) for action in ("view", "review", "refer"))
REFERRALS = Grant(PenaltyReferral, "view")
VIEW, ADD, REVIEW = (Grant(RentalRegistration, action) for action in ("view", "add", "review"))


def rental(area_code: str) -> RentalRegistration:
    return RentalFactory.create(dwelling=DwellingFactory.create(area_code=area_code))


def registered(area_code: str) -> RentalRegistration:
    return RentalFactory.create(
        dwelling=DwellingFactory.create(area_code=area_code), status="registered", registered_on="2026-11-20"
    )


def crowded(area_code: str) -> RentalRegistration:
    rental = registered(area_code)
    RegistrationFactory.create_batch(rental.rooms_let * 2 + 1, dwelling=rental.dwelling)
    return rental


def rented_door(area_code: str) -> Dwelling:
    stay: Registration = RegistrationFactory.create(dwelling=DwellingFactory.create(area_code=area_code))
    return stay.dwelling


def door(area_code: str) -> Dwelling:
    return DwellingFactory.create(area_code=area_code)


def lease(area_code: str) -> LeaseFiling:
    return LeaseFactory.create(dwelling=door(area_code))


def filed(area_code: str) -> LeaseFiling:
    return LeaseFactory.create(dwelling=door(area_code), status="filed", filed_on="2026-11-20")


def report(area_code: str) -> TenancyReport:
    return ReportFactory.create(dwelling=door(area_code))


def in_words(area_code: str) -> TenancyReport:
    return ReportFactory.create(dwelling=None, area_code=area_code, address="村口第二家")


def late_report(area_code: str) -> TenancyReport:
    stay = RegistrationFactory.create(dwelling=door(area_code))
    return LateReportFactory.create(registration=stay, reporter_phone=f"1390000{stay.pk % 10000:04d}")


def referral(area_code: str) -> PenaltyReferral:
    return ReferralFactory.create(area_code=area_code)


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
    Endpoint("rentals:crowded", VIEW, row=crowded, args=lambda _row: [], secret=lambda row: row.number),
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
    Endpoint(
        "rentals:filing_list",
        FILINGS,
        row=lease,
        args=lambda _row: [],
        query=lambda _row: {"t": "submitted"},
        secret=lambda row: row.number,
    ),
    Endpoint("rentals:filing_new", FILE, row=door, by_row=True, form=True),
    Endpoint("rentals:filing_detail", FILINGS, row=lease, by_row=True),
    Endpoint("rentals:filing_sheet", FILINGS, row=lease, by_row=True),
    *(
        Endpoint(
            "rentals:filing_step",
            needs,
            row=row,
            args=step(name),
            by_row=True,
            method="post",
            data=versioned(**given),
            ok=(302,),
            variant=name,
        )
        for name, needs, row, given in (
            ("accept", DECIDE, lease, {}),
            ("refuse", DECIDE, lease, {"reason": "合同未签字"}),
            ("renew", FILE, filed, {"ends_on": "2030-12-31"}),
            ("end", FILE, filed, {"ended_on": "2026-11-20", "reason": "提前退租"}),
        )
    ),
    Endpoint(
        "rentals:report_list",
        REPORTS,
        row=report,
        args=lambda _row: [],
        query=lambda _row: {"t": "in"},
        secret=lambda row: row.number,
    ),
    Endpoint("rentals:report_detail", REPORTS, row=report, by_row=True),
    Endpoint(
        "rentals:report_step",
        VERIFY,
        row=report,
        args=step("untrue"),
        by_row=True,
        method="post",
        data=versioned(answer="上门核实，无人居住"),
        ok=(302,),
        variant="untrue",
    ),
    Endpoint(
        "rentals:report_arrival",
        VERIFY,
        row=in_words,
        args=lambda row: [row.pk],
        by_row=True,
        method="post",
        data=versioned(),
        ok=(302,),
    ),
    Endpoint(
        "rentals:report_reveal",
        VERIFY,
        row=report,
        by_row=True,
        method="post",
        data=lambda _row: {"field": "reporter_phone"},
    ),
    Endpoint(
        "rentals:duty_bearers",
        REPORTS,
        row=late_report,
        args=lambda _row: [],
        secret=lambda row: f"{row.reporter_phone[:3]}****{row.reporter_phone[-4:]}",
    ),
    Endpoint("rentals:penalty_new", REFER, row=late_report, by_row=True, form=True),
    Endpoint("rentals:penalty_list", REFERRALS, row=referral, args=lambda _row: [], secret=lambda row: row.number),
    Endpoint("rentals:penalty_detail", REFERRALS, row=referral, by_row=True),
    Endpoint("rentals:landlord", PUBLIC),
    Endpoint("rentals:landlord_code", PUBLIC, ok=(302,)),
    Endpoint("rentals:landlord_report", PUBLIC, ok=(302,)),
    *(
        Endpoint(f"rentals:{name}", PUBLIC, row=row, args=args, method="post", ok=(status,), variant="sent empty")
        for name, row, args, status in (
            ("landlord", None, lambda _row: [], 422),
            ("landlord_code", None, lambda _row: [], 422),
            ("landlord_report", None, lambda _row: [], 302),
            ("landlord_plate", door, lambda row: [row.plate], 422),
        )
    ),
    Endpoint("rentals:landlord_leave", PUBLIC, method="post", ok=(302,)),
    Endpoint("rentals:landlord_plate", PUBLIC, row=door, args=lambda row: [row.plate]),
]
