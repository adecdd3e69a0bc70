"""Who a reported tenant may be in the register, with reasons; asked by a member of staff, never by the public page."""

from dataclasses import dataclass
from datetime import date

from portal.audit import services as audit
from portal.core.errors import DomainError
from portal.org.models import User
from rentals.models import TenancyReport
from rentals.report_choices import ReportKind
from residents.choices import DocumentKind
from residents.models import Registration
from residents.services import identity
from residents.services.duplicates import DuplicateHit, find_duplicates
from residents.services.merging.keys import SAME_DOCUMENT, SAME_NAME, SAME_PHONE
from residents.services.names import normalise_name

MOST = 8


@dataclass(frozen=True, slots=True)
class StayHit:
    """A stay at the reported door, and what speaks for it being the one that is meant (codes of `merging.keys`)."""

    stay: Registration
    reasons: list[str]


def people_like(report: TenancyReport, actor: User) -> list[DuplicateHit]:
    """For somebody who moved in: by the same keys, points and limits as at the arrival form."""
    if report.kind != ReportKind.MOVED_IN or not report.name:
        return []
    return find_duplicates(
        document_number=report.document_number,
        document_kind=report.document_kind or DocumentKind.RESIDENT_ID,
        name=report.name,
        birth_date=_born(report),
        phone=report.phone,
        dwelling_id=report.dwelling_id,
        actor=actor,
    )


def stays_at_the_door(report: TenancyReport, actor: User) -> list[StayHit]:
    """Active stays at the door that the actor may see, those that agree first; writes an access row."""
    if report.dwelling_id is None:
        return []
    rows = Registration.objects.restrict(actor, "view").active().filter(dwelling=report.dwelling_id)
    hits = [
        StayHit(stay, _agrees(report, stay)) for stay in rows.select_related("person").order_by("-arrived_on", "pk")
    ]
    best = sorted(hits, key=lambda hit: -len(hit.reasons))[:MOST]
    audit.access(actor=actor, action="list", person_ids=[hit.stay.person_id for hit in best], purpose="tenancy_report")
    return best


def _agrees(report: TenancyReport, stay: Registration) -> list[str]:
    person = stay.person
    found = []
    if report.document_index is not None and bytes(person.document_index) == bytes(report.document_index):
        found.append(SAME_DOCUMENT)
    if normalise_name(report.name) == person.name:
        found.append(SAME_NAME)
    phone = identity.phone_index(report.phone)
    if phone and person.phone_index is not None and bytes(person.phone_index) == phone:
        found.append(SAME_PHONE)
    return found


def _born(report: TenancyReport) -> date | None:
    if not report.document_number:
        return None
    try:
        return identity.check_document(report.document_kind, report.document_number).birth_date
    except DomainError:
        return None
