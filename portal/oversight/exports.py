"""What the console shows, as CSV, made in the background: numbers and masked names, no other value of a person."""

from collections.abc import Iterator
from datetime import datetime
from typing import IO, Any

from django.conf import settings
from django.db.models import Model, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from portal.audit.models import AccessEvent, AuditEntry
from portal.core import clock
from portal.exchange.csvout import write_csv
from portal.exchange.ledgers import Column, Row
from portal.jobs.models import Job
from portal.org.models import User
from portal.org.scoping import can
from portal.oversight.filters import EntryFilter, FindingFilter, LookFilter
from portal.oversight.models import Finding
from portal.oversight.people import directory
from portal.oversight.records import record_word
from portal.oversight.services import looked_into, touched_by
from portal.oversight.wording import action_label, explain, fields_label, purpose_label

KIND = "oversight.export"
MOST_ROWS = 100_000
MOST_PEOPLE = 100_000
WIDTH = 16
SETS: dict[str, type[Model]] = {
    "looks": AccessEvent,
    "entries": AuditEntry,
    "findings": Finding,
    "touched": AccessEvent,
}


def may_export(user: User, params: dict[str, Any]) -> bool:
    return params.get("set") in SETS and can(user, AccessEvent, "export", at=settings.COUNTY_CODE)


def write(job: Job, out: IO[bytes]) -> None:
    name = job.params["set"]
    columns, rows = WRITERS[name](job)
    job.rows, _digest = write_csv(out, columns, rows, progress=lambda done: job.advance(done, done))
    job.result_name = f"{_('Audit log')} {clock.today():%Y-%m-%d}.csv"
    looked_into(actor=job.requested_by, person_ids=[], action="export", reason=f"{name} {job.reason}".strip())


def narrowed(filterset: type, rows: QuerySet[Any], job: Job) -> QuerySet[Any]:
    chosen: QuerySet[Any] = filterset(QueryDict(job.params.get("query", "")), queryset=rows, user=job.requested_by).qs
    return chosen[:MOST_ROWS]


def _columns(*titles: str) -> list[Column]:
    return [Column(key=f"c{at}", title=str(title), width=WIDTH) for at, title in enumerate(titles)]


def _looks(job: Job) -> tuple[list[Column], Iterator[Row]]:
    rows = narrowed(LookFilter, AccessEvent.objects.select_related("actor", "actor_unit"), job)
    columns = _columns(
        _("Time"), _("Account"), _("Work unit"), _("Action"), _("Purpose"), _("Case number"), _("Reason"),
        _("People shown"), _("Fields"), _("Rows"), _("Result"), _("Request"), _("Network address"),
    )  # fmt: skip
    return columns, (
        (
            row.at,
            row.actor.username if row.actor else "",
            str(row.actor_unit or ""),
            str(AccessEvent.Action(row.action).label),
            purpose_label(row.purpose),
            row.case_number,
            row.reason,
            " ".join(map(str, row.person_ids)),
            fields_label(row.fields),
            row.row_count,
            str(AccessEvent.Result(row.result).label),
            row.request_id,
            row.address or "",
        )
        for row in rows.iterator(chunk_size=2_000)
    )


def _entries(job: Job) -> tuple[list[Column], Iterator[Row]]:
    rows = narrowed(EntryFilter, AuditEntry.objects.select_related("actor"), job)
    columns = _columns(_("Time"), _("Account"), _("Step"), _("Record"), _("Number"), _("Area"), _("Request"))
    return columns, (
        (
            row.at,
            row.actor.username if row.actor else "",
            action_label(row.action),
            record_word(row.target_model),
            row.target_id,
            row.area_code,
            row.request_id,
        )
        for row in rows.iterator(chunk_size=2_000)
    )


def _findings(job: Job) -> tuple[list[Column], Iterator[Row]]:
    rows = narrowed(FindingFilter, Finding.objects.select_related("actor", "looked_by"), job)
    columns = _columns(
        _("Day"),
        _("Account"),
        _("Kind"),
        _("Explanation"),
        _("People shown"),
        _("Looked at by"),
        _("Looked at"),
        _("Result"),
    )
    return columns, (
        (
            row.day,
            row.actor.username,
            str(Finding.Kind(row.kind).label),
            explain(row),
            " ".join(map(str, row.person_ids)),
            row.looked_by.username if row.looked_by else "",
            row.looked_at,
            row.conclusion,
        )
        for row in rows.iterator(chunk_size=2_000)
    )


def _touched(job: Job) -> tuple[list[Column], Iterator[Row]]:
    account = User.objects.get(pk=job.params["account"])
    start, end = (datetime.fromisoformat(job.params[key]) for key in ("start", "end"))
    people = touched_by(account=account, start=start, end=end, most=MOST_PEOPLE)
    names = directory().names(one.person_id for one in people)
    columns = _columns(
        _("Person"), _("Name"), _("Times"), _("First"), _("Last"), _("Action"), _("Whole values among them")
    )
    return columns, (
        (
            one.person_id,
            names.get(one.person_id, ""),
            one.times,
            one.first,
            one.last,
            "、".join(str(AccessEvent.Action(action).label) for action in one.actions),
            _("Yes") if one.full else _("No"),
        )
        for one in people
    )


WRITERS = {"looks": _looks, "entries": _entries, "findings": _findings, "touched": _touched}
