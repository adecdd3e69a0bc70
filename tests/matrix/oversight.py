from datetime import date

from portal.audit.models import AccessEvent, AuditEntry, AuditSeal
from portal.oversight.models import Finding, Inspection
from tests.factories.org import UserFactory
from tests.factories.residents import PersonFactory
from tests.matrix import Endpoint, Grant


def auditor_only(*, ok: int):
    """The console is for the auditor of the whole county; a grant on a part of it opens nothing."""

    def verdict(role: str, place: str) -> int:
        return ok if role == "auditor" and place == "above" else 403

    return verdict


def a_person(code: str):
    return PersonFactory.create(area_code=code)


def a_finding(_code: str) -> Finding:
    return Finding.objects.create(
        kind="off_hours",
        actor=UserFactory.create(),
        day=date(2026, 11, 20),
        facts={"count": 6, "from": 21, "until": 6, "limit": 5},
    )


ENDPOINTS = [
    Endpoint("oversight:looks", Grant(AccessEvent, "view"), verdict=auditor_only(ok=200)),
    Endpoint("oversight:entries", Grant(AuditEntry, "view"), verdict=auditor_only(ok=200)),
    Endpoint("oversight:person", Grant(AccessEvent, "view"), row=a_person, verdict=auditor_only(ok=200)),
    Endpoint(
        "oversight:breach",
        Grant(AccessEvent, "view"),
        query=lambda _row: {"account": "nobody", "start": "2026-11-01", "end": "2026-11-20"},
        verdict=auditor_only(ok=200),
    ),
    Endpoint("oversight:breach", Grant(AccessEvent, "view"), method="post", verdict=auditor_only(ok=422)),
    Endpoint("oversight:findings", Grant(Finding, "view"), verdict=auditor_only(ok=200)),
    Endpoint("oversight:finding", Grant(Finding, "view"), row=a_finding, verdict=auditor_only(ok=200)),
    Endpoint(
        "oversight:finding",
        Grant(Finding, "change"),
        row=a_finding,
        method="post",
        data=lambda _row: {"conclusion": "夜班"},
        verdict=auditor_only(ok=302),
    ),
    Endpoint("oversight:inspections", Grant(Inspection, "view"), verdict=auditor_only(ok=200)),
    Endpoint(
        "oversight:inspections",
        Grant(Inspection, "change"),
        method="post",
        data=lambda _row: {"day": "2027-02-01", "title": "省级检查"},
        verdict=auditor_only(ok=302),
    ),
    Endpoint("oversight:seals", Grant(AuditSeal, "view"), verdict=auditor_only(ok=200)),
    Endpoint("oversight:seals", Grant(AuditSeal, "view"), method="post", verdict=auditor_only(ok=302)),
    Endpoint(
        "oversight:export",
        Grant(AccessEvent, "export"),
        method="post",
        data=lambda _row: {"set": "looks", "query": ""},
        verdict=auditor_only(ok=302),
    ),
]
