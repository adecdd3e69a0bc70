"""Visits, mass departures and field tests."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from portal.core import clock
from residents.models import (
    DepartureRequest,
    Registration,
    SampleItem,
    SamplingCampaign,
    Visit,
    VisitTask,
)
from tests.factories.org import StaffFactory
from tests.factories.residents import DwellingFactory, RegistrationFactory
from tests.matrix import Endpoint, Grant


def task(area_code: str) -> VisitTask:
    home = RegistrationFactory.create(dwelling=DwellingFactory.create(area_code=area_code)).dwelling
    today = clock.today()
    return VisitTask.objects.create(dwelling=home, area_code=area_code, starts_on=today, due_on=today)


def suspected(area_code: str) -> Registration:
    stay = RegistrationFactory.create(dwelling=DwellingFactory.create(area_code=area_code))
    stay.suspected_on, stay.suspected_by = clock.today(), "hint"
    stay.save()
    found: Registration = stay
    return found


def request(area_code: str) -> DepartureRequest:
    return DepartureRequest.objects.create(
        area_code=area_code,
        left_on=clock.today(),
        reason="01",
        explanation="工地完工，工人已集体离开",
        requested_by=StaffFactory.create(),
    )


def campaign(area_code: str) -> SamplingCampaign:
    today = clock.today()
    return SamplingCampaign.objects.create(
        area_code=area_code,
        name=f"抽查{area_code}",
        method="doors",
        seed="00",
        starts_on=today,
        ends_on=today + timedelta(days=7),
        conducted_by=StaffFactory.create(),
    )


def sample(area_code: str) -> SampleItem:
    home = DwellingFactory.create(area_code=area_code)
    return SampleItem.objects.create(campaign=campaign(area_code), area_code=area_code, position=1, dwelling=home)


def visit(area_code: str) -> Visit:
    stay = RegistrationFactory.create(dwelling=DwellingFactory.create(area_code=area_code))
    return Visit.objects.create(
        registration=stay,
        person=stay.person,
        area_code=area_code,
        visited_on=clock.today(),
        result="present",
        visitor=StaffFactory.create(),
    )


def answer_args(row: VisitTask) -> list[Any]:
    return [row.pk, Registration.objects.get(dwelling=row.dwelling).pk]


def answer_data(_row: VisitTask) -> dict[str, Any]:
    return {"result": "present", "version": "1", "submission_id": str(uuid4())}


READERS = {"coadmin", "station", "police", "township", "office", "clerk"}


def undo_verdict(role: str, _place: str) -> int | None:
    """Only who gave the answer takes it back: for everybody else it does not exist."""
    return 404 if role in READERS else None


WORK, ASSIGN = Grant(VisitTask, "work"), Grant(VisitTask, "assign")
ENDPOINTS = [
    Endpoint(
        "residents:visit_plan",
        Grant(VisitTask, "view"),
        row=task,
        args=lambda _row: [],
        query=lambda _row: {"of": "all"},
        secret=lambda row: row.get_absolute_url(),
    ),
    Endpoint("residents:visit_sheet", Grant(VisitTask, "view"), row=task, args=lambda _row: []),
    Endpoint("residents:visit_make", WORK, method="post", args=lambda _row: [], ok=(302,)),
    Endpoint("residents:visit_door", WORK, row=task, by_row=True),
    Endpoint(
        "residents:visit_answer",
        WORK,
        row=task,
        args=answer_args,
        by_row=True,
        method="post",
        data=answer_data,
        ok=(302,),
    ),
    Endpoint("residents:visit_photo", WORK, row=task, by_row=True, method="post", ok=(302,)),
    Endpoint("residents:visit_take", WORK, row=task, by_row=True, method="post", ok=(302,)),
    Endpoint("residents:visit_postpone", WORK, row=task, by_row=True, form=True),
    Endpoint("residents:visit_assign", ASSIGN, row=task, by_row=True, form=True),
    Endpoint(
        "residents:visit_undo",
        Grant(Visit, "view"),
        row=visit,
        by_row=True,
        method="post",
        verdict=undo_verdict,
    ),
    Endpoint("residents:visit_anomalies", ASSIGN, args=lambda _row: []),
    Endpoint(
        "residents:visit_start",
        WORK,
        row=lambda code: task(code).dwelling,
        by_row=True,
        method="post",
        ok=(302,),
    ),
    Endpoint("residents:suspected_list", Grant(Registration, "verify"), row=suspected, args=lambda _row: []),
    Endpoint("residents:departure_ask", Grant(DepartureRequest, "ask"), args=lambda _row: [], form=True),
    Endpoint("residents:departure_request_list", Grant(DepartureRequest, "view"), row=request, args=lambda _row: []),
    Endpoint("residents:departure_request", Grant(DepartureRequest, "view"), row=request, by_row=True),
    Endpoint(
        "residents:departure_request",
        Grant(DepartureRequest, "approve"),
        row=request,
        by_row=True,
        method="post",
        ok=(422,),
        variant="decide",
    ),
    Endpoint("residents:sampling_list", Grant(SamplingCampaign, "view"), row=campaign, args=lambda _row: []),
    Endpoint("residents:sampling_new", Grant(SamplingCampaign, "conduct"), args=lambda _row: [], form=True),
    Endpoint("residents:sampling_campaign", Grant(SamplingCampaign, "view"), row=campaign, by_row=True),
    Endpoint(
        "residents:sampling_assign",
        Grant(SamplingCampaign, "conduct"),
        row=campaign,
        by_row=True,
        method="post",
        ok=(302,),
    ),
    Endpoint("residents:sample_list", Grant(SampleItem, "check"), row=sample, args=lambda _row: []),
    Endpoint("residents:sample_item", Grant(SampleItem, "check"), row=sample, by_row=True, form=True),
]
