"""What the register itself tells in a person's timeline: steps of the ledger, visits, permits and endorsements."""

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.core import clock
from portal.org.models import User
from portal.org.scoping import can
from portal.policy import codes
from residents.choices import ChangeKind, TaskStatus, VisitResult
from residents.models import (
    Endorsement,
    Household,
    HouseholdAct,
    Permit,
    PermitApplication,
    PermitStep,
    Person,
    PersonCorrection,
    PersonMerge,
    Registration,
    RegistrationChange,
    Visit,
    VisitTask,
)
from residents.timeline import Line, Source, add_source

STAY, VISIT, PERMIT, HOUSEHOLD, MERGE = "stay", "visit", "permit", "household", "merge"
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
VISIT_TONES = {VisitResult.PRESENT: "ok", VisitResult.MOVED: "warn", VisitResult.LEFT: "warn"}


def change_note(row: RegistrationChange) -> str:
    """Before and after, the reason, and how long after the fact it was recorded."""
    parts = [" → ".join(text for text in (row.before, row.after) if text)]
    if row.kind == ChangeKind.DEPARTURE:
        parts = [
            codes.label("dereg_reason", row.reason),
            row.destination and _("to %(place)s") % {"place": row.destination},
        ]
    elif row.kind in {ChangeKind.RESTORE, ChangeKind.CORRECTION}:
        parts.append(row.reason)
    elif row.kind == ChangeKind.UNDO:
        parts = [str(ChangeKind(row.reason).label)]
    days = (row.recorded_on - row.happened_on).days
    if days:
        happened = {"day": row.happened_on.isoformat(), "days": days}
        parts.append(_("happened on %(day)s, recorded %(days)s days later") % happened)
    return " · ".join(part for part in parts if part)


def _change_rows(person: Person, viewer: User) -> QuerySet:
    return RegistrationChange.objects.restrict(viewer, "view").filter(person=person).select_related("actor")


def _change_line(row: RegistrationChange, _viewer: User) -> Line:
    icon, tone = ICONS.get(ChangeKind(row.kind), ("circle", ""))
    title = row.get_kind_display()
    if row.undone_by_id:
        title = _("%(step)s (undone)") % {"step": title}
    return Line(row.created_at, title, change_note(row), by=row.actor, icon=icon, tone=tone)


def _correction_rows(person: Person, viewer: User) -> QuerySet:
    """A correction of a file without any stay has no line in the ledger."""
    rows = PersonCorrection.objects.restrict(viewer, "view").filter(person=person, change=None)
    return rows.select_related("actor").defer("before", "after")


def _correction_line(row: PersonCorrection, _viewer: User) -> Line:
    note = f"{row.reason}（{row.evidence}）"
    return Line(row.created_at, _("File corrected"), note, by=row.actor, icon="pencil")


def _visit_rows(person: Person, viewer: User) -> QuerySet:
    return Visit.objects.restrict(viewer, "view").filter(person=person).select_related("visitor")


def _visit_line(row: Visit, _viewer: User) -> Line:
    title = _("Visit: %(result)s") % {"result": VisitResult(row.result).label}
    if row.undone_at is not None:
        title = _("%(step)s (undone)") % {"step": title}
    tone = "" if row.undone_at else VISIT_TONES.get(VisitResult(row.result), "")
    return Line(row.created_at, title, row.note, by=row.visitor, icon="footprints", tone=tone)


def _task_rows(person: Person, viewer: User) -> QuerySet:
    """Tasks at a door while the person was registered behind it; where the person was asked about, the answer is the
    line."""
    stays = Registration.objects.restrict(viewer, "view").filter(
        Q(left_on=None) | Q(left_on__gte=OuterRef("created_at__date")), person=person, dwelling=OuterRef("dwelling")
    )
    there = Exists(stays.filter(arrived_on__lte=Coalesce(OuterRef("closed_on"), clock.today())))
    told = Exists(Visit.objects.filter(task=OuterRef("pk"), person=person, undone_at=None))
    return VisitTask.objects.restrict(viewer, "view").filter(there, ~told).select_related("assignee", "closed_by")


def _task_line(row: VisitTask, _viewer: User) -> Line:
    """Why it was put off is left out: it may speak of somebody else behind the door."""
    title = _("Task to visit the door: %(state)s") % {"state": row.get_status_display()}
    parts = [_("due on %(day)s") % {"day": row.due_on.isoformat()}]
    if row.postponed:
        parts.append(_("put off %(times)s times") % {"times": row.postponed})
    if row.closed_on:
        parts.append(_("over on %(day)s") % {"day": row.closed_on.isoformat()})
    url = _url("residents:visit_door", row.pk) if row.status == TaskStatus.OPEN else ""
    return Line(
        row.created_at, title, " · ".join(parts), by=row.closed_by or row.assignee, icon="clipboard-list", url=url
    )


def _file_rows(person: Person, viewer: User) -> QuerySet:
    return PermitApplication.objects.restrict(viewer, "view").filter(person=person).select_related("registrar")


def _file_line(row: PermitApplication, _viewer: User) -> Line:
    title = _("Residence permit: %(business)s") % {"business": row.get_kind_display()}
    note = f"{row.number} · {row.get_status_display()}"
    url = _url("residents:application_detail", row.pk)
    return Line(row.created_at, title, note, by=row.registrar, icon="id-card", tone="brand", url=url)


def _step_rows(person: Person, viewer: User) -> QuerySet:
    rows = PermitStep.objects.restrict(viewer, "view").filter(permit__person=person)
    return rows.select_related("actor", "permit")


def _step_line(row: PermitStep, _viewer: User) -> Line:
    title = _("Residence permit: %(business)s") % {"business": row.get_kind_display()}
    note = " · ".join(part for part in (row.permit.number, row.reason) if part)
    url = _url("residents:permit_detail", row.permit_id)
    return Line(row.created_at, title, note, by=row.actor, icon="badge-check", tone="vio", url=url)


def _endorsement_rows(person: Person, viewer: User) -> QuerySet:
    """The wall asks for the permit; wall 1 does so as well."""
    permits = Permit.objects.restrict(viewer, "view").filter(person=person)
    rows = Endorsement.objects.filter(permit__in=permits) if can(viewer, Permit, "view") else Endorsement.objects.none()
    return rows.select_related("actor", "permit")


def _endorsement_line(row: Endorsement, _viewer: User) -> Line:
    title = _("Endorsed late") if row.late else _("Endorsed")
    note = _("%(number)s · next before %(day)s") % {"number": row.permit.number, "day": row.next_due.isoformat()}
    url = _url("residents:permit_detail", row.permit_id)
    return Line(row.created_at, title, note, by=row.actor, icon="calendar-check", tone="vio", url=url)


def _household_rows(person: Person, viewer: User) -> QuerySet:
    """Acts of the books in which the person stood; the wall asks for the books."""
    books = Household.objects.restrict(viewer, "view").filter(members__person=person).values("pk")
    return HouseholdAct.objects.filter(household__in=books).select_related("actor")


def _household_line(row: HouseholdAct, _viewer: User) -> Line:
    title = _("Household: %(act)s") % {"act": row.get_kind_display()}
    return Line(row.created_at, title, row.reason, by=row.actor, icon="users-round", tone="brand")


def _merge_rows(person: Person, viewer: User) -> QuerySet:
    rows = PersonMerge.objects.filter(survivor=person) if can(viewer, Person, "view") else PersonMerge.objects.none()
    return rows.select_related("actor").defer("snapshot")


def _merge_line(row: PersonMerge, _viewer: User) -> Line:
    title = _("Two files merged") if row.undone_at is None else _("Two files merged (taken back)")
    return Line(row.created_at, title, row.reason, by=row.actor, icon="merge", tone="vio")


def _url(name: str, pk: int | None) -> str:
    try:
        return reverse(name, args=[pk])
    except NoReverseMatch:
        return ""


for kind, label, model, rows, line in (
    (STAY, gettext_lazy("Residence"), RegistrationChange, _change_rows, _change_line),
    (STAY, gettext_lazy("Residence"), PersonCorrection, _correction_rows, _correction_line),
    (PERMIT, gettext_lazy("Permits"), PermitApplication, _file_rows, _file_line),
    (PERMIT, gettext_lazy("Permits"), PermitStep, _step_rows, _step_line),
    (PERMIT, gettext_lazy("Permits"), Permit, _endorsement_rows, _endorsement_line),
    (VISIT, gettext_lazy("Visits"), Visit, _visit_rows, _visit_line),
    (VISIT, gettext_lazy("Visits"), VisitTask, _task_rows, _task_line),
    (HOUSEHOLD, gettext_lazy("Household"), Household, _household_rows, _household_line),
    (MERGE, gettext_lazy("Merges"), Person, _merge_rows, _merge_line),
):
    add_source(Source(kind, label, model, rows, line))
