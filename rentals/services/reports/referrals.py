"""Late reports handed to those who may fine. The product records the hand-over; it decides no fine."""

from datetime import date

from django.db import models, transaction
from django.utils.translation import gettext as _

from portal.audit import services as audit
from portal.core import clock
from portal.core.errors import DomainError
from portal.org.models import User
from portal.org.scoping import require
from portal.policy.services import rule
from rentals.models import PenaltyReferral, TenancyReport
from rentals.services import numbers

LONG, SHORT, SENT_TO = 1000, 200, 80


def legal_basis(area_code: str) -> str:
    """As the policy rows have it; "" in a county whose law is not entered."""
    try:
        found = rule("fine.reporter_per_person", area_code=area_code)
    except DomainError:
        return ""
    return found.basis


def evidence_of(report: TenancyReport, actor: User) -> str:
    """The late reports of the same duty-bearer that were not referred yet, a line each; no word about the tenants."""
    return "\n".join(
        _("%(number)s: due %(due)s, reported %(day)s, %(late)s working days late")
        % {
            "number": row.number,
            "due": row.due_on.isoformat(),
            "day": row.reported_on.isoformat(),
            "late": row.late_days,
        }
        for row in _open_ones(report, actor).order_by("reported_on", "pk")
    )


@transaction.atomic
def refer(
    *, report_id: int, basis: str, evidence: str, notice: str, notified_on: date, sent_to: str, actor: User
) -> PenaltyReferral:
    """All late reports of the duty-bearer of this report that stand in the actor's areas, not referred before."""
    report = TenancyReport.objects.restrict(actor, "refer").get(pk=report_id)
    require(actor, PenaltyReferral, "add", at=report.area_code)
    open_ones = list(_open_ones(report, actor).select_for_update(of=("self",)))
    if not open_ones:
        raise DomainError(_("No late report of this duty-bearer is open: only verified ones that were late count."))
    texts = {"basis": basis, "evidence": evidence, "notice": notice, "sent_to": sent_to}
    _require_texts(texts)
    if notified_on > clock.today():
        raise DomainError(_("The notice cannot have been given in the future."), field="notified_on")
    row = PenaltyReferral.objects.create(
        area_code=report.area_code,
        number=numbers.next_number(numbers.PENALTY, area_code=report.area_code),
        reporter_kind=report.reporter_kind,
        reporter_name=report.reporter_name,
        reporter_index=bytes(report.reporter_index),
        basis=basis.strip()[:SHORT],
        evidence=evidence.strip()[:LONG],
        notice=notice.strip()[:LONG],
        notified_on=notified_on,
        sent_to=sent_to.strip()[:SENT_TO],
        sent_by=actor,
    )
    for one in open_ones:
        one.referral = row
        one.version += 1
        one.save(update_fields=["referral", "version"])
    audit.record(actor=actor, action="report.referred", target=row, reports=len(open_ones))
    return row


def _open_ones(report: TenancyReport, actor: User) -> models.QuerySet[TenancyReport]:
    rows = TenancyReport.objects.restrict(actor, "refer").late()
    return rows.filter(reporter_index=bytes(report.reporter_index), referral=None)


def _require_texts(texts: dict[str, str]) -> None:
    missing = {
        "basis": _("Please name the law."),
        "evidence": _("Please say what shows that they were late."),
        "notice": _("Please write down what the duty-bearer was told."),
        "sent_to": _("Please say who decides about it."),
    }
    for field, words in missing.items():
        if not texts[field].strip():
            raise DomainError(words, field=field)
