"""What happened to a person, from four sources, as lines of the timeline component."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from portal.core import clock
from portal.org.models import User
from portal.policy import codes
from portal.ui.templatetags import ui as tags
from residents.choices import ChangeKind, VisitResult
from residents.models import PermitApplication, PermitStep, Person, RegistrationChange, Visit

LINES = 60
STAY, VISIT, PERMIT = "stay", "visit", "permit"
ICONS = {
    ChangeKind.ARRIVAL: ("user-plus", "warn"),
    ChangeKind.RENEWAL: ("house", "warn"),
    ChangeKind.ADDRESS: ("truck", "warn"),
    ChangeKind.WORKPLACE: ("briefcase", "brand"),
    ChangeKind.CORRECTION: ("pencil", ""),
    ChangeKind.DEPARTURE: ("log-out", ""),
    ChangeKind.RESTORE: ("rotate-ccw", "ok"),
    ChangeKind.UNDO: ("undo-2", ""),
}


@dataclass(frozen=True, slots=True)
class Line:
    at: datetime
    kind: str
    item: dict[str, Any]


def lines_of(person: Person, viewer: User, *, kind: str = "") -> list[dict[str, Any]]:
    """Newest first with a divider for every year; `kind` narrows to one source."""
    sources = {STAY: _changes, VISIT: _visits, PERMIT: _permits}
    lines = [line for name, read in sources.items() if kind in {"", name} for line in read(person, viewer)]
    lines.sort(key=lambda line: line.at, reverse=True)
    items: list[dict[str, Any]] = []
    year = 0
    for line in lines[:LINES]:
        if (found := clock.local_date(line.at).year) != year:
            year = found
            items.append({"year": pgettext("timeline", "%(year)s") % {"year": year}})
        items.append(line.item)
    return items


def _changes(person: Person, viewer: User) -> Iterable[Line]:
    rows = RegistrationChange.objects.restrict(viewer, "view").filter(person=person).select_related("actor")
    for row in rows.order_by("-pk")[:LINES]:
        icon, tone = ICONS[ChangeKind(row.kind)]
        title = row.get_kind_display()
        if row.undone_by_id:
            title = _("%(step)s (undone)") % {"step": title}
        yield Line(
            row.created_at, STAY, _item(title, change_note(row), row.created_at, by=row.actor, icon=icon, tone=tone)
        )


def change_note(row: RegistrationChange) -> str:
    """Before and after, the reason, and how long after the fact it was recorded."""
    parts = [" → ".join(text for text in (row.before, row.after) if text)]
    if row.kind == ChangeKind.DEPARTURE:
        parts = [
            codes.label("dereg_reason", row.reason),
            row.destination and _("to %(place)s") % {"place": row.destination},
        ]
    elif row.kind == ChangeKind.RESTORE:
        parts = [row.reason]
    elif row.kind == ChangeKind.UNDO:
        parts = [str(ChangeKind(row.reason).label)]
    days = (row.recorded_on - row.happened_on).days
    if days:
        happened = {"day": row.happened_on.isoformat(), "days": days}
        parts.append(_("happened on %(day)s, recorded %(days)s days later") % happened)
    return " · ".join(part for part in parts if part)


def _visits(person: Person, viewer: User) -> Iterable[Line]:
    rows = Visit.objects.restrict(viewer, "view").filter(person=person).select_related("visitor")
    for row in rows.order_by("-pk")[:LINES]:
        title = _("Visit: %(result)s") % {"result": VisitResult(row.result).label}
        tone = "ok" if row.result == VisitResult.PRESENT else ""
        yield Line(
            row.created_at, VISIT, _item(title, row.note, row.created_at, by=row.visitor, icon="footprints", tone=tone)
        )


def _permits(person: Person, viewer: User) -> Iterable[Line]:
    files = PermitApplication.objects.restrict(viewer, "view").filter(person=person).select_related("registrar")
    for row in files.order_by("-pk")[:LINES]:
        title = _("Residence permit: %(business)s") % {"business": row.get_kind_display()}
        note = f"{row.number} · {row.get_status_display()}"
        item = _item(title, note, row.created_at, by=row.registrar, icon="id-card", tone="brand")
        yield Line(row.created_at, PERMIT, item | {"url": _url("residents:application_detail", row.pk)})
    steps = PermitStep.objects.restrict(viewer, "view").filter(permit__person=person).select_related("actor", "permit")
    for step in steps.order_by("-pk")[:LINES]:
        title = _("Residence permit: %(business)s") % {"business": step.get_kind_display()}
        item = _item(title, step.permit.number, step.created_at, by=step.actor, icon="badge-check", tone="vio")
        yield Line(step.created_at, PERMIT, item | {"url": _url("residents:permit_detail", step.permit_id)})


def _item(title: str, note: str, at: datetime, *, by: User | None, icon: str, tone: str) -> dict[str, Any]:
    return {
        "title": title,
        "note": note,
        "at": tags.moment(at),
        "by": str(by) if by else "",
        "icon": icon,
        "tone": tone,
    }


def _url(name: str, pk: int | None) -> str:
    try:
        return reverse(name, args=[pk])
    except NoReverseMatch:
        return ""
