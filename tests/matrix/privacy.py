from datetime import date
from typing import Any

from portal.exchange.models import ProvisionRecord
from privacy.choices import ConsentForm, ConsentStatus, RequestStatus
from privacy.models import Consent, LegalHold, ProcessingActivity, SubjectRequest
from residents.models import Notice, Person
from tests.factories.org import StaffFactory
from tests.factories.privacy import ActivityFactory, RequestFactory
from tests.factories.residents import DwellingFactory, NoticeFactory, RegistrationFactory
from tests.matrix import LOGGED_IN, Endpoint, Grant
from tests.matrix.administration import county_only

READERS = ("sysadmin", "secadmin", "auditor")
HANDLE = Grant(SubjectRequest, "handle")


def person(area_code: str) -> Person:
    found: Person = RegistrationFactory.create(dwelling=DwellingFactory.create(area_code=area_code)).person
    return found


def received(area_code: str) -> SubjectRequest:
    return RequestFactory.create(person=person(area_code))


def started(area_code: str) -> SubjectRequest:
    staff = StaffFactory.create()
    return RequestFactory.create(
        person=person(area_code),
        status=RequestStatus.STARTED,
        identity_means="居民身份证",
        checked_at="2026-11-20T09:00:00+08:00",
        checked_by=staff,
        handler=staff,
    )


def answered(area_code: str) -> SubjectRequest:
    return RequestFactory.create(
        person=person(area_code),
        status=RequestStatus.REFUSED,
        refusal_reason="非本人",
        closed_at="2026-11-20T09:00:00+08:00",
    )


def consent(area_code: str) -> Consent:
    about = person(area_code)
    activity = ActivityFactory.create()
    return Consent.objects.create(
        person=about,
        area_code=about.area_code,
        activity=activity,
        purpose=activity.purpose,
        status=ConsentStatus.GIVEN,
        told=ConsentForm.SPOKEN,
        given_on=date(2026, 11, 20),
        recorded_by=StaffFactory.create(),
    )


def activity(_area_code: str) -> ProcessingActivity:
    return ActivityFactory.create()


def hold(_area_code: str) -> LegalHold:
    staff = StaffFactory.create()
    return LegalHold.objects.create(
        case_number="〔2026〕1 号", account=staff, since=date(2026, 1, 1), reason="纪检核查", set_by=staff
    )


def notice(_area_code: str) -> Notice:
    return NoticeFactory.create()


def publishing(role: str, place: str) -> int:
    return 302 if (role, place) == ("secadmin", "above") else 403


def step(name: str) -> Any:
    return lambda row: [row.pk, name]


ENDPOINTS = [
    Endpoint("privacy:activities", LOGGED_IN, row=activity, args=lambda _row: []),
    Endpoint(
        "privacy:activity_edit",
        Grant(ProcessingActivity, "change"),
        row=activity,
        verdict=county_only(("secadmin",), ok=200),
    ),
    Endpoint(
        "privacy:activity_edit",
        Grant(ProcessingActivity, "change"),
        row=activity,
        method="post",
        verdict=county_only(("secadmin",), ok=422),
    ),
    Endpoint("privacy:notices", LOGGED_IN, row=notice, args=lambda _row: []),
    Endpoint(
        "privacy:notices",
        Grant(Notice, "publish"),
        method="post",
        data=lambda _row: {"version": "2099-1", "effective_from": "2099-01-01", "body": "收集说明"},
        verdict=publishing,
    ),
    Endpoint("privacy:retention", Grant(ProcessingActivity, "view"), verdict=county_only(READERS, ok=200)),
    Endpoint(
        "privacy:holds",
        Grant(LegalHold, "view"),
        row=hold,
        args=lambda _row: [],
        verdict=county_only(("auditor",), ok=200),
    ),
    Endpoint(
        "privacy:holds",
        Grant(LegalHold, "view"),
        row=hold,
        args=lambda _row: [],
        method="post",
        verdict=county_only(("auditor",), ok=422),
    ),
    Endpoint(
        "privacy:hold_lift",
        Grant(LegalHold, "change"),
        row=hold,
        method="post",
        verdict=county_only(("auditor",), ok=302),
    ),
    Endpoint("privacy:consent_new", Grant(Consent, "record"), row=person, by_row=True, form=True),
    Endpoint(
        "privacy:consent_withdraw", Grant(Consent, "withdraw"), row=consent, by_row=True, method="post", ok=(302,)
    ),
    Endpoint("privacy:request_new", Grant(SubjectRequest, "add"), row=person, by_row=True, form=True),
    Endpoint(
        "privacy:request_list",
        Grant(SubjectRequest, "view"),
        row=received,
        args=lambda _row: [],
        secret=lambda row: row.number,
    ),
    Endpoint("privacy:request_detail", Grant(SubjectRequest, "view"), row=received, by_row=True),
    Endpoint("privacy:access_sheet", HANDLE, row=started, by_row=True),
    Endpoint("privacy:data_copy", HANDLE, row=started, by_row=True, secret=lambda row: row.person.document_number),
    Endpoint("privacy:copy_file", HANDLE, row=started, by_row=True, method="post", ok=(302,)),
    Endpoint("privacy:answer_sheet", Grant(SubjectRequest, "view"), row=answered, by_row=True),
    Endpoint(
        "privacy:request_step",
        HANDLE,
        row=received,
        args=step("check"),
        by_row=True,
        method="post",
        data=lambda row: {"means": "居民身份证", "version": row.version},
        ok=(302,),
    ),
    Endpoint(
        "exports:provisions",
        Grant(ProvisionRecord, "view"),
        verdict=county_only(("secadmin", "auditor"), ok=200),
    ),
]
