"""A file or a permit as a page shows it: checks, papers, life so far. Nothing here changes anything."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from portal.core import clock
from portal.org.delegation import may_act_for_police
from portal.org.models import User
from portal.org.scoping import can
from portal.policy import codes
from residents.choices import ApplicationKind, ApplicationStatus, PermitStepKind
from residents.models import OPEN_APPLICATION, Permit, PermitApplication
from residents.services.permits import applications, decisions, materials
from residents.services.permits.eligibility import Check, eligibility

S = ApplicationStatus


@dataclass(frozen=True, slots=True)
class Powers:
    """Which buttons the viewer gets; the services ask again."""

    review: bool = False
    sign: bool = False
    give_back: bool = False
    reject: bool = False
    complete: bool = False
    deliver: bool = False
    withdraw: bool = False
    print: bool = False
    own: bool = False


def powers(application: PermitApplication, user: User) -> Powers:
    area, status = application.area_code, application.status
    own = application.registrar_id == user.pk
    police = may_act_for_police(user, matter="", at=area)
    may = {action: can(user, PermitApplication, action, at=area) for action in PermitApplication.scope_actions}
    reviews = may["review"] and police and not own and status == S.ACCEPTED
    signs = decisions.may_sign(user, application) and not own and status == S.REVIEWED
    return Powers(
        review=reviews,
        sign=signs,
        give_back=reviews and application.notice_issued_on is None,
        reject=reviews or signs,
        complete=may["accept"] and status == S.RETURNED and _may(user, applications.ACCEPT, area),
        deliver=may["deliver"] and status == S.ISSUED and _may(user, applications.DELIVER, area),
        withdraw=may["withdraw"] and status in OPEN_APPLICATION,
        print=may["print"] or may["accept"],
        own=own and status in {S.ACCEPTED, S.REVIEWED} and may["review"],
    )


def _may(user: User, matter: str, area: str) -> bool:
    return may_act_for_police(user, matter=matter, at=area)


def checks_of(application: PermitApplication) -> list[dict[str, Any]]:
    """Open files are checked anew; a closed one shows what was found when it was decided."""
    if application.status in {S.ACCEPTED, S.REVIEWED, S.RETURNED} and application.kind == ApplicationKind.FIRST:
        found = eligibility(application.person, clock.today(), except_file=application.pk)
        return [_line(check) for check in found.checks]
    kept = application.eligibility.get("checks", [])
    return [_line(Check(**check)) for check in kept if application.kind == ApplicationKind.FIRST]


def _line(check: Check) -> dict[str, Any]:
    state = "ok" if check.passed else ("bad" if check.blocking else "warn")
    return {"label": check.label, "state": state, "note": check.detail, "code": check.code}


def paper_count(application: PermitApplication) -> tuple[int, int]:
    lines = materials.check_list(application)
    return sum(line.received for line in lines), len(lines)


def life_of(application: PermitApplication) -> list[dict[str, Any]]:
    """The stages, done ones first, then the one that is waited for."""
    lines = [_stage(_("Submitted"), application.submitted_on, application.registrar)]
    if application.notice_issued_on:
        lines.append(_stage(_("One-time notice given"), application.notice_issued_on, None))
    if application.accepted_at:
        lines.append(_stage(_("Accepted"), application.accepted_at, application.registrar))
    if application.reviewed_at and application.status != S.RETURNED:
        lines.append(_stage(_("Reviewed"), application.reviewed_at, application.reviewer))
    if application.signed_at and application.status != S.REJECTED:
        lines.append(_stage(_("Signed by the county police"), application.signed_at, application.signer))
    if application.closed_at:
        lines.append(_stage(str(application.get_status_display()), application.closed_at, None))
    return lines + _coming(application.status)


def _stage(title: str, at: Any, by: User | None) -> dict[str, Any]:
    return {
        "title": title,
        "at": at,
        "is_moment": isinstance(at, datetime),
        "by": str(by) if by else "",
        "state": "done",
    }


def _coming(status: str) -> list[dict[str, Any]]:
    waiting = {
        S.RETURNED: [_("Waiting for the missing papers"), _("Review by the police")],
        S.ACCEPTED: [_("Review by the police"), _("Signature of the county police"), _("Handing over")],
        S.REVIEWED: [_("Signature of the county police"), _("Handing over")],
        S.ISSUED: [_("Handing over")],
    }.get(S(status), [])
    return [{"title": title, "at": None, "by": "", "state": "" if at else "now"} for at, title in enumerate(waiting)]


STEP_ICONS = {
    PermitStepKind.ISSUED: ("badge-check", "ok"),
    PermitStepKind.DELIVERED: ("id-card", "ok"),
    PermitStepKind.ENDORSED: ("calendar-check", "ok"),
    PermitStepKind.LATE_ENDORSED: ("calendar-check", "warn"),
    PermitStepKind.SUSPENDED: ("pause", "warn"),
    PermitStepKind.RESUMED: ("play", "ok"),
    PermitStepKind.ADDRESS: ("map-pin", ""),
    PermitStepKind.REPLACED: ("refresh-cw", ""),
    PermitStepKind.TERMINATED: ("circle-x", "bad"),
    PermitStepKind.UNDONE: ("undo-2", ""),
}


def steps_of(permit: Permit) -> list[dict[str, Any]]:
    rows = permit.steps.select_related("actor").order_by("-happened_on", "-pk")
    found = []
    for step in rows:
        name, tone = STEP_ICONS.get(PermitStepKind(step.kind), ("circle", ""))
        found.append(
            {
                "title": str(step.get_kind_display()),
                "note": step.reason,
                "at": step.happened_on.isoformat(),
                "by": str(step.actor) if step.actor else "",
                "icon": name,
                "tone": tone,
            }
        )
    return found


def who_decided(application: PermitApplication) -> str:
    """For "already dealt with by …"."""
    person = application.signer or application.reviewer
    return str(person) if person else ""


def relation_word(application: PermitApplication) -> str:
    return codes.label("relationship", application.applicant_relation)
