"""Background tasks belong to the person who asked; the export centre opens with any export grant."""

from portal.events.models import Delivery, StoredEvent
from portal.exchange.ledgers import all_ledgers
from portal.exchange.models import ExportRequest
from portal.jobs.models import Job
from rentals.models import RentalRegistration
from residents.models import Person
from tests.factories.org import UserFactory
from tests.matrix import LOGGED_IN, Endpoint, Grant


def job_of_somebody_else(_code: str) -> Job:
    return Job.objects.create(kind="exchange.ledger", requested_by=UserFactory.create(), title="别人的任务")


def large_file(code: str) -> ExportRequest:
    day = "2026-11-01"
    order = {"code": "L1", "area_code": code, "start": day, "end": day, "format": "xlsx", "full": False}
    return ExportRequest.objects.create(
        area_code=code, order=order, title="流动人口台账", rows=9000, reason="核对", requested_by=UserFactory.create()
    )


def nobody(_role: str, _place: str) -> int:
    return 404


def no_business_role(_role: str, _place: str) -> int:
    """Only holders of the duty "administration" (tests/portal/test_jobs_pages.py)."""
    return 403


def dead_letter(_code: str) -> Delivery:
    event = StoredEvent.objects.create(name="tests.event", payload={})
    return Delivery.objects.create(event=event, subscriber="tests.handler", is_dead=True)


ENDPOINTS = [
    Endpoint("events:dead_letters", LOGGED_IN, verdict=no_business_role),
    Endpoint("events:try_again", LOGGED_IN, method="post", row=dead_letter, verdict=no_business_role),
    Endpoint("exports:centre", Grant(Person, "export"), form=True, also=(Grant(RentalRegistration, "export"),)),
    Endpoint(
        "exports:preview", Grant(Person, "export"), row=lambda _code: all_ledgers()[0], args=lambda one: [one.code]
    ),
    Endpoint("exports:approvals", Grant(ExportRequest, "approve")),
    Endpoint("exports:approval", Grant(ExportRequest, "approve"), row=large_file, by_row=True, form=True),
    Endpoint("exports:withdraw", LOGGED_IN, method="post", row=large_file, verdict=nobody),
    Endpoint("exports:download", LOGGED_IN, row=job_of_somebody_else, verdict=nobody),
    Endpoint("jobs:mine", LOGGED_IN),
    Endpoint("jobs:status", LOGGED_IN, row=job_of_somebody_else, verdict=nobody),
    Endpoint("jobs:cancel", LOGGED_IN, method="post", row=job_of_somebody_else, verdict=nobody),
    Endpoint("jobs:failures", LOGGED_IN, verdict=no_business_role),
]
