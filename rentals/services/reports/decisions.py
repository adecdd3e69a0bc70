"""What becomes of a report. Whoever decides has looked; the register changes by its own services alone."""

import uuid

from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit import services as audit
from portal.core import clock
from portal.core.errors import DomainError
from portal.org.models import User
from portal.org.scoping import require
from rentals.choices import RENTED_HOME
from rentals.models import TenancyReport
from rentals.report_choices import ReporterKind, ReportKind, ReportStatus
from residents.choices import DiscoveredBy, RegistrationStatus
from residents.models import Draft, Dwelling, Registration
from residents.services.drafts import form_key, save_draft
from residents.services.moves import deregister
from residents.services.versions import require_version

CHANNELS = {ReporterKind.LANDLORD: "lessor", ReporterKind.MANAGER: "property", ReporterKind.BROKER: "broker"}
ANSWER_LENGTH = 200


@transaction.atomic
def find_door(*, report_id: int, dwelling_id: int, version: int, actor: User) -> TenancyReport:
    """The address that was told is this door; the report goes to its area."""
    report = _locked(report_id, version, actor)
    door = Dwelling.objects.restrict(actor, "view").standing().filter(pk=dwelling_id).first()
    if door is None:
        raise DomainError(_("Please choose an address from the list, or add the dwelling."), field="dwelling")
    require(actor, TenancyReport, "review", at=door.area_code)
    report.dwelling, report.area_code = door, door.area_code
    report.save()
    audit.record(actor=actor, action="report.door_found", target=report, dwelling_id=door.pk)
    return report


@transaction.atomic
def begin_arrival(*, report_id: int, version: int, actor: User) -> Draft:
    """A draft of the arrival form with everything that was reported. The report is settled when it is registered."""
    report = _locked(report_id, version, actor)
    _require_kind(report, ReportKind.MOVED_IN)
    if report.dwelling is None:
        raise DomainError(_("Find the address first: people are registered at a door of the address master."))
    require(actor, Registration, "add", at=report.area_code)
    submission = str(uuid.uuid4())
    typed = {
        "submission_id": submission,
        "document_kind": report.document_kind,
        "document_number": report.document_number,
        "name": report.name,
        "phone": report.phone,
        "dwelling": str(report.dwelling_id),
        "dwelling_text": report.dwelling.address,
        "arrived_on": report.happened_on.isoformat(),
        "lodging": RENTED_HOME,
        "reason": "01",
        "channel": CHANNELS[ReporterKind(report.reporter_kind)],
    }
    audit.record(actor=actor, action="report.arrival_begun", target=report)
    data = {name: [value] for name, value in typed.items() if value}
    return save_draft(form=form_key("single", submission), data=data, actor=actor)


@transaction.atomic
def link_stay(*, report_id: int, registration_id: int, version: int, actor: User) -> TenancyReport:
    """The tenant is registered at this door already; the report is true and changes nothing."""
    report = _locked(report_id, version, actor)
    _require_kind(report, ReportKind.MOVED_IN)
    stay = _stay_here(report, registration_id, actor)
    return _decided(report, ReportStatus.LINKED, actor, stay=stay)


@transaction.atomic
def end_stay(
    *, report_id: int, registration_id: int, stay_version: int, reason: str, version: int, actor: User
) -> TenancyReport:
    """The tenant has left on the reported day: the stay ends by the register's own rules (`deregister`)."""
    report = _locked(report_id, version, actor)
    _require_kind(report, ReportKind.MOVED_OUT)
    stay = _stay_here(report, registration_id, actor)
    ended = deregister(
        registration_id=stay.pk,
        left_on=report.happened_on,
        reason=reason,
        discovered_by=DiscoveredBy.LANDLORD,
        version=stay_version,
        actor=actor,
    )
    return _decided(report, ReportStatus.LEFT, actor, stay=ended)


@transaction.atomic
def say_untrue(*, report_id: int, answer: str, version: int, actor: User) -> TenancyReport:
    report = _locked(report_id, version, actor)
    if not answer.strip():
        raise DomainError(_("Please say what you found at the door."), field="answer")
    return _decided(report, ReportStatus.UNTRUE, actor, answer=answer.strip()[:ANSWER_LENGTH])


@transaction.atomic
def phone_of(*, report_id: int, actor: User) -> str:
    """To call the reporter back; kept in the log."""
    report = TenancyReport.objects.restrict(actor, "review").get(pk=report_id)
    audit.record(actor=actor, action="report.phone_shown", target=report)
    return str(report.reporter_phone)


@transaction.atomic
def settle(*, registration_id: int, actor: User) -> int:
    """Reports that the register has answered by itself: the very document was registered at that door, or its stay
    there has ended. Returns how many. Runs as the system user; the decision is that of who kept the register."""
    stay = Registration.objects.filter(pk=registration_id).select_related("person", "dwelling").first()
    if stay is None or stay.status == RegistrationStatus.VOID or not stay.person.document_index:
        return 0
    active = stay.status == RegistrationStatus.ACTIVE
    rows = (
        TenancyReport.objects.waiting()
        .select_for_update(of=("self",))
        .filter(
            document_index=bytes(stay.person.document_index),
            kind=ReportKind.MOVED_IN if active else ReportKind.MOVED_OUT,
            dwelling=stay.dwelling_id,
        )
    )
    settled = 0
    for report in rows.order_by("pk"):
        report.version += 1
        _decided(
            report,
            ReportStatus.REGISTERED if active else ReportStatus.LEFT,
            stay.registrar if active else actor,
            stay=stay,
        )
        settled += 1
    return settled


def _decided(
    report: TenancyReport, status: str, actor: User, *, stay: Registration | None = None, answer: str = ""
) -> TenancyReport:
    """The tenant's name and numbers are dropped: the stay leads to them, or nobody needs them any more."""
    report.status, report.registration, report.answer = status, stay, answer
    report.decided_by, report.decided_on = actor, clock.today()
    report.name = report.document_kind = report.document_number = report.phone = ""
    report.document_index = None
    report.save()
    audit.record(actor=actor, action=f"report.{status}", target=report, late_days=report.late_days)
    return report


def _locked(report_id: int, version: int, actor: User) -> TenancyReport:
    rows = TenancyReport.objects.restrict(actor, "review").select_for_update(of=("self",)).select_related("dwelling")
    report: TenancyReport = require_version(rows.get(pk=report_id), version)
    if report.status != ReportStatus.WAITING:
        raise DomainError(_("Somebody has decided this report already."), code="decided")
    return report


def _require_kind(report: TenancyReport, kind: str) -> None:
    if report.kind != kind:
        raise DomainError(_("This step does not fit the report: compare whether they moved in or out."))


def _stay_here(report: TenancyReport, registration_id: int, actor: User) -> Registration:
    rows = Registration.objects.restrict(actor, "view").active()
    stay: Registration | None = rows.filter(pk=registration_id, dwelling=report.dwelling_id).first()
    if stay is None:
        raise DomainError(_("Please choose somebody who is registered at this door."), field="registration_id")
    return stay
