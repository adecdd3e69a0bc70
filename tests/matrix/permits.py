"""The permit desk. Signing is for the county police alone; stations accept, deliver and endorse under a delegation."""

from datetime import date, timedelta
from typing import Any

from demo.grants import grants_of
from portal.core import clock
from portal.jobs.models import Job
from portal.org.scoping import grant_codename
from residents.choices import ApplicationStatus
from residents.models import Permit, PermitApplication, Person
from residents.services.permits import verification
from tests.factories.org import UserFactory
from tests.factories.permits import ApplicationFactory, PermitFactory, resident
from tests.factories.residents import DwellingFactory
from tests.matrix import PUBLIC, Endpoint, Grant

NAME = "欧阳申领"
VIEW, REVIEW, SIGN = (Grant(PermitApplication, action) for action in ("view", "review", "sign"))
PERMIT_VIEW, PRINT, END = (Grant(Permit, action) for action in ("view", "print", "terminate"))


def holder(code: str) -> Person:
    return resident("2025-01-02", dwelling=DwellingFactory.create(area_code=code), person__name=NAME)


def file_at(code: str, **changes: Any) -> PermitApplication:
    return ApplicationFactory.create(person=holder(code), **changes)


def reviewed(code: str) -> PermitApplication:
    return file_at(code, status=ApplicationStatus.REVIEWED)


def returned(code: str) -> PermitApplication:
    unclocked: dict[str, Any] = {"accepted_at": None, "due_on": None, "status": ApplicationStatus.RETURNED}
    return file_at(code, notice_issued_on=date(2026, 3, 10), notice_items=["lease"], **unclocked)


def issued(code: str) -> PermitApplication:
    person = holder(code)
    permit = PermitFactory.create(person=person)
    return ApplicationFactory.create(person=person, permit=permit, status=ApplicationStatus.ISSUED)


def permit_at(code: str) -> Permit:
    due = clock.today() + timedelta(days=10)
    return PermitFactory.create(person=holder(code), endorse_by=due, endorse_from=due - timedelta(days=31))


def moved_permit(code: str) -> Permit:
    permit = permit_at(code)
    permit.person.registrations.update(dwelling=DwellingFactory.create(area_code=code))
    return permit


def job_of_somebody_else(_code: str) -> Job:
    return Job.objects.create(kind="residents.decide_applications", requested_by=UserFactory.create())


def county_only(role: str, place: str) -> int | None:
    """A grant on a community is not enough to sign (decree 663 art. 10, R7)."""
    return 403 if role in {"police"} and place == "own" else None


def needs_reveal(role: str, place: str) -> int | None:
    held = {grant_codename(model, action) for model, actions in grants_of(role) for action in actions}
    may_view = grant_codename(PermitApplication, "view") in held
    may_reveal = grant_codename(Person, "reveal") in held
    return 403 if may_view and not may_reveal and place != "foreign" else None


def its_name(_row: Any) -> str:
    return NAME


def post(name: str, needs: Grant, row: Any, **more: Any) -> Endpoint:
    return Endpoint(f"residents:{name}", needs, row=row, by_row=True, method="post", ok=(302,), **more)


ENDPOINTS = [
    Endpoint("residents:application_queue", VIEW, row=file_at, args=lambda _row: [], secret=its_name),
    Endpoint(
        "residents:application_bulk",
        REVIEW,
        row=file_at,
        args=lambda _row: [],
        method="post",
        data=lambda row: {"ids": [row.pk], "step": "review"},
        ok=(302,),
    ),
    Endpoint("residents:application_bulk_result", REVIEW, row=job_of_somebody_else, ok=(404,)),
    Endpoint("residents:application_new", Grant(PermitApplication, "accept"), form=True),
    Endpoint("residents:application_detail", VIEW, row=file_at, by_row=True, secret=its_name),
    Endpoint("residents:application_preview", VIEW, row=file_at, by_row=True, secret=its_name),
    Endpoint("residents:application_receipt", VIEW, row=file_at, by_row=True, secret=its_name),
    Endpoint("residents:application_notice", VIEW, row=returned, by_row=True, secret=its_name),
    Endpoint("residents:application_reveal", VIEW, row=file_at, by_row=True, method="post", verdict=needs_reveal),
    post("application_review", REVIEW, file_at),
    post("application_sign", SIGN, reviewed, verdict=county_only),
    post("application_return", REVIEW, file_at, data=lambda _row: {"missing": ["lease"]}),
    post("application_reject", REVIEW, file_at, data=lambda _row: {"reason": "材料虚假"}),
    post("application_undo", REVIEW, file_at),
    post("application_complete", Grant(PermitApplication, "accept"), returned),
    post("application_deliver", Grant(PermitApplication, "deliver"), issued),
    post("application_withdraw", Grant(PermitApplication, "withdraw"), file_at),
    Endpoint("residents:endorsement_list", PERMIT_VIEW, row=permit_at, args=lambda _row: [], secret=its_name),
    Endpoint(
        "residents:endorsement_remind",
        Grant(Permit, "remind"),
        row=permit_at,
        args=lambda _row: [],
        method="post",
        data=lambda row: {"ids": [row.pk]},
        ok=(302,),
    ),
    Endpoint("residents:permit_detail", PERMIT_VIEW, row=permit_at, by_row=True, secret=its_name),
    Endpoint("residents:permit_card", PRINT, row=permit_at, by_row=True, secret=its_name),
    Endpoint("residents:permit_endorsements", PRINT, row=permit_at, by_row=True, secret=its_name),
    post("permit_endorse", Grant(Permit, "endorse"), permit_at, data=lambda _row: {"ground": "dwelling"}),
    post("permit_move", Grant(Permit, "change"), moved_permit),
    post("permit_end", END, permit_at, data=lambda _row: {"reason": "death"}),
    post("permit_keep", END, permit_at),
    Endpoint("residents:permit_verify", PUBLIC, row=permit_at, args=lambda row: [verification.token_for(row)]),
]
